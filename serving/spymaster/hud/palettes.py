"""The colours of the screen and of the pictures; ``paint.json`` is written from this module.

``python -m spymaster.hud.palettes`` writes the file, which the page and the renderer read. A ramp
is given as the colours that it has over the background. Its alpha rises with depth, so that thin
depth lets the layer behind it through and thick depth covers it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping

import numpy as np

from spymaster.hud.paint import PAINT_FILE

Colour = tuple[int, int, int]
Stops = tuple[tuple[float, Colour], ...]

_STEPS = 256
_OPAQUE = 255
# thinnest depth, and the place on the ramp from which on depth covers what is behind it
_THIN_ALPHA, _COVERS_FROM = 110, 0.6
# most eases are small, and small ones must differ
_EVEN_ALPHA, _FULL_ALPHA, _EASE_POWER = 24, 210, 0.6
_STEPS_PER_DOUBLING, _DOUBLINGS = 32, 17
_GEX_LEAST_ALPHA, _GEX_STEPS, _GEX_POWER = 40, 180, 0.4

GRID = {
    "second_columns": 1800,
    "future_columns": 318,
    "reach_ticks": 400,
    "grid_line_ticks": 4,
    "hatch_period": 8,
    "hatch_width": 2,
    # lines of levels and gamma: a part of the height of their row, and of its pixels at most
    "dash_period_s": 8,
    "line_share": 6,
    "level_share": 4,
    "gex_share": 6,
    # bubbles of trades: in rows of so many pixels and more, by a part of the brightest depth
    "bubble_tick_px": 4,
    "bubbles_of_depth": 4,
    "bubble_rows": 3,
    "bubble_alpha": 110,
    # strips of scores below the prices, each from above: room, signal, score from 100 to 0
    "strips": 7,
    "strip_room_rows": 2,
    "signal_rows": 2,
    "score_rows": 16,
}

# blue lets price through, grey is neutral, yellow to orange holds
_DARK_BARRIERS: dict[str, Colour] = {
    "barrier_vacuum": (36, 110, 255),
    "barrier_weak": (150, 215, 255),
    "barrier_consumed": (0, 158, 150),
    "barrier_neutral": (74, 74, 84),
    "barrier_absorption": (255, 214, 120),
    "barrier_wall": (226, 84, 36),
}
_LIGHT_BARRIERS: dict[str, Colour] = {
    "barrier_vacuum": (0, 60, 190),
    "barrier_weak": (96, 170, 235),
    "barrier_consumed": (0, 120, 112),
    "barrier_neutral": (205, 205, 212),
    "barrier_absorption": (236, 176, 40),
    "barrier_wall": (190, 60, 10),
}
_DARK: dict[str, tuple[int, ...]] = {
    "background": (10, 10, 15),
    "separator": (0, 204, 255),
    "spot": (0, 255, 255),
    "grid_line": (255, 255, 255, 14),
    "strike_line": (255, 255, 255, 70),
    "score_line": (255, 255, 255, 50),
    "level": (255, 255, 120, 120),
    "hatch": (150, 152, 165, 170),
    "hatch_dark": (10, 10, 15, 170),
    "gap": (255, 92, 60, 170),
    "gex_call": (30, 255, 180),
    "gex_put": (255, 30, 150),
    "vacuum": (0, 44, 48),
    "buy": (64, 240, 130),
    "sell": (255, 72, 176),
    "no_aggressor": (226, 226, 226),
    "vwap": (255, 255, 255),
    "text": (214, 216, 226),
    "faint_text": (146, 150, 166),
    "frame": (70, 74, 90),
    "best_ask": (255, 214, 150),
    "best_bid": (196, 190, 255),
    "above_score": (255, 140, 70),
    "below_score": (138, 128, 255),
    "vacuum_total_score": (226, 228, 238),
    "calls": (90, 230, 220),
    "puts": (235, 120, 255),
    "break": (70, 200, 255),
    "reject": (255, 120, 20),
    "chop": (170, 172, 186),
    "condition_met": (122, 200, 255),
    "condition_not_met": (66, 58, 60),
    "calibration_step": (250, 220, 90),
    **_DARK_BARRIERS,
    "contested": (250, 220, 90),
}
_LIGHT: dict[str, tuple[int, ...]] = {
    "background": (250, 250, 247),
    "separator": (0, 110, 160),
    "spot": (0, 120, 140),
    "grid_line": (0, 0, 0, 16),
    "strike_line": (0, 0, 0, 80),
    "score_line": (0, 0, 0, 60),
    "level": (120, 96, 0, 130),
    "hatch": (110, 112, 125, 170),
    "hatch_dark": (250, 250, 247, 170),
    "gap": (200, 50, 20, 170),
    "gex_call": (0, 172, 122),
    "gex_put": (160, 0, 86),
    "vacuum": (160, 218, 212),
    "buy": (0, 130, 66),
    "sell": (176, 0, 110),
    "no_aggressor": (128, 128, 128),
    "vwap": (20, 20, 20),
    "text": (28, 30, 40),
    "faint_text": (94, 98, 114),
    "frame": (190, 192, 204),
    "best_ask": (150, 70, 0),
    "best_bid": (70, 60, 190),
    "above_score": (200, 90, 10),
    "below_score": (90, 80, 215),
    "vacuum_total_score": (60, 62, 74),
    "calls": (0, 130, 120),
    "puts": (150, 30, 170),
    "break": (0, 110, 175),
    "reject": (164, 82, 0),
    "chop": (100, 102, 116),
    "condition_met": (40, 110, 190),
    "condition_not_met": (222, 214, 212),
    "calibration_step": (150, 110, 0),
    **_LIGHT_BARRIERS,
    "contested": (240, 180, 0),
}
_DARK_OVER_BACKGROUND: dict[str, Stops] = {
    "ask": (
        (0.0, (52, 20, 24)),
        (0.45, (112, 30, 32)),
        (0.75, (204, 74, 26)),
        (0.9, (255, 156, 56)),
        (1.0, (255, 244, 176)),
    ),
    "bid": (
        (0.0, (22, 22, 66)),
        (0.45, (42, 38, 124)),
        (0.75, (80, 68, 212)),
        (0.9, (142, 136, 255)),
        (1.0, (200, 205, 255)),
    ),
}
_LIGHT_OVER_BACKGROUND: dict[str, Stops] = {
    "ask": (
        (0.0, (255, 226, 196)),
        (0.45, (252, 190, 130)),
        (0.75, (232, 112, 40)),
        (0.9, (184, 48, 16)),
        (1.0, (110, 10, 10)),
    ),
    "bid": (
        (0.0, (200, 204, 252)),
        (0.45, (152, 154, 244)),
        (0.75, (104, 96, 226)),
        (0.9, (60, 40, 180)),
        (1.0, (24, 10, 100)),
    ),
}
# from an ease of -1 to 1; the hue is whole from a little ease on, and the opacity rises with it
_DARK_EASE: Stops = (
    (0.0, (60, 140, 255)),
    (0.47, (60, 140, 255)),
    (0.5, (120, 124, 130)),
    (0.53, (250, 205, 60)),
    (1.0, (250, 205, 60)),
)
_LIGHT_EASE: Stops = (
    (0.0, (0, 70, 190)),
    (0.47, (0, 70, 190)),
    (0.5, (120, 124, 130)),
    (0.53, (190, 130, 0)),
    (1.0, (190, 130, 0)),
)

_SOURCES = {
    "written_by": "python -m spymaster.hud.palettes; never by hand",
    "rules": "each entry is [red, green, blue, alpha], 0 to 255; the README of spymaster.hud says "
    "how a number becomes an index; an alpha of gex_call, gex_put and vacuum is replaced",
    "palettes": "background, separator, spot, gex_call and gex_put of the dark theme are fixed by "
    "the specification of the screen; all else is this project's own",
    "colour_blindness": "pairs that mean opposites (asks and bids, calls and puts, buyer and "
    "seller, positive and negative ease), states of a barrier and signals keep a distance in CIE "
    "1976 Lab for normal sight and for deuteranopia, protanopia and tritanopia as simulated with "
    "the matrices of Machado, Oliveira and Fernandes (2009); tests/python/hud/test_paint_sight.py "
    "holds the distances",
}


def tables() -> dict[str, object]:
    """Return the contents of ``paint.json``."""
    return {
        "sources": _SOURCES,
        "grid": GRID,
        # an entry may occur more than once, so that the steps are even on a logarithmic scale
        "depth_steps": [
            math.ceil(2 ** (step / _STEPS_PER_DOUBLING))
            for step in range(_STEPS_PER_DOUBLING * _DOUBLINGS + 1)
        ],
        # of the depths above zero in sight; the two counts are used where nothing rests
        "depth_low_share": 0.02,
        "depth_high_share": 0.98,
        "depth_low_qty": 4,
        "depth_high_qty": 128,
        "gex_zero_alpha": _GEX_LEAST_ALPHA,
        "gex_alpha_steps": [
            (step / _GEX_STEPS) ** (1 / _GEX_POWER) for step in range(1, _GEX_STEPS + 1)
        ],
        "vacuum_zero_alpha": 40,
        "vacuum_alpha": 170,
        "themes": {
            "dark": _theme(_DARK, _DARK_OVER_BACKGROUND, (26, 26, 36), _DARK_EASE),
            "light": _theme(_LIGHT, _LIGHT_OVER_BACKGROUND, (238, 238, 242), _LIGHT_EASE),
        },
    }


def _theme(
    colours: Mapping[str, tuple[int, ...]],
    over_background: Mapping[str, Stops],
    zero_depth: Colour,
    ease: Stops,
) -> dict[str, object]:
    background = np.array(colours["background"])
    places = np.linspace(0, 1, _STEPS)
    alpha = np.interp(places, (0, _COVERS_FROM), (_THIN_ALPHA, _OPAQUE))
    rise = np.abs(2 * places - 1) ** _EASE_POWER
    even = _EVEN_ALPHA + rise * (_FULL_ALPHA - _EVEN_ALPHA)
    zero = _under_alpha(np.array([zero_depth]), background, np.array([_THIN_ALPHA]))
    return {
        **{name: [*colour, _OPAQUE][:4] for name, colour in colours.items()},
        "zero_depth": zero[0],
        "ramps": {
            **{
                side: _under_alpha(_between(stops, places), background, np.rint(alpha))
                for side, stops in over_background.items()
            },
            "ease": _with_alpha(_between(ease, places), np.rint(even)),
        },
    }


def _between(stops: Stops, places: np.ndarray) -> np.ndarray:
    """Return the colours, float64 (n, 3), at places of 0 to 1 between stops."""
    at = [place for place, _ in stops]
    channels = [np.interp(places, at, [colour[i] for _, colour in stops]) for i in range(3)]
    return np.stack(channels, axis=1)


def _under_alpha(shown: np.ndarray, background: np.ndarray, alpha: np.ndarray) -> list[list[int]]:
    """Return the colours that show over the background as wished when drawn with an alpha."""
    colours = background + (shown - background) * _OPAQUE / alpha[:, None]
    return _with_alpha(np.clip(colours, 0, _OPAQUE), alpha)


def _with_alpha(colours: np.ndarray, alpha: np.ndarray) -> list[list[int]]:
    whole = np.rint(np.column_stack([colours, alpha])).astype(np.int64)
    return [[int(channel) for channel in colour] for colour in whole]


def text() -> str:
    """Return the text of ``paint.json``: one line for each table, so that changes can be read."""
    return _lines(tables(), "") + "\n"


def _lines(value: object, indent: str) -> str:
    if not isinstance(value, dict):
        return json.dumps(value)
    deeper = indent + " "
    pairs = [f"{deeper}{json.dumps(name)}: {_lines(part, deeper)}" for name, part in value.items()]
    return "{\n" + ",\n".join(pairs) + f"\n{indent}}}"


if __name__ == "__main__":
    PAINT_FILE.write_text(text(), encoding="utf-8")
