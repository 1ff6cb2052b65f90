"""The legend above the main panel: the meaning of colours, lines and bubbles."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from spymaster.hud.cells import gap_hatch, invalid_hatch
from spymaster.hud.paint import DepthScale
from spymaster.plot import grid, scale
from spymaster.plot.canvas import Canvas
from spymaster.plot.colours import (
    BARRIER_COLOURS,
    BEST_ASK,
    BEST_BID,
    CALLS,
    CHOP,
    CONDITION_MET,
    CONDITION_NOT_MET,
    DEPTH_RAMPS,
    DIRECTION_COLOURS,
    LEVEL,
    OUTCOME_COLOURS,
    PUTS,
    SIGNAL_COLOURS,
    SPOT,
    TEXT,
    ZERO_DEPTH,
    Colour,
)
from spymaster.plot.depth import SCALE_SHARES
from spymaster.plot.layers import (
    AGGRESSORS,
    APPROACH_LINE_PX,
    LEVEL_LINE_PX,
    QUOTE_LINE_PX,
    SPOT_LINE_PX,
    STRIKE_PX,
    bubble_diameter_px,
    dashes,
    draw_bubbles,
)
from spymaster.plot.picture_layout import LEGEND_ROW_PX, Box, legend_room_px
from spymaster.plot.retest_marks import RETEST_COLOURS, break_sign, retest_sign
from spymaster.plot.scene import Scene

_BARS = (("A", "asks"), ("B", "bids"))
_BAR_WIDTH_PX, _BAR_HEIGHT_PX = 200, 13
_BAR_LABELS_PX = 38
_SIDE_NAMES_PX = 34
_SWATCH_WIDTH_PX, _SWATCH_HEIGHT_PX = 22, 14
_LEAST_ROWS = 2
_TEXT_GAP_PX = 6
_COLUMN_GAP_PX = 20
_SIZE_PX = 11.5
_ABOVE_PX = 8
_DEPTH_WORDS = f"resting depth, contracts;\n{SCALE_SHARES[1]:.0%} quantile and more: top colour"
# volume of the largest bubble in the legend, as a share of the largest in the picture
_BUBBLE_SHARE = 0.5


@dataclass(frozen=True)
class Item:
    """A sign, as wide as a swatch, and its words.

    Attributes:
        words: the words beside the sign.
        image: the sign, uint8 (height, width, 4); None for a bubble.
        is_framed: whether the sign has a frame.
        bubble: volume and colour of a bubble.
    """

    words: str
    image: np.ndarray | None = None
    is_framed: bool = False
    bubble: tuple[int, Colour] | None = None


class Legend:
    """Colour bars, and signs in as many rows as it takes to end where the profile begins."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._items = list(_items(scene))
        # texts are measured before the picture's size is known
        measured = Canvas(1, 1)

        def width_px(words: str) -> int:
            return math.ceil(measured.width_of(measured.text(0, 0, words, size_px=_SIZE_PX)))

        self._widths = [
            _SWATCH_WIDTH_PX + _TEXT_GAP_PX + width_px(item.words) for item in self._items
        ]
        self._bars_px = 0
        if scene.depth_scale is not None:
            words_px = width_px(_DEPTH_WORDS) + _BAR_LABELS_PX // 2 + _COLUMN_GAP_PX
            self._bars_px = _SIDE_NAMES_PX + _BAR_WIDTH_PX + words_px
        self.rows = _LEAST_ROWS
        while self._width_px() > legend_room_px(scene) and self.rows < len(self._items):
            self.rows += 1

    def draw(self, canvas: Canvas, main: Box) -> None:
        """Draw the legend above the main panel."""
        top = main.top + _ABOVE_PX + self.rows * LEGEND_ROW_PX
        if self._scene.depth_scale is not None:
            _draw_bars(canvas, main.left, top, self._scene.depth_scale)
        left, axes = main.left + self._bars_px, canvas.overlay()
        for items, width_px in self._columns():
            for row, item in enumerate(items):
                middle = top - (row + 0.5) * LEGEND_ROW_PX
                if item.image is not None:
                    _draw_image(canvas, left, middle, item.image, item.is_framed)
                if item.bubble is not None:
                    qty, colour = item.bubble
                    size_px = bubble_diameter_px(self._scene, main, np.array([qty]))
                    x, y = np.array([left + _SWATCH_WIDTH_PX / 2]), np.array([middle])
                    draw_bubbles(axes, x, y, size_px, np.array([colour]))
                _write(canvas, left + _SWATCH_WIDTH_PX + _TEXT_GAP_PX, middle, item.words)
            left += width_px + _COLUMN_GAP_PX

    def _columns(self) -> Iterator[tuple[list[Item], int]]:
        """Yield the items of each column and its width."""
        for first in range(0, len(self._items), self.rows):
            chosen = slice(first, first + self.rows)
            yield self._items[chosen], max(self._widths[chosen])

    def _width_px(self) -> int:
        widths = [width_px for _, width_px in self._columns()]
        return self._bars_px + sum(widths) + (len(widths) - 1) * _COLUMN_GAP_PX


