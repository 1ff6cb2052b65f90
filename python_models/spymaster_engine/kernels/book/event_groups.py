"""Which records form an event group: the run up to a LAST, a clear, or a change of snapshot.

``book`` is a record with the fields ``BOOK_FIELDS`` of ``layout``.
"""

from __future__ import annotations

from spymaster_engine.kernels.book.kernel_state import CLEAR, LAST, NONE, NULL
from spymaster_engine.kernels.compiled import inlined


@inlined
def group_ns(ts_event, ts_recv, is_snapshot):
    """Return the time of a group that starts with this record."""
    return ts_recv if is_snapshot else ts_event


@inlined
def cuts_group(book, is_snapshot):
    """Return whether a record ends the group before it without being part of it."""
    return book.in_group != 0 and book.group_is_snapshot != is_snapshot


@inlined
def closes_clear(book, action, ts_event):
    """Return whether a record closes the event of the clear just before it.

    A clear ends its group; the standalone record that closes the same event begins no other.
    """
    return action == NONE and book.clear_ts == ts_event


@inlined
def begins_group(book, action, ts_event):
    """Return whether a record begins a group."""
    return book.in_group == 0 and not closes_clear(book, action, ts_event)


@inlined
def begin_group(book, is_snapshot):
    """Begin a group with a record."""
    book.in_group = 1
    book.group_is_snapshot = is_snapshot


@inlined
def ends_group(book, action, flag):
    """Return whether a record that has been applied ends its group."""
    return book.in_group != 0 and ((flag & LAST) != 0 or action == CLEAR)


@inlined
def remember_clear(book, action, ts_event):
    """Keep the time of a clear for the record after it."""
    book.clear_ts = ts_event if action == CLEAR else NULL
