"""Colours of the pictures, as integer red, green and blue."""

from __future__ import annotations

import numpy as np

Colour = tuple[int, int, int]

BACKGROUND: Colour = (0x0A, 0x0A, 0x0F)
SPOT: Colour = (0x00, 0xFF, 0xFF)
TEXT: Colour = (214, 216, 226)
FAINT_TEXT: Colour = (146, 150, 166)
FRAME: Colour = (70, 74, 90)
GRID: Colour = (255, 255, 255)
HATCH: Colour = (150, 152, 165)
RECORDING_GAP: Colour = (255, 92, 60)
CALIBRATION_STEP: Colour = (250, 220, 90)

# measured zero depth; the background means that depth was not measured
ZERO_DEPTH: Colour = (26, 26, 36)

BEST_ASK: Colour = (255, 214, 150)
BEST_BID: Colour = (196, 190, 255)
ABOVE: Colour = (255, 140, 70)
BELOW: Colour = (138, 128, 255)
VACUUM: Colour = (226, 228, 238)
LEVEL: Colour = (255, 255, 120)
CALLS: Colour = (90, 230, 220)
PUTS: Colour = (235, 120, 255)
BREAK: Colour = (70, 200, 255)
REJECT: Colour = (255, 110, 90)
CHOP: Colour = (170, 172, 186)
# other outcomes of an approach take the colour of CHOP
OUTCOME_COLOURS: dict[str, Colour] = {"BREAK": BREAK, "REJECT": REJECT}
# far apart in brightness and not in red and green alone
CONDITION_MET: Colour = (122, 200, 255)
CONDITION_NOT_MET: Colour = (66, 58, 60)
BUY: Colour = (64, 240, 130)
SELL: Colour = (255, 72, 176)
NO_AGGRESSOR: Colour = (190, 190, 190)

_STEPS = 256
_ASK_STOPS = (
    (0.0, (52, 20, 24)),
    (0.45, (112, 30, 32)),
    (0.75, (204, 74, 26)),
    (0.9, (255, 156, 56)),
    (1.0, (255, 240, 190)),
)
_BID_STOPS = (
    (0.0, (22, 22, 66)),
    (0.45, (42, 38, 124)),
    (0.75, (80, 68, 212)),
    (0.9, (142, 136, 255)),
    (1.0, (228, 228, 255)),
)


def _ramp(stops: tuple[tuple[float, Colour], ...]) -> np.ndarray:
    places = np.linspace(0, 1, _STEPS)
    at = [place for place, _ in stops]
    channels = [np.interp(places, at, [colour[i] for _, colour in stops]) for i in range(3)]
    return np.rint(np.stack(channels, axis=1)).astype(np.uint8)


# side of the book -> uint8 (256, 3), from the thinnest to the thickest depth
DEPTH_RAMPS = {"A": _ramp(_ASK_STOPS), "B": _ramp(_BID_STOPS)}


def unit_colour(colour: Colour, alpha: float = 1.0) -> tuple[float, float, float, float]:
    """Return a colour as matplotlib takes it, every channel in 0..1."""
    red, green, blue = colour
    return red / 255, green / 255, blue / 255, alpha
