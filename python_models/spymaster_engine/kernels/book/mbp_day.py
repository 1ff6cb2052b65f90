"""The book engine of a contract-day whose only book is market by price.

It yields the same buffers as the engine of market by order: rows of seconds, and no row of walls or
of re-prices. It reads the best level alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from typing import ClassVar

import numpy as np
import pyarrow as pa

from spymaster_engine.errors import KernelError
from spymaster_engine.kernels.book import kernel_state
from spymaster_engine.kernels.book.bronze_records import letters, nanoseconds
from spymaster_engine.kernels.book.config import BookConfig
from spymaster_engine.kernels.book.kernel_state import NULL, UNDEFINED_PRICE, Output
from spymaster_engine.kernels.book.latency import N_BUCKETS, latency_summary
from spymaster_engine.kernels.book.mbp_snapshot import (
    MBP_SCALARS,
    close_price_group,
    close_price_window,
    replay_prices,
)
from spymaster_engine.kernels.book.quotes import quotes_of
from spymaster_engine.kernels.book.surface_files import summary_names

_SNAPSHOT_ROWS = 4096
_COLUMNS = {
    "ts_event": "ts_event",
    "ts_recv": "ts_recv",
    "price": "price_int",
    "size": "size",
    "flags": "flags",
    "action": "action",
    "side": "side",
    "bid_price": "bid_px_00_int",
    "ask_price": "ask_px_00_int",
    "bid_qty": "bid_sz_00",
    "ask_qty": "ask_sz_00",
}


@dataclass(frozen=True)
class PriceRows:
    """A chunk of rows of market by price of one contract, as contiguous columns of length n.

    ``ts_event`` and ``ts_recv`` int64 ns UTC; ``price``, ``bid_price`` and ``ask_price`` int64 in
    1e-9 units (``UNDEFINED_PRICE`` when missing), the last two of the best level; ``size``,
    ``bid_qty`` and ``ask_qty`` uint32 contracts; ``flags`` uint8 vendor bits, ``action`` and
    ``side`` uint8 ASCII codes.
    """

    ts_event: np.ndarray
    ts_recv: np.ndarray
    price: np.ndarray
    size: np.ndarray
    flags: np.ndarray
    action: np.ndarray
    side: np.ndarray
    bid_price: np.ndarray
    ask_price: np.ndarray
    bid_qty: np.ndarray
    ask_qty: np.ndarray

    def columns(self) -> tuple[np.ndarray, ...]:
        """Return the columns in the order the kernel takes them."""
        return tuple(getattr(self, column.name) for column in fields(self))


def price_rows_of(batches: Iterable[pa.RecordBatch]) -> Iterator[PriceRows]:
    """Return batches of landed market by price as rows of the best level, one by one."""
    return map(price_rows_in, batches)


def price_rows_in(batch: pa.RecordBatch) -> PriceRows:
    """Return a batch of landed market by price as rows of the best level."""
    found = {name: batch[column] for name, column in _COLUMNS.items()}
    return PriceRows(
        ts_event=nanoseconds(found["ts_event"]),
        ts_recv=nanoseconds(found["ts_recv"]),
        action=letters(found["action"]),
        side=letters(found["side"]),
        **{
            name: found[name].fill_null(UNDEFINED_PRICE).to_numpy()
            for name in ("price", "bid_price", "ask_price")
        },
        **{name: found[name].to_numpy() for name in ("size", "flags")},
        **{name: found[name].fill_null(0).to_numpy() for name in ("bid_qty", "ask_qty")},
    )


class PriceBookEngine:
    """One pass over a contract-day of market by price, used as :class:`BookEngine` is.

    Results do not depend on how the rows are cut into chunks.
    """

    SAVED: ClassVar[tuple[str, ...]] = ("_state", "_latencies", "_is_idle")

    def __init__(self, config: BookConfig) -> None:
        self.config = config
        self.kernel_config = config.for_kernel()
        self._state = np.zeros(1, MBP_SCALARS)
        for name in (
            *("clear_ts", "last_record_ns", "last_trade_tick", "last_trade_window"),
            *("bid_price_int", "ask_price_int", "bid_qty", "ask_qty"),
        ):
            self._state[name] = NULL
        self._latencies = np.zeros(N_BUCKETS, np.int64)
        self._spare: list[Output] = []
        self._out = _new_output()
        # whether a clock began the current second, and no row has come since
        self._is_idle = False

    def feed(self, rows: PriceRows) -> Iterator[Output]:
        """Apply a chunk of rows, yielding each output buffer that fills up.

        Raises:
            KernelError: A timestamp lies beyond the day.
        """
        self._is_idle = self._is_idle and not len(rows.ts_event)
        position = 0
        while True:
            position, status = replay_prices(
                self.kernel_config,
                self._state,
                self._latencies,
                self._out.snapshot,
                self._out.counts,
                *rows.columns(),
                position,
            )
            if status == kernel_state.DONE:
                return
            if status == kernel_state.BEYOND_DAY:
                raise KernelError(self.config.beyond_day(int(self._state["n_records"][0])))
            yield self._change_buffer()

    def finish(self) -> Iterator[Output]:
        """Close the last group and the last window; yield what is left to write."""
        s = self._state
        if s["in_group"][0]:
            s["unterminated_groups"] += 1
            close_price_group(s)
        if s["started"][0] and not self._is_idle:
            yield from self._close_window()
        yield self._out

    def close(self, second_s: int) -> Iterator[Output]:
        """End the seconds up to one by the clock; see :meth:`BookEngine.close`."""
        s, last_s = self._state, min(second_s, self.config.last_second_s)
        while s["started"][0] and not s["in_group"][0] and s["window"][0] <= last_s:
            yield from self._close_window()
            self._is_idle = True

    def ended(self) -> Iterator[Output]:
        """Yield the rows of the seconds that have ended and were not yielded before."""
        if self._out.counts.any():
            yield self._change_buffer()

    def recycle(self, output: Output) -> None:
        """Take back a yielded buffer."""
        output.counts[:] = 0
        self._spare.append(output)

    def summary(self) -> dict[str, int | None]:
        """Return the day's counters, named as in ``book_engine_qa``; None where orders decide."""
        s = self._state[0]
        result: dict[str, int | None] = dict.fromkeys(summary_names())
        names = MBP_SCALARS.names or ()
        for name in names[names.index("n_records") :]:
            result[name] = int(s[name])
        for side in ("bid", "ask"):
            price_int = int(s[f"{side}_price_int"])
            result[f"final_best_{side}_price_int"] = None if price_int == NULL else price_int
        return result | latency_summary(self._latencies)

    def quotes(self) -> dict[str, int | None]:
        """Return best prices and spot as of the last row; see :func:`quotes_of`."""
        names = ("bid_price_int", "ask_price_int", "last_trade_tick")
        bid_int, ask_int, last_trade = (int(self._state[name][0]) for name in names)
        return quotes_of(bid_int, ask_int, last_trade, self.config.tick_int)

    def check_day(self) -> None:
        """Do nothing: a view of the best levels has no identity of the day to check."""

    def _close_window(self) -> Iterator[Output]:
        while (
            close_price_window(
                self.kernel_config, self._state, self._out.snapshot, self._out.counts
            )
            != kernel_state.DONE
        ):
            yield self._change_buffer()

    def _change_buffer(self) -> Output:
        full, self._out = self._out, self._spare.pop() if self._spare else _new_output()
        return full


def _new_output() -> Output:
    """Return a buffer of seconds, every column NULL, without room for other rows."""
    snapshot = np.empty(_SNAPSHOT_ROWS, kernel_state.SNAPSHOT_ROW)
    snapshot.view(np.int64)[:] = NULL
    return Output(
        counts=np.zeros(3, np.int64),
        snapshot=snapshot,
        wall_window_s=np.empty(0, np.int64),
        wall_spot_price_int=np.empty(0, np.int64),
        wall_price_int=np.empty(0, np.int64),
        wall_side=np.empty(0, np.uint8),
        wall_valid=np.empty(0, np.bool_),
        wall=np.empty((len(kernel_state.WALL_COLUMNS), 0), np.int32),
        reprice_window_s=np.empty(0, np.int64),
        reprice_side=np.empty(0, np.uint8),
        reprice_valid=np.empty(0, np.bool_),
        reprice_from_price_int=np.empty(0, np.int64),
        reprice_to_price_int=np.empty(0, np.int64),
        reprice=np.empty((len(kernel_state.REPRICE_COLUMNS), 0), np.int64),
    )
