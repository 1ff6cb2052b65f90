"""Draw what the book shows before key movements, beside moments without one."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from spymaster_engine.statistics.evaluation.movement_profile import NOT_SHOWN, SHOWN, TOO_FEW
from spymaster_ingest.errors import SpymasterError

from spymaster.patterns.catalogue import Catalogue, Course
from spymaster.patterns.reading_words import title_of
from spymaster.plot.canvas import LABEL_PX, Canvas, Panel, own_settings, points
from spymaster.plot.colours import (
    ABOVE,
    BELOW,
    FAINT_TEXT,
    GRID,
    NO_AGGRESSOR,
    TEXT,
    Colour,
    unit_colour,
)
from spymaster.plot.picture_layout import Box

# rows of panels: the strongest readings
_READINGS = 4
_COLOURS: dict[str, Colour] = {"up": ABOVE, "down": BELOW}
_MATCHED: Colour = NO_AGGRESSOR
_PANEL_WIDTH, _PANEL_HEIGHT = 520, 150
_LEFT, _RIGHT, _TOP, _BOTTOM = 116, 48, 150, 56
_GAP_X, _GAP_Y = 96, 62
_TITLE_PX, _LINE_PX, _MARK_PX = 18, 20, 5
_EVERY_S, _TICKS = 5, 4
_WRAP = 24
_MARGIN = 0.12
_BAND = 0.22


def draw_catalogue(catalogue: Catalogue, path: Path) -> None:
    """Draw the strongest readings into a PNG: a row each, moves up and down side by side.

    Raises:
        SpymasterError: The file cannot be written.
    """
    courses = _strongest_readings(catalogue.courses)
    directions = sorted({course.direction for course in catalogue.courses}, reverse=True)
    rows, columns = len(courses), len(directions)
    width = _LEFT + columns * _PANEL_WIDTH + (columns - 1) * _GAP_X + _RIGHT
    height = _TOP + rows * _PANEL_HEIGHT + (rows - 1) * _GAP_Y + _BOTTOM
    with own_settings():
        canvas = Canvas(width, height)
        for row, course in enumerate(courses):
            drawn = [catalogue.course_like(course, direction) for direction in directions]
            y_range = _y_range([one for one in drawn if one is not None])
            bottom = height - _TOP - (row + 1) * _PANEL_HEIGHT - row * _GAP_Y
            for column, (direction, one) in enumerate(zip(directions, drawn, strict=True)):
                left = _LEFT + column * (_PANEL_WIDTH + _GAP_X)
                box = Box(left, bottom, _PANEL_WIDTH, _PANEL_HEIGHT)
                _add_panel(canvas, box, y_range, direction, course, one)
        _add_words(canvas, catalogue, height)
        try:
            canvas.save(path)
        except OSError as error:
            raise SpymasterError(path, f"cannot be written: {error.strerror}") from error


def _strongest_readings(courses: Sequence[Course]) -> list[Course]:
    """Return the strongest course of each of the first readings, whatever its direction."""
    of_reading: dict[tuple[str, str], Course] = {}
    for course in courses:
        of_reading.setdefault((course.root, course.reading), course)
    return list(of_reading.values())[:_READINGS]


def _y_range(courses: Sequence[Course]) -> tuple[float, float]:
    values = np.concatenate(
        [
            course.values[name]
            for course in courses
            for name in ("mean", "mean_lo", "mean_hi", "matched_mean", "matched_lo", "matched_hi")
        ]
    )
    known = values[np.isfinite(values)]
    if not known.size:
        return 0.0, 1.0
    low, high = float(known.min()), float(known.max())
    margin = _MARGIN * (high - low) or 1.0
    return low - margin, high + margin


def _add_panel(
    canvas: Canvas,
    box: Box,
    y_range: tuple[float, float],
    direction: str,
    course: Course,
    drawn: Course | None,
) -> None:
    """Draw one reading before moves of one direction; ``drawn`` is None without such moves."""
    first = float(course.values["second"][0])
    panel = canvas.panel(box, (first, 0.0), y_range)
    _add_grid(panel, first)
    title = f"{course.root}, moves {direction}"
    if drawn is None:
        panel.say(first / 2, f"no moves {direction}")
    else:
        title += _title_of(drawn)
        _add_course(panel.axes, drawn, _COLOURS[direction])
    canvas.text(
        box.left,
        box.bottom + box.height + 8,
        title,
        colour=_COLOURS[direction],
        fontweight="bold",
    )
    if box.left == _LEFT:
        words = textwrap.fill(title_of(course.reading, course.derivative), _WRAP)
        canvas.text(28, box.bottom + box.height / 2, words, rotation=90, ha="center", va="center")


def _title_of(course: Course) -> str:
    row = course.row()
    counts = f": {row['n_movements']:,} on {row['n_days']:,} days"
    if row["verdict"] == SHOWN:
        since = -row["shown_from_s"]
        return f"{counts}; {SHOWN} from {since} s before, {row['z']:+.2f} sd at most"
    return f"{counts}; {NOT_SHOWN if row['verdict'] == NOT_SHOWN else TOO_FEW}"


def _add_grid(panel: Panel, first: float) -> None:
    axes = panel.axes
    seconds = np.arange(first, 1, _EVERY_S)
    axes.set_xticks(seconds, [f"{second:.0f} s" if second else "start" for second in seconds])
    low, high = axes.get_ylim()
    ticks = np.asarray(MaxNLocator(_TICKS).tick_values(low, high))
    inside = ticks[(ticks >= low) & (ticks <= high)]
    axes.set_yticks(inside, [f"{tick:.4g}" for tick in inside])
    for second in seconds:
        axes.axvline(second, color=unit_colour(GRID, 0.12), linewidth=points(1))
    axes.axvline(0, color=unit_colour(TEXT, 0.6), linewidth=points(2))


def _add_course(axes: Axes, course: Course, colour: Colour) -> None:
    values = course.values
    for name, band, own in (
        ("matched_mean", "matched", _MATCHED),
        ("mean", "mean", colour),
    ):
        axes.fill_between(
            values["second"],
            values[f"{band}_lo"],
            values[f"{band}_hi"],
            color=unit_colour(own, _BAND),
            linewidth=0,
        )
        axes.plot(values["second"], values[name], color=unit_colour(own), linewidth=points(2))
    shown = course.verdict == SHOWN
    axes.plot(
        values["second"][shown],
        values["mean"][shown],
        "o",
        color=unit_colour(TEXT),
        markersize=points(_MARK_PX),
    )


def _add_words(canvas: Canvas, catalogue: Catalogue, height: int) -> None:
    lines: list[tuple[str, Colour, float]] = [
        ("What the book shows in the seconds before price moves far", TEXT, _TITLE_PX)
    ]
    lines += [(line, FAINT_TEXT, LABEL_PX) for line in catalogue.summaries()]
    lines.append(
        (
            "Coloured: mean before moves. White: mean before like turns without a move (same "
            "half-hour, volatility, spread). Bands: 95 % intervals over days. Dots: shown.",
            FAINT_TEXT,
            LABEL_PX,
        )
    )
    for place, (line, colour, size) in enumerate(lines):
        weight = "bold" if place == 0 else "normal"
        canvas.text(
            _LEFT,
            height - 30 - place * _LINE_PX,
            line,
            colour=colour,
            size_px=size,
            fontweight=weight,
            va="center",
        )
    canvas.text(canvas.width / 2, 16, "seconds before the start of the move", ha="center")
