"""Names in the main panel: of levels, outcomes and strikes, none over another."""

from __future__ import annotations

import numpy as np

from spymaster.plot import scale
from spymaster.plot.canvas import Panel
from spymaster.plot.colours import CHOP, LEVEL, OUTCOME_COLOURS, TEXT
from spymaster.plot.levels import Approach
from spymaster.plot.scene import Scene
from spymaster.plot.strikes import Strike

# start of a strike's words, as a share of the picture's width
_STRIKE_NAME_AT = 0.7


def name_levels(panel: Panel, scene: Scene) -> None:
    """Name each level at the start of its line."""
    for level_id, ticks in scene.levels.items():
        inside = (ticks >= scene.rows.low_tick) & (ticks <= scene.rows.high_tick)
        if inside.any():
            column = int(np.argmax(inside))
            panel.name(column, ticks[column], level_id, LEVEL)


def name_outcomes(panel: Panel, scene: Scene) -> None:
    """Name the outcomes of approaches, each at its second, where there is room."""
    places = {_outcome_place(approach) for approach in scene.approaches}
    for column, tick, name in sorted(places):
        is_inside = 0 <= column < scene.seconds.count
        if is_inside and scene.rows.low_tick <= tick <= scene.rows.high_tick:
            panel.name(column, tick, name.replace("_", " "), OUTCOME_COLOURS.get(name, CHOP))


def _outcome_place(approach: Approach) -> tuple[int, int, str]:
    """Return column, tick and name of an outcome; without one, the last column at the level."""
    if approach.outcome is None or approach.outcome_at is None:
        return max(approach.end - 1, 0), approach.tick, "no outcome"
    return approach.outcome_at, approach.tick, approach.outcome


def name_strikes(panel: Panel, scene: Scene) -> None:
    """Name each strike, with the last known gamma of its calls and puts."""
    for strike in scene.strikes:
        words = f"strike {scale.price_label(strike.tick, scene.tick_int)}: {_gamma_of(strike)}"
        panel.name(scene.seconds.count * _STRIKE_NAME_AT, strike.tick, words, TEXT)


def _gamma_of(strike: Strike) -> str:
    known = np.flatnonzero(~np.isnan(strike.calls + strike.puts))
    if not known.size:
        return "gamma not shown"
    calls, puts = strike.calls[known[-1]], strike.puts[known[-1]]
    return f"gamma of calls {calls:,.0f}, of puts {puts:,.0f}"
