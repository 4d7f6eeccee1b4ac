"""Languages, catalogs, the choice between them, and how dates and numbers are written."""
