"""Storage: engines, the one way to write, migrations. Only this package knows whether SQLite or PostgreSQL is below."""
