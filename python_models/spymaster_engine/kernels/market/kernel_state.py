"""Arrays that the market kernels work on.

A *view* is the ten best occupied prices of each side. Index 0 of an axis of sides is the ask, 1 the
bid, as in the book engine.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from spymaster_ingest.units import S_PER_DAY

from spymaster_engine.kernels.book.kernel_state import DAY_END_TOLERANCE_S
from spymaster_engine.market_columns import MARKET_ROW

LEVELS = 10

# a clock that runs ahead may date a group past the end of the day, as in the book engine
MOST_SECONDS = S_PER_DAY + DAY_END_TOLERANCE_S

# time-weighted values of a state: three of the view, one per band, one per side and band
SPREAD, IMBALANCE_L1, IMBALANCE_L10 = range(3)
FIRST_BAND_VALUE = 3

# depth of a band that the view does not reach past
UNKNOWN = -1

SCALARS = np.dtype(
    [
        (name, np.int64)
        for name in (
            # where the pass stands: 1 since the first record, 2 since the first state
            "started",
            "now_ns",
            "second",
            "n_rows",
            # the event group being read
            "in_group",
            "group_is_snapshot",
            "group_ns",
            # the state in force: which of the two views, whether the book is known and not
            # doubted, and whether it counts
            "current",
            "is_good",
            "is_valid",
        )
    ]
)

# numbers of one second besides those with an axis of their own
ROW = np.dtype([(name, np.int64) for name in MARKET_ROW])


class View(NamedTuple):
    """Two views, the one in force and the one being read; the first axis says which.

    ``price`` ticks, ``qty`` contracts and ``orders`` are (2, 2, LEVELS) int64, best first;
    ``n`` (2, 2) int64 holds how many levels are in use.
    """

    price: np.ndarray
    qty: np.ndarray
    orders: np.ndarray
    n: np.ndarray


class State(NamedTuple):
    """Everything the market kernels remember between two calls.

    ``scalars`` (1,) SCALARS. Of the state in force, when it is valid: ``band`` (2, bands) int64,
    the depth of its bands or UNKNOWN, and ``values`` (v,) float64, NaN where undefined. ``edges``
    (bands,) int64, upper ends of the bands in ticks.
    """

    scalars: np.ndarray
    views: View
    values: np.ndarray
    band: np.ndarray
    edges: np.ndarray


class Rows(NamedTuple):
    """Rows of the day, one per second; ``scalars.n_rows`` counts those that have ended.

    ``head`` (n,) ROW. At the second's end: ``price`` ticks, ``qty`` and ``orders`` (n, 2, LEVELS)
    int64, ``qty`` 0 where a level is empty; ``band`` (n, 2, bands) int64 contracts or UNKNOWN. Over
    the second: ``value_ns`` (n, v) float64, sums of value times ns; ``imbalance_ns`` (n, bands)
    int64, ns in which a band's imbalance is defined; ``band_ns`` (n, 2, bands) int64, contracts
    times ns; ``unknown_ns`` (n, 2, bands) int64; ``ofi`` (n, LEVELS) int64, contracts per rank.
    """

    head: np.ndarray
    price: np.ndarray
    qty: np.ndarray
    orders: np.ndarray
    band: np.ndarray
    value_ns: np.ndarray
    imbalance_ns: np.ndarray
    band_ns: np.ndarray
    unknown_ns: np.ndarray
    ofi: np.ndarray


def new_state(edges_ticks: list[int]) -> State:
    """Return the state before the first record; ``edges_ticks`` are the bands' upper ends."""
    bands = len(edges_ticks)
    price, qty, orders = (np.zeros((2, 2, LEVELS), np.int64) for _ in range(3))
    return State(
        scalars=np.zeros(1, SCALARS),
        views=View(price, qty, orders, np.zeros((2, 2), np.int64)),
        values=np.zeros(FIRST_BAND_VALUE + 3 * bands),
        band=np.zeros((2, bands), np.int64),
        edges=np.array(edges_ticks, np.int64),
    )


def ended_rows(state: State, rows: Rows) -> Rows:
    """Return copies of the rows of seconds that have ended, and begin with the next row again."""
    n = int(state.scalars["n_rows"][0])
    ended = Rows(*(array[:n].copy() for array in rows))
    for array in rows:
        # after the last second of the day there is no row
        array[:1] = array[n : n + 1] if n < len(array) else 0
        array[1 : n + 1] = 0
    state.scalars["n_rows"] = 0
    return ended


def new_rows(bands: int, seconds: int = MOST_SECONDS) -> Rows:
    """Return empty rows for a day; the system hands out their memory once they are written."""
    return Rows(
        head=np.zeros(seconds, ROW),
        price=np.zeros((seconds, 2, LEVELS), np.int64),
        qty=np.zeros((seconds, 2, LEVELS), np.int64),
        orders=np.zeros((seconds, 2, LEVELS), np.int64),
        band=np.zeros((seconds, 2, bands), np.int64),
        value_ns=np.zeros((seconds, FIRST_BAND_VALUE + 3 * bands)),
        imbalance_ns=np.zeros((seconds, bands), np.int64),
        band_ns=np.zeros((seconds, 2, bands), np.int64),
        unknown_ns=np.zeros((seconds, 2, bands), np.int64),
        ofi=np.zeros((seconds, LEVELS), np.int64),
    )
