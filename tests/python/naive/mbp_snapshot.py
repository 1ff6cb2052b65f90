"""The seconds of a contract-day whose only book is ten price levels, in their plainest form.

`snapshot_rows` turns rows of market by price into rows of `book_snapshot_1s`, second by second.
Tests compare the compiled kernel with it, so it shares no code with the kernel.

Rules chosen where the specification leaves room:
- The levels of a row are the book after the row, of a trade the book before it. So the book between
  two groups is that of the last row before.
- A row says how the whole view looks: it is known from the first row on, and no second has bit 1.
- Bit 4 is the flag of the last row: a row without it makes the book good again.
- Without orders there are no cancels of unknown orders: bit 32 never.
- Totals of the whole book and of what lies outside the walls are None.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from naive.model import (
    FLAG_LAST,
    FLAG_MAYBE_BAD_BOOK,
    FLAG_SNAPSHOT,
    INVALID_MAYBE_BAD,
    INVALID_NO_BOOK,
    INVALID_NOT_TRADING,
    INVALID_QUOTES,
    INVALID_RESET,
    INVALID_SILENT,
    NS_PER_S,
    BookConfig,
)
from naive.validity import is_silent, trading_since_ns


class PriceRow(NamedTuple):
    """One row of market by price, of its levels only the best; prices are None where undefined."""

    ts_event: int
    ts_recv: int
    price_int: int | None
    size: int
    flags: int
    action: str
    side: str
    bid_px_00_int: int | None
    ask_px_00_int: int | None
    bid_sz_00: int
    ask_sz_00: int


@dataclass
class PriceResult:
    """Rows of the seconds, and the counters of the day that need no orders."""

    snapshot: list[dict[str, Any]]
    qa: dict[str, int | None]


def snapshot_rows(rows: Iterable[PriceRow], config: BookConfig) -> PriceResult:
    """Return the seconds of one contract-day, from rows in file order."""
    groups = _groups(list(rows))
    qa = {"n_records": sum(len(group) for group, _ in groups), "late_groups": 0, "early_groups": 0}
    qa["unterminated_groups"] = sum(not is_ended for _, is_ended in groups)
    by_second: dict[int, list[list[PriceRow]]] = {}
    current: int | None = None
    for group, _ in groups:
        time_ns = _time_ns(group[0])
        second = time_ns // NS_PER_S
        if time_ns < config.day_start_ns:
            qa["early_groups"] += 1
            second = config.day_start_ns // NS_PER_S if current is None else current
        elif current is not None and second < current:
            qa["late_groups"] += 1
            second = current
        current = second
        by_second.setdefault(second, []).append(group)
    day = _Day(config)
    seconds = range(min(by_second), max(by_second) + 1) if by_second else range(0)
    found = [day.second(second, by_second.get(second, [])) for second in seconds]
    qa["trade_qty"] = sum(
        row["trade_qty_buy"] + row["trade_qty_sell"] + row["trade_qty_none"] for row in found
    )
    qa["n_windows"] = len(found)
    qa["n_valid_windows"] = sum(row["invalid_flags"] == 0 for row in found)
    not_judged = INVALID_NO_BOOK | INVALID_RESET | INVALID_MAYBE_BAD | INVALID_NOT_TRADING
    qa["crossed_trading_windows"] = sum(
        row["best_bid_price_int"] is not None
        and row["best_ask_price_int"] is not None
        and row["best_bid_price_int"] > row["best_ask_price_int"]
        and not row["invalid_flags"] & not_judged
        for row in found
    )
    for side in ("bid", "ask"):
        name = f"best_{side}_price_int"
        qa[f"final_{name}"] = found[-1][name] if found else None
    return PriceResult(found, qa)


def _groups(rows: list[PriceRow]) -> list[tuple[list[PriceRow], bool]]:
    """Rows of each event group, and whether a row or the rows after it ended the group.

    The standalone row that closes the event of a clear counts with the clear.
    """
    groups: list[tuple[list[PriceRow], bool]] = []
    is_open = False
    for number, row in enumerate(rows):
        previous = rows[number - 1] if number else None
        if previous is not None and _is_snapshot(previous) != _is_snapshot(row):
            is_open = False
        closes_clear = (
            previous is not None
            and (previous.action, row.action) == ("R", "N")
            and previous.ts_event == row.ts_event
        )
        if is_open or closes_clear:
            groups[-1][0].append(row)
        else:
            groups.append(([row], True))
            is_open = True
        if row.flags & FLAG_LAST or row.action == "R":
            is_open = False
    if is_open:
        groups[-1] = groups[-1][0], False
    return groups


def _is_snapshot(row: PriceRow) -> bool:
    return row.flags & FLAG_SNAPSHOT != 0


def _time_ns(row: PriceRow) -> int:
    return row.ts_recv if _is_snapshot(row) else row.ts_event


class _Day:
    def __init__(self, config: BookConfig) -> None:
        self.config = config
        self.last_row: PriceRow | None = None
        self.last_trade_price_int: int | None = None
        self.last_trade_s: int | None = None
        self.last_record_ns = 0

    def second(self, start_s: int, groups: list[list[PriceRow]]) -> dict[str, Any]:
        """Return the row of a second from the groups that belong to it."""
        rows = [row for group in groups for row in group]
        quantities = {"B": 0, "A": 0, "N": 0}
        trades = [row for row in rows if row.action == "T" and row.size > 0]
        for trade in trades:
            quantities[trade.side] += trade.size
            self.last_trade_s = start_s
            if trade.price_int is not None:
                self.last_trade_price_int = trade.price_int
        for row in rows:
            self.last_record_ns = max(self.last_record_ns, _time_ns(row), start_s * NS_PER_S)
            self.last_row = row
        bid, ask = self.last_row.bid_px_00_int, self.last_row.ask_px_00_int
        spot, source = self._spot(bid, ask)
        has_reset = any(_is_snapshot(row) or row.action == "R" for row in rows)
        return {
            "window_start_s": start_s,
            "best_bid_price_int": bid,
            "best_ask_price_int": ask,
            "best_bid_qty": None if bid is None else self.last_row.bid_sz_00,
            "best_ask_qty": None if ask is None else self.last_row.ask_sz_00,
            "last_trade_price_int": self.last_trade_price_int,
            "spot_ref_price_int": spot,
            "spot_source": source,
            "trade_count": len(trades),
            "trade_qty_buy": quantities["B"],
            "trade_qty_sell": quantities["A"],
            "trade_qty_none": quantities["N"],
            "n_records": len(rows),
            "n_groups": len(groups),
            "invalid_flags": self._invalid_flags(start_s, bid, ask, has_reset=has_reset),
        }

    def _invalid_flags(
        self, start_s: int, bid: int | None, ask: int | None, *, has_reset: bool
    ) -> int:
        flags = INVALID_RESET if has_reset else 0
        if self.last_row.flags & FLAG_MAYBE_BAD_BOOK:
            flags |= INVALID_MAYBE_BAD
        if bid is None or ask is None or bid >= ask:
            flags |= INVALID_QUOTES
        since_ns = trading_since_ns(self.config, start_s, self.last_trade_s)
        if since_ns is None:
            flags |= INVALID_NOT_TRADING
        elif is_silent(self.config, start_s, since_ns, self.last_record_ns):
            flags |= INVALID_SILENT
        return flags

    def _spot(self, bid: int | None, ask: int | None) -> tuple[int | None, str | None]:
        last = self.last_trade_price_int
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
