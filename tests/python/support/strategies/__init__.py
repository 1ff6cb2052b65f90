"""Generators of input for property-based tests."""
