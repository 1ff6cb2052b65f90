"""Patterns at levels in a trader's words: what broke, what came back, and what followed before."""
