"""The ten-level view of the market, state by state, from either source.

`mbp10_states` reads records of market by price, `mbo_states` replays records of market by order
through the plain book. Both return the states in their order; a state is in force from its time to
the time of the next one. Tests compare the market relations with what is computed from these
states, so the two share no code.

Rules chosen where the specification leaves room:
- A group ends with LAST, with R, and where snapshot records and others meet (specification of the
  book engine). Market by price gives a state only where a record carries LAST; a reset in a group
  without LAST counts for the next state. Market by order gives a state at the end of every group.
- A state's time is that of its group: of the group's first record, never before an earlier group,
  never before the day's start. Several states may share a time; all but the last are in force for
  0 ns.
- A snapshot of market by order without LAST leaves the book unknown until the next group's state.
- A state after an R or a snapshot record of its group is a reset.
- `is_bad` of market by price is the flag of the record with LAST; of market by order it stays on
  until the next snapshot.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import numpy as np

from naive.book import replay
from naive.levels_model import Trade
from naive.model import (
    FLAG_LAST,
    FLAG_MAYBE_BAD_BOOK,
    FLAG_SNAPSHOT,
    NS_PER_S,
    BookConfig,
    Record,
    plain_records,
)
from naive.state import Book

VIEW_LEVELS = 10
SIDES = ("bid", "ask")


class Level(NamedTuple):
    """An occupied price: contracts and orders that rest there."""

    price_int: int
    size: int
    count: int


class State(NamedTuple):
    """The market from `time_ns` until the next state.

    Attributes:
        time_ns: UTC, ns since 1970.
        bids, asks: Occupied prices, best first: ten at most, or the whole side if `is_whole`.
        is_known: Whether a snapshot or clear is complete (always so with market by price).
        is_bad: Whether the vendor doubts the book (MAYBE_BAD_BOOK).
        is_reset: Whether a snapshot or a clear led to the state.
        is_whole: Whether `bids` and `asks` hold every occupied price.
    """

    time_ns: int
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]
    is_known: bool = True
    is_bad: bool = False
    is_reset: bool = False
    is_whole: bool = False

    def side(self, side: str) -> tuple[Level, ...]:
        """Occupied prices of `bid` or `ask`, as far as the source shows them."""
        return self.bids if side == "bid" else self.asks

    def view(self, side: str) -> tuple[Level, ...]:
        """The ten best occupied prices of a side, or fewer."""
        return self.side(side)[:VIEW_LEVELS]

    @property
    def is_two_sided(self) -> bool:
        """Whether both sides have a price."""
        return bool(self.bids) and bool(self.asks)

    @property
    def is_trusted(self) -> bool:
        """Whether the book is known and not doubted."""
        return self.is_known and not self.is_bad

    @property
    def is_valid(self) -> bool:
        """Whether features may use the state: trusted, two-sided and neither locked nor crossed."""
        is_open = self.is_two_sided and self.bids[0].price_int < self.asks[0].price_int
        return self.is_trusted and is_open

    def has_same_view(self, other: State) -> bool:
        """Whether both ten-level views are equal in price, size and count."""
        return all(self.view(side) == other.view(side) for side in SIDES)


def second_range(states: Sequence[State]) -> tuple[int, int]:
    """First and last second (start, since 1970) of the rows: of the first and last state."""
    return states[0].time_ns // NS_PER_S, states[-1].time_ns // NS_PER_S


# Market by price


class _PriceGroup(NamedTuple):
    """Records up to the group's end, and the time of the group."""

    time_ns: int
    records: list[Mapping[str, Any]]


def mbp10_states(records: Iterable[Mapping[str, Any]], day_start_ns: int) -> list[State]:
    """States of market by price.

    Args:
        records: In file order, with the columns of `bronze.market_by_price_10` that are read:
            `ts_event`, `ts_recv` (int ns), `action`, `flags`, and the 60 columns of the levels.
        day_start_ns: 00:00 UTC of the partition's date.
    """
    states, reset_is_pending = [], False
    for time_ns, group in price_groups(records, day_start_ns):
        reset_is_pending |= any(_is_snapshot(r) or r["action"] == "R" for r in group)
        last = group[-1]
        if not last["flags"] & FLAG_LAST:
            continue
        is_bad = last["flags"] & FLAG_MAYBE_BAD_BOOK != 0
        bids, asks = (levels_of_record(last, side) for side in SIDES)
        states.append(State(time_ns, bids, asks, is_bad=is_bad, is_reset=reset_is_pending))
        reset_is_pending = False
    return states


