"""Where a second and a price lie in the picture, and the rows of the surfaces in those places."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from spymaster_ingest.errors import SpymasterError

from spymaster.hud.cells import PriceRows
from spymaster.hud.paint import paint_tables


@dataclass(frozen=True)
class Size:
    """Cells of a picture: columns of seconds and of the future, ticks on either side of spot."""

    seconds: int
    future: int
    reach_ticks: int


@dataclass(frozen=True)
class Frame:
    """The place of the picture in time and price.

    Attributes:
        size: cells of the picture.
        end_second: newest second, seconds since the base of the tables.
        spot_tick: price of the middle row, ticks.
    """

    size: Size
    end_second: int
    spot_tick: int

    @property
    def rows(self) -> PriceRows:
        """Prices of the picture."""
        reach = self.size.reach_ticks
        return PriceRows(self.spot_tick - reach, self.spot_tick + reach)

    @property
    def first_second(self) -> int:
        """Second of the first column."""
        return self.end_second - self.size.seconds + 1

    @property
    def seconds(self) -> np.ndarray:
        """Second of each column, those of the future included, int64."""
        return self.first_second + np.arange(self.size.seconds + self.size.future)


@dataclass(frozen=True)
class Surface:
    """Rows of one surface inside the seconds of a picture.

    Attributes:
        column: int64 (n,), column of each row.
        values: column name -> masked array (n,).
    """

    column: np.ndarray
    values: Mapping[str, np.ma.MaskedArray]

    def __getitem__(self, name: str) -> np.ma.MaskedArray:
        """Return a column, NULLs masked."""
        return self.values[name]

    def known(self, *names: str) -> np.ndarray:
        """Return which rows have a value in all named columns, bool (n,)."""
        missing = [np.ma.getmaskarray(self.values[name]) for name in names]
        return ~np.logical_or.reduce(missing)

    def chosen(self, rows: np.ndarray) -> Surface:
        """Return the rows that a mask, bool (n,), chooses."""
        chosen = {name: values[rows] for name, values in self.values.items()}
        return Surface(self.column[rows], chosen)


def default_size() -> Size:
    """Return the size of the screen's picture."""
    grid = paint_tables()["grid"]
    return Size(grid["second_columns"], grid["future_columns"], grid["reach_ticks"])


def size_of(seconds: int, reach_ticks: int) -> Size:
    """Return a size whose part of the future is that of the screen."""
    whole = default_size()
    return Size(seconds, seconds * whole.future // whole.seconds, reach_ticks)


def frame_at(snap: pa.Table, end_second: int, size: Size) -> Frame:
    """Return the frame of a moment; its middle is the newest spot.

    Raises:
        SpymasterError: No second of the picture has a spot.
    """
    second, spot = (snap[name].to_pylist() for name in ("second", "spot_tick"))
    seen = [
        (at, tick)
        for at, tick in zip(second, spot, strict=True)
        if end_second - size.seconds < at <= end_second and tick is not None
    ]
    if not seen:
        raise SpymasterError("picture", "none of its seconds has a spot price", "move the end")
    return Frame(size, end_second, max(seen)[1])


def surface_in(frame: Frame, table: pa.Table) -> Surface:
    """Return the rows of a compact surface in the seconds of a picture."""
    values = {name: _masked(table[name]) for name in table.column_names}
    column = np.asarray(values["second"], np.int64) - frame.first_second
    inside = (column >= 0) & (column < frame.size.seconds)
    return Surface(column, values).chosen(inside)


def per_column(surface: Surface, name: str, count: int) -> np.ndarray:
    """Return a number for each column, float64 (count,), NaN where there is none."""
    numbers = np.full(count, np.nan)
    numbers[surface.column] = np.ma.filled(surface[name].astype(np.float64), np.nan)
    return numbers


def _masked(column: pa.ChunkedArray) -> np.ma.MaskedArray:
    missing = column.is_null().to_numpy()
    if pa.types.is_dictionary(column.type) or pa.types.is_string(column.type):
        return np.ma.masked_array(np.array(column.to_pylist(), object), missing)
    if column.null_count:
        zero = pa.scalar(0, pa.int8()).cast(column.type)
        column = column.fill_null(zero)
    return np.ma.masked_array(column.to_numpy(), missing)
