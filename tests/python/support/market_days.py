"""Drawn days of the market views: records of market by price, and states without records.

`mbp10_records` turns a stream of market by order into what a vendor would publish of it, so that
both sources can be compared on the same day. `comparable_case` draws a stream on which they must
agree; `drawn_states` draws states directly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

import numpy as np
from hypothesis import strategies as st
from naive.market_quantities import level_columns
from naive.market_states import VIEW_LEVELS, Level, State
from naive.model import (
    FLAG_LAST,
    FLAG_MAYBE_BAD_BOOK,
    FLAG_SNAPSHOT,
    NS_PER_S,
    BookConfig,
    Record,
    plain_records,
)
from naive.rules import EventRules
from naive.state import Window, top_levels
from naive.surfaces import Row

from support.strategies.mbo import MarketCase, market_cases, random_case
from support.strategies.mbo_script import DAY_START_NS, TICK_INT

KEPT_FLAGS = FLAG_SNAPSHOT | FLAG_MAYBE_BAD_BOOK


def mbp10_records(records: np.ndarray, config: BookConfig) -> list[Row]:
    """Records of market by price that a vendor publishes of a stream of market by order.

    A message that changes a price, size or count among the ten best of a side is published with
    the book after it, a trade with the book before it, a clear always. A snapshot, with or without
    a clear, is published once, whole, at its end, as its last order; one that the file leaves open
    is not. The last published record of an event carries LAST. F and N are never published.

    Args:
        records: Structured array, shape (n,), vendor market-by-order layout, file order.
        config: As for the plain book.

    Returns:
        Rows with the columns of `bronze.market_by_price_10` but symbol and dt; times are ns.
    """
    return _Publisher(config).publish(plain_records(records))


class _Publisher:
    def __init__(self, config: BookConfig) -> None:
        self.rules = EventRules(config)
        self.window = Window(0, {"B": {}, "A": {}}, 0)
        self.published: list[Row] = []
        self.event: list[Row] = []
        self.loading: list[Record] = []

    def publish(self, records: Sequence[Record]) -> list[Row]:
        before: Record | None = None
        for record in records:
            if before is not None and before.is_snapshot != record.is_snapshot:
                self._end_event()
            if record.is_snapshot:
                self._load(record, before)
            else:
                self._end_loading()
                self._follow(record)
            if record.is_last or record.action == "R":
                self._end_event()
            before = record
        self._end_event()
        return self.published

    def _load(self, record: Record, before: Record | None) -> None:
        """Take a record of a snapshot."""
        if record.action == "R" or before is None or not before.is_snapshot:
            self.rules.clear(self.window)
            self.loading = []
        self.rules.apply(record, self.window)
        self.loading.append(record)
        if record.is_last:
            self._end_loading()

    def _end_loading(self) -> None:
        """Publish the snapshot that is being loaded, if any, as its last order."""
        if self.loading:
            orders = [r for r in self.loading if r.action == "A"] or self.loading[:1]
            last = orders[-1]._replace(ts_recv=orders[0].ts_recv, action="A", side="N")
            self._write(last)
            self._end_event()
        self.loading = []

    def _follow(self, record: Record) -> None:
        """Take a live record."""
        if record.action == "R":
            self.rules.clear(self.window)
            self._write(record)
            return
        view = top_levels(self.rules.book, VIEW_LEVELS)
        self.rules.apply(record, self.window)
        if record.action == "T" or view != top_levels(self.rules.book, VIEW_LEVELS):
            self._write(record)

    def _write(self, record: Record) -> None:
        view = top_levels(self.rules.book, VIEW_LEVELS)
        levels = (tuple(Level(*level) for level in view[side]) for side in "BA")
        number = len(self.published) + len(self.event) + 1
        row: dict[str, Any] = {
            "rec_ordinal": number,
            "ts_event": record.ts_event,
            "ts_recv": record.ts_recv,
            "instrument_id": 1,
            "action": record.action,
            "side": record.side,
            "depth": self._depth(record),
            "price_int": record.price_int,
            "size": record.size,
            "flags": record.flags & KEPT_FLAGS,
            "sequence": number,
        }
        self.event.append(row | level_columns(State(0, *levels)))

    def _depth(self, record: Record) -> int:
        """Number of better prices, as published: of A, C and M alone."""
        if record.action not in "ACM" or record.side not in ("A", "B") or record.price_int is None:
            return 0
        sign = 1 if record.side == "B" else -1
        prices = self.rules.book.depth[record.side]
        n_better = sum(sign * price > sign * record.price_int for price in prices)
        return min(n_better, VIEW_LEVELS - 1)

    def _end_event(self) -> None:
        if self.event:
            self.event[-1]["flags"] |= FLAG_LAST
        for row in self.event:
            row["is_last"] = row["flags"] & FLAG_LAST != 0
            row["is_snapshot"] = row["flags"] & FLAG_SNAPSHOT != 0
            row["is_maybe_bad_book"] = row["flags"] & FLAG_MAYBE_BAD_BOOK != 0
        self.published += self.event
        self.event = []


def comparable(records: np.ndarray) -> np.ndarray:
    """Remove from a stream what the two sources tell differently, rightly.

    Market by price has no record of most messages. Hence every message of a group gets the time
    of the group, times never go back, no message doubts the book, and every snapshot ends with
    LAST: otherwise a message that only one source has would date or judge the next state.
    """
    found = records.copy()
    found["flags"] &= ~np.uint8(FLAG_MAYBE_BAD_BOOK)
    is_snapshot = found["flags"] & FLAG_SNAPSHOT != 0
    for kind, run in groupby(range(len(found)), lambda n: bool(is_snapshot[n])):
        if kind:
            found["flags"][list(run)[-1]] |= FLAG_LAST
    is_open, now_ns = False, 0
    for n in range(len(found)):
        if n and is_snapshot[n] != is_snapshot[n - 1]:
            is_open = False
        if not is_open:
            now_ns = max(now_ns, int(found["ts_recv" if is_snapshot[n] else "ts_event"][n]))
        found["ts_recv" if is_snapshot[n] else "ts_event"][n] = now_ns
        is_open = not found["flags"][n] & FLAG_LAST and found["action"][n] != b"R"
    return found


def comparable_case(rng: np.random.Generator, n: int) -> MarketCase:
    """Draw a stream of `n` commands on which both sources must agree, with its configuration."""
    options = {"snapshot_start": str(rng.choice(["clear", "plain"])), "snapshot_size": 60}
    case = random_case(rng, n, unterminated=False, **options)
    return replace(case, records=comparable(case.records))


def comparable_cases() -> st.SearchStrategy[MarketCase]:
    """Streams of Hypothesis on which both sources must agree: they open with a snapshot."""
    cases = market_cases()
    opened = cases.filter(lambda case: len(case.records) > 0 and _opens_with_snapshot(case.records))
    return opened.map(lambda case: replace(case, records=comparable(case.records)))


def _opens_with_snapshot(records: np.ndarray) -> bool:
    return bool(records["flags"][0] & FLAG_SNAPSHOT)


# States without records

_SIZES = st.integers(1, 9)


_RARE_KINDS = ("reset", "bad", "unknown", "no bid", "no ask", "no bid", "no ask", "crossed")
_STATE_KINDS = (*["plain"] * 24, *_RARE_KINDS)


@st.composite
def _ladder(draw: st.DrawFn, best_ticks: int, step: int) -> tuple[Level, ...]:
    """Occupied levels of one side, from the best on."""
    levels, ticks = [], best_ticks
    for gap in draw(st.lists(st.sampled_from([1, 1, 1, 2, 5, 9]), min_size=1, max_size=14)):
        size = draw(_SIZES)
        levels.append(Level(ticks * TICK_INT, size, draw(st.integers(1, size))))
        ticks += step * gap
    return tuple(levels)


@st.composite
def drawn_states(draw: st.DrawFn, is_whole: bool = True, max_size: int = 12) -> list[State]:
    """States within some twelve seconds of the day's start, some of them not valid.

    Args:
        draw: Hypothesis.
        is_whole: Whether the states hold whole sides or ten levels.
        max_size: Most states.
    """
    # in half seconds, so that states fall on boundaries and share their times
    halves = draw(st.lists(st.integers(0, 24), max_size=max_size - 1))
    kept = None if is_whole else VIEW_LEVELS
    states = []
    for half in sorted([draw(st.sampled_from([0, 0, 0, 1])), *halves]):
        kind = draw(st.sampled_from(_STATE_KINDS))
        bid_ticks = 1_000 + draw(st.integers(-3, 3))
        ask_ticks = bid_ticks + (-1 if kind == "crossed" else draw(st.integers(1, 2)))
        bids, asks = draw(_ladder(bid_ticks, -1)), draw(_ladder(ask_ticks, 1))
        states.append(
            State(
                DAY_START_NS + half * NS_PER_S // 2,
                () if kind == "no bid" else bids[:kept],
                () if kind == "no ask" else asks[:kept],
                is_known=kind != "unknown",
                is_bad=kind == "bad",
                is_reset=kind == "reset",
                is_whole=is_whole,
            )
        )
    return states


def ten_levels(states: Sequence[State]) -> list[State]:
    """The same states as market by price shows them."""
    return [
        state._replace(bids=state.view("bid"), asks=state.view("ask"), is_whole=False)
        for state in states
    ]