def mbp10_trades(
    records: Iterable[Mapping[str, Any]], day_start_ns: int, symbol: str, dt: date
) -> list[Trade]:
    """Trades (T, size > 0) of market by price, with the second of their group."""
    found: list[Trade] = []
    for time_ns, group in price_groups(records, day_start_ns):
        for r in group:
            if r["action"] == "T" and r["size"] > 0:
                values = time_ns // NS_PER_S, r["price_int"], r["size"], r["side"]
                found.append(Trade(symbol, dt, len(found) + 1, r["ts_event"], *values))
    return found


def _is_snapshot(record: Mapping[str, Any]) -> bool:
    return record["flags"] & FLAG_SNAPSHOT != 0


def price_groups(records: Iterable[Mapping[str, Any]], day_start_ns: int) -> list[_PriceGroup]:
    groups: list[_PriceGroup] = []
    is_open, now_ns = False, day_start_ns
    for record in records:
        if is_open and _is_snapshot(groups[-1].records[-1]) != _is_snapshot(record):
            is_open = False
        if not is_open:
            now_ns = max(now_ns, record["ts_recv" if _is_snapshot(record) else "ts_event"])
            groups.append(_PriceGroup(now_ns, []))
        groups[-1].records.append(record)
        is_open = not record["flags"] & FLAG_LAST and record["action"] != "R"
    return groups


def levels_of_record(record: Mapping[str, Any], side: str) -> tuple[Level, ...]:
    columns = [
        (f"{side}_px_{n:02}_int", f"{side}_sz_{n:02}", f"{side}_ct_{n:02}")
        for n in range(VIEW_LEVELS)
    ]
    levels = [Level(*(record[name] for name in names)) for names in columns]
    return tuple(level for level in levels if level.price_int is not None)


# Market by order


class _Knowledge(NamedTuple):
    is_known: bool
    is_bad: bool


def mbo_states(records: np.ndarray, config: BookConfig) -> list[State]:
    """States of market by order, with every occupied price.

    Args:
        records: Structured array, shape (n,), vendor market-by-order layout, file order.
        config: As for the plain book.
    """
    sides_at_end: dict[int, tuple[tuple[Level, ...], tuple[Level, ...]]] = {}
    version, sides = None, ((), ())

    def remember(book: Book, index: int) -> None:
        nonlocal version, sides
        if version != book.version:
            version, sides = book.version, (_levels_of_book(book, "B"), _levels_of_book(book, "A"))
        sides_at_end[index] = sides

    replay(records, config, remember)
    plain = plain_records(records)
    known = _knowledge_after(plain)
    return [
        State(
            time_ns,
            *sides_at_end[last],
            *known[last],
            is_reset=any(r.is_snapshot or r.action == "R" for r in plain[first : last + 1]),
            is_whole=True,
        )
        for time_ns, first, last in _order_groups(plain, sides_at_end, config.day_start_ns)
    ]


def mbo_trades(records: np.ndarray, config: BookConfig, symbol: str, dt: date) -> list[Trade]:
    """Trades (T, size > 0) of market by order, with the second of their group."""
    plain, ends = plain_records(records), []
    replay(records, config, lambda _, index: ends.append(index))
    found: list[Trade] = []
    for time_ns, first, last in _order_groups(plain, ends, config.day_start_ns):
        for r in plain[first : last + 1]:
            if r.action == "T" and r.size > 0:
                values = time_ns // NS_PER_S, r.price_int, r.size, r.side
                found.append(Trade(symbol, dt, len(found) + 1, r.ts_event, *values))
    return found


def _levels_of_book(book: Book, side: str) -> tuple[Level, ...]:
    prices = sorted(book.depth[side], reverse=side == "B")
    return tuple(Level(p, book.depth[side][p], book.order_count[side][p]) for p in prices)


def _order_groups(
    records: Sequence[Record], ends: Iterable[int], day_start_ns: int
) -> list[tuple[int, int, int]]:
    """Time and the first and last record's index of every group."""
    groups, first, now_ns = [], 0, day_start_ns
    for last in ends:
        before, record = records[first - 1], records[first]
        closes_clear = first > 0 and before.action == "R" and before.ts_event == record.ts_event
        if closes_clear and record.action == "N":
            first += 1
            record = records[first]
        now_ns = max(now_ns, record.ts_recv if record.is_snapshot else record.ts_event)
        groups.append((now_ns, first, last))
        first = last + 1
    return groups


def _knowledge_after(records: Sequence[Record]) -> list[_Knowledge]:
    """What is known of the book after each record."""
    is_known = is_bad = is_loading = False
    after: list[_Knowledge] = []
    for n, record in enumerate(records):
        if record.is_snapshot:
            if record.action == "R" or n == 0 or not records[n - 1].is_snapshot:
                is_known, is_bad, is_loading = False, False, True
            if record.is_last:
                is_known, is_loading = True, False
        elif is_loading or record.action == "R":
            is_known, is_loading = True, False
        is_bad |= record.is_maybe_bad_book
        after.append(_Knowledge(is_known, is_bad))
    return after
