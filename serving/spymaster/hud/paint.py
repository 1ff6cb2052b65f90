"""The tables of ``paint.json`` and the rules by which a number becomes a colour."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

PAINT_FILE = Path(__file__).parent / "static" / "paint.json"
THEMES = ("dark", "light")

_LAST = 255
_HALF = 127.5


@dataclass(frozen=True)
class Theme:
    """Colours of one theme.

    Attributes:
        colours: name -> uint8 (4,), red, green, blue, alpha.
        ramps: ``ask``, ``bid`` and ``ease`` -> uint8 (256, 4).
    """

    colours: dict[str, np.ndarray]
    ramps: dict[str, np.ndarray]

    def rgb(self, name: str) -> tuple[int, int, int]:
        """Return red, green and blue of a colour."""
        red, green, blue = self.colours[name][:3].tolist()
        return red, green, blue


@dataclass(frozen=True)
class DepthScale:
    """Logarithmic scale of depth, contracts; depth beyond an end takes the end's colour."""

    low_qty: int
    high_qty: int

    def index(self, qty: np.ndarray) -> np.ndarray:
        """Return the places on a ramp, int64 of 0 to 255, of whole contracts."""
        low, high = depth_step(np.array([self.low_qty, self.high_qty])).tolist()
        along = (depth_step(qty) - low) * _LAST // (max(high, low + 1) - low)
        return np.clip(along, 0, _LAST)

    def place(self, qty: int) -> float:
        """Return the place of whole contracts between the ends, 0 to 1."""
        return int(self.index(np.array(qty))) / _LAST


@functools.cache
def paint_tables() -> dict[str, Any]:
    """Return the contents of ``paint.json``; do not change them."""
    tables: dict[str, Any] = json.loads(PAINT_FILE.read_text(encoding="utf-8"))
    return tables


@functools.cache
def theme_named(name: str) -> Theme:
    """Return a theme, ``dark`` or ``light``."""
    entries = dict(paint_tables()["themes"][name])
    ramps = entries.pop("ramps")
    return Theme(
        {key: np.array(colour, np.uint8) for key, colour in entries.items()},
        {key: np.array(ramp, np.uint8) for key, ramp in ramps.items()},
    )


def default_depth_scale() -> DepthScale:
    """Return the scale of depth of a picture in which nothing rests."""
    return DepthScale(paint_tables()["depth_low_qty"], paint_tables()["depth_high_qty"])


def scale_of_depths(depth: np.ndarray) -> DepthScale:
    """Return the scale between two quantiles of the depths above zero, that of the start if none.

    Args:
        depth: int64 of any shape, contracts of one side of a price each.
    """
    resting = np.sort(depth[depth > 0])
    if not resting.size:
        return default_depth_scale()
    shares = (paint_tables()[f"depth_{end}_share"] for end in ("low", "high"))
    low, high = (int(resting[int(share * (resting.size - 1))]) for share in shares)
    return DepthScale(low, max(high, low + 1))


def depth_step(qty: np.ndarray) -> np.ndarray:
    """Return the number of depth steps, int64, that whole contracts reach."""
    return np.searchsorted(_steps("depth_steps"), qty, side="right")


def ease_index(ease_signed: np.ndarray) -> np.ndarray:
    """Return the places on the ramp, int64 of 0 to 255, of eases of -1 to 1 (float64)."""
    return np.clip(np.floor(ease_signed * _HALF + _HALF + 0.5), 0, _LAST).astype(np.int64)


def gex_alpha(ratio: np.ndarray) -> np.ndarray:
    """Return the opacity, int64, of exposures as a share of the largest (float64, 0 to 1)."""
    least: int = paint_tables()["gex_zero_alpha"]
    return least + np.searchsorted(_steps("gex_alpha_steps"), ratio, side="right")


def vacuum_alpha(vacuum_score: np.ndarray) -> np.ndarray:
    """Return the opacity, int64, of vacuum scores (float64, 0 to 1)."""
    tables = paint_tables()
    above = np.floor(vacuum_score * tables["vacuum_alpha"] + 0.5).astype(np.int64)
    return tables["vacuum_zero_alpha"] + above


@functools.cache
def _steps(name: str) -> np.ndarray:
    return np.array(paint_tables()[name])
