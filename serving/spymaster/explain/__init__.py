"""Explain a value of a surface: definition, SQL, inputs, records, neighbors."""

from spymaster.explain.explain import explain_cell

__all__ = ["explain_cell"]
