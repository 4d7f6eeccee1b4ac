"""The multilingual need lexicon: categories, concepts, their words in each language, and the matcher."""
