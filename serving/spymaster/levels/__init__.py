"""The levels of a moment, and what waits at, before and behind each."""
