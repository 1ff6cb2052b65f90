"""Errors of the book engine, apart from it: the engine brings a compiler along."""


class BookEngineError(Exception):
    """The records cannot be turned into a book; the message says what is wrong with them."""
