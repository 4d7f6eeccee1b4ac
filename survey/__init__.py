"""The Litestar service: surveys, answers, themes as people decide them, plans."""

__version__ = "0.1.0"
