"""A pure library: texts and numbers in, findings out. Knows nothing of HTTP, databases or the `survey` package."""
