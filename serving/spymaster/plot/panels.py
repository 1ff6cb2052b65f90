"""The panels around the main one: scores and volume delta below, volume by price beside."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from spymaster.plot import grid, scale
from spymaster.plot.canvas import Canvas, Panel, points
from spymaster.plot.colours import (
    ABOVE,
    BELOW,
    BUY,
    CONDITION_MET,
    CONDITION_NOT_MET,
    FAINT_TEXT,
    SELL,
    TEXT,
    VACUUM,
    Colour,
    unit_colour,
)
from spymaster.plot.conditions import CONDITION_ROWS
from spymaster.plot.layers import (
    AGGRESSORS,
    TIME_LABELS_PX,
    draw_calibration_steps,
    draw_gaps,
    draw_invalid,
    draw_price_grid,
    draw_recording_gaps,
    draw_time_grid,
    labelled_ticks,
)
from spymaster.plot.picture_layout import CONDITION_PX, Box
from spymaster.plot.scene import Scene
from spymaster.plot.trades import stacked_bars

_LINE_PX = 1.4
_SCORE_LINE_PX = 1
_NOTE_PX = 11.5
_ROW_TEXT_PX = 9.5
_ROW_GAP_PX = 6
_NOTE_LINE_PX = 17
_PROFILE_TICKS_PX = 28
_PROFILE_ROOM = 1.04
_SCORE_MARGIN = 0.04
_DELTA_MARGIN = 0.08
_FILL_ALPHA = 0.35
_SCORE_FILL_ALPHA = 90

SCORE_COLOURS = {"above_score": ABOVE, "below_score": BELOW, "vacuum_total_score": VACUUM}

Note = tuple[str, Colour]


def add_main_panel(canvas: Canvas, box: Box, scene: Scene) -> Panel:
    """Add the main panel with its price axis; the caller draws the layers."""
    panel = canvas.panel(box, _columns(scene), _ticks(scene))
    labelled = labelled_ticks(scene)
    panel.axes.set_yticks(labelled, [scale.price_label(tick, scene.tick_int) for tick in labelled])
    panel.label("price, points")
    return panel


def add_profile_panel(canvas: Canvas, box: Box, scene: Scene) -> None:
    """Add volume by price of the range, bought and sold stacked, on the main panel's rows."""
    parts = [
        (scene.profile[side], *named) for side, named in AGGRESSORS.items() if side in scene.profile
    ]
    largest = max(int(np.sum([volume for volume, *_ in parts], axis=0).max()), 1) if parts else 1
    full = largest * _PROFILE_ROOM
    panel = canvas.panel(box, (0, full), _ticks(scene))
    if parts:
        bars = [(volume, colour) for volume, _, colour in parts]
        panel.paint(stacked_bars(bars, full, box.width, scene.cell.tick_px))
    else:
        panel.say(full / 2, "no trades\nin this range")
    draw_price_grid(panel, scene)
    notes = [(f"{name} {volume.sum():,}", colour) for volume, name, colour in parts]
    panel.axes.xaxis.tick_top()
    panel.axes.set_xticks(*whole_numbers(0, full, 4))
    first = box.top + _PROFILE_TICKS_PX + len(notes) * _NOTE_LINE_PX
    canvas.text(box.left, first, "volume by price, contracts", colour=TEXT)
    _write_notes(canvas, box.left, first, notes)


def add_condition_panel(canvas: Canvas, boxes: dict[str, Box], scene: Scene) -> None:
    """Add a panel of strips, one per level: conditions met, not met, or blank where unknown."""
    for level_id, box in boxes.items():
        panel = canvas.panel(box, _columns(scene), (0, len(CONDITION_ROWS)))
        for value, colour in ((0, CONDITION_NOT_MET), (1, CONDITION_MET)):
            cell = np.ones((CONDITION_PX, scene.cell.second_px), bool)
            # a line between rows
            cell[-1] = False
            panel.paint(grid.coloured(np.kron(scene.conditions[level_id] == value, cell), colour))
        draw_time_grid(panel, scene)
        for number, words in enumerate(CONDITION_ROWS.values()):
            middle = box.top - (number + 0.5) * CONDITION_PX
            place: dict[str, Any] = {"ha": "right", "va": "center"}
            canvas.text(box.left - _ROW_GAP_PX, middle, words, size_px=_ROW_TEXT_PX, **place)
        middle = box.bottom + box.height / 2
        canvas.text(box.right + _ROW_GAP_PX, middle, level_id, colour=TEXT, va="center")


