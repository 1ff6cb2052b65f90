"""Arrays the book kernel works on, and the codes it shares with its driver."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from spymaster_ingest.dbn.records import field_names

# numpy integers, see ``compiled``
ASK, BID = np.int64(0), np.int64(1)

# record flags of the vendor
LAST, SNAPSHOT, MAYBE_BAD_BOOK = 128, 32, 4

# record actions and sides, as ASCII codes
ADD, CANCEL, MODIFY, CLEAR, TRADE, FILL, NONE = (ord(letter) for letter in "ACMRTFN")
SIDE_ASK, SIDE_BID = ord("A"), ord("B")

# bits of invalid_flags
INVALID_NO_SNAPSHOT = 1
INVALID_RESET = 2
INVALID_BAD_BOOK = 4
INVALID_QUOTES = 8
INVALID_NOT_TRADING = 16
INVALID_UNKNOWN_CANCELS = 32
INVALID_SILENT = 64

# codes of spot_source; 0 stands for NULL
SPOT_SOURCES = ("", "trade", "clamped_bid", "clamped_ask", "mid")
SPOT_NONE, SPOT_TRADE, SPOT_CLAMPED_BID, SPOT_CLAMPED_ASK, SPOT_MID = range(5)

# a clock that runs ahead may date a group past the end of the day, but by no more than this
DAY_END_TOLERANCE_S = 60

UNDEFINED_PRICE = np.iinfo(np.int64).max
NULL = np.iinfo(np.int64).min
# the key of the best price of a side without orders
NO_QUOTE = np.iinfo(np.int64).min

# why the kernel returned before the end of its input
(
    DONE,
    OUTPUT_FULL,
    GROW_ORDERS,
    GROW_FAR,
    GROW_LISTS,
    RECENTRE,
    BEYOND_DAY,
    BROKEN_IDENTITY,
    OVERFLOW,
    STOPPED,
) = range(10)

ORDER = np.dtype(
    [
        ("order_id", np.uint64),
        ("ts_enter", np.int64),
        ("pending_ts", np.int64),
        ("pending_qty", np.int64),
        ("qty", np.int64),
        ("instrument_id", np.uint32),
        ("cell", np.int32),
        ("young_stamp", np.int32),
        ("side", np.int8),
        ("alive", np.int8),
    ],
    align=True,
)

CELL = np.dtype(
    [
        ("depth_start", np.int64),
        ("add", np.int64),
        ("pull", np.int64),
        ("pull_rest", np.int64),
        ("fill", np.int64),
        ("reprice_in", np.int64),
        ("reprice_out", np.int64),
        ("reset", np.int64),
        ("young", np.int64),
        ("order_count", np.int32),
        ("mark", np.int32),
    ],
    align=True,
)

REPRICE = np.dtype(
    [(name, np.int64) for name in ("side", "from_tick", "to_tick", "qty", "qty_rest")]
)

# state of a book for the rules of event groups and snapshots
BOOK_FIELDS = (
    "in_group",
    "group_is_snapshot",
    "previous_is_snapshot",
    "clear_ts",
    "loading",
    "known",
    "bad_book",
)

# running numbers of a side; its best price is a key of ticks, see ``sides``
SIDE = np.dtype(
    [(name, np.int64) for name in ("best_key", "depth", "depth_start", "n_orders", "n_touched")]
)

# sums of a side over the prices within the reach of the walls, and over those outside of it
INSIDE, OUTSIDE = np.int64(0), np.int64(1)
TOTALS = np.dtype(
    [(name, np.int64) for name in ("depth_start", "depth_end", "add", "pull", "fill", "reset")]
)

# running numbers of one pass; counters named as in book_engine_qa
SCALARS = np.dtype(
    [
        (name, np.int64)
        for name in (
            # ladder, in ticks
            "ladder_low",
            "recentre_tick",
            # stores
            "n_free",
            "n_far",
            "n_young",
            "n_reprice",
            # where the pass stands
            "started",
            "window",
            "serial",
            *BOOK_FIELDS,
            "last_record_ns",
            "reset_in_window",
            "n_pending",
            "pending_min_ts",
            "last_trade_tick",
            "last_trade_window",
            # this window
            "w_records",
            "w_groups",
            "w_trades",
            "w_trade_qty_buy",
            "w_trade_qty_sell",
            "w_trade_qty_none",
            # this day
            "n_records",
            "n_A",
            "n_C",
            "n_M",
            "n_R",
            "n_T",
            "n_F",
            "n_N",
            "n_windows",
            "n_valid_windows",
            "n_clears",
            "n_snapshot_records",
            "snapshot_orders",
            "max_resting_orders",
            "dup_add",
            "unknown_cancel",
            "over_cancel",
            "unknown_modify",
            "side_change",
            "off_tick",
            "matched_fill_qty",
            "hidden_fill_qty",
            "unknown_fill_qty",
            "unmatched_fill_qty",
            "refill_count",
            "exact_fill_match_count",
            "fill_match_count",
            "late_groups",
            "early_groups",
            "unterminated_groups",
            "crossed_trading_windows",
            "negative_depth_moments",
            "trade_qty",
            "fill_msg_qty",
            "reprice_in_qty",
            "reprice_out_qty",
            "reprice_flow_qty",
        )
    ]
)

SNAPSHOT_ROW = np.dtype(
    [
        (name, np.int64)
        for name in (
            "window_s",
            "best_bid_price_int",
            "best_ask_price_int",
            "best_bid_qty",
            "best_ask_qty",
            "last_trade_price_int",
            "spot_ref_price_int",
            "spot_source",
            "trade_count",
            "trade_qty_buy",
            "trade_qty_sell",
            "trade_qty_none",
            "n_records",
            "n_groups",
            "bid_depth_total",
            "ask_depth_total",
            "bid_order_count",
            "ask_order_count",
            *(f"{side}_outside_{what}" for side in ("bid", "ask") for what in field_names(TOTALS)),
            "invalid_flags",
        )
    ]
)

# integer columns of a wall row that are 32 bits wide in the output
WALL_COLUMNS = (
    "rel_ticks",
    "depth_qty_start",
    "depth_qty_end",
    "add_qty",
    "pull_qty_total",
    "pull_qty_rest",
    "fill_qty",
    "reprice_in_qty",
    "reprice_out_qty",
    "reset_qty",
    "depth_qty_rest",
    "order_count_end",
)
(
    WALL_REL_TICKS,
    WALL_DEPTH_START,
    WALL_DEPTH_END,
    WALL_ADD,
    WALL_PULL,
    WALL_PULL_REST,
    WALL_FILL,
    WALL_REPRICE_IN,
    WALL_REPRICE_OUT,
    WALL_RESET,
    WALL_DEPTH_REST,
    WALL_ORDER_COUNT,
) = range(len(WALL_COLUMNS))
# quantities of a single re-price; rows are sums over them
REPRICE_COLUMNS = ("qty", "qty_rest")
REPRICE_QTY, REPRICE_QTY_REST = range(len(REPRICE_COLUMNS))

# which rows an entry of ``Output.counts`` counts
SNAPSHOT_ROWS, WALL_ROWS, REPRICE_ROWS = range(3)


class State(NamedTuple):
    """Everything the kernel remembers between two calls.

    Shapes: ``sides`` is (2,); ``totals`` of the window and of the day are (2, 2), the side first,
    then inside and outside; ``cells`` and ``depth`` are (2, ladder cells + far cells) with the
    side first, and ``block_depth`` sums ``depth`` over runs of ``BLOCK_CELLS`` cells;
    ``far_slots`` and ``table`` are open-addressing tables of a power-of-two length holding
    an index or -1; the other arrays are one-dimensional.
    """

    scalars: np.ndarray
    sides: np.ndarray
    totals: np.ndarray
    day_totals: np.ndarray
    orders: np.ndarray
    free: np.ndarray
    table: np.ndarray
    table_keys: np.ndarray
    cells: np.ndarray
    depth: np.ndarray
    block_depth: np.ndarray
    touched: np.ndarray
    far_ticks: np.ndarray
    far_slots: np.ndarray
    young: np.ndarray
    pending: np.ndarray
    reprices: np.ndarray
    resting_histogram: np.ndarray
    latency_histogram: np.ndarray
    cancels: np.ndarray
    unknown_cancels: np.ndarray


class Output(NamedTuple):
    """Row buffers the kernel fills; ``counts`` holds how many rows each has.

    A second's rows never straddle two buffers. Wall rows come by second, side and price;
    re-prices one by one, in file order.
    """

    counts: np.ndarray
    snapshot: np.ndarray
    wall_window_s: np.ndarray
    wall_spot_price_int: np.ndarray
    wall_price_int: np.ndarray
    wall_side: np.ndarray
    wall_valid: np.ndarray
    wall: np.ndarray
    reprice_window_s: np.ndarray
    reprice_side: np.ndarray
    reprice_valid: np.ndarray
    reprice_from_price_int: np.ndarray
    reprice_to_price_int: np.ndarray
    reprice: np.ndarray
