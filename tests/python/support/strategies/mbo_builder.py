"""Turns commands into market-by-order records that fit the orders resting at that moment."""

from __future__ import annotations

from dataclasses import dataclass

from naive.model import FLAG_MAYBE_BAD_BOOK, FLAG_SNAPSHOT, NS_PER_S

from support.strategies.mbo_records import FLAG_BAD_TS_RECV, FLAGS_AT, OPPOSITE, StreamWriter

# Wider than any dense ladder of prices is likely to be at the start of a day.
FAR_TICKS = 4_500

COMMANDS = (
    "add",
    "add_through",
    "add_duplicate",
    "add_zero",
    "cancel",
    "cancel_part",
    "cancel_over",
    "cancel_zero",
    "cancel_unknown",
    "modify_price",
    "modify_size",
    "modify_zero",
    "modify_side",
    "modify_unknown",
    "modify_unknown_zero",
    "trade",
    "trade_zero",
    "fill_cancel",
    "fill_modify",
    "fill_move",
    "fill_side",
    "iceberg",
    "fill_over_cancel",
    "fill_over_move",
    "fill_twice",
    "fill_of_two_times",
    "fill_only",
    "fill_stale",
    "fill_unknown",
    "fill_zero",
    "age",
    "straddle",
    "none",
    "clear",
    "snapshot",
    "market_jump",
    "drift",
    "far_add",
    "maybe_bad_book",
    "before_day",
    "backwards",
    "quiet",
)


@dataclass(frozen=True)
class Command:
    """A single event of the stream.

    Attributes:
        kind: One of `COMMANDS`.
        step_ns: Time since the command before.
        pick: Chooses the order, and the variant where there are several.
        offset: Distance of a price from the centre, ticks.
        size: Contracts.
        join: Leave the event group open, so that the next command belongs to it.
    """

    kind: str
    step_ns: int = 0
    pick: int = 0
    offset: int = 0
    size: int = 1
    join: bool = False


