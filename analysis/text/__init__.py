"""From what a person typed to something that can be compared: normal forms, languages, words, statements."""
