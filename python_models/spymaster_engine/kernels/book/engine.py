"""Driver of the book kernel: owns its memory, feeds it chunks, hands full buffers out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import ClassVar

import numpy as np

from spymaster_engine.errors import KernelError
from spymaster_engine.kernels.book import kernel_state
from spymaster_engine.kernels.book.attribution import expire_pending
from spymaster_engine.kernels.book.config import LADDER_HALF_TICKS, BookConfig
from spymaster_engine.kernels.book.kernel_state import Output, State
from spymaster_engine.kernels.book.ladder import LADDER_CELLS, ladder_arrays, relaid
from spymaster_engine.kernels.book.latency import N_BUCKETS, histogram_quantile, latency_summary
from spymaster_engine.kernels.book.order_store import grown_order_arrays, order_arrays
from spymaster_engine.kernels.book.quotes import quotes_of_orders
from spymaster_engine.kernels.book.replay import close_group, replay
from spymaster_engine.kernels.book.windows import close_window
from spymaster_engine.kernels.compiled import read_only

# a book of this many resting orders takes 1 GB; the largest real ones hold some 100,000
MOST_ORDERS = 1 << 22

_ORDERS = 1 << 14
_FAR_PRICES = 1 << 10
_LIST = 1 << 14
_SNAPSHOT_ROWS = 1 << 12
_WALL_ROWS = 1 << 18
_REPRICE_ROWS = 1 << 16
_SIDES = {"bid": kernel_state.BID, "ask": kernel_state.ASK}
_PLACES = {"inside": kernel_state.INSIDE, "outside": kernel_state.OUTSIDE}


@dataclass(frozen=True)
class Records:
    """A chunk of market-by-order records of one contract, as contiguous columns of length n.

    ``ts_event`` and ``ts_recv`` int64 ns UTC, ``instrument_id`` uint32, ``order_id`` uint64,
    ``price`` int64 in 1e-9 units (``UNDEFINED_PRICE`` when missing), ``size`` uint32 contracts,
    ``flags`` uint8 vendor bits, ``action`` and ``side`` uint8 ASCII codes. They become read-only.
    """

    ts_event: np.ndarray
    ts_recv: np.ndarray
    instrument_id: np.ndarray
    order_id: np.ndarray
    price: np.ndarray
    size: np.ndarray
    flags: np.ndarray
    action: np.ndarray
    side: np.ndarray

    def __post_init__(self) -> None:
        for column in fields(self):
            object.__setattr__(self, column.name, read_only(getattr(self, column.name)))

    @classmethod
    def from_vendor(cls, records: np.ndarray) -> Records:
        """Split a structured array of the vendor's MBO layout into columns."""
        return cls(
            ts_event=np.ascontiguousarray(records["ts_event"]).view(np.int64),
            ts_recv=np.ascontiguousarray(records["ts_recv"]).view(np.int64),
            instrument_id=np.ascontiguousarray(records["instrument_id"]),
            order_id=np.ascontiguousarray(records["order_id"]),
            price=np.ascontiguousarray(records["price"]),
            size=np.ascontiguousarray(records["size"]),
            flags=np.ascontiguousarray(records["flags"]),
            action=np.ascontiguousarray(records["action"]).view(np.uint8),
            side=np.ascontiguousarray(records["side"]).view(np.uint8),
        )

    def columns(self) -> tuple[np.ndarray, ...]:
        """Return the columns in the order the kernel takes them."""
        return tuple(getattr(self, column.name) for column in fields(self))

    def __len__(self) -> int:
        return len(self.ts_event)


def _new_output(wall_max_ticks: int) -> Output:
    walls = max(_WALL_ROWS, 4 * (2 * wall_max_ticks + 1))
    return Output(
        counts=np.zeros(3, np.int64),
        snapshot=np.zeros(_SNAPSHOT_ROWS, kernel_state.SNAPSHOT_ROW),
        wall_window_s=np.empty(walls, np.int64),
        wall_spot_price_int=np.empty(walls, np.int64),
        wall_price_int=np.empty(walls, np.int64),
        wall_side=np.empty(walls, np.uint8),
        wall_valid=np.empty(walls, np.bool_),
        wall=np.empty((len(kernel_state.WALL_COLUMNS), walls), np.int32),
        **_reprice_buffers(_REPRICE_ROWS),
    )


