"""Arrays that the fingerprint kernels work on. Index 0 of an axis of sides is the ask, 1 the bid.

*Clock* of a record: the largest ``ts_event`` so far, ns UTC, which never runs back. *Order event*:
an arrival, a cancel or a change of an order near spot that no fill brought about. *Take-away*: a
cancel, or a modify that makes an order smaller.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from spymaster_ingest.dbn.records import field_names
from spymaster_ingest.units import S_PER_DAY

from spymaster_engine.fingerprint_columns import COUNTS, ICEBERG_ROW, MEASURES
from spymaster_engine.kernels.book.kernel_state import (
    DAY_END_TOLERANCE_S,
    NO_QUOTE,
    NULL,
    ORDER,
)

WINDOW_S = 5
LOOKBACK_S = 60

# times after a trade within which a cancel reacts to it, as in the names of the columns
REACT_NS = (1_000_000, 5_000_000, 20_000_000)
LIFE_NS = 10_000_000

# shares with a null value from times drawn anew; the first three are those of REACT_NS
REACT, CHASE, REQUOTE, WITHDRAW = 0, 3, 4, 5
SHARES = 6
# sums of a second: events (or contracts), expected hits, squares of contracts
SUM_N, SUM_HITS, SUM_SQUARES = range(3)

# more waiting orders than a venue can send within the longest wait
_WAITING = 1 << 15
BUCKETS = 1 << 9
# chances of larger numbers are calculated anew for each arrival
_CHANCES = 1 << 8
_MOST_WINDOWS = (S_PER_DAY + DAY_END_TOLERANCE_S) // WINDOW_S + 1

SCALARS = np.dtype(
    [
        (name, np.int64)
        for name in (
            "started",
            # the second being read, whether its events count, and whether its rows are written
            "second",
            "is_counted",
            "is_written",
            "clock",
            # whether nothing was noted since a clear or a snapshot
            "is_forgotten",
            # spot at the end of the second before
            "has_spot",
            "spot_tick",
            # this second
            "n_events",
            "first_near",
            "near_pairs",
            "n_taken",
            "n_prices",
            # output
            "n_rows",
            "n_iceberg_rows",
            # marks the entries of hash tables that are in use
            "stamp",
        )
    ]
)

SIDE = np.dtype(
    [
        (name, np.int64)
        for name in (
            "trade_ns",
            # best price after the last group, as a key, and its last move
            "best_key",
            "move_ns",
            "move_direction",
            # the open withdrawal
            "open_ns",
            "open_key",
            # length of the list of arrivals, and without this second's
            "n_arrivals",
            "second_arrivals",
            "n_waits",
            # events of this second that have the side's state in common
            "after_trade_0",
            "after_trade_1",
            "after_trade_2",
            "after_up",
            "after_down",
            "while_open",
            # this second's moves of orders by direction
            "moved_up",
            "moved_down",
            "moved_level",
            "second_cancels",
            "second_pulled",
            "second_squares",
            # this window
            "adds",
            "cancels",
            "requotes",
            "reprices",
            "chases",
            "approached",
            "withdrawn",
            "react_0",
            "react_1",
            "react_2",
            "short_lives",
            "refills",
            "refill_qty",
            "reloads",
            "reload_qty",
            "hidden_qty",
        )
    ]
)

# an order of the book engine and what is known of it besides: clock of its arrival and of its last
# fill, NULL without; and the size that its sender or a refill gave it last. With them at its end,
# numba would take it for a kind of the engine's orders.
PRINT_ORDER = np.dtype(
    [("born", np.int64), ("filled", np.int64), ("shown", np.int64)]
    + [(name, ORDER[name]) for name in field_names(ORDER)],
    align=True,
)

# an entry that waits for an order, and the number of the one before it in its bucket
WAITING = np.dtype(
    [
        ("before", np.int64),
        ("clock", np.int64),
        ("size", np.int64),
        ("tick", np.int64),
        ("side", np.int8),
        ("direction", np.int8),
        ("is_taken", np.int8),
    ],
    align=True,
)

ICEBERG = np.dtype([(name, np.int64) for name in ICEBERG_ROW])

ROW = np.dtype([(name, np.int64) for name in COUNTS] + [(name, np.float64) for name in MEASURES])


class Limits(NamedTuple):
    """What shapes the fingerprints; times in ns, distances in ticks, ``surface_*`` in s."""

    max_ticks: int
    requote_ns: int
    requote_ticks: int
    chase_ns: int
    withdraw_ns: int
    withdraw_ticks: int
    refill_ns: int
    min_arrivals: int
    most_sizes: int
    fundamental_share: float
    fundamental_min: float
    surface_start_s: np.ndarray
    surface_end_s: np.ndarray


class Waiting(NamedTuple):
    """Entries that wait for an order, in a ring.

    ``issued`` (1,) says how many there were; entry n lies in ``entries`` (n,) WAITING at n modulo
    the length. ``heads`` (BUCKETS,): number of the newest entry of each bucket.
    """

    issued: np.ndarray
    heads: np.ndarray
    entries: np.ndarray


class Lists(NamedTuple):
    """Lists that the driver gives room for a chunk before each call.

    Of this second: ``event_clock`` of order events; ``taken_side``, ``taken_size`` and
    ``taken_tick`` of take-aways; ``prices`` ICEBERG, one per side and price. Of the last minute, by
    side first: ``arrival_clock``, ``arrival_second``, ``arrival_size``, ``arrival_tick``. Of this
    window: ``waits`` (2, n) ns. ``table_*`` is a hash table with at least ``2 n`` entries.
    ``iceberg_rows`` ICEBERG.
    """

    event_clock: np.ndarray
    taken_side: np.ndarray
    taken_size: np.ndarray
    taken_tick: np.ndarray
    prices: np.ndarray
    arrival_clock: np.ndarray
    arrival_second: np.ndarray
    arrival_size: np.ndarray
    arrival_tick: np.ndarray
    waits: np.ndarray
    table_key: np.ndarray
    table_tick: np.ndarray
    table_count: np.ndarray
    table_stamp: np.ndarray
    distinct: np.ndarray
    iceberg_rows: np.ndarray


class Prints(NamedTuple):
    """Everything the fingerprint kernels remember between two calls.

    ``sums`` (60, 2, SHARES, 3) float64: sums of the last seconds. ``chances`` float64: chance of a
    hit in this second by the number of take-aways that fit.
    """

    scalars: np.ndarray
    sides: np.ndarray
    sums: np.ndarray
    chances: np.ndarray
    taken: Waiting
    emptied: Waiting
    lists: Lists
    rows: np.ndarray


def _waiting() -> Waiting:
    return Waiting(
        issued=np.zeros(1, np.int64),
        heads=np.full(BUCKETS, -1, np.int64),
        entries=np.zeros(_WAITING, WAITING),
    )


def new_lists(length: int) -> Lists:
    """Return empty lists of a length."""
    arrays: dict[str, Any] = {}
    for name in Lists._fields:
        if name in ("prices", "iceberg_rows"):
            arrays[name] = np.zeros(length, ICEBERG)
        elif name.startswith("arrival_") or name == "waits":
            arrays[name] = np.zeros((2, length), np.int64)
        elif name.startswith("table_"):
            arrays[name] = np.zeros(1 << (4 * length - 1).bit_length(), np.int64)
        else:
            arrays[name] = np.zeros(length, np.int64)
    return Lists(**arrays)


def new_prints() -> Prints:
    """Return the state before the first record."""
    sides = np.zeros(2, SIDE)
    for name in ("trade_ns", "move_ns", "open_ns"):
        sides[name] = NULL
    sides["best_key"] = NO_QUOTE
    scalars = np.zeros(1, SCALARS)
    scalars["clock"] = NULL
    return Prints(
        scalars=scalars,
        sides=sides,
        sums=np.zeros((LOOKBACK_S, 2, SHARES, 3)),
        chances=np.zeros(_CHANCES),
        taken=_waiting(),
        emptied=_waiting(),
        lists=new_lists(1),
        rows=np.zeros(2 * _MOST_WINDOWS, ROW),
    )
