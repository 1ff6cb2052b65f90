"""Columns of the market kernels, for callers that need only the names."""

from __future__ import annotations

from collections.abc import Sequence

SIDES = ("ask", "bid")
LEVEL_NAMES = tuple(f"{level:02d}" for level in range(10))


def level_columns() -> list[str]:
    """Return the columns of the ten best levels, named as in the landed rows."""
    return [
        name
        for level in LEVEL_NAMES
        for name in (
            f"bid_px_{level}_int",
            f"ask_px_{level}_int",
            f"bid_sz_{level}",
            f"ask_sz_{level}",
            f"bid_ct_{level}",
            f"ask_ct_{level}",
        )
    ]


def value_columns(bands: Sequence[str]) -> list[str]:
    """Return the names of the time-weighted values, in the kernel's order."""
    return [
        "spread_ticks",
        "book_imbalance_l1",
        "book_imbalance_l10",
        *(f"depth_imbalance_{band}" for band in bands),
        *(f"depth_{side}_{band}_frac" for side in SIDES for band in bands),
    ]
