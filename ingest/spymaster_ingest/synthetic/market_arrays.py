"""Arrays of the market's kernels, and the codes they share with their driver."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from spymaster_ingest.synthetic.compiled import code
from spymaster_ingest.units import S_PER_DAY

BID, ASK = map(code, range(2))
NONE = code(-1)

# who owns a resting order
OWNER_CROWD, OWNER_MAKER, OWNER_WALL, OWNER_AGENT = map(code, range(4))

# what the venue does in a second
CLOSED, OPEN, PRE_OPEN = range(3)
# and, in its messages only, why trading is suspended
HALTED = 3

# why the kernel returned
FULL, OVER, NO_SLOTS, PAUSED = range(4)

# Streams of random numbers, one per component of the market.
COMPONENTS = (
    "pace",
    "decision",
    "price",
    "size",
    "aggression",
    "feed",
    "fair",
    "quoting",
    "approach",
    "outcome",
    "signature",
    "pre_open",
    "mechanism",
    "agents",
)
(
    PACE,
    DECISION,
    PRICE,
    SIZE,
    AGGRESSION,
    FEED,
    FAIR,
    QUOTING,
    APPROACH,
    OUTCOME,
    SIGNATURE,
    PREOPEN,
    MECHANISM,
    AGENTS,
) = map(code, range(len(COMPONENTS)))

# levels the market knows, in the order of their priority
LEVEL_IDS = ("pm_high", "pm_low", "or_high", "or_low", "sma_400", "sma_200", "sma_90")
PM_HIGH, PM_LOW, OR_HIGH, OR_LOW, SMA_400, SMA_200, SMA_90 = map(code, range(len(LEVEL_IDS)))
SMA_BARS = (0, 0, 0, 0, 400, 200, 90)
BAR_SECONDS = 120
BARS_PER_DAY = S_PER_DAY // BAR_SECONDS

# the signatures of a phase, then the mechanisms, which are minutes long
PHASE_SIGNATURES = ("reject_full", "break_full", "partial", "none")
REJECT_FULL, BREAK_FULL, PARTIAL, NO_SIGNATURE = range(len(PHASE_SIGNATURES))
MECHANISMS = ("barrier_pulled", "barrier_eaten", "barrier_absorbs")
FIRST_MECHANISM = len(PHASE_SIGNATURES)
SIGNATURES = PHASE_SIGNATURES + MECHANISMS
OUTCOMES = ("BREAK", "REJECT", "CHOP", "INELIGIBLE", "CENSORED", "NOT_REACHED")
BREAK, REJECT, CHOP, INELIGIBLE, CENSORED, NOT_REACHED = range(len(OUTCOMES))

# bits of a signature's conditions; FOLLOW is the opposite of PULL_BEHIND
RETREAT_AHEAD, PULL_AHEAD, RETREAT_BEHIND, PULL_BEHIND, FOLLOW_BEHIND = 1, 2, 4, 8, 16

# states of the current approach
IDLE, COMING, PHASE, RESOLVING = range(4)

ORDER = np.dtype(
    [
        ("order_id", np.uint64),
        ("ts_enter", np.int64),
        ("level", np.int32),
        ("size", np.int32),
        ("hidden", np.int32),
        ("peak", np.int32),
        ("ahead", np.int32),
        ("behind", np.int32),
        ("side", np.int8),
        ("owner", np.int8),
    ],
    align=True,
)

# a price of one side: its queue, its depth and its booked flows of the current second
LEVEL = np.dtype(
    [
        (name, np.int32)
        for name in (
            "first",
            "last",
            "count",
            "depth",
            "is_touched",
            "add",
            "pull",
            "pull_rest",
            "fill",
            "reprice_in",
            "reprice_out",
            "reset",
        )
    ]
)
LEVEL_FLOWS = ("add", "pull", "pull_rest", "fill", "reprice_in", "reprice_out", "reset")

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
            # book
            "best_bid",
            "best_ask",
            "free_slot",
            "orders_bid",
            "orders_ask",
            "depth_bid",
            "depth_ask",
            "n_touched",
            # market maker
            "reference_bid",
            "maker_bid",
            "maker_ask",
            "is_auction_due",
            # trades
            "last_trade",
            "spot",
            "guard_low",
            "guard_high",
            "w_trades",
            "w_trade_qty_buy",
            "w_trade_qty_sell",
            "w_trade_qty_none",
            "w_records",
            "w_groups",
            "w_partial_cancels",
            # bars
            "bar_close",
            "n_bars",
            "is_heartbeat_due",
            "is_fresh",
            # feed
            "ts_recv",
            "sequence",
            "ts_in_delta",
            "written",
            "n_changes",
            "closing_records",
            "instrument_id",
            "tick_int",
            "lowest_tick",
            # rows of truth
            "n_flows",
            "n_seconds",
            "n_approaches",
            "n_agent_actions",
            "wall_orders",
            "is_phase",
            "is_mechanism",
            # times of the day, in seconds
            "premarket_second",
            "cash_second",
            "range_end_second",
            "study_end_second",
            "dense_end_second",
            "pause_second",
            # switches
            "is_null",
            "approaches_wanted",
        )
    ]
    + [("next_order_id", np.uint64)]
    + [
        (name, np.float64)
        for name in (
            "fair_start",
            "fair_end",
            "excitement",
            "last_sign",
            "volatility",
        )
    ],
    align=True,
)

# Distances from the touch at which resting orders are counted from time to time.
PROFILE_TICKS = 100

# a named level: its tick, and whether it may be used
NAMED_LEVEL = np.dtype([("tick", np.int64), ("is_active", np.int64)])

# a completed bar: its end in seconds of the day, its close in ticks
BAR = np.dtype([("end_s", np.int64), ("close_tick", np.int64)])

APPROACH_ROW = np.dtype(
    [
        (name, np.int64)
        for name in (
            "level",
            "direction",
            "start_s",
            "phase_start_s",
            "phase_end_s",
            "decision_s",
            "level_tick",
            "signature",
            "conditions",
            "has_wall",
            "drawn",
            "realised",
            "reached_ns",
            "hit_ns",
            "mechanism_start_s",
            "first_sweep_s",
            "x0_ticks",
            "add_ahead",
            "pull_ahead",
            "add_behind",
            "pull_behind",
            "away_ahead",
            "away_behind",
        )
    ]
    + [("gain", np.float64)]
)

# state of the controller beside the row it is filling
CONTROL = np.dtype(
    [
        (name, np.int64)
        for name in (
            "state",
            "is_retreating",
            "next_start_s",
            "n_started",
            "mood",
            "is_past_peak",
            "label_end_s",
            "walls_to_place",
            "is_wall_leaving",
            "wall_level",
            # row of the mechanism's flows, or NONE
            "mechanism",
            "hold_seconds",
            "barrier_orders",
            "sweeps_left",
            "next_sweep_s",
            "sweep_qty_left",
        )
    ]
    + [
        (name, np.float64)
        for name in (
            "speed",
            "phase_start_x",
            "phase_end_x",
            "deviation",
            "peak_x",
            "centre_x",
            # contracts the signature still has to pull, re-price or add
            "pull_credit_ahead",
            "pull_credit_behind",
            "move_credit_ahead",
            "move_credit_behind",
            "follow_credit",
            "attack_credit",
            "refill_credit",
        )
    ]
)

FLOW_ROW = np.dtype(
    [("second", np.int32), ("side", np.int8), ("level", np.int32), ("depth", np.int32)]
    + [(name, np.int32) for name in LEVEL_FLOWS]
)

SECOND_ROW = np.dtype(
    [
        (name, np.int64)
        for name in (
            "second",
            "best_bid",
            "best_ask",
            "best_bid_qty",
            "best_ask_qty",
            "last_trade",
            "spot",
            "trade_count",
            "trade_qty_buy",
            "trade_qty_sell",
            "trade_qty_none",
            "n_records",
            "n_groups",
            "partial_cancels",
            "bid_depth_total",
            "ask_depth_total",
            "bid_order_count",
            "ask_order_count",
            "phase",
        )
    ]
    + [("fair", np.float64)]
)

# change of the book after a fill
CHANGE = np.dtype(
    [("order_id", np.uint64)]
    + [(name, np.int64) for name in ("slot", "level", "size", "action", "side")]
)


class Market(NamedTuple):
    """All arrays that the kernels read and write; none grows.

    State: ``orders`` (slots,) ORDER; ``levels`` (2, prices) LEVEL, side first; ``scalars``
    (1,); ``states`` (components,) uint64, random streams; ``touched`` (2 * prices,) int32, as
    side * prices + price; ``bars`` (BARS_PER_DAY,) BAR; ``named`` (levels,); ``approach`` and
    ``control`` (1,); ``mids`` (seconds + 1,) int64, best bid plus best ask in ticks at the start
    of every second, NONE while the market is not open; ``changes`` (MAX_FILLS,); ``agents`` (n,)
    and ``agent_orders`` (n, MOST_ORDERS), the planted agents and their orders.

    Output: ``out`` records; ``flows``, ``seconds``, ``approaches``, ``agent_actions`` rows of
    truth; ``profile`` (PROFILE_TICKS,) int64, orders counted by distance from the touch.

    Plan: ``rate``, ``move`` (seconds,) float64; ``follow`` (seconds + 1,) or empty, a fair price to
        follow; ``phase`` (seconds,) uint8.

    Tables: quantiles int32 or int64; ``target`` float64, orders by distance; ``settings`` (1,),
    the numbers of the order flow; ``signature_rates`` (1,), those of the signatures;
    ``outcome_cuts`` (2, signatures, 2) float64, cumulative chances of BREAK and REJECT by wall
    and signature; ``signature_cuts`` (signatures,) float64, cumulative; ``mechanism_flows``
    (mechanisms,), their numbers.
    """

    orders: np.ndarray
    levels: np.ndarray
    scalars: np.ndarray
    states: np.ndarray
    touched: np.ndarray
    bars: np.ndarray
    named: np.ndarray
    approach: np.ndarray
    control: np.ndarray
    mids: np.ndarray
    changes: np.ndarray
    agents: np.ndarray
    agent_orders: np.ndarray
    out: np.ndarray
    flows: np.ndarray
    seconds: np.ndarray
    approaches: np.ndarray
    agent_actions: np.ndarray
    profile: np.ndarray
    rate: np.ndarray
    move: np.ndarray
    follow: np.ndarray
    phase: np.ndarray
    exponential: np.ndarray
    distance: np.ndarray
    order_size: np.ndarray
    trade_size: np.ndarray
    target: np.ndarray
    settings: np.ndarray
    signature_rates: np.ndarray
    outcome_cuts: np.ndarray
    signature_cuts: np.ndarray
    mechanism_flows: np.ndarray