def _reprice_buffers(rows: int) -> dict[str, np.ndarray]:
    return {
        "reprice_window_s": np.empty(rows, np.int64),
        "reprice_side": np.empty(rows, np.uint8),
        "reprice_valid": np.empty(rows, np.bool_),
        "reprice_from_price_int": np.empty(rows, np.int64),
        "reprice_to_price_int": np.empty(rows, np.int64),
        "reprice": np.empty((len(kernel_state.REPRICE_COLUMNS), rows), np.int64),
    }


def _new_state(config: BookConfig) -> State:
    state = State(
        scalars=np.zeros(1, kernel_state.SCALARS),
        sides=np.zeros(len(_SIDES), kernel_state.SIDE),
        totals=np.zeros((len(_SIDES), 2), kernel_state.TOTALS),
        day_totals=np.zeros((len(_SIDES), 2), kernel_state.TOTALS),
        **order_arrays(_ORDERS),
        **ladder_arrays(_FAR_PRICES),
        young=np.zeros(_LIST, np.int32),
        pending=np.zeros(_LIST, np.int32),
        reprices=np.zeros(_LIST, kernel_state.REPRICE),
        resting_histogram=np.zeros(_ORDERS + 1, np.int64),
        latency_histogram=np.zeros(N_BUCKETS, np.int64),
        cancels=np.zeros(config.unknown_cancel_lookback_s, np.int64),
        unknown_cancels=np.zeros(config.unknown_cancel_lookback_s, np.int64),
    )
    s = state.scalars
    s["n_free"] = _ORDERS
    state.sides["best_key"] = kernel_state.NO_QUOTE
    s["last_trade_tick"] = kernel_state.NULL
    s["last_trade_window"] = kernel_state.NULL
    s["clear_ts"] = kernel_state.NULL
    s["last_record_ns"] = kernel_state.NULL
    s["serial"] = 1
    return state


