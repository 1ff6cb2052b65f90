"""Depth in bands of distance from the microprice.

Rules chosen where the specification leaves room:
- Flow at a price in front of the microprice (a negative distance) lies in no band.
- The time-weighted values of a band are None if either side (for an imbalance) or its own side
  (for a fraction) was not known at any time of the bar.
- `flow_net` is None unless every second of the bar lies in the surface window.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from naive.market_quantities import distance_ticks, imbalance, view_size
from naive.market_states import SIDES, VIEW_LEVELS, State
from naive.market_time import Piece, time_weighted_mean
from naive.surfaces import Row

# (lower, upper] in ticks; 0 belongs to the first
BANDS = {"0_4": (0, 4), "4_8": (4, 8), "8_12": (8, 12), "12_20": (12, 20), "20_40": (20, 40)}
LETTERS = {"bid": "B", "ask": "A"}

BandKey = tuple[str, str]


class Banded(NamedTuple):
    """A valid state with the depth of its bands, and whether it is known, by (side, band)."""

    state: State
    depth: dict[BandKey, int]
    is_known: dict[BandKey, bool]


def band_of(distance: Fraction) -> str | None:
    """Band of a distance from the microprice; None outside all bands."""
    for band, (lower, upper) in BANDS.items():
        if lower < distance <= upper or distance == lower == 0:
            return band
    return None


def banded(state: State, tick_int: int) -> Banded:
    """Sum up a state's depth by side and band."""
    depth = {(side, band): 0 for side in SIDES for band in BANDS}
    is_known = {}
    for side in SIDES:
        distances = [distance_ticks(state, side, x.price_int, tick_int) for x in state.side(side)]
        for level, distance in zip(state.side(side), distances, strict=True):
            band = band_of(distance)
            if band is not None:
                depth[side, band] += level.size
        shows_all = state.is_whole or len(distances) < VIEW_LEVELS
        for band, (_, upper) in BANDS.items():
            is_known[side, band] = shows_all or distances[-1] >= upper
    return Banded(state, depth, is_known)


def depth_imbalance(at: Banded, band: str) -> float | None:
    """(bids - asks) / (bids + asks) of a band; None if it is empty or not known."""
    if not all(at.is_known[side, band] for side in SIDES):
        return None
    return imbalance(at.depth["bid", band], at.depth["ask", band])


def depth_frac(at: Banded, side: str, band: str) -> float | None:
    """Depth of a band relative to the side's ten-level depth; None if it is not known."""
    if not at.is_known[side, band]:
        return None
    return float(Fraction(at.depth[side, band], view_size(at.state, side)))


def band_columns(pieces: Sequence[Piece], end: State, tick_int: int) -> Row:
    """Columns of the bands of a valid bar, from the states in force and that at its end."""
    timed = [(banded(state, tick_int), ns) for state, ns in pieces]
    at_end = banded(end, tick_int)

    def was_known(*keys: BandKey) -> bool:
        return all(at.is_known[key] for at, _ in timed for key in keys)

    row: Row = {}
    for band in BANDS:
        mean = time_weighted_mean(timed, lambda at, band=band: depth_imbalance(at, band))
        is_known = was_known(*((side, band) for side in SIDES))
        row[f"depth_imbalance_{band}_twa"] = mean if is_known else None
        row[f"depth_imbalance_{band}_eob"] = depth_imbalance(at_end, band)
    for side in SIDES:
        for band in BANDS:
            mean = time_weighted_mean(timed, lambda at, key=(side, band): depth_frac(at, *key))
            name = f"depth_{side}_{band}_frac"
            row[f"{name}_twa"] = mean if was_known((side, band)) else None
            row[f"{name}_eob"] = depth_frac(at_end, side, band)
    return row


def flow_net_columns(
    wall: Iterable[Mapping[str, Any]],
    ends: Mapping[int, State],
    pieces: Sequence[Piece],
    tick_int: int,
) -> Row:
    """Arrivals less cancellations of every band of a valid bar, relative to its mean depth.

    Args:
        wall: Rows of `wall_surface_1s`, with `window_start_s`, of the bar's seconds.
        ends: State at the end of each of the bar's seconds, by the second's start.
        pieces: States in force in the bar.
        tick_int: Minimum price increment.
    """
    net = {(side, band): 0 for side in SIDES for band in BANDS}
    for row in wall:
        side = next(side for side in SIDES if LETTERS[side] == row["side"])
        end = ends[row["window_start_s"]]
        # a price that the quotes moved through was at the touch
        distance = max(distance_ticks(end, side, row["price_int"], tick_int), Fraction(0))
        band = band_of(distance)
        if band is not None:
            net[side, band] += row["add_qty"] - row["pull_qty_total"]
    timed = [(banded(state, tick_int), ns) for state, ns in pieces]
    return {
        f"flow_net_{side}_{band}_sum": qty
        / max(time_weighted_mean(timed, lambda at, key=(side, band): at.depth[key]), 1)
        for (side, band), qty in net.items()
    }
