"""Thin lines at the edges of a row, so that the depth in it stays readable.

A level is a line at the upper edge of its row, gamma exposure one at the lower edge. A line is at
most a sixth of the row high and one pixel at least. Where one pixel is much of a row, the line is
drawn in some of the seconds only: a level takes at most a quarter of the pixels of its row, gamma
exposure, which may be opaque, at most a sixth.
"""

from __future__ import annotations

import numpy as np

from spymaster.hud.paint import paint_tables

LEVELS, GEX = "levels", "gex"
# layers that are lines at the edges of rows
EDGES = (GEX, LEVELS)


def line_pixels(name: str, tick_px: int) -> range:
    """Return the pixels of a row, counted from its upper edge, that a line takes.

    Args:
        name: ``levels`` or ``gex``.
        tick_px: pixels a row.
    """
    thick = max(1, tick_px // paint_tables()["grid"]["line_share"])
    return range(thick) if name == LEVELS else range(tick_px - thick, tick_px)


def level_drawn(second: np.ndarray, tick_px: int, *, is_provisional: bool) -> np.ndarray:
    """Return in which seconds the line of a level is drawn, bool; half as many if provisional.

    Args:
        second: int64 (n,), seconds since midnight UTC.
        tick_px: pixels a row.
        is_provisional: the level is not final yet.
    """
    drawn_s = _drawn_seconds("level_share", tick_px)
    return second % _period_s() < (drawn_s // 2 if is_provisional else drawn_s)


def gex_drawn(second: np.ndarray, tick_px: int) -> np.ndarray:
    """Return in which seconds gamma exposure is drawn, bool: where a level's line is not first.

    Args:
        second: int64 (n,), seconds since midnight UTC.
        tick_px: pixels a row.
    """
    later = second + _period_s() // 2
    return later % _period_s() < _drawn_seconds("gex_share", tick_px)


def _drawn_seconds(share: str, tick_px: int) -> int:
    """Return the seconds of a period in which a line of one pixel keeps to its share of a row."""
    return min(_period_s(), _period_s() * tick_px // paint_tables()["grid"][share])


def _period_s() -> int:
    period_s: int = paint_tables()["grid"]["dash_period_s"]
    return period_s
