"""Fingerprints of algorithms in their plainest form: every record in turn, lists and dictionaries.

`fingerprints` turns one contract-day of market-by-order records into the rows of
`order_fingerprints_5s` and `iceberg_1s`. The state of the book, windows and validity are those of
the plain book engine. Tests compare the models with it, so it shares no code with them. Clocks and
waits are ns, prices ticks, seconds (`_s`) whole seconds since 1970 UTC.

Rules chosen where the definitions leave room:
- An M of a known order to a new price and size 0 is an order event and nothing else: no re-price.
- The last F of an order is one of size > 0 that found the order; it is forgotten when the order
  leaves.
- What is hidden is counted as the plain engine counts it for the same record.
- An M at the same price that takes off a fill and nothing else leaves the shown size.
- A second without an order event has the fractions 0.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np

from naive.book import _Replay
from naive.model import BookConfig, Record, plain_records
from naive.order_fingerprint_events import (
    Arrival,
    Emptied,
    GroupEnd,
    Iceberg,
    Known,
    Move,
    Second,
    Settings,
    SideSecond,
    TakeAway,
    Withdrawal,
)
from naive.order_fingerprint_rows import Windows
from naive.state import Book, Order

NS_PER_MS = 1_000_000
OTHER = {"A": "B", "B": "A"}
# sign of a move to a worse price
WORSE = {"B": -1, "A": 1}


def fingerprints(
    records: np.ndarray,
    config: BookConfig,
    settings: Settings | None = None,
    *,
    hides_invalid: bool = True,
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the rows of `order_fingerprints_5s` and of `iceberg_1s` of one contract-day.

    Args:
        records: vendor market-by-order layout, shape (n,), file order, one instrument.
        config: product, day and thresholds of the book engine.
        settings: vars; the defaults of the project if left out.
        hides_invalid: measures are None where seconds are not valid, as the definitions say;
            otherwise the measures of every window.
    """
    chosen = settings or Settings()
    return _Pass(config, chosen).run(plain_records(records), hides_invalid)


