"""The order book engine in its plainest form: dictionaries and Python ints.

`replay` turns one contract-day of market-by-order records into the rows of the four engine
outputs. It is slow and follows the specification word by word. Tests compare the compiled kernel
with it, so it shares no code with the kernel.

Rules chosen where the specification leaves room:

Groups and windows
- R is the last record of its group, with or without LAST; an N right after it with the same
  event time opens no group. `unterminated_groups` counts a group open at the end of the file.
- A timestamp before the day's start is early, never late, also in the middle of the file.

Snapshots and validity
- A snapshot without LAST ends when the window of the next record begins: the seconds in between
  lack a complete book and carry bit 1. At the end of the file it has not ended.
- While a later snapshot loads, the book is incomplete again (bit 1).
- A SNAPSHOT record after a snapshot with LAST starts a new snapshot only if it is R; otherwise it
  loads on top.
- An R with SNAPSHOT and LAST is a complete snapshot of an empty book.
- `n_clears` counts every clearing of the book: R, or a snapshot that starts without R.
- Bit 2 marks every window with a SNAPSHOT record or an R. Bit 4 is cleared where a snapshot
  starts; a MAYBE_BAD_BOOK inside the snapshot sets it again.
- Bit 16 uses the window's start; a trade counts for an interval if the window of its group starts
  at or after the interval's open.
- Bit 32 counts every C in the window of its group, with or without a known order.
Events
- Expiry of pending fills, off-tick counting and grid rounding come before the record's own rule, so
  they also apply to records that are then ignored.
- No order rests with quantity 0: A, or M of an unknown id, with size 0 rests nothing.
- In a snapshot only A, and M of an unknown id, differ (their quantity is reset_qty).
- A C or M clears its order's pending fills of any event time; fills of another event time are
hidden
  quantity. An F of another event time than the order's pending fills replaces them, and the
  replaced quantity is unmatched. An F of size 0 leaves no pending fill.
- T with an undefined price counts as volume and does not change the last trade price.
- `n_orders` of a re-price counts modifications.
- `fill_match_count` counts C and M of a known order with pending fills of equal event time;
  `exact_fill_match_count` counts those that lower the depth at the order's old price by exactly the
  pending quantity: the cancelled quantity of a C, the quantity before less M.size of an M that
  keeps price and side (negative when it grows), the whole quantity before of any other M.
- `refill_count` counts M at the same price after a fill that add more than 0.
Outputs
- Best quantities are None on an empty side. Latency leaves N out; quantiles are order
  statistics at index floor(q * (n - 1)).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

from naive.model import (
    INVALID_MAYBE_BAD,
    INVALID_NO_BOOK,
    INVALID_NOT_TRADING,
    INVALID_QUOTES,
    INVALID_RESET,
    INVALID_SILENT,
    INVALID_UNKNOWN_CANCELS,
    NS_PER_S,
    SIDES,
    BookConfig,
    NaiveResult,
    Record,
    order_statistic,
    plain_records,
)
from naive.rows import WindowRows, check_inside_and_outside
from naive.rules import EventRules
from naive.state import Book, Window
from naive.validity import cancels_are_doubtful, is_silent, trading_since_ns

GroupCallback = Callable[[Book, int], None]

QA_COUNTERS = (
    "n_clears",
    "snapshot_orders",
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
    "n_valid_windows",
    "trade_qty",
    "fill_msg_qty",
)


def replay(
    records: np.ndarray, config: BookConfig, on_group_end: GroupCallback | None = None
) -> NaiveResult:
    """Rebuild the book of one contract-day.

    Args:
        records: Structured array, shape (n,), vendor market-by-order layout, file order, one
            instrument.
        config: Product, day and thresholds.
        on_group_end: Called with the book and the index of the group's last record at the end
            of every group.

    Returns:
        The rows of every output. Raises AssertionError when an identity does not hold.
    """
    engine = _Replay(config, on_group_end)
    plain = plain_records(records)
    for index, record in enumerate(plain):
        engine.feed(index, record)
    return engine.finish(plain)


class _Replay:
    def __init__(self, config: BookConfig, on_group_end: GroupCallback | None) -> None:
        self.config = config
        self.on_group_end = on_group_end
        self.rules = EventRules(config)
        self.book = self.rules.book
        self.count = self.rules.count
        self.result = NaiveResult()
        self.window: Window | None = None
        self.group_is_open = False
        self.previous: Record | None = None
        self.in_snapshot = False
        self.book_is_known = False
        self.maybe_bad_book = False
        self.last_record_ns = 0
        self.resting_orders: list[int] = []
        self.cancels_by_window: dict[int, tuple[int, int]] = {}
        self.day_flows: Counter[str] = Counter()
        self.day_moves: Counter[str] = Counter()
        self.outside_cache: dict[tuple[int, int | None], dict[str, int]] = {}

    def feed(self, index: int, record: Record) -> None:
        """Process the next record: group and window first, then its effect."""
        follows_other_kind = (
            self.previous is None or self.previous.is_snapshot != record.is_snapshot
        )
        if self.group_is_open and follows_other_kind:
            self._end_group(index - 1)
        closes_clear = (
            record.action == "N"
            and self.previous is not None
            and self.previous.action == "R"
            and self.previous.ts_event == record.ts_event
        )
        if not self.group_is_open and not closes_clear:
            self._start_group(record)
        window = self.window
        window.n_records += 1
        time_ns = record.ts_recv if record.is_snapshot else record.ts_event
        self.last_record_ns = max(self.last_record_ns, time_ns, window.start_s * NS_PER_S)
        self._follow_snapshot(record, follows_other_kind)
        self.maybe_bad_book |= record.is_maybe_bad_book
        window.has_reset |= record.is_snapshot or record.action == "R"
        if record.action != "R":
            self.rules.apply(record, window)
        if record.is_snapshot and record.is_last:
            self._end_snapshot()
        self.previous = record
        if self.group_is_open and (record.is_last or record.action == "R"):
            self._end_group(index)

    def finish(self, records: list[Record]) -> NaiveResult:
        """Close the open group and window and write the day's row."""
        if self.group_is_open:
            self.count["unterminated_groups"] += 1
            self._end_group(len(records) - 1)
        self.rules.drop_pending()
        if self.window is not None:
            self._close_window()
        self.result.qa = self._qa(records)
        self.result.moved_qty = self.day_moves["qty"]
        self.result.refill_qty = self.count["refill_qty"]
        self._check_day()
        return self.result

    def _start_group(self, record: Record) -> None:
        time_ns = record.ts_recv if record.is_snapshot else record.ts_event
        start_s = time_ns // NS_PER_S
        if time_ns < self.config.day_start_ns:
            self.count["early_groups"] += 1
            day_start_s = self.config.day_start_ns // NS_PER_S
            start_s = day_start_s if self.window is None else self.window.start_s
        elif self.window is not None and start_s < self.window.start_s:
            self.count["late_groups"] += 1
            start_s = self.window.start_s
        if self.window is None:
            self.window = self._new_window(start_s)
        while self.window.start_s < start_s:
            next_start_s = self.window.start_s + 1
            self._close_window()
            self.window = self._new_window(next_start_s)
        self.window.n_groups += 1
        self.group_is_open = True

    def _end_group(self, last_index: int) -> None:
        self.group_is_open = False
        if not self.previous.is_snapshot:
            self.resting_orders.append(len(self.book.orders))
        if self.on_group_end is not None:
            self.on_group_end(self.book, last_index)

    def _follow_snapshot(self, record: Record, follows_other_kind: bool) -> None:
        if record.is_snapshot:
            if record.action == "R" or follows_other_kind:
                self.rules.clear(self.window)
                self.in_snapshot = True
                self.book_is_known = False
                self.maybe_bad_book = False
            return
        if self.in_snapshot:
            self._end_snapshot()
        if record.action == "R":
            self.rules.clear(self.window)
            self.book_is_known = True

    def _end_snapshot(self) -> None:
        self.in_snapshot = False
        self.book_is_known = True

    def _new_window(self, start_s: int) -> Window:
        book, last = self.book, self.window
        if last is not None and last.start_version == book.version:
            return Window(start_s, last.start_depth, book.version)
        return Window(start_s, {s: dict(book.depth[s]) for s in book.depth}, book.version)

    def _close_window(self) -> None:
        window = self.window
        bid, ask = self.book.best("B"), self.book.best("A")
        self.cancels_by_window[window.start_s] = (window.cancels, window.unknown_cancels)
        flags = self._invalid_flags(bid, ask)
        spot, source = self._spot(bid, ask)
        rows = WindowRows(self.config, self.book, window, spot, flags == 0)
        row = self._snapshot_row(rows, bid, ask, flags, source)
        self.result.snapshot.append(row)
        self.count["n_valid_windows"] += row["window_valid"]
        not_judged = INVALID_NO_BOOK | INVALID_RESET | INVALID_MAYBE_BAD | INVALID_NOT_TRADING
        if bid is not None and ask is not None and bid > ask and not flags & not_judged:
            self.count["crossed_trading_windows"] += 1
        if window.start_version != self.book.version:
            rows.check_conservation()
        self.day_flows.update(rows.split_flows())
        self.day_moves["qty"] += sum(move.qty for move in window.moves.values())
        self.day_moves["in"] += sum(flow.reprice_in for flow in window.flows.values())
        self.day_moves["out"] += sum(flow.reprice_out for flow in window.flows.values())
        if self._has_surface(window):
            wall = rows.wall()
            check_inside_and_outside(row, wall, rows)
            self.result.wall += wall
            self.result.reprice += rows.reprice()

    def _has_surface(self, window: Window) -> bool:
        if self.config.surface_window_ns is None:
            return True
        start_ns, end_ns = self.config.surface_window_ns
        return start_ns <= window.start_s * NS_PER_S < end_ns

    def _invalid_flags(self, bid: int | None, ask: int | None) -> int:
        flags = 0
        if not self.book_is_known:
            flags |= INVALID_NO_BOOK
        if self.window.has_reset:
            flags |= INVALID_RESET
        if self.maybe_bad_book:
            flags |= INVALID_MAYBE_BAD
        if bid is None or ask is None or bid >= ask:
            flags |= INVALID_QUOTES
        window_s = self.window.start_s
        since_ns = trading_since_ns(self.config, window_s, self.rules.last_trade_window_s)
        if since_ns is None:
            flags |= INVALID_NOT_TRADING
        elif is_silent(self.config, window_s, since_ns, self.last_record_ns):
            flags |= INVALID_SILENT
        if cancels_are_doubtful(self.config, window_s, self.cancels_by_window):
            flags |= INVALID_UNKNOWN_CANCELS
        return flags

    def _spot(self, bid: int | None, ask: int | None) -> tuple[int | None, str | None]:
        last = self.rules.last_trade_price_int
        if bid is None or ask is None:
            return None, None
        if bid > ask or last is None:
            tick_int = self.config.tick_int
            return (bid + ask) // (2 * tick_int) * tick_int, "mid"
        if last < bid:
            return bid, "clamped_bid"
        if last > ask:
            return ask, "clamped_ask"
        return last, "trade"

    def _outside_depth(
        self, rows: WindowRows, depth: dict[str, dict[int, int]], version: int
    ) -> dict[str, int]:
        """Outside depth; cached, because the book of a quiet day seldom changes."""
        key = version, rows.spot
        if key not in self.outside_cache:
            if len(self.outside_cache) > 1:
                self.outside_cache.clear()
            self.outside_cache[key] = rows.outside_depth(depth)
        return self.outside_cache[key]

    def _snapshot_row(
        self, rows: WindowRows, bid: int | None, ask: int | None, flags: int, source: str | None
    ) -> dict[str, Any]:
        window, depth = self.window, self.book.depth
        mid = None if bid is None or ask is None else (bid + ask) // 2
        row = {
            "window_start_s": window.start_s,
            "best_bid_price_int": bid,
            "best_ask_price_int": ask,
            "best_bid_qty": depth["B"].get(bid),
            "best_ask_qty": depth["A"].get(ask),
            "mid_price_int": mid,
            "last_trade_price_int": self.rules.last_trade_price_int,
            "spot_ref_price_int": rows.spot,
            "spot_source": source,
            "trade_count": window.trade_count,
            "trade_qty_buy": window.trade_qty["B"],
            "trade_qty_sell": window.trade_qty["A"],
            "trade_qty_none": window.trade_qty["N"],
            "n_records": window.n_records,
            "n_groups": window.n_groups,
        }
        flows = rows.split_flows()
        depth_end = self._outside_depth(rows, depth, self.book.version)
        depth_start = self._outside_depth(rows, window.start_depth, window.start_version)
        for name, side in SIDES.items():
            row[f"{name}_depth_total"] = sum(depth[side].values())
            row[f"{name}_order_count"] = sum(self.book.order_count[side].values())
            row[f"{name}_outside_depth_start"] = depth_start[name]
            row[f"{name}_outside_depth_end"] = depth_end[name]
            for kind in ("add", "pull", "fill", "reset"):
                row[f"{name}_outside_{kind}"] = flows[f"{name}_{kind}_outside"]
        not_valid_book = INVALID_NO_BOOK | INVALID_RESET | INVALID_MAYBE_BAD
        row["invalid_flags"] = flags
        row["book_valid"] = flags & not_valid_book == 0
        row["window_valid"] = flags == 0
        return row

    def _qa(self, records: list[Record]) -> dict[str, int | None]:
        live = [record for record in records if not record.is_snapshot]
        latencies = [r.ts_recv - r.ts_event for r in live if r.action != "N"]
        actions = Counter(record.action for record in records)
        qa: dict[str, int | None] = {"n_records": len(records)}
        qa |= {f"n_{action}": actions[action] for action in "ACMRTFN"}
        qa["n_windows"] = len(self.result.snapshot)
        qa["n_snapshot_records"] = len(records) - len(live)
        qa["median_resting_orders"] = order_statistic(self.resting_orders, 0.5)
        qa["max_resting_orders"] = max(self.resting_orders, default=None)
        qa |= {name: self.count[name] for name in QA_COUNTERS}
        qa["negative_depth_moments"] = self.book.negative_depth_moments
        for name, side in SIDES.items():
            for kind in ("add", "pull", "fill", "reset"):
                for where in ("inside", "outside"):
                    key = f"{name}_{kind}_{where}"
                    qa[key] = self.day_flows[key]
            qa[f"final_best_{name}_price_int"] = self.book.best(side)
            qa[f"final_{name}_depth_total"] = sum(self.book.depth[side].values())
        qa["latency_ns_q50"] = order_statistic(latencies, 0.5)
        qa["latency_ns_q99"] = order_statistic(latencies, 0.99)
        return qa

    def _check_day(self) -> None:
        qa = self.result.qa
        fills = [f"{kind}_fill_qty" for kind in ("matched", "hidden", "unknown", "unmatched")]
        assert qa["fill_msg_qty"] == sum(qa[name] for name in fills)
        assert self.day_moves["in"] == self.day_moves["out"] == self.day_moves["qty"]
        assert qa["negative_depth_moments"] == 0
        day = {
            kind: sum(
                qa[f"{name}_{kind}_{where}"] for name in SIDES for where in ("inside", "outside")
            )
            for kind in ("add", "pull", "fill", "reset")
        }
        final = qa["final_bid_depth_total"] + qa["final_ask_depth_total"]
        assert final == day["add"] - day["pull"] - day["fill"] + day["reset"]
        assert day["fill"] == qa["matched_fill_qty"]
