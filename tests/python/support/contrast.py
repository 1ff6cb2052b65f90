"""Contrast of two colours, as readers of text see it."""

from __future__ import annotations

import re


def contrast(one: str, other: str) -> float:
    """Return the ratio of luminances of two colours as style sheets compute them (WCAG 2)."""
    high, low = sorted(map(luminance, (one, other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    values = [float(value) / 255 for value in re.findall(r"[\d.]+", colour)[:3]]
    red, green, blue = (
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in values
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
