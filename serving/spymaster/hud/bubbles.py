"""Trades as bubbles by size, where rows are high enough to leave room for them.

The area of a bubble is in proportion to the contracts that traded at a price in a second, and to
the range of depth: a quarter of the depth with the last colour has a bubble that reaches a row up
and down. Smaller trades have the colour of their cell alone.
"""

from __future__ import annotations

import math

import numpy as np

from spymaster.hud.cells import lay_over
from spymaster.hud.layers import AGGRESSORS, Picture, traded_qty
from spymaster.hud.paint import paint_tables


def radius_px(qty: int, high_qty: int, tick_px: int) -> int:
    """Return how far a bubble reaches from its middle; 0 where there is none.

    Args:
        qty: contracts of a price and second.
        high_qty: depth that takes the last colour, contracts.
        tick_px: pixels a row.
    """
    grid = paint_tables()["grid"]
    if tick_px < grid["bubble_tick_px"]:
        return 0
    radius = math.isqrt(qty * grid["bubbles_of_depth"] * tick_px**2 // high_qty)
    return min(radius, grid["bubble_rows"] * tick_px) if radius >= tick_px else 0


def draw_bubbles(pixels: np.ndarray, picture: Picture, second_px: int) -> None:
    """Draw the bubbles into the pixels of a picture, in place, the earliest first.

    Args:
        pixels: uint8 (rows * tick_px, columns * second_px, 3), highest price first.
        picture: the picture.
        second_px: pixels a column.
    """
    qty = traded_qty(picture)
    tick_px, rows = picture.tick_px, picture.frame.rows.count
    colours = [picture.theme.colours[name] for name in AGGRESSORS.values()]
    alpha = paint_tables()["grid"]["bubble_alpha"]
    total, most = qty.sum(axis=0), qty.argmax(axis=0)
    for column, row in np.argwhere(total.T > 0).tolist():
        radius = radius_px(int(total[row, column]), picture.scale.high_qty, tick_px)
        colour = np.array([*colours[most[row, column]][:3], alpha], np.uint8)
        middle_y = (rows - 1 - row) * tick_px + tick_px // 2
        middle_x = column * second_px + second_px // 2
        for down in range(-radius, radius + 1 if radius else -radius):
            half, y = math.isqrt(radius**2 - down**2), middle_y + down
            if 0 <= y < pixels.shape[0]:
                line = pixels[y : y + 1, max(0, middle_x - half) : middle_x + half + 1]
                lay_over(line, np.broadcast_to(colour, (*line.shape[:2], 4)))
