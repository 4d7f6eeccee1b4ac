"""Figures that may be shown: counting people, and hiding small numbers."""
