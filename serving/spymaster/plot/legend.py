"""The legend above the main panel: the meaning of colours, lines and bubbles."""

from __future__ import annotations

import numpy as np

from spymaster.plot import grid, scale
from spymaster.plot.canvas import Canvas
from spymaster.plot.colours import (
    BEST_ASK,
    BEST_BID,
    CALLS,
    CHOP,
    CONDITION_MET,
    CONDITION_NOT_MET,
    DEPTH_RAMPS,
    LEVEL,
    PUTS,
    SPOT,
    TEXT,
    ZERO_DEPTH,
    Colour,
)
from spymaster.plot.layers import (
    AGGRESSORS,
    APPROACH_LINE_PX,
    LEVEL_LINE_PX,
    QUOTE_LINE_PX,
    SPOT_LINE_PX,
    STRIKE_PX,
    bubble_diameter_px,
    draw_bubbles,
)
from spymaster.plot.picture_layout import Box
from spymaster.plot.scene import Scene

_BARS = (("A", "asks"), ("B", "bids"))
_BAR_WIDTH_PX, _BAR_HEIGHT_PX = 200, 13
_BAR_LABELS_PX = 38
_SWATCH_WIDTH_PX, _SWATCH_HEIGHT_PX = 22, 14
_ROW_PX = 20
_ROWS = 2
_TEXT_GAP_PX = 6
_COLUMN_GAP_PX = 20
_SIZE_PX = 11.5
_ABOVE_PX = 8
# volume of the largest bubble in the legend, as a share of the largest in the picture
_BUBBLE_SHARE = 0.5


class Strip:
    """Items in two rows and as many columns as it takes, each as wide as its words."""

    def __init__(self, canvas: Canvas, left: int, bottom: int) -> None:
        self._canvas, self._axes = canvas, canvas.overlay()
        self._left, self._right = left, left
        self._bottom, self._row = bottom, 0

    def next_column(self) -> None:
        """Continue to the right of the placed items."""
        if self._right > self._left:
            self._left, self._row = self._right + _COLUMN_GAP_PX, 0

    def bars(self, depth: grid.DepthScale) -> None:
        """Place the colour bars of asks and bids over one logarithmic axis of contracts."""
        top = self._bottom + _ROWS * _ROW_PX
        bottoms = [top - (number + 1) * _BAR_HEIGHT_PX for number in range(len(_BARS))]
        for (_, name), bottom in zip(_BARS, bottoms, strict=True):
            self._write(self._left, bottom + _BAR_HEIGHT_PX / 2, name)
        left = self._right + _TEXT_GAP_PX
        for (side, _), bottom in zip(_BARS, bottoms, strict=True):
            ramp = DEPTH_RAMPS[side]
            bar = np.full((_BAR_HEIGHT_PX, _BAR_WIDTH_PX, 4), 255, np.uint8)
            places = np.linspace(0, len(ramp) - 1, _BAR_WIDTH_PX)
            bar[:, :, :3] = ramp[np.rint(places).astype(np.int64)]
            self._canvas.paint(bar, left, bottom)
        for qty, label in _bar_labels(depth):
            place = left + float(depth.place(np.array(qty))) * _BAR_WIDTH_PX
            self._write(place, bottoms[-1] - _BAR_HEIGHT_PX / 2, label, ha="center")
        self._right = left + _BAR_WIDTH_PX + _BAR_LABELS_PX // 2
        self._write(self._right, bottoms[-1] + _BAR_HEIGHT_PX, "resting depth,\ncontracts")
        self.next_column()

    def swatch(self, image: np.ndarray, label: str) -> None:
        """Place a small framed raster."""
        height, width = image.shape[:2]
        left, bottom = self._left, int(self._middle - height / 2)
        self._canvas.paint(image, left, bottom)
        self._canvas.frame(Box(left, bottom, width, height))
        self._label(width, label)

    def line(self, colour: Colour, thickness_px: int, label: str) -> None:
        """Place a short line."""
        mask = np.ones((thickness_px, _SWATCH_WIDTH_PX), bool)
        bottom = int(self._middle) - thickness_px // 2
        self._canvas.paint(grid.coloured(mask, colour), self._left, bottom)
        self._label(_SWATCH_WIDTH_PX, label)

    def bubble(self, colour: Colour, diameter_px: float, label: str) -> None:
        """Place a bubble."""
        x, y = np.array([self._left + diameter_px / 2]), np.array([self._middle])
        draw_bubbles(self._axes, x, y, np.array([diameter_px]), np.array([colour]))
        self._label(diameter_px, label)

    @property
    def _middle(self) -> float:
        """Height of the next item."""
        return self._bottom + (_ROWS - self._row - 0.5) * _ROW_PX

    def _label(self, item_px: float, label: str) -> None:
        self._write(self._left + item_px + _TEXT_GAP_PX, self._middle, label)
        self._row += 1
        if self._row == _ROWS:
            self.next_column()

    def _write(self, left: float, middle: float, text: str, ha: str = "left") -> None:
        written = self._canvas.text(
            left, middle, text, colour=TEXT, size_px=_SIZE_PX, ha=ha, va="center"
        )
        self._right = max(self._right, round(left + self._canvas.width_of(written)))


