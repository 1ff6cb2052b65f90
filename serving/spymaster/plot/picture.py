"""Draw a scene: panels, layers, legend and title."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from spymaster.plot import scale
from spymaster.plot.break_score_strips import add_break_score_panel
from spymaster.plot.canvas import Canvas, own_settings
from spymaster.plot.colours import FAINT_TEXT, TEXT
from spymaster.plot.layers import LAYERS
from spymaster.plot.legend import Legend
from spymaster.plot.market_panels import add_market_panels, market_notes
from spymaster.plot.panels import (
    SCORE_COLOURS,
    add_condition_panel,
    add_delta_panel,
    add_main_panel,
    add_panel_notes,
    add_profile_panel,
    add_side_scores_panel,
    add_time_axis,
    add_total_panel,
)
from spymaster.plot.picture_layout import Box, Layout, lay_out
from spymaster.plot.scene import Scene

_TITLE_PX = 20


def draw_picture(scene: Scene, path: Path) -> Layout:
    """Draw a scene into a PNG and return its layout."""
    with own_settings():
        legend = Legend(scene)
        layout = lay_out(scene, legend.rows)
        canvas = Canvas(layout.width, layout.height)
        main = add_main_panel(canvas, layout.main, scene)
        for layer in LAYERS:
            layer(main, scene)
        add_profile_panel(canvas, layout.profile, scene)
        add_condition_panel(canvas, layout.conditions, scene)
        add_break_score_panel(canvas, layout.break_scores, scene)
        add_side_scores_panel(canvas, layout.scores, scene)
        add_total_panel(canvas, layout.total, scene)
        lowest = add_delta_panel(canvas, layout.delta, scene)
        if layout.market is not None and scene.market is not None:
            lowest = add_market_panels(canvas, layout.market, scene, scene.market)
        add_time_axis(canvas, lowest, scene)
        _add_notes(canvas, layout, scene)
        legend.draw(canvas, layout.main)
        _add_title(canvas, layout, scene)
        canvas.save(path)
    return layout


def _add_title(canvas: Canvas, layout: Layout, scene: Scene) -> None:
    seconds, left = scene.seconds, layout.main.left
    title = (
        f"{scene.symbol}   {seconds.local(0):%Y-%m-%d}   "
        f"{seconds.clock(0)} to {seconds.clock(seconds.count)} {seconds.city}"
    )
    canvas.text(left, layout.height - 30, title, colour=TEXT, size_px=_TITLE_PX, fontweight="bold")
    tick = scale.price_label(1, scene.tick_int)
    facts = [
        f"calibration_mode: {scene.calibration}",
        f"column 1 s ({scene.cell.second_px} px)",
        f"row 1 tick of {tick} points ({scene.cell.tick_px} px)",
        f"{seconds.count:,} s: {scene.invalid.sum():,} invalid, {scene.missing.sum():,} missing, "
        f"{scene.unrecorded.sum():,} in gaps",
        f"UTC day {' and '.join(str(day) for day in seconds.days)}",
    ]
    canvas.text(left, layout.height - 52, "   \N{MIDDLE DOT}   ".join(facts), colour=FAINT_TEXT)


def _add_notes(canvas: Canvas, layout: Layout, scene: Scene) -> None:
    def beside(panel: Box) -> Box:
        return Box(layout.profile.left, panel.bottom, layout.profile.width, panel.height)

    above, below, total = SCORE_COLOURS.items()
    ways = [(f"{name}, {way}", colour) for (name, colour), way in ((above, "up"), (below, "down"))]
    add_panel_notes(canvas, beside(layout.scores), "ease of moving", ways)
    add_panel_notes(canvas, beside(layout.total), "mean of both", [total])
    known = scene.delta_y[~np.isnan(scene.delta_y)]
    end = f"{known[-1]:+,.0f}".replace("-", "\N{MINUS SIGN}") if known[-1] else "0"
    add_panel_notes(
        canvas,
        beside(layout.delta),
        "cumulative volume delta",
        [("bought \N{MINUS SIGN} sold since the start", FAINT_TEXT), (f"at the end {end}", TEXT)],
    )
    if layout.market is not None and scene.market is not None:
        for name, (title, notes) in market_notes(scene.market).items():
            add_panel_notes(canvas, beside(getattr(layout.market, name)), title, notes)
