"""Layers of the main panel, back to front: one function per layer.

A new layer is a function of the panel and the scene, added to ``LAYERS``. The panel's data
coordinates are columns (second ``i`` spans ``i`` to ``i + 1``) and ticks (a price lies in the
middle of its row). Draw rasters with ``Panel.paint``.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable

import numpy as np
from matplotlib.axes import Axes

from spymaster.hud.cells import gap_hatch, invalid_hatch, to_pixels
from spymaster.plot import grid, scale
from spymaster.plot.canvas import Panel, points
from spymaster.plot.colours import (
    BEST_ASK,
    BEST_BID,
    BUY,
    CALIBRATION_STEP,
    CALLS,
    CHOP,
    GRID,
    LEVEL,
    NO_AGGRESSOR,
    OUTCOME_COLOURS,
    PUTS,
    SELL,
    SPOT,
    Colour,
)
from spymaster.plot.names import name_levels, name_outcomes, name_strikes
from spymaster.plot.picture_layout import Box
from spymaster.plot.retest_marks import draw_retests
from spymaster.plot.scene import Gap, Scene
from spymaster.plot.strikes import largest_exposure
from spymaster.plot.trades import BUYER, NOBODY, SELLER

Layer = Callable[[Panel, Scene], None]

AGGRESSORS: dict[str, tuple[str, Colour]] = {
    BUYER: ("bought", BUY),
    SELLER: ("sold", SELL),
    NOBODY: ("no aggressor", NO_AGGRESSOR),
}

TIME_LABELS_PX = 90
LEVEL_LINE_PX = 1
APPROACH_LINE_PX = 5
_OUTCOME_MARK_PX, _OUTCOME_MARK_HEIGHT_PX = 3, 15
QUOTE_LINE_PX = 3
SPOT_LINE_PX = 1
# height of the bar of the largest gamma of calls or puts at a strike
STRIKE_PX = 12
_STRIKE_ALPHA = 150
_PRICE_LABELS_PX = 26
_LARGEST_BUBBLE_PX = 30
_BUBBLE_COVER = 0.06
_BUBBLE_ALPHA = 0.5
_RIM_PX = 0.9
_RIM_FROM_PX = 6
_IN_FRONT = 3
_GRID_ALPHA = 24
_DASH_PX = 4
# room around the words in a gap, and width of a letter
_WORDS_MARGIN_PX = 8
_LETTER_PX = 7
_WORDS_LINES = 4


def draw_depth(panel: Panel, scene: Scene) -> None:
    """Draw the heat map of resting depth at the end of each second."""
    panel.paint(to_pixels(scene.depth, scene.cell.second_px, scene.cell.tick_px))


def draw_invalid(panel: Panel, scene: Scene) -> None:
    """Hatch the invalid seconds."""
    panel.paint(grid.hatched(scene.invalid, scene.cell.second_px, panel.box.height, invalid_hatch))


def draw_recording_gaps(panel: Panel, scene: Scene) -> None:
    """Hatch the seconds of recording gaps, across invalid seconds too."""
    panel.paint(grid.hatched(scene.unrecorded, scene.cell.second_px, panel.box.height, gap_hatch))


def draw_time_grid(panel: Panel, scene: Scene) -> None:
    """Draw a faint line at the first pixel of every second that has a label."""
    labels, _ = scale.time_ticks(scene.seconds, scene.cell.second_px, TIME_LABELS_PX)
    lines = np.zeros((panel.box.height, panel.box.width), bool)
    lines[
        :, [x for column, _ in labels if (x := column * scene.cell.second_px) < lines.shape[1]]
    ] = 1
    panel.paint(grid.coloured(lines, GRID, _GRID_ALPHA))


def draw_calibration_steps(panel: Panel, scene: Scene) -> None:
    """Draw a dashed line at the first pixel of each second at which the calibration leaps."""
    lines = np.zeros((panel.box.height, panel.box.width), bool)
    lines[:, [column * scene.cell.second_px for column in scene.calibration_steps]] = 1
    panel.paint(dashes(lines))


def dashes(lines: np.ndarray) -> np.ndarray:
    """Return upright lines, bool (height, width), as the dashes of a calibration step."""
    is_on = np.arange(len(lines)) % (2 * _DASH_PX) < _DASH_PX
    return grid.coloured(lines & is_on[:, None], CALIBRATION_STEP)


def draw_price_grid(panel: Panel, scene: Scene) -> None:
    """Draw a faint line in the middle of every row that has a label."""
    labelled = np.array(labelled_ticks(scene), np.float64)
    tops = grid.row_tops(labelled, scene.rows, scene.cell.tick_px, 1).astype(np.int64)
    lines = np.zeros((panel.box.height, panel.box.width), bool)
    lines[tops] = True
    panel.paint(grid.coloured(lines, GRID, _GRID_ALPHA))


def labelled_ticks(scene: Scene) -> range:
    """Return the prices, in ticks, that have a label."""
    step = scale.price_step_ticks(scene.tick_int, scene.cell.tick_px, _PRICE_LABELS_PX)
    return range(-(-scene.rows.low_tick // step) * step, scene.rows.high_tick + 1, step)


def draw_quotes(panel: Panel, scene: Scene) -> None:
    """Draw best ask and best bid at the end of each second, wider than spot if there is room."""
    thickness = QUOTE_LINE_PX if scene.cell.tick_px >= 2 * QUOTE_LINE_PX else SPOT_LINE_PX
    for ticks, colour in ((scene.best_ask, BEST_ASK), (scene.best_bid, BEST_BID)):
        _draw_prices(panel, scene, ticks, thickness, colour)


def draw_spot(panel: Panel, scene: Scene) -> None:
    """Draw spot, thinner than the quotes that it may cover."""
    _draw_prices(panel, scene, scene.spot, SPOT_LINE_PX, SPOT)


def _draw_prices(
    panel: Panel, scene: Scene, ticks: np.ndarray, thickness_px: int, colour: Colour
) -> None:
    cell, height = scene.cell, panel.box.height
    tops = grid.row_tops(ticks, scene.rows, cell.tick_px, thickness_px)
    panel.paint(grid.step_line(tops, thickness_px, cell.second_px, height, colour))


def draw_levels(panel: Panel, scene: Scene) -> None:
    """Draw each level as a line while it is active."""
    for ticks in scene.levels.values():
        _draw_prices(panel, scene, ticks, LEVEL_LINE_PX, LEVEL)


def draw_strikes(panel: Panel, scene: Scene) -> None:
    """Draw the gamma at each strike: calls above its line, puts below it.

    The largest gamma of the picture has a fixed size.
    """
    largest = largest_exposure(scene.strikes)
    for strike in scene.strikes:
        middle = int(grid.row_tops(np.array(strike.tick), scene.rows, scene.cell.tick_px, 1))
        for values, up, colour in ((strike.calls, 1, CALLS), (strike.puts, -1, PUTS)):
            size = up * np.ceil(values / (largest or 1) * STRIKE_PX)
            cell, height = scene.cell, panel.box.height
            panel.paint(grid.bars(middle, size, cell.second_px, height, colour, _STRIKE_ALPHA))


def draw_approaches(panel: Panel, scene: Scene) -> None:
    """Draw each approach along its level in the colour of its outcome.

    A thin line leads on to a mark at the second of the outcome.
    """
    for approach in scene.approaches:
        if not scene.rows.low_tick <= approach.tick <= scene.rows.high_tick:
            continue
        colour = OUTCOME_COLOURS.get(approach.outcome or "", CHOP)
        runs = [(approach.start, approach.end, APPROACH_LINE_PX)]
        if approach.outcome_at is not None:
            at = approach.outcome_at
            mark_end = at + math.ceil(_OUTCOME_MARK_PX / scene.cell.second_px)
            runs = [(approach.end, at, 1), (at, mark_end, _OUTCOME_MARK_HEIGHT_PX), *runs]
        for start, end, thickness_px in runs:
            ticks = np.full(scene.seconds.count, np.nan)
            ticks[start : max(end, 0)] = approach.tick
            _draw_prices(panel, scene, ticks, thickness_px, colour)


def draw_trades(panel: Panel, scene: Scene) -> None:
    """Draw the volume of each second and aggressor as a bubble whose area is the volume."""
    drawn = [
        (chosen.second, chosen.tick, chosen.qty, np.full(len(chosen.qty), number))
        for number, side in enumerate(AGGRESSORS)
        if (chosen := scene.bubbles.get(side)) is not None
    ]
    if not drawn:
        return
    second, tick, qty, number = (np.concatenate(columns) for columns in zip(*drawn, strict=True))
    # large bubbles first, so that they cover no small ones
    order = np.lexsort((number, second, -qty))
    colours = np.array([colour for _, colour in AGGRESSORS.values()])
    draw_bubbles(
        panel.axes,
        second[order] + 0.5,
        tick[order],
        bubble_diameter_px(scene, panel.box, qty[order]),
        colours[number[order]],
    )


def draw_bubbles(
    axes: Axes, x: np.ndarray, y: np.ndarray, diameter_px: np.ndarray, colours: np.ndarray
) -> None:
    """Draw discs, the first at the back; only discs that are large enough get a rim.

    Args:
        axes: axes to draw on.
        x: float64 (n,), columns.
        y: float64 (n,), ticks.
        diameter_px: float64 (n,), pixels.
        colours: red, green, blue, 0 to 255, (n, 3).
    """
    opaque = np.concatenate([colours / 255, np.ones((len(x), 1))], axis=1)
    faces = opaque.copy()
    faces[:, 3] = _BUBBLE_ALPHA
    axes.scatter(
        x,
        y,
        s=points(diameter_px) ** 2,
        c=faces,
        # matplotlib accepts arrays too, but its type hints omit them
        edgecolors=opaque,  # type: ignore[arg-type]
        linewidths=np.where(diameter_px >= _RIM_FROM_PX, points(_RIM_PX), 0),  # type: ignore[arg-type]
        zorder=_IN_FRONT,
    )


def bubble_diameter_px(scene: Scene, box: Box, qty: np.ndarray) -> np.ndarray:
    """Return diameters whose squares are proportional to volumes.

    The largest bubble has a fixed size; all shrink if together they would cover too much of the
    panel.
    """
    volumes = np.concatenate([chosen.qty for chosen in scene.bubbles.values()])
    by_largest = _LARGEST_BUBBLE_PX**2 / volumes.max()
    by_cover = _BUBBLE_COVER * box.width * box.height / volumes.sum()
    return np.sqrt(np.asarray(qty) * min(by_largest, by_cover))


def draw_depth_gaps(panel: Panel, scene: Scene) -> None:
    """Write into the gaps of the heat map why it is not shown."""
    # near the top, where spot and quotes are rare
    draw_gaps(panel, scene, scene.depth_gaps, height=0.94)


LAYERS: tuple[Layer, ...] = (
    draw_depth,
    draw_invalid,
    draw_recording_gaps,
    draw_time_grid,
    draw_price_grid,
    draw_strikes,
    draw_levels,
    draw_approaches,
    draw_quotes,
    draw_spot,
    draw_trades,
    draw_retests,
    # words that stand first keep their place
    draw_depth_gaps,
    name_levels,
    name_outcomes,
    name_strikes,
)


def draw_gaps(panel: Panel, scene: Scene, gaps: tuple[Gap, ...], *, height: float = 0.5) -> None:
    """Write the reason into every gap that is wide enough for the words."""
    for gap in gaps:
        room = ((gap.end - gap.start) * scene.cell.second_px - _WORDS_MARGIN_PX) // _LETTER_PX
        lines = textwrap.wrap(f"not shown: {gap.reason}", max(room, 1), break_long_words=False)
        if len(lines) <= _WORDS_LINES and max(map(len, lines)) <= room:
            panel.say((gap.start + gap.end) / 2, "\n".join(lines), height)
