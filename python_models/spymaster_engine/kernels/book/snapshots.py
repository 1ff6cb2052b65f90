"""How a book follows a snapshot, and when it is known and good.

``book`` is a record with the fields ``BOOK_FIELDS`` of ``layout``.
"""

from __future__ import annotations

from spymaster_engine.kernels.book.kernel_state import CLEAR, LAST, MAYBE_BAD_BOOK
from spymaster_engine.kernels.compiled import inlined


@inlined
def follow_snapshot(book, action, flag, is_snapshot):
    """Note where a snapshot starts and ends, before its record is applied.

    Returns whether the book is to be cleared first: older files start without a clear. They also
    end without LAST, so that the snapshot is complete with the first record after it.
    """
    must_clear = False
    if is_snapshot:
        if action == CLEAR or book.previous_is_snapshot == 0:
            book.loading = 1
            book.bad_book = 0
            must_clear = action != CLEAR
    elif book.loading:
        book.loading = 0
        book.known = 1
    book.previous_is_snapshot = is_snapshot
    if flag & MAYBE_BAD_BOOK:
        book.bad_book = 1
    return must_clear


@inlined
def note_known(book, action, flag, is_snapshot):
    """Note that a record made the book known: the last of a snapshot, or a clear without one."""
    if is_snapshot:
        if flag & LAST and book.loading:
            book.loading = 0
            book.known = 1
    elif action == CLEAR:
        book.known = 1