def add_legend(canvas: Canvas, box: Box, scene: Scene) -> None:
    """Add the legend above a box."""
    strip = Strip(canvas, box.left, box.top + _ABOVE_PX)
    if scene.depth_scale is not None:
        strip.bars(scene.depth_scale)
    null = np.zeros((_SWATCH_HEIGHT_PX, _SWATCH_WIDTH_PX, 4), np.uint8)
    zero = grid.coloured(np.ones(null.shape[:2], bool), ZERO_DEPTH)
    strip.swatch(zero, "no depth")
    strip.swatch(null, "not known")
    strip.swatch(
        grid.hatching(np.ones(1, bool), _SWATCH_WIDTH_PX, _SWATCH_HEIGHT_PX), "invalid second"
    )
    strip.swatch(
        grid.gap_hatching(np.ones(1, bool), _SWATCH_WIDTH_PX, _SWATCH_HEIGHT_PX), "recording gap"
    )
    strip.line(SPOT, SPOT_LINE_PX, "spot")
    strip.line(BEST_ASK, QUOTE_LINE_PX, "best ask")
    strip.line(BEST_BID, QUOTE_LINE_PX, "best bid")
    if scene.levels:
        strip.line(LEVEL, LEVEL_LINE_PX, "level")
    if scene.approaches:
        strip.line(CHOP, APPROACH_LINE_PX, "approach, with its outcome")
    if scene.conditions:
        whole = np.ones(null.shape[:2], bool)
        strip.swatch(grid.coloured(whole, CONDITION_MET), "condition met")
        strip.swatch(grid.coloured(whole, CONDITION_NOT_MET), "condition not met")
    if scene.strikes:
        for right, colour in (("calls above", CALLS), ("puts below", PUTS)):
            strip.line(
                colour, STRIKE_PX, f"gamma of {right} the strike, $/point\N{SUPERSCRIPT TWO}"
            )
    if scene.bubbles:
        largest = max(int(chosen.qty.max()) for chosen in scene.bubbles.values())
        qty = scale.round_number_down(largest * _BUBBLE_SHARE)
        diameter_px = float(bubble_diameter_px(scene, box, np.array(qty)))
        for side in scene.bubbles:
            name, colour = AGGRESSORS[side]
            strip.bubble(colour, diameter_px, f"{qty:,} {name} in 1 s")


def _bar_labels(depth: grid.DepthScale) -> list[tuple[int, str]]:
    """Return depths and labels: both ends of the scale, and round numbers."""
    low, high = depth.low_qty, depth.high_qty
    labels, last, qty = [(low, f"\N{LESS-THAN OR EQUAL TO}{low:,}")], 0.0, low
    while True:
        qty = scale.round_number_up(qty + 1)
        place = float(depth.place(np.array(qty))) * _BAR_WIDTH_PX
        if place > _BAR_WIDTH_PX - _BAR_LABELS_PX:
            return [*labels, (high, f"\N{GREATER-THAN OR EQUAL TO}{high:,}")]
        if place - last >= _BAR_LABELS_PX:
            labels.append((qty, f"{qty:,}"))
            last = place
