"""Panels of market features: spread, order flow imbalance, book imbalance, realised volatility."""

from __future__ import annotations

import numpy as np

from spymaster.hud.cells import invalid_hatch
from spymaster.plot import grid
from spymaster.plot.canvas import Canvas, Panel
from spymaster.plot.colours import (
    BEST_ASK,
    BEST_BID,
    BUY,
    FAINT_TEXT,
    FRAME,
    SELL,
    SPOT,
    TEXT,
    Colour,
)
from spymaster.plot.layers import draw_recording_gaps, draw_time_grid
from spymaster.plot.market import MarketFeatures
from spymaster.plot.panels import Note, whole_numbers
from spymaster.plot.picture_layout import Box, MarketBoxes
from spymaster.plot.scene import Scene

_LINE_PX = 2
_ROOM = 1.1
_IMBALANCE_ROOM = 1.06
_BAR_ALPHA = 210
_FILL_ALPHA = 150
_MOST_LABELS = 4
# least height of a panel that starts at zero, in its unit
_LEAST_FULL = 1.0
_VOLATILITIES: dict[str, tuple[str, Colour]] = {
    "volatility_300s": ("the last 300 s", TEXT),
    "volatility_60s": ("the last 60 s", SPOT),
}


def add_market_panels(
    canvas: Canvas, boxes: MarketBoxes, scene: Scene, market: MarketFeatures
) -> Panel:
    """Add the panels and return the lowest.

    A second or bar that is not valid is hatched; nothing is drawn where a value is unknown.
    """
    _add_spread(canvas, boxes.spread, scene, market)
    _add_ofi(canvas, boxes.ofi, scene, market)
    _add_imbalance(canvas, boxes.imbalance, scene, market)
    return _add_volatility(canvas, boxes.volatility, scene, market)


def market_notes(market: MarketFeatures) -> dict[str, tuple[str, list[Note]]]:
    """Return title and notes of each panel by its name in ``MarketBoxes``."""
    return {
        "spread": ("spread", [("best ask \N{MINUS SIGN} best bid", FAINT_TEXT)]),
        "ofi": (
            "order flow imbalance",
            [
                (f"best quotes, bars of {market.bar_s} s", FAINT_TEXT),
                ("bids gain or asks lose, up", BUY),
                ("asks gain or bids lose, down", SELL),
            ],
        ),
        "imbalance": (
            "book imbalance",
            [
                ("(bids \N{MINUS SIGN} asks) / both", FAINT_TEXT),
                ("best level, bids more", BEST_BID),
                ("best level, asks more", BEST_ASK),
                ("ten levels, line", TEXT),
            ],
        ),
        "volatility": ("realised volatility", list(_VOLATILITIES.values())[::-1]),
    }


def _add_spread(canvas: Canvas, box: Box, scene: Scene, market: MarketFeatures) -> None:
    full = _largest(market.spread) + _LEAST_FULL
    panel = _panel(canvas, box, scene, (0, full), market.invalid_seconds)
    panel.axes.set_yticks(*whole_numbers(0, full, _MOST_LABELS))
    _draw_line(panel, scene, market.spread, (0, full), TEXT)
    panel.label("ticks")


def _add_ofi(canvas: Canvas, box: Box, scene: Scene, market: MarketFeatures) -> None:
    full = max(_largest(np.abs(market.ofi)), _LEAST_FULL) * _ROOM
    panel = _panel(canvas, box, scene, (-full, full), market.invalid_bars)
    panel.axes.set_yticks(*whole_numbers(-full, full, _MOST_LABELS))
    image = _signed_bars(market.ofi / full, box, scene, (BUY, SELL), _BAR_ALPHA)
    # a pixel parts the bars where it leaves most of them
    if market.bar_s * scene.cell.second_px > _LINE_PX:
        image[:, [end * scene.cell.second_px - 1 for end in market.bar_ends]] = 0
    panel.paint(image)
    _draw_zero(panel)
    panel.label("contracts")


def _add_imbalance(canvas: Canvas, box: Box, scene: Scene, market: MarketFeatures) -> None:
    full = _IMBALANCE_ROOM
    panel = _panel(canvas, box, scene, (-full, full), market.invalid_seconds)
    panel.axes.set_yticks([-1, 0, 1], ["\N{MINUS SIGN}1", "0", "1"])
    colours = BEST_BID, BEST_ASK
    panel.paint(_signed_bars(market.imbalance_l1 / full, box, scene, colours, _FILL_ALPHA))
    _draw_zero(panel)
    _draw_line(panel, scene, market.imbalance_l10, (-full, full), TEXT)
    panel.label("share, \N{MINUS SIGN}1 to 1")


def _add_volatility(canvas: Canvas, box: Box, scene: Scene, market: MarketFeatures) -> Panel:
    values = [getattr(market, name) for name in _VOLATILITIES]
    full = max(*map(_largest, values), _LEAST_FULL) * _ROOM
    panel = _panel(canvas, box, scene, (0, full), market.invalid_bars)
    panel.axes.set_yticks(*whole_numbers(0, full, _MOST_LABELS))
    for value, (_, colour) in zip(values, _VOLATILITIES.values(), strict=True):
        _draw_line(panel, scene, value, (0, full), colour)
    panel.label("ticks")
    return panel


def _panel(
    canvas: Canvas, box: Box, scene: Scene, y_range: tuple[float, float], invalid: np.ndarray
) -> Panel:
    """Add a panel with the shared seconds, hatched where its values are not valid."""
    panel = canvas.panel(box, (0, scene.seconds.count), y_range)
    panel.paint(grid.hatched(invalid, scene.cell.second_px, box.height, invalid_hatch))
    draw_recording_gaps(panel, scene)
    draw_time_grid(panel, scene)
    return panel


def _draw_line(
    panel: Panel, scene: Scene, values: np.ndarray, y_range: tuple[float, float], colour: Colour
) -> None:
    """Draw a step line whose middle lies at the values."""
    low, high = y_range
    height = panel.box.height
    tops = np.floor((high - values) / (high - low) * height - _LINE_PX / 2)
    # the line of a value at an end of the range stays inside
    tops = np.clip(tops, 0, height - _LINE_PX)
    panel.paint(grid.step_line(tops, _LINE_PX, scene.cell.second_px, height, colour))


def _signed_bars(
    share: np.ndarray, box: Box, scene: Scene, colours: tuple[Colour, Colour], alpha: int
) -> np.ndarray:
    """Return bars from the middle row: up in the first colour, down in the second.

    Args:
        share: float64 (count,), -1 to 1, of half the panel; NaN for no bar.
        box: the panel.
        scene: the picture.
        colours: colours of positive and of negative values.
        alpha: opacity of the bars.
    """
    middle = box.height // 2
    image = np.zeros((box.height, box.width, 4), np.uint8)
    for sign, colour in zip((1, -1), colours, strict=True):
        own = np.where(share * sign > 0, share, np.nan)
        # the smallest value has a pixel
        size = sign * np.ceil(np.abs(own) * (middle - 1))
        image += grid.bars(middle, size, scene.cell.second_px, box.height, colour, alpha)
    return image


def _draw_zero(panel: Panel) -> None:
    """Draw the row that parts positive from negative values."""
    row = np.zeros((panel.box.height, panel.box.width), bool)
    row[panel.box.height // 2] = True
    panel.paint(grid.coloured(row, FRAME))


def _largest(values: np.ndarray) -> float:
    """Return the largest value, 0 if all are unknown."""
    return float(np.nan_to_num(values).max(initial=0.0))
