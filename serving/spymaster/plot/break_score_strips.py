"""Strips of the break score, one per level: signal, score and state of the barrier."""

from __future__ import annotations

from typing import Any

import numpy as np

from spymaster.plot import grid
from spymaster.plot.break_scores import BreakScore
from spymaster.plot.canvas import Canvas
from spymaster.plot.colours import (
    BARRIER_COLOURS,
    BREAK,
    DIRECTION_COLOURS,
    REJECT,
    SIGNAL_COLOURS,
    TEXT,
    Colour,
)
from spymaster.plot.layers import draw_invalid, draw_recording_gaps, draw_time_grid
from spymaster.plot.picture_layout import BARRIER_PX, SCORE_PX, SIGNAL_PX, Box
from spymaster.plot.scene import Scene

_FULL = 100
_FILL_ALPHA = 150
_BOUND_ALPHA = 150
_LINE_PX = 2
# dashes of a bound
_DASH_PX = 3
_ROW_TEXT_PX = 9.5
_ROW_GAP_PX = 6


def add_break_score_panel(canvas: Canvas, boxes: dict[str, Box], scene: Scene) -> None:
    """Add a strip per level: signal on top, score between its bounds, state of the barrier below.

    Nothing is drawn where a value is unknown, and no signal where none is.
    """
    for level_id, box in boxes.items():
        found = scene.break_scores[level_id]
        panel = canvas.panel(box, (0, scene.seconds.count), (0, box.height))
        draw_invalid(panel, scene)
        draw_recording_gaps(panel, scene)
        draw_time_grid(panel, scene)
        panel.paint(_row(found.signal, SIGNAL_COLOURS, box, 0, SIGNAL_PX, scene))
        score_top = SIGNAL_PX + 1
        for image in _score_images(found, box, score_top, scene):
            panel.paint(image)
        below = score_top + SCORE_PX + 1
        panel.paint(_row(found.state, BARRIER_COLOURS, box, below, BARRIER_PX, scene))
        _name_rows(canvas, box, level_id, found)


def _row(
    names: np.ndarray, colours: dict[str, Colour], box: Box, top: int, height: int, scene: Scene
) -> np.ndarray:
    """Return a row of pixels in the colours of names, from a distance below the top of the box."""
    image = np.zeros((box.height, box.width, 4), np.uint8)
    columns = np.repeat(names, scene.cell.second_px)
    for name, colour in colours.items():
        image[top : top + height, columns == name] = (*colour, 255)
    return image


def _score_images(found: BreakScore, box: Box, top: int, scene: Scene) -> list[np.ndarray]:
    """Return fill, bounds and line of a score.

    The line breaks where the direction changes: the score begins anew there.
    """
    second_px, last = scene.cell.second_px, top + SCORE_PX - 1
    fills, bounds, lines = [], [], []
    for direction, colour in DIRECTION_COLOURS.items():
        height = _heights(np.where(found.direction == direction, found.score, np.nan))
        tops = last + 1 - _LINE_PX - height
        fills.append(grid.bars(last + 1, height, second_px, box.height, colour, _FILL_ALPHA))
        lines.append(grid.step_line(tops, _LINE_PX, second_px, box.height, TEXT))
    for score, colour in ((found.break_above, BREAK), (found.reject_below, REJECT)):
        mask = np.zeros((box.height, box.width), bool)
        dashes = np.arange(box.width) % (2 * _DASH_PX) < _DASH_PX
        mask[last - int(_heights(np.array(score)))] = dashes
        bounds.append(grid.coloured(mask, colour, _BOUND_ALPHA))
    return [*fills, *bounds, *lines]


def _heights(score: np.ndarray) -> np.ndarray:
    """Return the pixels below the line of scores, so that the line fits at both ends."""
    return np.floor(score / _FULL * (SCORE_PX - _LINE_PX))


def _name_rows(canvas: Canvas, box: Box, level_id: str, found: BreakScore) -> None:
    """Write the names of the rows to the left, and the level to the right."""
    score_bottom = box.bottom + BARRIER_PX + 1
    places = [
        ("signal", box.top - SIGNAL_PX / 2),
        (f"{found.break_above:g}", score_bottom + found.break_above / _FULL * SCORE_PX),
        ("score", score_bottom + SCORE_PX / 2),
        (f"{found.reject_below:g}", score_bottom + found.reject_below / _FULL * SCORE_PX),
        ("barrier", box.bottom + BARRIER_PX / 2),
    ]
    place: dict[str, Any] = {"ha": "right", "va": "center"}
    for words, middle in places:
        canvas.text(box.left - _ROW_GAP_PX, middle, words, size_px=_ROW_TEXT_PX, **place)
    middle = box.bottom + box.height / 2
    canvas.text(box.right + _ROW_GAP_PX, middle, level_id, colour=TEXT, va="center")
