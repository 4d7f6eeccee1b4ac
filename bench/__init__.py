"""Measurements beside their baselines. Not part of the installed package."""
