"""The panels around the main one: scores and volume delta below, volume by price beside."""

from __future__ import annotations

import numpy as np
from matplotlib.ticker import FuncFormatter, MaxNLocator

from spymaster.plot import scale
from spymaster.plot.canvas import Canvas, Panel, points
from spymaster.plot.colours import ABOVE, BELOW, BUY, FAINT_TEXT, SELL, TEXT, VACUUM, Colour, unit
from spymaster.plot.layers import (
    AGGRESSORS,
    PRICE_LABELS_PX,
    TIME_LABELS_PX,
    draw_gaps,
    draw_invalid,
    draw_price_grid,
    draw_steps,
    draw_time_grid,
)
from spymaster.plot.layout import Box
from spymaster.plot.scene import Scene
from spymaster.plot.trades import stacked_bars

_LINE_PX = 1.4
_NOTE_PX = 11.5
_NOTE_LINE_PX = 17
_PROFILE_TICKS_PX = 28
_PROFILE_ROOM = 1.04
_SCORE_MARGIN = 0.04
_DELTA_MARGIN = 0.08
_FILL_ALPHA = 0.35

SCORE_COLOURS = {"above_score": ABOVE, "below_score": BELOW, "vacuum_total_score": VACUUM}

Note = tuple[str, Colour]


def add_main(canvas: Canvas, box: Box, scene: Scene) -> Panel:
    """Add the main panel with its price axis; layers are drawn by the caller."""
    panel = canvas.panel(box, _columns(scene), _ticks(scene))
    step = scale.price_step_ticks(scene.tick_int, scene.cell.tick_px, PRICE_LABELS_PX)
    labelled = range(-(-scene.rows.low_tick // step) * step, scene.rows.high_tick + 1, step)
    panel.axes.set_yticks(labelled, [scale.price_label(tick, scene.tick_int) for tick in labelled])
    panel.label("price, points")
    return panel


def add_profile(canvas: Canvas, box: Box, scene: Scene) -> None:
    """Add volume by price of the range, bought and sold stacked, on the main panel's rows."""
    parts = [
        (scene.profile[side], *named) for side, named in AGGRESSORS.items() if side in scene.profile
    ]
    largest = max(int(sum(volume for volume, *_ in parts).max()), 1) if parts else 1
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
    panel.axes.xaxis.set_major_locator(MaxNLocator(3, integer=True, min_n_ticks=2))
    panel.axes.xaxis.set_major_formatter(_thousands())
    first = box.top + _PROFILE_TICKS_PX + len(notes) * _NOTE_LINE_PX
    canvas.text(box.left, first, "volume by price, contracts", colour=TEXT)
    _write_notes(canvas, box.left, first, notes)


def add_scores(canvas: Canvas, box: Box, scene: Scene, names: tuple[str, ...]) -> None:
    """Add a panel of scores between 0 and 1."""
    panel = canvas.panel(box, _columns(scene), (-_SCORE_MARGIN, 1 + _SCORE_MARGIN))
    _draw_time_background(panel, scene)
    panel.axes.set_yticks([0, 0.5, 1], ["0", "0.5", "1"])
    for name in names:
        draw_steps(panel, scene.scores[name], SCORE_COLOURS[name], _LINE_PX)
    draw_gaps(panel, scene, scene.score_gaps)
    panel.label("score, 0 to 1")


def add_delta(canvas: Canvas, box: Box, scene: Scene) -> None:
    """Add cumulative volume delta with the time axis all panels share."""
    low, high = np.nanmin([*scene.delta_y, 0]), np.nanmax([*scene.delta_y, 0])
    margin = max((high - low) * _DELTA_MARGIN, 1)
    panel = canvas.panel(box, _columns(scene), (low - margin, high + margin))
    _draw_time_background(panel, scene)
    axes = panel.axes
    axes.axhline(0, color=unit(FAINT_TEXT), linewidth=points(1))
    for colour, chosen in ((BUY, scene.delta_y >= 0), (SELL, scene.delta_y <= 0)):
        axes.fill_between(
            scene.delta_x,
            scene.delta_y,
            where=chosen & ~np.isnan(scene.delta_y),
            interpolate=True,
            color=unit(colour, _FILL_ALPHA),
            linewidth=0,
        )
    axes.plot(scene.delta_x, scene.delta_y, color=unit(TEXT), linewidth=points(_LINE_PX))
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.yaxis.set_major_formatter(_thousands())
    labels, form = scale.time_ticks(scene.seconds, scene.cell.second_px, TIME_LABELS_PX)
    axes.set_xticks([column for column, _ in labels], [label for _, label in labels])
    panel.label("contracts")
    canvas.text(box.left + box.width / 2, 8, f"New York time, {form}", ha="center")


def add_notes(canvas: Canvas, box: Box, title: str, notes: list[Note]) -> None:
    """Write what a lower panel shows beside it."""
    top = box.top - _NOTE_PX
    canvas.text(box.left, top, title, colour=TEXT)
    _write_notes(canvas, box.left, top, notes)


def _draw_time_background(panel: Panel, scene: Scene) -> None:
    draw_invalid(panel, scene)
    draw_time_grid(panel, scene)


def _write_notes(canvas: Canvas, left: float, below: float, notes: list[Note]) -> None:
    for number, (text, colour) in enumerate(notes, 1):
        bottom = below - number * _NOTE_LINE_PX
        canvas.text(left, bottom, text, colour=colour, size_px=_NOTE_PX)


def _thousands() -> FuncFormatter:
    return FuncFormatter(lambda value, _: f"{value:,.0f}".replace("-", "\N{MINUS SIGN}"))


def _columns(scene: Scene) -> tuple[float, float]:
    return 0, scene.seconds.count


def _ticks(scene: Scene) -> tuple[float, float]:
    return scene.rows.low_tick - 0.5, scene.rows.high_tick + 0.5
