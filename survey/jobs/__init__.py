"""Jobs as rows, and the worker that runs them. Knows no feature: the kinds are handed in by the command line."""