def _items(scene: Scene) -> Iterator[Item]:
    """Yield the signs of what the picture shows."""
    whole = np.ones((_SWATCH_HEIGHT_PX, _SWATCH_WIDTH_PX), bool)
    one_column = np.ones(1, bool), _SWATCH_WIDTH_PX, _SWATCH_HEIGHT_PX
    yield Item("no depth", grid.coloured(whole, ZERO_DEPTH), is_framed=True)
    yield Item("not known", grid.coloured(~whole, ZERO_DEPTH), is_framed=True)
    yield Item("invalid second", grid.hatched(*one_column, invalid_hatch), is_framed=True)
    yield Item("recording gap", grid.hatched(*one_column, gap_hatch), is_framed=True)
    yield Item("spot", _line(SPOT, SPOT_LINE_PX))
    yield Item("best ask", _line(BEST_ASK, QUOTE_LINE_PX))
    yield Item("best bid", _line(BEST_BID, QUOTE_LINE_PX))
    if scene.levels:
        yield Item("level", _line(LEVEL, LEVEL_LINE_PX))
    outcomes = {approach.outcome for approach in scene.approaches}
    for outcome, colour in OUTCOME_COLOURS.items():
        if outcome in outcomes:
            yield Item(f"approach: {outcome}", _line(colour, APPROACH_LINE_PX))
    if outcomes - OUTCOME_COLOURS.keys():
        yield Item("approach: other or none", _line(CHOP, APPROACH_LINE_PX))
    if scene.retests:
        yield Item("level broken, up or down", grid.coloured(break_sign(is_up=True), CHOP))
        yield Item("retest", grid.coloured(retest_sign(), CHOP))
    for outcome, colour in RETEST_COLOURS.items():
        if outcome in {retest.outcome for retest in scene.retests}:
            yield Item(f"retest: {outcome}", grid.coloured(retest_sign(), colour))
    if scene.conditions:
        yield Item("condition met", grid.coloured(whole, CONDITION_MET), is_framed=True)
        yield Item("condition not met", grid.coloured(whole, CONDITION_NOT_MET), is_framed=True)
    scores = scene.break_scores.values()
    for kind, colours, found in (
        ("score: break", DIRECTION_COLOURS, [score.direction for score in scores]),
        ("barrier:", BARRIER_COLOURS, [score.state for score in scores]),
        ("signal:", SIGNAL_COLOURS, [score.signal for score in scores]),
    ):
        seen = set(np.concatenate([*found, [""]]))
        for name, colour in colours.items():
            if name in seen:
                yield Item(f"{kind} {name}", grid.coloured(whole, colour), is_framed=True)
    if scene.calibration_steps:
        upright = np.arange(_SWATCH_WIDTH_PX) == _SWATCH_WIDTH_PX // 2
        yield Item("calibration step", dashes(whole & upright))
    if scene.strikes:
        unit = "$/point\N{SUPERSCRIPT TWO}"
        yield Item(f"gamma of calls above the strike, {unit}", _line(CALLS, STRIKE_PX))
        yield Item(f"gamma of puts below the strike, {unit}", _line(PUTS, STRIKE_PX))
    if scene.bubbles:
        largest = max(int(chosen.qty.max()) for chosen in scene.bubbles.values())
        qty = scale.round_number_down(largest * _BUBBLE_SHARE)
        for side in scene.bubbles:
            name, colour = AGGRESSORS[side]
            yield Item(f"{qty:,} {name} in 1 s", bubble=(qty, colour))


def _line(colour: Colour, thickness_px: int) -> np.ndarray:
    return grid.coloured(np.ones((thickness_px, _SWATCH_WIDTH_PX), bool), colour)


def _draw_image(
    canvas: Canvas, left: int, middle: float, image: np.ndarray, is_framed: bool
) -> None:
    height, width = image.shape[:2]
    bottom = int(middle - height / 2)
    canvas.paint(image, left, bottom)
    if is_framed:
        canvas.frame(Box(left, bottom, width, height))


def _draw_bars(canvas: Canvas, left: int, top: int, depth: DepthScale) -> None:
    """Draw the colour bars of asks and bids over one logarithmic axis of contracts."""
    bar_left = left + _SIDE_NAMES_PX
    for number, (side, name) in enumerate(_BARS, 1):
        bottom, ramp = top - number * _BAR_HEIGHT_PX, DEPTH_RAMPS[side]
        _write(canvas, left, bottom + _BAR_HEIGHT_PX / 2, name)
        bar = np.full((_BAR_HEIGHT_PX, _BAR_WIDTH_PX, 4), 255, np.uint8)
        places = np.linspace(0, len(ramp) - 1, _BAR_WIDTH_PX)
        bar[:, :, :3] = ramp[np.rint(places).astype(np.int64)]
        canvas.paint(bar, bar_left, bottom)
    lowest = top - len(_BARS) * _BAR_HEIGHT_PX
    for qty, label in _bar_labels(depth):
        place = bar_left + depth.place(qty) * _BAR_WIDTH_PX
        _write(canvas, place, lowest - _BAR_HEIGHT_PX / 2, label, ha="center")
    right = bar_left + _BAR_WIDTH_PX + _BAR_LABELS_PX // 2
    _write(canvas, right, lowest + _BAR_HEIGHT_PX, _DEPTH_WORDS)


def _write(canvas: Canvas, left: float, middle: float, text: str, ha: str = "left") -> None:
    canvas.text(left, middle, text, colour=TEXT, size_px=_SIZE_PX, ha=ha, va="center")


def _bar_labels(depth: DepthScale) -> list[tuple[int, str]]:
    """Return depths and labels: both ends of the scale, and round numbers."""
    low, high = depth.low_qty, depth.high_qty
    labels, last, qty = [(low, f"\N{LESS-THAN OR EQUAL TO}{low:,}")], 0.0, low
    while True:
        qty = scale.round_number_up(qty + 1)
        place = depth.place(qty) * _BAR_WIDTH_PX
        if place > _BAR_WIDTH_PX - _BAR_LABELS_PX:
            return [*labels, (high, f"\N{GREATER-THAN OR EQUAL TO}{high:,}")]
        if place - last >= _BAR_LABELS_PX:
            labels.append((qty, f"{qty:,}"))
            last = place