class BookEngine:
    """One pass over a contract-day.

    Feed chunks in file order, then call :meth:`finish`; both yield filled buffers, which the
    caller gives back with :meth:`recycle` when their rows are no longer needed. Results do not
    depend on how the records are cut into chunks. Live, :meth:`ended` yields the rows of ended
    seconds, and :meth:`close` ends seconds by the clock.
    """

    SAVED: ClassVar[tuple[str, ...]] = ("_state", "_is_ladder_placed", "_is_idle", "is_stopped")

    def __init__(self, config: BookConfig) -> None:
        self.config = config
        self.kernel_config = config.for_kernel()
        self._state = _new_state(config)
        self._spare: list[Output] = []
        self._out = _new_output(config.wall_max_ticks)
        self._is_ladder_placed = False
        # whether a clock began the current second, and no record has come since
        self._is_idle = False
        self.is_stopped = False

    def feed(self, records: Records) -> Iterator[Output]:
        """Apply a chunk of records, yielding each output buffer that fills up.

        Raises:
            KernelError: A timestamp lies beyond the day, a sum leaves its range, or a
                conservation identity does not hold.
        """
        columns = records.columns()
        self._place_ladder(records)
        self._is_idle = self._is_idle and not len(records)
        position = 0
        while True:
            position, status = self._apply(columns, position)
            if status == kernel_state.STOPPED:
                self.is_stopped = True
            if status in (kernel_state.DONE, kernel_state.STOPPED):
                return
            yield from self._make_room(status, position)

    def finish(self) -> Iterator[Output]:
        """Close the last group and the last window; yield what is left to write."""
        s = self._state.scalars
        if s["in_group"][0]:
            s["unterminated_groups"] += 1
            close_group(self._state)
        expire_pending(self._state, np.iinfo(np.int64).max)
        if s["started"][0] and not self._is_idle:
            yield from self._close_window()
        yield self._out

    def close(self, second_s: int) -> Iterator[Output]:
        """End the seconds up to ``second_s`` (s UTC), as a group of the next second would.

        A group that is not complete keeps its second open. Seconds before the first record and
        after the day do not exist. A record that comes later belongs to the open second.
        """
        last_s = min(second_s, self.config.last_second_s)
        # a ladder that is laid anew has scalars of its own
        while (s := self._state.scalars[0])["started"] and not s["in_group"]:
            if s["window"] > last_s:
                return
            yield from self._close_window()
            self._is_idle = True

    def ended(self) -> Iterator[Output]:
        """Yield the rows of the seconds that have ended and were not yielded before."""
        if self._out.counts.any():
            yield from self._change_buffer()

    def recycle(self, output: Output) -> None:
        """Take back a yielded buffer."""
        output.counts[:] = 0
        self._spare.append(output)

    def summary(self) -> dict[str, int | None]:
        """Return the day's counters and totals, named as in ``book_engine_qa``."""
        s = self._state.scalars[0]
        names = s.dtype.names
        first = names.index("n_records")
        result: dict[str, int | None] = {name: int(s[name]) for name in names[first:]}
        for kernel_only in ("reprice_in_qty", "reprice_out_qty", "reprice_flow_qty"):
            del result[kernel_only]
        for side, side_no in _SIDES.items():
            for flow in ("add", "pull", "fill", "reset"):
                for place, place_no in _PLACES.items():
                    total = self._state.day_totals[side_no, place_no][flow]
                    result[f"{side}_{flow}_{place}"] = int(total)
        resting = self._state.resting_histogram
        result["median_resting_orders"] = histogram_quantile(resting, 0.5)
        if not resting.any():
            result["max_resting_orders"] = None
        result |= latency_summary(self._state.latency_histogram)
        quotes = self.quotes()
        for side, side_no in _SIDES.items():
            result[f"final_best_{side}_price_int"] = quotes[f"best_{side}_price_int"]
            result[f"final_{side}_depth_total"] = int(self._state.sides["depth"][side_no])
        return result

    def levels(self) -> list[tuple[str, int, int, int]]:
        """Return every price that holds orders: (side, price in 1e-9 units, contracts, orders)."""
        state, low = self._state, int(self._state.scalars["ladder_low"][0])
        found = []
        for side, name in ((kernel_state.ASK, "A"), (kernel_state.BID, "B")):
            for cell in np.flatnonzero(state.depth[side]):
                tick = low + cell if cell < LADDER_CELLS else state.far_ticks[cell - LADDER_CELLS]
                found.append(
                    (
                        name,
                        int(tick) * self.config.tick_int,
                        int(state.depth[side, cell]),
                        int(state.cells[side, cell]["order_count"]),
                    )
                )
        return found

    def resting_orders(self) -> dict[str, np.ndarray]:
        """Return every order that rests, as columns of length n.

        ``order_id`` uint64, ``side`` ASCII code, ``price_int`` int64 in 1e-9 units, ``qty`` int64
        contracts, ``ts_enter`` int64 ns UTC; ``pending_qty`` int64, filled contracts that wait for
        their cancel or modify since ``pending_ts``, int64 ns UTC.
        """
        state, low = self._state, int(self._state.scalars["ladder_low"][0])
        alive = state.orders[state.orders["alive"] == 1]
        cell = alive["cell"].astype(np.int64)
        far = np.maximum(cell - LADDER_CELLS, 0)
        tick = np.where(cell < LADDER_CELLS, low + cell, state.far_ticks[far])
        is_bid = alive["side"] == kernel_state.BID
        return {
            "order_id": alive["order_id"],
            "side": np.where(is_bid, kernel_state.SIDE_BID, kernel_state.SIDE_ASK),
            "price_int": tick * self.config.tick_int,
            "qty": alive["qty"],
            "ts_enter": alive["ts_enter"],
            "pending_qty": alive["pending_qty"],
            "pending_ts": alive["pending_ts"],
        }

    def position(self) -> dict[str, int | None]:
        """Return where the pass stands.

        ``n_records`` applied so far, ``window`` in s UTC, ``last_trade_price_int`` and
        ``clear_ts`` in ns UTC (None for none), and the flags ``previous_is_snapshot`` and
        ``started``.
        """
        s = self._state.scalars[0]
        tick, clear_ts = int(s["last_trade_tick"]), int(s["clear_ts"])
        names = ("n_records", "window", "previous_is_snapshot", "started")
        return {name: int(s[name]) for name in names} | {
            "last_trade_price_int": (
                None if tick == kernel_state.NULL else tick * self.config.tick_int
            ),
            "clear_ts": None if clear_ts == kernel_state.NULL else clear_ts,
        }

    def quotes(self) -> dict[str, int | None]:
        """Return best prices and spot after the last record; see :func:`quotes_of`."""
        return quotes_of_orders(self._state, self.config.tick_int)

    def check_day(self) -> None:
        """Check the identities of the whole day; raise KernelError when one is broken."""
        s = self._state.scalars[0]
        fills = (
            s["matched_fill_qty"]
            + s["hidden_fill_qty"]
            + s["unknown_fill_qty"]
            + s["unmatched_fill_qty"]
        )
        if fills != s["fill_msg_qty"]:
            raise KernelError("fill quantity is not conserved over the day")
        if not s["reprice_in_qty"] == s["reprice_out_qty"] == s["reprice_flow_qty"]:
            raise KernelError("re-priced quantity is not conserved over the day")
        alive = self._state.orders[self._state.orders["alive"] == 1]
        if alive["qty"].sum() != self._state.depth.sum():
            raise KernelError("resting orders do not add up to the depth of the book")

    def _apply(self, columns: tuple[np.ndarray, ...], position: int) -> tuple[int, int]:
        """Apply records from a position on; return (index of the next record, status)."""
        return replay(
            self.kernel_config, self._state, self._out, *columns, position, len(columns[0])
        )

    def _close_window(self) -> Iterator[Output]:
        while (
            status := close_window(self.kernel_config, self._state, self._out)
        ) != kernel_state.DONE:
            yield from self._make_room(status, -1)

    def _place_ladder(self, records: Records) -> None:
        if self._is_ladder_placed:
            return
        defined = np.flatnonzero(records.price != kernel_state.UNDEFINED_PRICE)
        if len(defined):
            tick = int(records.price[defined[0]]) // self.config.tick_int
            self._state.scalars["ladder_low"] = tick - LADDER_HALF_TICKS
            self._is_ladder_placed = True

    def _make_room(self, status: int, position: int) -> Iterator[Output]:
        """Deal with the reason the kernel returned early."""
        state = self._state
        if status == kernel_state.OUTPUT_FULL:
            yield from self._change_buffer()
        elif status == kernel_state.GROW_ORDERS:
            if len(state.orders) >= MOST_ORDERS:
                raise KernelError(
                    f"more than {len(state.orders):,} orders rest at once: records that remove "
                    "orders are missing (land the whole day of one contract)"
                )
            arrays, n_free = grown_order_arrays(state.orders)
            histogram = np.zeros(len(arrays["orders"]) + 1, np.int64)
            histogram[: len(state.resting_histogram)] = state.resting_histogram
            self._state = state._replace(**arrays, resting_histogram=histogram)
            self._state.scalars["n_free"] = n_free
        elif status == kernel_state.GROW_FAR:
            low = int(state.scalars["ladder_low"][0])
            self._state = relaid(state, low, 2 * len(state.far_ticks))
        elif status == kernel_state.RECENTRE:
            low = int(state.scalars["recentre_tick"][0]) - LADDER_HALF_TICKS
            in_use = int(state.scalars["n_far"][0]) + LADDER_CELLS
            self._state = relaid(state, low, 1 << (in_use - 1).bit_length())
        elif status == kernel_state.GROW_LISTS:
            self._state = state._replace(
                **{
                    name: np.concatenate([array, np.zeros_like(array)])
                    for name in ("young", "pending", "reprices")
                    for array in (getattr(state, name),)
                }
            )
        else:
            raise KernelError(self._explain(status, position))

    def _change_buffer(self) -> Iterator[Output]:
        full = self._out
        replacement: Output | None
        needed = int(self._state.scalars["n_reprice"][0])
        if needed > full.reprice.shape[1]:
            replacement = _new_output(self.config.wall_max_ticks)._replace(
                **_reprice_buffers(2 * needed)
            )
        else:
            replacement = self._spare.pop() if self._spare else None
            if replacement is None or needed > replacement.reprice.shape[1]:
                replacement = _new_output(self.config.wall_max_ticks)
        self._out = replacement
        yield full

    def _explain(self, status: int, position: int) -> str:
        s = self._state.scalars[0]
        ordinal = int(s["n_records"])
        if status == kernel_state.BEYOND_DAY:
            return self.config.beyond_day(ordinal)
        window = np.datetime64(int(s["window"]), "s")
        if status == kernel_state.OVERFLOW:
            return f"a quantity in the second {window} does not fit 32 bits"
        if status == kernel_state.BROKEN_IDENTITY:
            return f"depth is not conserved in the second {window}"
        raise AssertionError(f"kernel returned status {status} at record {position}")
