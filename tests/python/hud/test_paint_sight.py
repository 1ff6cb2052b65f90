"""Opposites stay apart in everyone's sight, and paint.json is the palettes' own.

Sight is simulated on linear red, green and blue with the matrices of Machado, Oliveira and
Fernandes, "A Physiologically-based Model for Simulation of Color Vision Deficiency", IEEE TVCG 15
(2009), severity 1. Distances are those of CIE 1976 L*a*b* under D65; 2.3 is just noticeable.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from spymaster.hud import palettes
from spymaster.hud.cells import lay_over
from spymaster.hud.paint import PAINT_FILE, THEMES, gex_alpha, paint_tables, theme_named

SIGHTS = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
XYZ_OF_RGB = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)
D65 = np.array([0.95047, 1, 1.08883])
# pairs of single colours that mean opposites
OPPOSITES = (
    ("gex_call", "gex_put"),
    ("buy", "sell"),
    ("calls", "puts"),
    ("above_score", "below_score"),
    ("best_ask", "best_bid"),
    ("break", "reject"),
)
# colours of which each must be told from every other
BARRIERS = tuple(
    f"barrier_{state}" for state in ("vacuum", "weak", "consumed", "neutral", "absorption", "wall")
)
SIGNALS = ("break", "reject", "contested")
APART, NOTICEABLE = 20, 2.3


def seen_lab(colours: np.ndarray, sight: np.ndarray) -> np.ndarray:
    """Return L*, a* and b*, float64 (n, 3), of colours, 0 to 255 (n, 3), as an eye sees them."""
    unit = np.asarray(colours, np.float64) / 255
    linear = np.where(unit <= 0.04045, unit / 12.92, ((unit + 0.055) / 1.055) ** 2.4)
    seen = np.clip(linear @ sight.T, 0, 1)
    share = seen @ XYZ_OF_RGB.T / D65
    bent = np.where(share > (6 / 29) ** 3, np.cbrt(share), share / (3 * (6 / 29) ** 2) + 4 / 29)
    x, y, z = bent.T
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=1)


def distances(one: np.ndarray, other: np.ndarray, sight: str) -> np.ndarray:
    """Return the distances of colours, 0 to 255 (n, 3), pair by pair."""
    labs = [seen_lab(colours, SIGHTS[sight]) for colours in (one, other)]
    return np.linalg.norm(labs[0] - labs[1], axis=1)


def over_background(theme: str, colours: np.ndarray) -> np.ndarray:
    """Return what colours, uint8 (n, 4), show over the background, (n, 3)."""
    shown = np.tile(theme_named(theme).colours["background"][:3], (len(colours), 1))
    lay_over(shown, np.asarray(colours, np.uint8))
    return shown


def test_sight_follows_known_colours() -> None:
    white, red = np.array([[255, 255, 255]]), np.array([[255, 0, 0]])
    np.testing.assert_allclose(seen_lab(white, SIGHTS["normal"]), [[100, 0, 0]], atol=0.02)
    np.testing.assert_allclose(seen_lab(red, SIGHTS["normal"]), [[53.24, 80.09, 67.20]], atol=0.02)
    # the green that a deuteranope takes for this red is far from it to others
    green = np.array([[118, 118, 0]])
    assert distances(red, green, "deuteranopia")[0] < distances(red, green, "normal")[0] / 2


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("sight", SIGHTS)
def test_asks_and_bids_are_apart_at_every_depth(theme: str, sight: str) -> None:
    asks, bids = (over_background(theme, theme_named(theme).ramps[side]) for side in ("ask", "bid"))
    assert distances(asks, bids, sight).min() > APART


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("sight", SIGHTS)
def test_ease_up_and_down_are_apart_from_a_quarter_on(theme: str, sight: str) -> None:
    ramp = over_background(theme, theme_named(theme).ramps["ease"])
    down, up = ramp[:96], ramp[::-1][:96]
    assert distances(down, up, sight).min() > APART


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("pair", OPPOSITES)
def test_opposites_are_apart(theme: str, sight: str, pair: tuple[str, str]) -> None:
    one, other = (theme_named(theme).colours[name][None, :3] for name in pair)
    assert distances(one, other, sight)[0] > APART


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("names", [BARRIERS, SIGNALS])
def test_states_and_signals_are_apart_from_each_other_and_from_nothing(
    theme: str, sight: str, names: tuple[str, ...]
) -> None:
    colours = theme_named(theme).colours
    for one, other in combinations(names, 2):
        assert distances(colours[one][None, :3], colours[other][None, :3], sight)[0] > APART
    empty = over_background(theme, colours["zero_depth"][None])
    for name in names:
        assert distances(colours[name][None, :3], empty, sight)[0] > 5 * NOTICEABLE


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("sight", SIGHTS)
def test_calls_and_puts_are_apart_at_every_exposure(theme: str, sight: str) -> None:
    alpha = gex_alpha(np.linspace(0, 1, 101))
    shown = []
    for name in ("gex_call", "gex_put"):
        colours = np.tile(theme_named(theme).colours[name], (len(alpha), 1))
        colours[:, 3] = alpha
        shown.append(over_background(theme, colours))
    apart = distances(*shown, sight)
    # the specification fixes colours and opacity, so that faint exposures may be closer
    assert apart.min() > NOTICEABLE
    assert apart[-1] > APART


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("sight", SIGHTS)
def test_measured_zero_is_neither_unknown_nor_thin_depth(theme: str, sight: str) -> None:
    colours = theme_named(theme).colours
    zero = over_background(theme, colours["zero_depth"][None])
    assert distances(zero, colours["background"][None, :3], sight)[0] > NOTICEABLE
    for side in ("ask", "bid"):
        thinnest = over_background(theme, theme_named(theme).ramps[side][:1])
        assert distances(zero, thinnest, sight)[0] > NOTICEABLE


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("sight", SIGHTS)
def test_recording_gaps_are_apart_from_invalid_seconds(theme: str, sight: str) -> None:
    hatch, gap = (
        over_background(theme, theme_named(theme).colours[name][None]) for name in ("hatch", "gap")
    )
    assert distances(hatch, gap, sight)[0] > APART


def test_specified_colours_are_those_of_the_specification() -> None:
    dark = theme_named("dark")
    assert dark.rgb("background") == (0x0A, 0x0A, 0x0F)
    assert dark.rgb("separator") == (0x00, 0xCC, 0xFF)
    assert dark.rgb("spot") == (0x00, 0xFF, 0xFF)
    assert dark.rgb("gex_call") == (30, 255, 180)
    assert dark.rgb("gex_put") == (255, 30, 150)


def test_file_is_written_from_the_palettes() -> None:
    assert PAINT_FILE.read_text(encoding="utf-8") == palettes.text()


def test_themes_have_the_same_names_and_whole_ramps() -> None:
    dark, light = (paint_tables()["themes"][theme] for theme in THEMES)
    assert dark.keys() == light.keys()
    for theme in THEMES:
        shapes = {name: ramp.shape for name, ramp in theme_named(theme).ramps.items()}
        assert shapes == dict.fromkeys(("ask", "bid", "ease"), (256, 4))
