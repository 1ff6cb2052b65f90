"""Arrays the kernel of the option books works on."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

OPTION_ORDER = np.dtype(
    [
        ("order_id", np.uint64),
        ("price", np.int64),
        ("pending_ts", np.int64),
        ("pending_qty", np.int64),
        ("qty", np.int64),
        ("instrument_id", np.uint32),
        ("side", np.int8),
        ("alive", np.int8),
    ],
    align=True,
)

SCALARS = np.dtype(
    [
        (name, np.int64)
        for name in ("n_free", "n_orders_ask", "n_orders_bid", "n_rows", "snapshot_seen")
    ]
)

_QUOTE = ("bid_price_int", "ask_price_int", "bid_qty", "ask_qty")
_FLOWS = ("bid_add_qty", "ask_add_qty", "bid_pull_qty", "ask_pull_qty", "fill_qty")

# a row as written: the state at the end of a second, and the flows of the second
ROW = np.dtype(
    [
        (name, np.int64)
        for name in (
            "window_s",
            "instrument_id",
            *_QUOTE,
            "last_change_ns",
            "book_valid",
            *_FLOWS,
        )
    ]
)

BOOK = np.dtype(
    [
        (name, np.int64)
        for name in (
            "instrument_id",
            "n_orders",
            "started",
            "window",
            "in_group",
            "group_is_snapshot",
            "group_ns",
            "previous_is_snapshot",
            "clear_ts",
            "loading",
            "known",
            "bad_book",
            *_QUOTE,
            "last_change_ns",
            "is_changed",
            "written_valid",
            *_FLOWS,
        )
    ]
)


class State(NamedTuple):
    """What the kernel remembers between two calls.

    ``prices`` and ``quantities`` are (2 * books, levels), the two sides of a book one after the
    other, in use up to ``n_levels``; asks are kept as negative prices, so that in either side
    the best is the greatest, and the last.
    """

    scalars: np.ndarray
    orders: np.ndarray
    free: np.ndarray
    table: np.ndarray
    table_keys: np.ndarray
    books: np.ndarray
    n_levels: np.ndarray
    prices: np.ndarray
    quantities: np.ndarray
