"""Arrays of the kernels of the option market."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

# Streams of random numbers; the feed's has the position that the future's feed uses.
COMPONENTS = ("arrival", "decision", "choice", "size", "aggression", "feed", "quoting")
ARRIVAL, DECISION, CHOICE, SIZE, AGGRESSION, FEED, QUOTING = range(len(COMPONENTS))

OWNER_CROWD, OWNER_MAKER = range(2)
# kinds of instruments; a spread consists of two calls
CALL, PUT, SPREAD = range(3)

# Orders a side of one option has room for.
ROOM = 24
# Theoretical prices are whole multiples of this fraction of the finest tick.
PARTS = 1_000
NEVER = np.iinfo(np.int64).max

# a resting order; price in finest ticks
ORDER = np.dtype(
    [
        ("order_id", np.uint64),
        ("ts_enter", np.int64),
        ("price", np.int64),
        ("size", np.int32),
        ("owner", np.int32),
    ]
)

INSTRUMENT = np.dtype(
    [
        (name, np.int64)
        for name in (
            "instrument_id",
            "kind",
            "expiry",
            "strike",
            # legs of a spread: bought and sold option
            "first_leg",
            "second_leg",
            "is_listed",
            # parts of a tick
            "theory",
            # when the maker last renewed its quote
            "quoted_ns",
            # state of the vendor's quote once a second
            "is_changed",
            "trade_price",
            "trade_size",
            "trade_side",
            "sequence",
        )
    ]
    + [("trade_ns", np.uint64)]
)

SCALARS = np.dtype(
    [
        (name, np.int64)
        for name in (
            # clock
            "midnight_ns",
            "now_ns",
            "second",
            "second_end_ns",
            "end_second",
            "crowd_ns",
            "wake_ns",
            # the future's mid now, and when the market maker last read it
            "mid",
            "mid_at",
            "mid_int",
            "seen_mid",
            "seen_step",
            # surface and strikes
            "step",
            "start_second",
            "lowest_strike",
            "strike_step",
            # tick rule
            "coarse_ticks",
            "coarse_above",
            # quote width of an expensive option, coarse ticks
            "usual_width",
            # feed
            "ts_recv",
            "sequence",
            "ts_in_delta",
            "written",
            "w_records",
            "w_groups",
            "closing_records",
            "instrument_id",
            "tick_int",
            "lowest_tick",
            "interval_end_ns",
            "n_quotes",
            "n_seconds",
        )
    ]
    + [("next_order_id", np.uint64), ("rate", np.float64)],
    align=True,
)

# the best quotes of an instrument at the end of a second; sizes and counts 0 where there is none
QUOTE = np.dtype(
    [
        (name, np.int64)
        for name in (
            "instrument",
            "interval_end_ns",
            "bid_price",
            "ask_price",
            "bid_size",
            "ask_size",
            "bid_count",
            "ask_count",
            "trade_price",
            "trade_size",
            "trade_side",
            "sequence",
        )
    ]
    + [("trade_ns", np.uint64)]
)

# a second of truth: the future's mid at its end and the step of the surface in force
SECOND_ROW = np.dtype([(name, np.int64) for name in ("second", "mid", "step", "is_priced_in")])


class OptionMarket(NamedTuple):
    """All arrays that the kernels read and write; none grows.

    State: ``orders`` (instruments, 2, ROOM) ORDER, bids first, best first; ``counts``
    (instruments, 2) int64; ``instruments`` (instruments,) INSTRUMENT; ``scalars`` (1,);
    ``states`` (components,) uint64.

    Output: ``out`` records; ``quotes`` QUOTE; ``seconds`` SECOND_ROW.

    Plan: ``mid_ns`` and ``mids`` (changes,) int64, when the future's mid price changed and to
    how many half ticks; ``sigma`` (steps, expiries, strikes) float64; ``decisions`` (seconds,)
    float64, of customers per second; ``phase`` (seconds,) uint8; ``expiration_ns`` (expiries,)
    int64.

    Tables: quantiles.
    """

    orders: np.ndarray
    counts: np.ndarray
    instruments: np.ndarray
    scalars: np.ndarray
    states: np.ndarray
    out: np.ndarray
    quotes: np.ndarray
    seconds: np.ndarray
    mid_ns: np.ndarray
    mids: np.ndarray
    sigma: np.ndarray
    decisions: np.ndarray
    phase: np.ndarray
    expiration_ns: np.ndarray
    exponential: np.ndarray
    order_size: np.ndarray
    trade_size: np.ndarray
    distance: np.ndarray
