"""Columns of the market kernels, for callers that need only the names."""

from __future__ import annotations

from collections.abc import Sequence

SIDES = ("ask", "bid")
LEVEL_NAMES = tuple(f"{level:02d}" for level in range(10))
# a second of the kernel, without its levels and bands
MARKET_ROW = (
    "window_s",
    "is_valid_end",
    "valid_ns",
    "update_count",
    "one_sided_count",
    "depth_l1_ns",
    "depth_l10_ns",
    "ofi_price",
)


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


def number_columns(bands: Sequence[str]) -> list[str]:
    """Return the names of the whole numbers of levels and bands."""
    return [
        *level_columns(),
        *(f"ofi_{level}" for level in LEVEL_NAMES),
        *(f"depth_imbalance_{band}_known_ns" for band in bands),
        *(
            f"depth_{side}_{band}_{what}"
            for what in ("qty", "qty_ns", "unknown_ns")
            for side in SIDES
            for band in bands
        ),
    ]


def nullable_columns(bands: Sequence[str]) -> list[str]:
    """Return the numbers that may be unknown.

    These are prices of empty levels, orders where a venue does not count them, and depth beyond
    the view.
    """
    return [
        *(name for name in level_columns() if name.endswith("_int") or "_ct_" in name),
        *(f"depth_{side}_{band}_qty" for side in SIDES for band in bands),
    ]
