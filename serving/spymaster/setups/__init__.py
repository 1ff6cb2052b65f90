"""The answer card: the most similar past approaches to a level, and what followed them."""
