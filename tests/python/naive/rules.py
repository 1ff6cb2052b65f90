"""Effect of each record on the book, and the flow that it counts in."""

from __future__ import annotations

from collections import Counter

from naive.model import BookConfig, Record
from naive.state import Book, Order, Window


class EventRules:
    """Applies single records; the caller decides groups, windows and validity.

    `count` holds the counters of the day. `pending` maps an order id to the event time and
    quantity of fills that no cancel or modify has answered yet.
    """

    def __init__(self, config: BookConfig) -> None:
        self.config = config
        self.book = Book()
        self.count: Counter[str] = Counter()
        self.pending: dict[int, tuple[int, int]] = {}
        self.last_trade_price_int: int | None = None
        self.last_trade_window_s: int | None = None

    def clear(self, window: Window) -> None:
        """Empty the book into `reset` and give up on pending fills."""
        self.count["n_clears"] += 1
        for key, qty in self.book.clear().items():
            window.flows[key].reset -= qty
        self.drop_pending()

    def drop_pending(self, before_ns: int | None = None) -> None:
        """Move pending fills to unmatched: those older than `before_ns`, or all."""
        for order_id, (ts_event, qty) in list(self.pending.items()):
            if before_ns is None or ts_event < before_ns:
                self.count["unmatched_fill_qty"] += qty
                del self.pending[order_id]

    def apply(self, record: Record, window: Window) -> None:
        """Apply one record other than R."""
        self.drop_pending(before_ns=record.ts_event)
        record = self._on_grid(record)
        if record.action == "A":
            self._add(record, window)
        elif record.action == "C":
            self._cancel(record, window)
        elif record.action == "M":
            self._modify(record, window)
        elif record.action == "T":
            self._trade(record, window)
        elif record.action == "F":
            self._fill(record)

    def _on_grid(self, record: Record) -> Record:
        tick_int = self.config.tick_int
        if record.action not in "ACMTF" or record.price_int is None:
            return record
        if record.price_int % tick_int == 0:
            return record
        self.count["off_tick"] += 1
        return record._replace(price_int=record.price_int // tick_int * tick_int)

    def _add(self, record: Record, window: Window) -> None:
        if record.order_id in self.book.orders:
            self.count["dup_add"] += 1
            return
        self._place(record, window)

    def _place(self, record: Record, window: Window) -> None:
        """Rest the record's quantity as a new order, unless it is 0."""
        if record.size == 0:
            return
        order = Order(record.side, record.price_int, record.size, record.ts_event)
        self.book.insert(record.order_id, order)
        flow = window.flows[record.side, record.price_int]
        if record.is_snapshot:
            self.count["snapshot_orders"] += 1
            flow.reset += record.size
        else:
            flow.add += record.size

    def _cancel(self, record: Record, window: Window) -> None:
        window.cancels += 1
        order = self.book.orders.get(record.order_id)
        if order is None:
            self.count["unknown_cancel"] += 1
            window.unknown_cancels += 1
            return
        if record.size > order.qty:
            self.count["over_cancel"] += 1
        cancelled = min(record.size, order.qty)
        filled = min(cancelled, self._answer_fill(record, cancelled))
        self._book_fill(order, filled, window)
        self._book_pull(record, order, cancelled - filled, window)
        self.count["hidden_fill_qty"] -= filled
        self.book.reduce(record.order_id, cancelled)

    def _modify(self, record: Record, window: Window) -> None:
        order = self.book.orders.get(record.order_id)
        if order is None:
            self.count["unknown_modify"] += 1
            self._place(record, window)
            return
        stays = record.side == order.side and record.price_int == order.price_int
        reduction = order.qty - record.size if stays else order.qty
        filled = min(order.qty, self._answer_fill(record, reduction))
        self._book_fill(order, filled, window)
        self.count["hidden_fill_qty"] -= filled
        left = order.qty - filled
        if stays:
            self._modify_in_place(record, order, left, window)
        else:
            self._modify_elsewhere(record, order, left, window)

    def _modify_in_place(self, record: Record, order: Order, left: int, window: Window) -> None:
        if record.size < left:
            self._book_pull(record, order, left - record.size, window)
        else:
            window.flows[order.side, order.price_int].add += record.size - left
            if left < order.qty and record.size > left:
                self.count["refill_count"] += 1
                self.count["refill_qty"] += record.size - left
        self.book.resize(record.order_id, record.size)

    def _modify_elsewhere(self, record: Record, order: Order, left: int, window: Window) -> None:
        rested = self._is_aged(record, order)
        self._book_pull(record, order, left, window)
        self.book.remove(record.order_id)
        if record.size > 0:
            window.flows[record.side, record.price_int].add += record.size
            moved_order = Order(record.side, record.price_int, record.size, record.ts_event)
            self.book.insert(record.order_id, moved_order)
        if record.side != order.side:
            self.count["side_change"] += 1
            return
        moved = min(left, record.size)
        if moved > 0:
            window.flows[order.side, order.price_int].reprice_out += moved
            window.flows[order.side, record.price_int].reprice_in += moved
            move = window.moves[order.side, order.price_int, record.price_int]
            move.qty += moved
            move.qty_rest += moved if rested else 0
            move.n_orders += 1

    def _answer_fill(self, record: Record, reduction: int) -> int:
        """Clear the order's pending fills and return the fills of the record's own event time.

        `reduction` is by how much the record lowers the depth at the order's old price.

        All cleared quantity counts as hidden here; the caller subtracts what it books as filled.
        """
        ts_event, pending = self.pending.pop(record.order_id, (None, 0))
        self.count["hidden_fill_qty"] += pending
        if ts_event != record.ts_event:
            return 0
        self.count["fill_match_count"] += 1
        self.count["exact_fill_match_count"] += reduction == pending
        return pending

    def _trade(self, record: Record, window: Window) -> None:
        self.count["trade_qty"] += record.size
        if record.size == 0:
            return
        window.trade_count += 1
        window.trade_qty[record.side] += record.size
        self.last_trade_window_s = window.start_s
        if record.price_int is not None:
            self.last_trade_price_int = record.price_int

    def _fill(self, record: Record) -> None:
        self.count["fill_msg_qty"] += record.size
        if record.size == 0:
            return
        if record.order_id not in self.book.orders:
            self.count["unknown_fill_qty"] += record.size
            return
        ts_event, qty = self.pending.get(record.order_id, (record.ts_event, 0))
        if ts_event != record.ts_event:
            self.count["unmatched_fill_qty"] += qty
            qty = 0
        self.pending[record.order_id] = (record.ts_event, qty + record.size)

    def _book_fill(self, order: Order, qty: int, window: Window) -> None:
        if qty > 0:
            window.flows[order.side, order.price_int].fill += qty
            self.count["matched_fill_qty"] += qty

    def _book_pull(self, record: Record, order: Order, qty: int, window: Window) -> None:
        if qty > 0:
            flow = window.flows[order.side, order.price_int]
            flow.pull += qty
            flow.pull_rest += qty if self._is_aged(record, order) else 0

    def _is_aged(self, record: Record, order: Order) -> bool:
        return max(0, record.ts_event - order.ts_enter) >= self.config.rest_ns
