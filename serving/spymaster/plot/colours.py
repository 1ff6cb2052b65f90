"""Colours of the pictures, as integer red, green and blue: those of the screen's dark theme."""

from __future__ import annotations

import numpy as np

from spymaster.hud.cells import lay_over
from spymaster.hud.paint import theme_named

Colour = tuple[int, int, int]

THEME = theme_named("dark")


def _over_background(colours: np.ndarray) -> np.ndarray:
    """Return what colours, uint8 (n, 4), show over the background, uint8 (n, 3)."""
    shown = np.tile(THEME.colours["background"][:3], (len(colours), 1))
    lay_over(shown, colours)
    return shown


BACKGROUND = THEME.rgb("background")
SPOT = THEME.rgb("spot")
TEXT = THEME.rgb("text")
FAINT_TEXT = THEME.rgb("faint_text")
FRAME = THEME.rgb("frame")
GRID = THEME.rgb("grid_line")
RECORDING_GAP = THEME.rgb("gap")
CALIBRATION_STEP = THEME.rgb("calibration_step")

# measured zero depth; the background means that depth was not measured
ZERO_DEPTH: Colour = tuple(_over_background(THEME.colours["zero_depth"][None])[0].tolist())

BEST_ASK = THEME.rgb("best_ask")
BEST_BID = THEME.rgb("best_bid")
ABOVE = THEME.rgb("above_score")
BELOW = THEME.rgb("below_score")
VACUUM = THEME.rgb("vacuum_total_score")
LEVEL = THEME.rgb("level")
CALLS = THEME.rgb("calls")
PUTS = THEME.rgb("puts")
BREAK = THEME.rgb("break")
REJECT = THEME.rgb("reject")
CHOP = THEME.rgb("chop")
# other outcomes of an approach take the colour of CHOP
OUTCOME_COLOURS: dict[str, Colour] = {"BREAK": BREAK, "REJECT": REJECT}
# far apart in brightness and not in red and green alone
CONDITION_MET = THEME.rgb("condition_met")
CONDITION_NOT_MET = THEME.rgb("condition_not_met")
# break that a score is for
DIRECTION_COLOURS: dict[str, Colour] = {"UP": ABOVE, "DOWN": BELOW}
BARRIER_COLOURS: dict[str, Colour] = {
    state: THEME.rgb(f"barrier_{state.lower()}")
    for state in ("VACUUM", "WEAK", "CONSUMED", "NEUTRAL", "ABSORPTION", "WALL")
}
# a NEUTRAL signal has no colour
SIGNAL_COLOURS: dict[str, Colour] = {
    "BREAK": BREAK,
    "CONTESTED": THEME.rgb("contested"),
    "REJECT": REJECT,
}
BUY = THEME.rgb("buy")
SELL = THEME.rgb("sell")
NO_AGGRESSOR = THEME.rgb("no_aggressor")

# side of the book -> uint8 (256, 3), from the thinnest to the thickest depth
DEPTH_RAMPS = {
    "A": _over_background(THEME.ramps["ask"]),
    "B": _over_background(THEME.ramps["bid"]),
}


def unit_colour(colour: Colour, alpha: float = 1.0) -> tuple[float, float, float, float]:
    """Return a colour as matplotlib takes it, every channel in 0..1."""
    red, green, blue = colour
    return red / 255, green / 255, blue / 255, alpha
