"""Driver of the market kernels: one pass over the landed book of a contract-day, by source."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow as pa
from spymaster_ingest.units import NS_PER_S, S_PER_DAY

from spymaster_engine.errors import KernelError
from spymaster_engine.kernels.book.config import BookConfig
from spymaster_engine.kernels.book.engine import BookEngine, Records
from spymaster_engine.kernels.book.kernel_state import DONE, Output
from spymaster_engine.kernels.market.kernel_state import Rows, ended_rows, new_rows, new_state
from spymaster_engine.kernels.market.level_records import last_until as last_levels_until
from spymaster_engine.kernels.market.level_records import observe_levels, take_levels
from spymaster_engine.kernels.market.level_rows import LevelRows, no_level_rows
from spymaster_engine.kernels.market.order_records import last_until as last_orders_until
from spymaster_engine.kernels.market.order_records import observe_orders, take_book
from spymaster_engine.market_columns import LEVEL_NAMES, MARKET_ROW, SIDES, value_columns


@dataclass(frozen=True)
class MarketSettings:
    """What shapes the seconds of a contract-day.

    Attributes:
        tick_int: Minimum price increment, 1e-9 units.
        day_start_s: 00:00 UTC of the day, seconds since the epoch.
        bands: Names of the bands of distance from the microprice.
        edges_ticks: Their upper ends, ascending; each begins where the one before ends.
        reach_ticks: Distance from the microprice up to which the imbalance by price counts.
    """

    tick_int: int
    day_start_s: int
    bands: Sequence[str]
    edges_ticks: Sequence[int]
    reach_ticks: int

    @property
    def last_second_s(self) -> int:
        """Return the last second of the day, s UTC."""
        return self.day_start_s + S_PER_DAY - 1


class SecondsOfOrders(BookEngine):
    """Seconds of a contract-day from its records by order.

    A book engine that takes the state of its book after every event group; the rows of the book
    itself are not used. Feed chunks in file order with :meth:`observe`, then call :meth:`end`.
    """

    SAVED: ClassVar = (*BookEngine.SAVED, "_market")
    FIRST_ROWS: ClassVar = ("_rows",)

    def __init__(self, settings: MarketSettings) -> None:
        super().__init__(
            BookConfig(
                tick_int=settings.tick_int,
                day_start_ns=settings.day_start_s * NS_PER_S,
                surface_windows_ns=(),
            )
        )
        self._rows = new_rows(len(settings.bands))
        self._market = new_state(list(settings.edges_ticks))
        self._reach_ticks = settings.reach_ticks

    def _apply(self, columns: tuple[np.ndarray, ...], position: int) -> tuple[int, int]:
        return observe_orders(
            self.kernel_config,
            self._state,
            self._out,
            self._market,
            self._rows,
            self._reach_ticks,
            *columns,
            position,
        )

    def observe(self, records: Records) -> None:
        """Apply a chunk of records.

        Raises:
            KernelError: The records cannot be turned into a book.
        """
        self._recycle(self.feed(records))

    def end_until(self, second_s: int) -> None:
        """End the seconds up to one by the clock; see :meth:`BookEngine.close`."""
        s = self._market.scalars[0]
        last_s = min(second_s, self.config.last_second_s)
        if s["started"] and not s["in_group"] and s["second"] <= last_s:
            last_orders_until(self._state, self._market, self._rows, end_of_second(last_s))
        self._recycle(self.close(second_s))

    def ended_seconds(self) -> Rows:
        """Return the seconds that have ended since the last call."""
        return ended_rows(self._market, self._rows)

    def end(self) -> Rows:
        """End the last group and second of the day; return the seconds not returned before."""
        s = self._market.scalars[0]
        if s["in_group"]:
            take_book(self._state, self._market, self._rows, False, self._reach_ticks)
        if s["started"] and not self._is_idle:
            last_orders_until(self._state, self._market, self._rows, end_of_second(s["second"]))
        return _first(self._rows, int(s["n_rows"]))

    def _recycle(self, outputs: Iterable[Output]) -> None:
        for output in outputs:
            self.recycle(output)


class SecondsOfLevels:
    """Seconds of a contract-day from its rows of ten levels, used as :class:`SecondsOfOrders`."""

    SAVED: ClassVar = ("_state", "_last_row", "_is_idle")
    FIRST_ROWS: ClassVar = ("_rows",)

    def __init__(self, settings: MarketSettings) -> None:
        self._settings = settings
        self._state = new_state(list(settings.edges_ticks))
        self._rows = new_rows(len(settings.bands))
        self._last_row = no_level_rows()
        # whether a clock began the current second, and no row has come since
        self._is_idle = False

    def observe(self, chunk: LevelRows) -> None:
        """Apply a chunk of rows.

        Raises:
            KernelError: A row is dated more than a minute after the end of the day.
        """
        if not len(chunk):
            return
        settings = self._settings
        status = observe_levels(
            self._state,
            self._rows,
            settings.tick_int,
            settings.day_start_s * NS_PER_S,
            settings.reach_ticks,
            chunk.ts_event,
            chunk.ts_recv,
            chunk.flags,
            chunk.action,
            chunk.price,
            chunk.qty,
            chunk.count,
        )
        if status != DONE:
            day = np.datetime64(settings.day_start_s, "s")
            raise KernelError(f"a row is dated more than a minute after the end of {day!s:.10}")
        self._last_row = chunk.last()
        self._is_idle = False

    def end_until(self, second_s: int) -> None:
        """End the seconds up to one by the clock; see :meth:`BookEngine.close`."""
        s = self._state.scalars[0]
        last_s = min(second_s, self._settings.last_second_s)
        if s["started"] and not s["in_group"] and s["second"] <= last_s:
            last_levels_until(self._state, self._rows, end_of_second(last_s))
            self._is_idle = True

    def ended_seconds(self) -> Rows:
        """Return the seconds that have ended since the last call."""
        return ended_rows(self._state, self._rows)

    def end(self) -> Rows:
        """End the last group and second of the day; return the seconds not returned before."""
        s, row = self._state.scalars[0], self._last_row
        if s["in_group"]:
            take_levels(
                self._state,
                self._rows,
                self._settings.tick_int,
                self._settings.reach_ticks,
                row.flags[0],
                row.action[0],
                row.price,
                row.qty,
                row.count,
                0,
            )
        if s["started"] and not self._is_idle:
            last_levels_until(self._state, self._rows, end_of_second(s["second"]))
        return _first(self._rows, int(s["n_rows"]))


def seconds_of_orders(chunks: Iterable[Records], settings: MarketSettings) -> Rows:
    """Return the seconds of a contract-day from its records by order, in file order.

    Raises:
        KernelError: The records cannot be turned into a book.
    """
    seconds = SecondsOfOrders(settings)
    for records in chunks:
        seconds.observe(records)
    return seconds.end()


def seconds_of_levels(chunks: Iterable[LevelRows], settings: MarketSettings) -> Rows:
    """Return the seconds of a contract-day from its rows of ten levels, in file order.

    Raises:
        KernelError: A row is dated more than a minute after the end of the day.
    """
    seconds = SecondsOfLevels(settings)
    for chunk in chunks:
        seconds.observe(chunk)
    return seconds.end()


def end_of_second(second_s: int) -> int:
    """Return the end of a second, ns since the epoch."""
    return (int(second_s) + 1) * NS_PER_S


def _first(rows: Rows, n: int) -> Rows:
    return Rows(*(array[:n] for array in rows))


def market_arrays(rows: Rows, source: str, settings: MarketSettings) -> dict[str, pa.Array]:
    """Return rows as the columns of kernel ``market_seconds``."""
    n, bands = rows.head.shape[0], settings.bands
    arrays = {"source": pa.array([source], pa.string()).take(pa.array(np.zeros(n, np.int64)))}
    arrays["is_valid_end"] = pa.array(rows.head["is_valid_end"] != 0)
    for name in MARKET_ROW:
        if name != "is_valid_end":
            arrays[name] = _column(rows.head[name])
    for number, side in enumerate(SIDES):
        for level, suffix in enumerate(LEVEL_NAMES):
            is_empty = rows.qty[:, number, level] == 0
            price_int = rows.price[:, number, level] * settings.tick_int
            arrays[f"{side}_px_{suffix}_int"] = pa.array(price_int, mask=is_empty)
            arrays[f"{side}_sz_{suffix}"] = _column(rows.qty[:, number, level])
            orders = np.ascontiguousarray(rows.orders[:, number, level])
            # a venue that publishes no order counts
            is_uncounted = (orders == 0) & ~is_empty
            arrays[f"{side}_ct_{suffix}"] = pa.array(orders, mask=is_uncounted)
        for b, band in enumerate(bands):
            qty = rows.band[:, number, b]
            arrays[f"depth_{side}_{band}_qty"] = pa.array(qty, mask=qty < 0)
            arrays[f"depth_{side}_{band}_qty_ns"] = _column(rows.band_ns[:, number, b])
            arrays[f"depth_{side}_{band}_unknown_ns"] = _column(rows.unknown_ns[:, number, b])
    for level, suffix in enumerate(LEVEL_NAMES):
        arrays[f"ofi_{suffix}"] = _column(rows.ofi[:, level])
    for b, band in enumerate(bands):
        arrays[f"depth_imbalance_{band}_known_ns"] = _column(rows.imbalance_ns[:, b])
    for i, name in enumerate(value_columns(bands)):
        arrays[f"{name}_ns"] = _column(rows.value_ns[:, i])
    return arrays


def _column(values: np.ndarray) -> pa.Array:
    return pa.array(np.ascontiguousarray(values))
