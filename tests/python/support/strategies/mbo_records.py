"""Options of a stream, and the writer that turns orders into vendor records."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from databento_dbn import MBOMsg
from naive.model import FLAG_LAST, FLAG_SNAPSHOT, NS_PER_S, UNDEFINED_PRICE

MBO_DTYPE = np.dtype(MBOMsg._dtypes)
FLAG_BAD_TS_RECV = 8
RTYPE_MBO = 160
WORD_BYTES = 4
FLAGS_AT = MBO_DTYPE.names.index("flags")
TS_EVENT_AT = MBO_DTYPE.names.index("ts_event")
OPPOSITE = {"A": "B", "B": "A"}


@dataclass(frozen=True)
class StreamOptions:
    """Options of a whole stream.

    Attributes:
        tick_int: Minimum price increment in 1e-9 points.
        base_ticks: Centre of the prices at the start, in ticks; may be negative.
        day_start_ns: 00:00 UTC of the partition's date.
        start_offset_ns: Time of the first live record after the day's start.
        snapshot_start: "none" (no snapshot in the stream), "clear" (R first), "plain".
        snapshot_end: "last" (on the last order), "none", "closing_record" (action N).
        snapshot_size: Orders in the snapshot.
        closing_records: Event groups end with a standalone N record instead of LAST.
        unterminated: Leave the last group of the file open.
        off_tick: Let some prices lie off the tick grid.
    """

    tick_int: int = 250_000_000
    base_ticks: int = 19_200
    day_start_ns: int = 1_703_462_400 * NS_PER_S
    start_offset_ns: int = 0
    snapshot_start: str = "clear"
    snapshot_end: str = "last"
    snapshot_size: int = 20
    closing_records: bool = False
    unterminated: bool = False
    off_tick: bool = False


@dataclass
class Resting:
    """The writer's state of an order."""

    side: str
    ticks: int
    qty: int


class StreamWriter:
    """Writes records and remembers which orders rest."""

    def __init__(self, options: StreamOptions) -> None:
        self.options = options
        self.rows: list[tuple] = []
        self.orders: dict[int, Resting] = {}
        self.centre = options.base_ticks
        self.now_ns = options.day_start_ns
        self.recv_ns = options.day_start_ns
        self.next_order_id = 2**63 + 1
        self.extra_flags = 0
        self.group: list[tuple] = []
        if options.snapshot_start != "none":
            self._snapshot(options.snapshot_size, options.snapshot_start, options.snapshot_end)
        self.now_ns += options.start_offset_ns

    def finish(self) -> np.ndarray:
        """Close the last group, unless the options leave it open, and return the records."""
        if self.options.unterminated:
            if not self.group:
                self._rest("B", self._quote("B", 0), 1)
            self._flush()
        else:
            self._end_group()
        return np.array(self.rows, dtype=MBO_DTYPE)

    def _emit(
        self,
        action: str,
        side: str = "N",
        order_id: int = 0,
        ticks: int | None = None,
        size: int = 0,
        ts_event: int | None = None,
        flags: int = 0,
    ) -> None:
        price = UNDEFINED_PRICE if ticks is None else ticks * self.options.tick_int
        if self.options.off_tick and ticks is not None and (ticks + size) % 5 == 0:
            price += 1
        event_ns = self.now_ns if ts_event is None else ts_event
        if not flags & FLAG_SNAPSHOT:
            self.recv_ns = max(self.recv_ns, event_ns + 90_000 + event_ns % 1_009)
        self.group.append(
            (
                MBO_DTYPE.itemsize // WORD_BYTES,
                RTYPE_MBO,
                1,
                17_077,
                event_ns,
                order_id,
                price,
                size,
                flags | self.extra_flags,
                0,
                action.encode(),
                side.encode(),
                self.recv_ns,
                15_000,
                len(self.rows),
            )
        )

    def _flush(self) -> None:
        self.rows += self.group
        self.group = []

    def _end_group(self) -> None:
        if not self.group:
            return
        if self.options.closing_records:
            self._emit("N", flags=FLAG_LAST, ts_event=self.group[-1][TS_EVENT_AT])
        else:
            self.group[-1] = self._with_last(self.group[-1])
        self._flush()

    def _with_last(self, row: tuple) -> tuple:
        return (*row[:FLAGS_AT], row[FLAGS_AT] | FLAG_LAST, *row[FLAGS_AT + 1 :])

    def _new_id(self) -> int:
        self.next_order_id += 1
        return self.next_order_id

    def _quote(self, side: str, offset: int) -> int:
        return self.centre - offset if side == "B" else self.centre + 1 + offset

    def _rest(self, side: str, ticks: int, size: int, flags: int = 0, age_ns: int = 0) -> int:
        order_id = self._new_id()
        self._emit("A", side, order_id, ticks, size, self.now_ns - age_ns, flags)
        if size > 0:
            self.orders[order_id] = Resting(side, ticks, size)
        return order_id

    def _cancel_record(self, order_id: int, size: int, ts_event: int | None = None) -> None:
        order = self.orders[order_id]
        self._emit("C", order.side, order_id, order.ticks, size, ts_event)
        order.qty -= min(size, order.qty)
        if order.qty == 0:
            del self.orders[order_id]

    def _modify_record(self, order_id: int, side: str, ticks: int, size: int) -> None:
        self._emit("M", side, order_id, ticks, size)
        if size > 0:
            self.orders[order_id] = Resting(side, ticks, size)
        else:
            del self.orders[order_id]

    def _snapshot(self, size: int, start: str, end: str) -> None:
        """A snapshot of new orders with old event times, without live records in between."""
        flags = FLAG_SNAPSHOT | FLAG_BAD_TS_RECV
        self.orders.clear()
        self.recv_ns = max(self.recv_ns, self.now_ns)
        if start == "clear":
            self._emit("R", flags=flags)
        for i in range(size):
            side = "AB"[i % 2]
            age_ns = (0, 499_000_000, 3 * NS_PER_S, 86_400 * NS_PER_S)[i % 4]
            self._rest(side, self._quote(side, i // 3), 1 + i % 5, flags, age_ns)
        if end == "closing_record":
            self._emit("N", flags=flags | FLAG_LAST)
        elif end == "last" and self.group:
            self.group[-1] = self._with_last(self.group[-1])
        self._flush()
