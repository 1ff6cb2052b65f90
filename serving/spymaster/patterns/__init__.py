"""Patterns in a trader's words: breaks and retests, and what the book shows before price moves."""
