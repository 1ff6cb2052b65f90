"""Arrays the kernel of the option books works on."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spymaster_engine.kernels.book.kernel_state import BOOK_FIELDS
from spymaster_engine.option_columns import BOOK_ROW

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

# ``started`` and ``second`` (s UTC) say which second is open, for all books alike
SCALARS = np.dtype(
    [
        (name, np.int64)
        for name in ("n_free", "n_rows", "snapshot_seen", "started", "second", "n_touched")
    ]
)

# a row as written: the state at the end of a second, and the flows of the second
ROW = np.dtype([(name, np.int64) for name in BOOK_ROW])

BOOK = np.dtype(
    [
        (name, np.int64)
        for name in (
            "instrument_id",
            "n_orders",
            "is_touched",
            *BOOK_FIELDS,
            "group_ns",
            "last_change_ns",
            "is_changed",
            "written_valid",
            "fill_qty",
        )
    ]
)

# a side of a book: its best quote after the last group, and its flows of the second
SIDE = np.dtype(
    [(name, np.int64) for name in ("n_levels", "price_int", "qty", "add_qty", "pull_qty")]
)


class State(NamedTuple):
    """What the kernel remembers between two calls.

    ``sides`` is (books, 2); ``keys`` (prices as keys, see ``book.sides``) and ``quantities`` are
    (books, 2, levels), in use up to ``n_levels`` of the side, the best price last. ``touched``
    (books,) int64 holds the numbers of the ``n_touched`` books with a record in the open second.
    """

    scalars: np.ndarray
    orders: np.ndarray
    free: np.ndarray
    table: np.ndarray
    table_keys: np.ndarray
    books: np.ndarray
    sides: np.ndarray
    keys: np.ndarray
    quantities: np.ndarray
    touched: np.ndarray
