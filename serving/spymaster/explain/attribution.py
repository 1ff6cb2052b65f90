"""What each record of one second did to depth and flows: the engine's rules, record by record.

Plain Python over the orders that rest when the second begins, so that every count of the second can
be shown as a sum over records. The kernel has the same rules as sums (``attribution`` and
``fill_matching`` of the book engine).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

FLAG_LAST, FLAG_SNAPSHOT = 128, 32
NS_PER_S = 1_000_000_000


class Record(NamedTuple):
    """A market-by-order record: times in ns UTC, price in 1e-9 points or None, contracts."""

    rec_ordinal: int
    ts_event: int
    ts_recv: int
    action: str
    side: str
    order_id: int
    price_int: int | None
    size: int
    flags: int


@dataclass(frozen=True)
class Order:
    """A resting order; ``ts_enter`` is when it came to its price, ns UTC.

    ``pending_qty`` contracts of it were filled at ``pending_ts`` and wait for the cancel or modify
    that takes them away.
    """

    order_id: int
    side: str
    price_int: int
    qty: int
    ts_enter: int
    pending_qty: int = 0
    pending_ts: int = 0


@dataclass(frozen=True)
class Effect:
    """What a record did at one side and price, contracts by flow; depth is their net.

    ``to_price_int`` is where a re-price went, on the effect at the price that it left. A clear of
    the book has one effect per order.
    """

    record: Record
    side: str
    price_int: int
    flows: dict[str, int]
    to_price_int: int | None = None
    order_id: int | None = None

    @property
    def depth_change(self) -> int:
        """Change of resting depth, contracts."""
        flows = self.flows
        arrived = flows.get("add_qty", 0) + flows.get("reset_qty", 0)
        return arrived - flows.get("pull_qty_total", 0) - flows.get("fill_qty", 0)


@dataclass
class SecondOfRecords:
    """The records of one second and what they did.

    ``effects`` are those on depth, ``trades`` the trade records that count.
    """

    orders_at_start: dict[int, Order]
    orders: dict[int, Order]
    last_trade_price_int: int | None
    records: list[Record] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    trades: list[Record] = field(default_factory=list)
    n_groups: int = 0


@dataclass
class Position:
    """Where the replay stands when the second begins; times in ns UTC, the window in s UTC."""

    window_s: int
    day_start_s: int
    previous_is_snapshot: bool
    clear_ts: int | None
    tick_int: int
    rest_ns: int


def attribute(
    position: Position,
    orders: dict[int, Order],
    last_trade_price_int: int | None,
    records: Iterator[Record],
    second_s: int,
) -> SecondOfRecords:
    """Apply the records of a second; stop at the first group of a later one.

    Args:
        position: the replay before the first of the records.
        orders: resting orders by id, before them.
        last_trade_price_int: price of the last trade before them, None without any.
        records: the records from there on, in file order.
        second_s: the second to explain, s UTC; no record lies in an earlier one.
    """
    second = SecondOfRecords(dict(orders), dict(orders), last_trade_price_int)
    replay = _Replay(position, second)
    for record in records:
        if not replay.feed(record, second_s):
            break
    return second


class _Replay:
    """The state of the replay within a second."""

    def __init__(self, position: Position, second: SecondOfRecords) -> None:
        self.at = position
        self.second = second
        self.orders = second.orders
        self.waiting = {order.order_id for order in self.orders.values() if order.pending_qty}
        self.is_in_group = False
        self.is_snapshot_group = False

    def feed(self, record: Record, second_s: int) -> bool:
        """Apply a record, or return False when it belongs to a later second."""
        is_snapshot = record.flags & FLAG_SNAPSHOT != 0
        if self.is_in_group and self.is_snapshot_group != is_snapshot:
            self.is_in_group = False
        closes_clear = record.action == "N" and self.at.clear_ts == record.ts_event
        if not self.is_in_group and not closes_clear:
            time_ns = record.ts_recv if is_snapshot else record.ts_event
            is_early = time_ns < self.at.day_start_s * NS_PER_S
            start_s = self.at.window_s if is_early else time_ns // NS_PER_S
            self.at.window_s = max(self.at.window_s, start_s)
            if self.at.window_s > second_s:
                return False
            self.is_in_group, self.is_snapshot_group = True, is_snapshot
            self.second.n_groups += 1
        self.second.records.append(record)
        if record.action == "R" or (is_snapshot and not self.at.previous_is_snapshot):
            self._clear(record)
        self.at.previous_is_snapshot = is_snapshot
        self._expire(record.ts_event)
        self._apply(record, is_snapshot)
        if self.is_in_group and (record.flags & FLAG_LAST or record.action == "R"):
            self.is_in_group = False
        self.at.clear_ts = record.ts_event if record.action == "R" else None
        return True

    def _apply(self, record: Record, is_snapshot: bool) -> None:
        if record.price_int is not None:
            # the engine counts prices off the grid, and rounds them down
            on_grid = record.price_int // self.at.tick_int * self.at.tick_int
            record = record._replace(price_int=on_grid)
        known = self.orders.get(record.order_id)
        if record.action == "T" and record.size:
            self.second.trades.append(record)
            if record.price_int is not None:
                self.second.last_trade_price_int = record.price_int
        elif record.action == "A" and known is None:
            self._place(record, is_snapshot)
        elif record.action == "C" and known is not None:
            self._cancel(record, known)
        elif record.action == "M":
            if known is None:
                self._place(record, is_snapshot)
            else:
                self._modify(record, known)
        elif record.action == "F" and known is not None and record.size:
            waiting = known.pending_qty if known.pending_ts == record.ts_event else 0
            self.waiting.add(record.order_id)
            self.orders[record.order_id] = replace(
                known, pending_qty=waiting + record.size, pending_ts=record.ts_event
            )

    def _note(
        self,
        record: Record,
        side: str,
        price_int: int,
        to_price_int: int | None = None,
        **flows: int,
    ) -> None:
        kept = {name: qty for name, qty in flows.items() if qty}
        if kept:
            effect = Effect(record, side, price_int, kept, to_price_int, record.order_id)
            self.second.effects.append(effect)

    def _clear(self, record: Record) -> None:
        for order in self.orders.values():
            effect = Effect(
                record, order.side, order.price_int, {"reset_qty": -order.qty}, None, order.order_id
            )
            self.second.effects.append(effect)
        self.orders.clear()

    def _expire(self, ts_event: int) -> None:
        """Drop fills that no record of their event can follow any more."""
        for order_id in list(self.waiting):
            order = self.orders.get(order_id)
            if order is None or not order.pending_qty:
                self.waiting.discard(order_id)
            elif order.pending_ts < ts_event:
                self.waiting.discard(order_id)
                self.orders[order_id] = replace(order, pending_qty=0)

    def _place(self, record: Record, is_snapshot: bool) -> None:
        if not record.size or record.price_int is None:
            return
        side = _side_of(record)
        self.orders[record.order_id] = Order(
            record.order_id, side, record.price_int, record.size, record.ts_event
        )
        flow = "reset_qty" if is_snapshot else "add_qty"
        self._note(record, side, record.price_int, **{flow: record.size})

    def _cancel(self, record: Record, order: Order) -> None:
        cancelled = min(record.size, order.qty)
        filled = min(cancelled, self._waiting(record, order))
        pulled = cancelled - filled
        self._note(
            record,
            order.side,
            order.price_int,
            fill_qty=filled,
            pull_qty_total=pulled,
            pull_qty_rest=pulled if self._is_aged(record, order) else 0,
        )
        self._rest(replace(order, qty=order.qty - cancelled, pending_qty=0))

    def _modify(self, record: Record, order: Order) -> None:
        filled = min(order.qty, self._waiting(record, order))
        left = order.qty - filled
        side = _side_of(record)
        is_aged = self._is_aged(record, order)
        if side == order.side and record.price_int == order.price_int:
            pulled = max(left - record.size, 0)
            self._note(
                record,
                side,
                order.price_int,
                fill_qty=filled,
                pull_qty_total=pulled,
                pull_qty_rest=pulled if is_aged else 0,
                add_qty=max(record.size - left, 0),
            )
            self._rest(replace(order, qty=record.size, pending_qty=0))
            return
        moved = min(left, record.size) if side == order.side else 0
        self._note(
            record,
            order.side,
            order.price_int,
            record.price_int if moved else None,
            fill_qty=filled,
            pull_qty_total=left,
            pull_qty_rest=left if is_aged else 0,
            reprice_out_qty=moved,
        )
        if record.size and record.price_int is not None:
            self._note(record, side, record.price_int, add_qty=record.size, reprice_in_qty=moved)
            self._rest(Order(order.order_id, side, record.price_int, record.size, record.ts_event))
        else:
            self.orders.pop(order.order_id)

    def _rest(self, order: Order) -> None:
        if order.qty:
            self.orders[order.order_id] = order
        else:
            self.orders.pop(order.order_id, None)

    def _waiting(self, record: Record, order: Order) -> int:
        return order.pending_qty if order.pending_ts == record.ts_event else 0

    def _is_aged(self, record: Record, order: Order) -> bool:
        return record.ts_event - order.ts_enter >= self.at.rest_ns


def _side_of(record: Record) -> str:
    """Return the side of a record's order; the engine takes what is no bid for an ask."""
    return "B" if record.side == "B" else "A"
