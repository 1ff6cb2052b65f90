"""Trades of a picture: a bubble per second and side of the aggressor, volume per price."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from spymaster.hud.cells import PriceRows, to_pixels
from spymaster.plot.colours import Colour

# side of the aggressor
BUYER, SELLER, NOBODY = "B", "A", "N"

_PARTED_FROM_PX = 4


@dataclass(frozen=True)
class Bubbles:
    """Volume per second of one side of the aggressor, at its average price.

    Attributes:
        second: int64 (n,), columns.
        tick: float64 (n,), volume-weighted average price, in ticks.
        qty: int64 (n,), contracts.
    """

    second: np.ndarray
    tick: np.ndarray
    qty: np.ndarray


def bubbles(second: np.ndarray, tick: np.ndarray, qty: np.ndarray) -> Bubbles:
    """Sum the trades of one side of the aggressor by second.

    Args:
        second: int64 (n,), columns of the trades.
        tick: int64 (n,), prices in ticks.
        qty: int64 (n,), contracts, above zero.
    """
    seconds, group = np.unique(second, return_inverse=True)
    volume, weighted = np.zeros((2, len(seconds)), np.int64)
    np.add.at(volume, group, qty)
    np.add.at(weighted, group, qty * tick)
    return Bubbles(seconds, weighted / volume, volume)


def volume_by_row(tick: np.ndarray, qty: np.ndarray, rows: PriceRows) -> np.ndarray:
    """Return contracts traded at each row of the picture, int64 (rows,), lowest price first."""
    inside = rows.hold(tick)
    volume = np.zeros(rows.count, np.int64)
    np.add.at(volume, tick[inside] - rows.low_tick, qty[inside])
    return volume


def stacked_bars(
    volumes: list[tuple[np.ndarray, Colour]], full_qty: float, width_px: int, tick_px: int
) -> np.ndarray:
    """Return bars side by side from the left, one row a tick, highest price on top.

    Args:
        volumes: for each part its volume, int64 (rows,), contracts, lowest price first, and colour.
        full_qty: contracts that fill the width.
        width_px: width of the panel.
        tick_px: pixels a row; in rows of four pixels or more the lowest stays empty.

    Returns:
        uint8 (rows * tick_px, width_px, 4), transparent where there is no bar.
    """
    rows = len(volumes[0][0])
    bars = np.zeros((rows, width_px, 4), np.uint8)
    x, start = np.arange(width_px), np.zeros(rows, np.int64)
    total = np.zeros(rows, np.int64)
    for volume, colour in volumes:
        total = total + volume
        end = np.rint(total / full_qty * width_px).astype(np.int64)
        bars[(x >= start[:, None]) & (x < end[:, None])] = (*colour, 255)
        start = end
    image = to_pixels(bars, 1, tick_px)
    if tick_px >= _PARTED_FROM_PX:
        image[tick_px - 1 :: tick_px] = 0
    return image