class StreamBuilder(StreamWriter):
    """Executes commands one by one."""

    def execute(self, command: Command) -> None:
        """Advance the clock and emit the command's records."""
        self.now_ns += command.step_ns
        getattr(self, f"_do_{command.kind}")(command)
        self.extra_flags = 0
        if not command.join:
            self._end_group()

    # What a command refers to

    def _pick(self, command: Command) -> int:
        """Id of a resting order; a new one is added first when none rests."""
        if not self.orders:
            self._do_add(command)
        ids = list(self.orders)
        return ids[command.pick % len(ids)]

    def _side(self, command: Command) -> str:
        return "AB"[command.pick % 2]

    def _fill_record(self, order_id: int, size: int, command: Command, aggressor: bool = True):
        order = self.orders[order_id]
        # A fill may be reported at another price than the order's.
        ticks = order.ticks + (1 if command.pick % 16 == 5 else 0)
        if aggressor:
            self._emit("T", OPPOSITE[order.side], 0, ticks, size)
        self._emit("F", "N" if command.pick % 64 == 7 else order.side, order_id, ticks, size)

    # Arrivals

    def _do_add(self, command: Command) -> None:
        side = self._side(command)
        self._rest(side, self._quote(side, command.offset), command.size)

    def _do_add_through(self, command: Command) -> None:
        """A quote beyond the centre: locks or crosses the book when the other side is near."""
        side = self._side(command)
        self._rest(side, self._quote(side, -command.offset), command.size)

    def _do_add_duplicate(self, command: Command) -> None:
        order_id = self._pick(command)
        side = self._side(command)
        ticks = self._quote(side, command.offset)
        self._emit("A", side, order_id, ticks, command.size)

    def _do_add_zero(self, command: Command) -> None:
        side = self._side(command)
        self._rest(side, self._quote(side, command.offset), 0)

    def _do_far_add(self, command: Command) -> None:
        side = self._side(command)
        self._rest(side, self._quote(side, FAR_TICKS + command.offset), command.size)

    # Cancels

    def _do_cancel(self, command: Command) -> None:
        order_id = self._pick(command)
        self._cancel_record(order_id, self.orders[order_id].qty)

    def _do_cancel_part(self, command: Command) -> None:
        order_id = self._pick(command)
        self._cancel_record(order_id, min(command.size, max(1, self.orders[order_id].qty - 1)))

    def _do_cancel_over(self, command: Command) -> None:
        order_id = self._pick(command)
        self._cancel_record(order_id, self.orders[order_id].qty + command.size)

    def _do_cancel_zero(self, command: Command) -> None:
        self._cancel_record(self._pick(command), 0)

    def _do_cancel_unknown(self, command: Command) -> None:
        self._emit("C", self._side(command), self._new_id(), self.centre, command.size)

    # Modifications

    def _do_modify_price(self, command: Command) -> None:
        order_id = self._pick(command)
        order = self.orders[order_id]
        size = command.size if command.pick % 3 == 0 else order.qty
        self._modify_record(order_id, order.side, self._quote(order.side, command.offset), size)

    def _do_modify_size(self, command: Command) -> None:
        order_id = self._pick(command)
        order = self.orders[order_id]
        self._modify_record(order_id, order.side, order.ticks, command.size)

    def _do_modify_zero(self, command: Command) -> None:
        order_id = self._pick(command)
        order = self.orders[order_id]
        ticks = order.ticks + command.offset % 2
        self._modify_record(order_id, order.side, ticks, 0)

    def _do_modify_side(self, command: Command) -> None:
        order_id = self._pick(command)
        order = self.orders[order_id]
        ticks = order.ticks + command.offset
        self._modify_record(order_id, OPPOSITE[order.side], ticks, command.size)

    def _do_modify_unknown(self, command: Command) -> None:
        side = self._side(command)
        ticks = self._quote(side, command.offset)
        self._modify_record(self._new_id(), side, ticks, command.size)

    def _do_modify_unknown_zero(self, command: Command) -> None:
        side = self._side(command)
        self._emit("M", side, self._new_id(), self._quote(side, command.offset), 0)

    # Trades and fills

    def _do_trade(self, command: Command) -> None:
        side = "ABN"[command.pick % 3]
        self._emit("T", side, 0, self.centre + command.offset % 3, command.size)

    def _do_trade_zero(self, command: Command) -> None:
        self._emit("T", "N", 0, self.centre, 0)

    def _do_fill_cancel(self, command: Command) -> None:
        """A fill that its cancel answers exactly, in part, or beyond."""
        order_id = self._pick(command)
        qty = self.orders[order_id].qty
        filled = min(qty, command.size)
        self._fill_record(order_id, filled, command)
        self._cancel_record(order_id, (filled, qty, max(1, filled - 1))[command.pick % 3])

    def _do_fill_modify(self, command: Command) -> None:
        """A fill answered by a modify at the same price: exact, with a pull, or a refill."""
        order_id = self._pick(command)
        order = self.orders[order_id]
        filled = min(order.qty, command.size)
        left = order.qty - filled
        self._fill_record(order_id, filled, command)
        size = (left, max(0, left - 1), left + command.offset)[command.pick % 3]
        self._modify_record(order_id, order.side, order.ticks, size)

    def _do_fill_move(self, command: Command) -> None:
        order_id = self._pick(command)
        order = self.orders[order_id]
        filled = min(order.qty, command.size)
        self._fill_record(order_id, filled, command)
        ticks = self._quote(order.side, command.offset)
        self._modify_record(order_id, order.side, ticks, max(0, order.qty - command.pick % 4))

    def _do_fill_side(self, command: Command) -> None:
        order_id = self._pick(command)
        self._fill_record(order_id, command.size, command)
        self._do_modify_side(command)

    def _do_iceberg(self, command: Command) -> None:
        """The displayed quantity trades, once or several times, and is refilled."""
        order_id = self._pick(command)
        order = self.orders[order_id]
        filled = order.qty * (1 + command.pick % 3) + command.offset // 4
        self._fill_record(order_id, filled, command)
        self._modify_record(order_id, order.side, order.ticks, order.qty)

    def _do_fill_over_cancel(self, command: Command) -> None:
        order_id = self._pick(command)
        qty = self.orders[order_id].qty
        self._fill_record(order_id, qty + command.size, command)
        self._cancel_record(order_id, qty)

    def _do_fill_over_move(self, command: Command) -> None:
        order_id = self._pick(command)
        order = self.orders[order_id]
        self._fill_record(order_id, order.qty + command.size, command)
        ticks = self._quote(order.side, command.offset)
        self._modify_record(order_id, order.side, ticks, command.size)

    def _do_fill_twice(self, command: Command) -> None:
        order_id = self._pick(command)
        self._fill_record(order_id, 1, command)
        self._fill_record(order_id, command.size, command, aggressor=False)
        self._cancel_record(order_id, min(self.orders[order_id].qty, 1 + command.size))

    def _do_fill_of_two_times(self, command: Command) -> None:
        """Fills of one order with different event times, the second one sometimes earlier."""
        order_id = self._pick(command)
        self._fill_record(order_id, command.size, command)
        self.now_ns += 1 if command.pick % 2 else -1
        self._fill_record(order_id, 1, command, aggressor=False)
        self._cancel_record(order_id, 1)

    def _do_fill_only(self, command: Command) -> None:
        self._fill_record(self._pick(command), command.size, command)

    def _do_fill_stale(self, command: Command) -> None:
        """A fill and a cancel of the same order whose event times differ by 1 ns."""
        order_id = self._pick(command)
        self._fill_record(order_id, 1, command)
        later = 1 if command.pick % 2 else -1
        self._cancel_record(order_id, 1, ts_event=self.now_ns + later)

    def _do_fill_unknown(self, command: Command) -> None:
        self._emit("F", self._side(command), self._new_id(), self.centre, command.size)

    def _do_fill_zero(self, command: Command) -> None:
        order_id = self._pick(command)
        self._fill_record(order_id, 0, command)
        self._cancel_record(order_id, 1)

    # Time

    def _do_age(self, command: Command) -> None:
        """Cancel or move an order just before or exactly when it has rested."""
        side = self._side(command)
        order_id = self._rest(side, self._quote(side, command.offset), command.size)
        self._end_group()
        self.now_ns += 499_999_999 + command.pick // 2 % 2
        if command.size % 2:
            self._cancel_record(order_id, command.size)
        else:
            ticks = self._quote(side, command.offset + 1)
            self._modify_record(order_id, side, ticks, command.size)

    def _do_straddle(self, command: Command) -> None:
        """A group that begins just before a second's end and continues after it."""
        self._end_group()
        self.now_ns += NS_PER_S - self.now_ns % NS_PER_S - 1
        self._do_add(command)
        self.now_ns += 2 + command.offset * 300_000_000
        self._do_cancel_part(command)

    def _do_backwards(self, command: Command) -> None:
        """Event time goes back a little, or into the second before."""
        self._end_group()
        back_ns = (1, 40_000, 1_100_000_000)[command.pick % 3]
        self.now_ns = max(self.options.day_start_ns, self.now_ns - back_ns)
        self._do_add(command)

    def _do_before_day(self, command: Command) -> None:
        self._end_group()
        side = self._side(command)
        early_ns = self.now_ns - self.options.day_start_ns + 1 + command.offset * 100_000_000
        self._rest(side, self._quote(side, command.offset), command.size, age_ns=early_ns)

    def _do_quiet(self, command: Command) -> None:
        self.now_ns += (2 + command.pick % 7) * NS_PER_S
        self._do_add(command)

    # The state of the market and of the feed

    def _do_none(self, command: Command) -> None:
        self._emit("N")

    def _do_maybe_bad_book(self, command: Command) -> None:
        self.extra_flags = FLAG_MAYBE_BAD_BOOK
        self._do_add(command)

    def _do_market_jump(self, command: Command) -> None:
        self._move_centre((FAR_TICKS + command.pick % 2_000), command)

    def _do_drift(self, command: Command) -> None:
        self._move_centre(command.pick % 3_000, command)

    def _move_centre(self, ticks: int, command: Command) -> None:
        """Prices move; the orders in their way move with them, or sometimes stay."""
        self.centre += ticks * (1 if command.offset % 2 else -1)
        if command.size % 8 != 7:
            for order_id, order in list(self.orders.items()):
                if (order.ticks > self.centre) == (order.side == "B"):
                    self._cancel_record(order_id, order.qty)
        self._do_add(command)

    def _do_clear(self, command: Command) -> None:
        """Session reset: with or without LAST, alone or inside an open group."""
        self._emit("R", flags=FLAG_BAD_TS_RECV if command.size % 2 else 0)
        self.orders.clear()
        if command.pick % 2:
            self._flush()

    def _do_snapshot(self, command: Command) -> None:
        if self.options.snapshot_start == "none":
            return
        # The replaced records may leave their group open: the snapshot itself ends it.
        self._flush()
        start = ("clear", "plain")[command.pick % 2]
        end = ("last", "none", "closing_record")[command.pick // 2 % 3]
        if self.rows and self.rows[-1][FLAGS_AT] & FLAG_SNAPSHOT:
            start = "clear"
        self._snapshot(command.offset + command.size, start, end)
