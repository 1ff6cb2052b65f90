"""Retrieval: which past approaches looked most like this one, and what followed them."""
