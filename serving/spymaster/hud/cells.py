"""Cells of a picture: one column a second, one row a tick, integers only.

A second keeps its column whether or not it has a row; a price is its number of ticks from zero, so
a wall keeps its row while spot moves. Arrays of cells have their lowest price first; images of
pixels, as everywhere, their highest.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from spymaster.hud.paint import DepthScale, Theme, paint_tables

ASK, BID = 0, 1
_OPAQUE = 255


@dataclass(frozen=True)
class PriceRows:
    """Prices of a picture, in ticks, both ends included."""

    low_tick: int
    high_tick: int

    @property
    def count(self) -> int:
        """Rows of the picture."""
        return self.high_tick - self.low_tick + 1

    @property
    def ticks(self) -> np.ndarray:
        """Price of each row, int64 (count,), lowest first."""
        return np.arange(self.low_tick, self.high_tick + 1)

    def hold(self, tick: np.ndarray) -> np.ndarray:
        """Return which prices lie in the picture, bool."""
        return (tick >= self.low_tick) & (tick <= self.high_tick)


def depth_grid(
    second: np.ndarray,
    is_bid: np.ndarray,
    tick: np.ndarray,
    qty: np.ndarray,
    rows: PriceRows,
    count: int,
) -> np.ndarray:
    """Put resting depth into its cells; rows outside the picture are left out.

    Args:
        second: int64 (n,), columns.
        is_bid: bool or int (n,), 1 for bids and 0 for asks.
        tick: int64 (n,), prices in ticks.
        qty: int64 (n,), contracts.
        rows: rows of the picture.
        count: columns of the picture.

    Returns:
        int64 (2, rows, count): contracts of asks, then of bids; 0 where there is no row.
    """
    grid = np.zeros((2, rows.count, count), np.int64)
    inside = rows.hold(tick)
    side = np.asarray(is_bid, np.int64)[inside]
    grid[side, tick[inside] - rows.low_tick, second[inside]] = qty[inside]
    return grid


def known_cells(
    spot_tick: np.ndarray,
    covered: np.ndarray,
    reach_ticks: int,
    nothing_outside: np.ndarray,
    rows: PriceRows,
) -> np.ndarray:
    """Return the cells in which a missing wall row means zero depth; elsewhere depth is unknown.

    Args:
        spot_tick: float64 (count,), spot of each second in ticks, NaN without a spot.
        covered: bool (count,), the second has wall rows.
        reach_ticks: distance from spot up to which walls are read.
        nothing_outside: bool (count,), no depth rests beyond the reach of walls.
        rows: rows of the picture.

    Returns:
        bool (rows, count).
    """
    distance = np.abs(rows.ticks[:, None] - np.nan_to_num(spot_tick, nan=np.inf)[None, :])
    return covered[None, :] & ((distance <= reach_ticks) | nothing_outside[None, :])


def depth_cells(
    depth: np.ndarray, known: np.ndarray, scale: DepthScale, theme: Theme
) -> np.ndarray:
    """Colour every cell by its depth, in the hue of the side with more depth, asks in a tie.

    Args:
        depth: int64 (2, rows, count) of asks and bids.
        known: bool (rows, count); other cells without depth become transparent.
        scale: scale of the ramps.
        theme: colours.

    Returns:
        uint8 (rows, count, 4), red, green, blue, alpha.
    """
    image = np.zeros((*known.shape, 4), np.uint8)
    image[known] = theme.colours["zero_depth"]
    asks, bids = depth
    for name, qty, chosen in (
        ("ask", asks, (asks > 0) & (asks >= bids)),
        ("bid", bids, bids > asks),
    ):
        image[chosen] = theme.ramps[name][scale.index(qty[chosen])]
    return image


def diagonals(
    along: np.ndarray, up: np.ndarray, direction: int, colours: Iterable[np.ndarray]
) -> np.ndarray:
    """Return diagonal lines, transparent between them.

    Lines fall from left to right if ``direction`` is 1 and rise if it is -1.

    Args:
        along: int64 (count,), place of each column: absolute seconds, or pixels.
        up: int64 (rows,), place of each row: absolute ticks, or pixels from below.
        direction: 1 or -1.
        colours: red, green, blue, alpha of the parts of a line, from the left.

    Returns:
        uint8 (rows, count, 4).
    """
    place = (along[None, :] + direction * up[:, None]) % paint_tables()["grid"]["hatch_period"]
    image = np.zeros((*place.shape, 4), np.uint8)
    for number, colour in enumerate(colours):
        image[place == number] = colour
    return image


def invalid_hatch(along: np.ndarray, up: np.ndarray, theme: Theme) -> np.ndarray:
    """Return the falling lines of invalid seconds, light beside dark to show on any depth.

    Arguments and result are those of ``diagonals``.
    """
    return diagonals(along, up, 1, (theme.colours["hatch"], theme.colours["hatch_dark"]))


def gap_hatch(along: np.ndarray, up: np.ndarray, theme: Theme) -> np.ndarray:
    """Return the rising lines of recording gaps.

    Arguments and result are those of ``diagonals``.
    """
    return diagonals(along, up, -1, [theme.colours["gap"]] * paint_tables()["grid"]["hatch_width"])


def lay_over(under: np.ndarray, image: np.ndarray) -> None:
    """Lay an image over an opaque one, in place, rounded to the nearest integer.

    Args:
        under: uint8 (rows, count, 3).
        image: uint8 (rows, count, 4).
    """
    shown = image[..., 3] > 0
    alpha = image[shown][:, 3:].astype(np.uint16)
    mixed = image[shown][:, :3] * alpha + under[shown] * (_OPAQUE - alpha)
    under[shown] = (mixed + _OPAQUE // 2) // _OPAQUE


def to_pixels(cells: np.ndarray, second_px: int, tick_px: int) -> np.ndarray:
    """Enlarge cells to whole pixels, nearest neighbor, highest price on top.

    Args:
        cells: uint8 (rows, count, channels), lowest price first.
        second_px: pixels a column.
        tick_px: pixels a row.

    Returns:
        uint8 (rows * tick_px, count * second_px, channels).
    """
    return np.repeat(np.repeat(cells[::-1], tick_px, axis=0), second_px, axis=1)