def add_side_scores_panel(canvas: Canvas, box: Box, scene: Scene) -> None:
    """Add the scores of both sides: above_score grows up from the middle, below_score down."""
    full = 1 + _SCORE_MARGIN
    panel = canvas.panel(box, _columns(scene), (-full, full))
    _draw_time_background(panel, scene)
    draw_calibration_steps(panel, scene)
    panel.axes.set_yticks([-1, -0.5, 0, 0.5, 1], ["1", "0.5", "0", "0.5", "1"])
    middle = box.height // 2
    for name, up in (("above_score", 1), ("below_score", -1)):
        colour, second_px = SCORE_COLOURS[name], scene.cell.second_px
        # no pixel of the middle row, which parts the sides
        size = up * (1 + np.floor(scene.scores[name] / full * (middle - 1)))
        panel.paint(grid.bars(middle, size, second_px, box.height, colour, _SCORE_FILL_ALPHA))
        panel.paint(grid.step_line(middle - size, _SCORE_LINE_PX, second_px, box.height, colour))
    draw_gaps(panel, scene, scene.score_gaps)
    panel.label("score, 0 to 1")


def add_total_panel(canvas: Canvas, box: Box, scene: Scene) -> None:
    """Add the mean of both sides' scores."""
    panel = canvas.panel(box, _columns(scene), (-_SCORE_MARGIN, 1 + _SCORE_MARGIN))
    _draw_time_background(panel, scene)
    draw_calibration_steps(panel, scene)
    panel.axes.set_yticks([0, 0.5, 1], ["0", "0.5", "1"])
    name = "vacuum_total_score"
    from_top = (1 + _SCORE_MARGIN - scene.scores[name]) / (1 + 2 * _SCORE_MARGIN)
    tops = np.floor(from_top * box.height - _SCORE_LINE_PX / 2)
    line = (tops, _SCORE_LINE_PX, scene.cell.second_px, box.height, SCORE_COLOURS[name])
    panel.paint(grid.step_line(*line))
    draw_gaps(panel, scene, scene.score_gaps)
    panel.label("score, 0 to 1")


def add_delta_panel(canvas: Canvas, box: Box, scene: Scene) -> Panel:
    """Add cumulative volume delta."""
    low, high = np.nanmin([*scene.delta_y, 0]), np.nanmax([*scene.delta_y, 0])
    margin = max((high - low) * _DELTA_MARGIN, 1)
    panel = canvas.panel(box, _columns(scene), (low - margin, high + margin))
    _draw_time_background(panel, scene)
    axes = panel.axes
    axes.axhline(0, color=unit_colour(FAINT_TEXT), linewidth=points(1))
    for colour, chosen in ((BUY, scene.delta_y >= 0), (SELL, scene.delta_y <= 0)):
        axes.fill_between(
            scene.delta_x,
            scene.delta_y,
            where=chosen & ~np.isnan(scene.delta_y),
            interpolate=True,
            color=unit_colour(colour, _FILL_ALPHA),
            linewidth=0,
        )
    axes.plot(scene.delta_x, scene.delta_y, color=unit_colour(TEXT), linewidth=points(_LINE_PX))
    axes.set_yticks(*whole_numbers(low - margin, high + margin, 5))
    panel.label("contracts")
    return panel


def add_time_axis(canvas: Canvas, lowest: Panel, scene: Scene) -> None:
    """Label the seconds below the lowest panel."""
    labels, form = scale.time_ticks(scene.seconds, scene.cell.second_px, TIME_LABELS_PX)
    lowest.axes.set_xticks([column for column, _ in labels], [label for _, label in labels])
    box = lowest.box
    canvas.text(box.left + box.width / 2, 8, f"{scene.seconds.city} time, {form}", ha="center")


def add_panel_notes(canvas: Canvas, box: Box, title: str, notes: list[Note]) -> None:
    """Write the title of a lower panel beside it."""
    top = box.top - _NOTE_PX
    canvas.text(box.left, top, title, colour=TEXT)
    _write_notes(canvas, box.left, top, notes)


def _draw_time_background(panel: Panel, scene: Scene) -> None:
    draw_invalid(panel, scene)
    draw_recording_gaps(panel, scene)
    draw_time_grid(panel, scene)


def _write_notes(canvas: Canvas, left: float, below: float, notes: list[Note]) -> None:
    for number, (text, colour) in enumerate(notes, 1):
        bottom = below - number * _NOTE_LINE_PX
        canvas.text(left, bottom, text, colour=colour, size_px=_NOTE_PX)


def whole_numbers(low: float, high: float, most: int) -> tuple[list[int], list[str]]:
    """Return round whole numbers between two values, with labels."""
    step = scale.round_number_up((high - low) / most)
    numbers = [
        number * step for number in range(math.ceil(low / step), math.floor(high / step) + 1)
    ]
    return numbers, [f"{number:,}".replace("-", "\N{MINUS SIGN}") for number in numbers]


def _columns(scene: Scene) -> tuple[float, float]:
    return 0, scene.seconds.count


def _ticks(scene: Scene) -> tuple[float, float]:
    return scene.rows.low_tick - 0.5, scene.rows.high_tick + 0.5