class _Pass:
    """One walk over the records."""

    def __init__(self, config: BookConfig, settings: Settings) -> None:
        self.config = config
        self.v = settings
        self.engine = _Replay(config, self._note_group_end)
        self.ended: list[GroupEnd] = []
        self.seconds: dict[int, Second] = defaultdict(Second)
        self.icebergs: dict[tuple[int, str, int], Iceberg] = defaultdict(Iceberg)
        self.clock: int | None = None
        self.group_is_plain = True
        self.best: dict[str, int | None] = {"A": None, "B": None}
        self.arrived: dict[int, int] = {}
        self.shown: dict[int, int] = {}
        self._forget()

    def _forget(self) -> None:
        self.waiting: dict[str, list[TakeAway]] = {"A": [], "B": []}
        self.last_trade: dict[str, int | None] = {"A": None, "B": None}
        self.last_move: dict[str, Move | None] = {"A": None, "B": None}
        self.withdrawal: dict[str, Withdrawal | None] = {"A": None, "B": None}
        self.emptied: list[Emptied] = []
        self.last_fill: dict[int, int] = {}

    def run(
        self, records: list[Record], hides_invalid: bool
    ) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Walk over all records and return the rows of both relations."""
        for index, record in enumerate(records):
            self._take(index, self._on_grid(record))
        result = self.engine.finish(records)
        self._end_groups(len(records) - 1)
        valid = {row["window_start_s"]: bool(row["window_valid"]) for row in result.snapshot}
        windows = Windows(self.config, self.v, self.seconds, self.icebergs, valid)
        return windows.fingerprint_rows(hides_invalid), windows.iceberg_rows()

    def _on_grid(self, record: Record) -> Record:
        if record.price_int is None:
            return record
        tick_int = self.config.tick_int
        return record._replace(price_int=record.price_int // tick_int * tick_int)

    def _tick(self, price_int: int) -> int:
        return price_int // self.config.tick_int

    def _take(self, index: int, record: Record) -> None:
        """Let the plain engine apply a record, and read what it means."""
        found = self.engine.book.orders.get(record.order_id)
        before = None if found is None else Order(**vars(found))
        fill_ns, pending = self.engine.rules.pending.get(record.order_id, (None, 0))
        if fill_ns != record.ts_event:
            pending = 0
        hidden = self.engine.count["hidden_fill_qty"]
        self.engine.feed(index, record)
        hidden = self.engine.count["hidden_fill_qty"] - hidden
        # groups that this record cut off end before it
        self._end_groups(index - 1)
        if record.is_snapshot or record.action == "R":
            self._forget()
            self.group_is_plain = False
            if record.is_snapshot and record.order_id in self.engine.book.orders:
                self.arrived.pop(record.order_id, None)
                if record.action in "AM":
                    self.shown[record.order_id] = record.size
        elif record.action != "N":
            self.clock = record.ts_event if self.clock is None else max(self.clock, record.ts_event)
            if record.action == "T":
                if record.size > 0 and record.side in OTHER:
                    self.last_trade[OTHER[record.side]] = self.clock
            elif record.action == "F":
                if before is not None and record.size > 0:
                    self.last_fill[record.order_id] = self.clock
            elif record.action in "ACM":
                self._order_record(record, before, pending, hidden)
        self._end_groups(index)

    # best quotes

    def _note_group_end(self, book: Book, last_index: int) -> None:
        best: dict[str, int | None] = {}
        behind: dict[str, int] = {}
        for side in "AB":
            price_int = book.best(side)
            best[side] = None if price_int is None else self._tick(price_int)
            behind[side] = 0
            if price_int is not None:
                for ticks in range(1, self.v.withdraw_max_ticks + 1):
                    at = price_int + WORSE[side] * ticks * self.config.tick_int
                    behind[side] += book.depth[side].get(at, 0)
        self.ended.append(GroupEnd(last_index, self.engine.window.start_s, best, behind))

    def _end_groups(self, last_index: int) -> None:
        while self.ended and self.ended[0].last_index <= last_index:
            end = self.ended.pop(0)
            for side in "AB":
                before, after = self.best[side], end.best[side]
                self.best[side] = after
                if self.group_is_plain and None not in (before, after) and before != after:
                    self._move(side, end, 1 if after > before else -1)
            self.group_is_plain = True

    def _move(self, side: str, end: GroupEnd, sign: int) -> None:
        self.last_move[side] = Move(self.clock, sign)
        if sign == WORSE[side] and not self._is_open(side):
            self.withdrawal[side] = Withdrawal(self.clock, end.best[side])
            self.seconds[end.second_s].sides[side].approached += end.depth_behind[side]

    def _is_open(self, side: str) -> bool:
        found = self.withdrawal[side]
        return found is not None and self.clock - found.clock <= self.v.withdraw_ms * NS_PER_MS

    # orders

    def _second(self) -> Second:
        return self.seconds[self.engine.window.start_s]

    def _iceberg(self, side: str, tick: int) -> Iceberg:
        return self.icebergs[self.engine.window.start_s, side, tick]

    def _is_in_scope(self, tick: int) -> bool:
        if not self.engine.result.snapshot:
            return False
        spot_int = self.engine.result.snapshot[-1]["spot_ref_price_int"]
        if spot_int is None:
            return False
        return abs(tick - self._tick(spot_int)) <= self.v.fingerprint_max_ticks

    def _order_record(
        self, record: Record, before: Order | None, pending: int, hidden: int
    ) -> None:
        if before is None:
            if record.action != "C" and record.size > 0:
                self._arrive(record)
            return
        if record.action == "A":
            return
        tick = self._tick(before.price_int)
        if hidden:
            self._iceberg(before.side, tick).hidden_fill_qty += hidden
        p = min(pending, before.qty)
        if record.action == "C":
            cancelled = min(record.size, before.qty)
            filled = min(cancelled, p)
            pulled, added = cancelled - filled, 0
            is_gone = cancelled == before.qty
            stays = True
        else:
            stays = (record.side, record.price_int) == (before.side, before.price_int)
            left = before.qty - p
            filled = p
            pulled = max(left - record.size, 0) if stays else left
            added = max(record.size - left, 0) if stays else 0
            is_gone = record.size == 0
        if record.action == "M" and stays and added > 0:
            self._refill(record, before, p, added)
        if p == 0 and self._is_in_scope(tick):
            self._order_event(record, before, tick, pulled, stays, is_gone)
        if is_gone and filled > 0 and pulled == 0:
            shown = self.shown[record.order_id]
            self.emptied.append(Emptied(self.clock, before.side, tick, shown))
        is_unchanged_by_sender = stays and pulled == added == 0
        if record.action == "M" and not (p > 0 and is_unchanged_by_sender):
            self.shown[record.order_id] = record.size
        if is_gone:
            self.last_fill.pop(record.order_id, None)
            self.arrived.pop(record.order_id, None)

    def _refill(self, record: Record, before: Order, p: int, added: int) -> None:
        fill_clock = self.last_fill.get(record.order_id)
        is_recent = (
            fill_clock is not None and self.clock - fill_clock <= self.v.refill_ms * NS_PER_MS
        )
        if p > 0 or is_recent:
            cell = self._iceberg(before.side, self._tick(before.price_int))
            cell.refill_count += 1
            cell.refill_qty += added
            self.last_fill.pop(record.order_id, None)

    def _arrive(self, record: Record) -> None:
        tick = self._tick(record.price_int)
        self.arrived[record.order_id] = self.clock
        self.shown[record.order_id] = record.size
        for at in range(len(self.emptied) - 1, -1, -1):
            old = self.emptied[at]
            is_recent = self.clock - old.clock <= self.v.refill_ms * NS_PER_MS
            if is_recent and (old.side, old.tick, old.shown) == (record.side, tick, record.size):
                cell = self._iceberg(record.side, tick)
                cell.reload_count += 1
                cell.reload_qty += record.size
                del self.emptied[at]
                break
        if not self._is_in_scope(tick):
            return
        self._note_event()
        side = self._second().sides[record.side]
        side.arrivals.append(Arrival(self.clock, record.size, tick))
        waiting = self.waiting[record.side]
        for at in range(len(waiting) - 1, -1, -1):
            old = waiting[at]
            if (
                old.size == record.size
                and abs(old.tick - tick) <= self.v.requote_max_ticks
                and self.clock - old.clock <= self.v.requote_ms * NS_PER_MS
            ):
                direction = (tick > old.tick) - (tick < old.tick)
                side.requote_waits.append(self.clock - old.clock)
                side.directions.append(direction)
                side.chases += self._chases(direction, old.clock, old.move)
                del waiting[at]
                break

    def _chases(self, direction: int, clock: int, move: Move | None) -> bool:
        if direction == 0 or move is None or move.sign != direction:
            return False
        return clock - move.clock <= self.v.chase_ms * NS_PER_MS

    def _note_event(self) -> None:
        """Note an order event, with what is known before it."""
        since = {
            side: None if last is None else self.clock - last
            for side, last in self.last_trade.items()
        }
        recent = {
            side: move.sign
            if move is not None and self.clock - move.clock <= self.v.chase_ms * NS_PER_MS
            else 0
            for side, move in self.last_move.items()
        }
        is_open = {side: self._is_open(side) for side in "AB"}
        second = self._second()
        second.clocks.append(self.clock)
        second.known.append(Known(since, recent, is_open))

    def _order_event(
        self, record: Record, before: Order, tick: int, pulled: int, stays: bool, is_gone: bool
    ) -> None:
        is_cancel = record.action == "C"
        if (is_cancel and pulled == 0) or (not is_cancel and stays and record.size == before.qty):
            return
        self._note_event()
        side_name = before.side
        side = self._second().sides[side_name]
        if is_cancel:
            last = self.last_trade[side_name]
            side.cancels.append(None if last is None else self.clock - last)
            arrived = self.arrived.get(record.order_id)
            if is_gone and arrived is not None and self.clock - arrived < 10 * NS_PER_MS:
                side.short_lives += 1
        if stays and pulled > 0:
            taken = TakeAway(self.clock, tick, pulled, self.last_move[side_name])
            side.take_aways.append(taken)
            self.waiting[side_name].append(taken)
            self._leave(side_name, side, before, tick, pulled)
        elif not stays and record.side == side_name and record.size > 0:
            direction = 1 if record.price_int > before.price_int else -1
            side.directions.append(direction)
            side.chases += self._chases(direction, self.clock, self.last_move[side_name])
            if direction == WORSE[side_name]:
                self._leave(side_name, side, before, tick, pulled)

    def _leave(
        self, side_name: str, side: SideSecond, before: Order, tick: int, pulled: int
    ) -> None:
        """Count contracts that leave from behind the quote."""
        nearest, furthest = 1, self.v.withdraw_max_ticks
        best = self.best[side_name]
        if best is not None and nearest <= WORSE[side_name] * (tick - best) <= furthest:
            side.left_behind.append(pulled)
        if self._is_open(side_name):
            found = self.withdrawal[side_name]
            ticks = WORSE[side_name] * (tick - found.best)
            if nearest <= ticks <= furthest and before.ts_enter <= found.clock:
                side.withdrawn += pulled
