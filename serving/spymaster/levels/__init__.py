"""The levels of a moment, with the orders at, before and behind each."""
