"""Resting depth of a picture: the whole book around spot, or the ten best levels alone."""

from __future__ import annotations

import numpy as np

from spymaster.hud.cells import PriceRows, depth_cells, depth_grid, known_cells
from spymaster.hud.paint import DepthScale, default_depth_scale
from spymaster.plot import grid
from spymaster.plot.colours import THEME
from spymaster.plot.read import Columns, Reader, Reading

# depths beyond these quantiles of the picture take the colour of the scale's end
# an order that rests at one price throughout is one cell of each column
SCALE_SHARES = (0.05, 0.98)

_LEVELS = 10


def read_depth(
    reader: Reader,
    reading: Reading,
    spot: np.ndarray,
    nothing_outside: np.ndarray,
    rows: PriceRows,
) -> tuple[np.ndarray, DepthScale | None, np.ndarray]:
    """Read resting depth and colour its cells.

    Args:
        reader: the published file.
        reading: what is read already.
        spot: float64 (count,), ticks; NaN for none.
        nothing_outside: bool (count,), no depth rests beyond the reach of walls.
        rows: rows of the picture.

    Returns:
        The cells, uint8 (rows, count, 4), transparent where depth is not known; the scale of
        their colours, None when nothing rests in the picture; and the seconds whose depth is
        known, bool (count,).
    """
    tick_int, count = reading.tick_int, len(spot)
    covered = np.zeros(count, bool)
    covered[reading.covered] = True
    known = known_cells(spot, covered, reading.reach_ticks, nothing_outside, rows)
    walls = reader.read_walls(rows.low_tick * tick_int, rows.high_tick * tick_int)
    depth = _in_cells(walls, rows, tick_int, count)
    levels = reader.read_ten_levels()
    if levels is not None:
        depth += _in_cells(levels, rows, tick_int, count)
        low, high = ten_levels_reach(levels, tick_int, count)
        known |= (rows.ticks[:, None] >= low) & (rows.ticks[:, None] <= high)
        covered |= low <= high
    scale = grid.depth_scale(depth, *SCALE_SHARES)
    return depth_cells(depth, known, scale or default_depth_scale(), THEME), scale, covered


def ten_levels_reach(levels: Columns, tick_int: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the prices between which ten levels say everything that rests.

    A side with fewer than ten levels has nothing beyond them.

    Args:
        levels: second, side and price_int of each level, (n,).
        tick_int: minimum price increment, 1e-9 units.
        count: seconds of the picture.

    Returns:
        Lowest and highest price of each second in ticks, float64 (count,); the lowest is above
        the highest in a second without levels.
    """
    second = np.asarray(levels["second"])
    tick = np.asarray(levels["price_int"]) // tick_int
    is_bid = np.asarray(levels["side"] == "B")
    low, high = np.full(count, np.inf), np.full(count, -np.inf)
    np.minimum.at(low, second, tick)
    np.maximum.at(high, second, tick)
    bids = np.bincount(second[is_bid], minlength=count)
    asks = np.bincount(second[~is_bid], minlength=count)
    there = bids + asks > 0
    low[there & (bids < _LEVELS)] = -np.inf
    high[there & (asks < _LEVELS)] = np.inf
    return low, high


def _in_cells(levels: Columns, rows: PriceRows, tick_int: int, count: int) -> np.ndarray:
    return depth_grid(
        np.asarray(levels["second"]),
        np.asarray(levels["side"] == "B"),
        np.asarray(levels["price_int"]) // tick_int,
        np.asarray(levels["depth_qty_end"]),
        rows,
        count,
    )
