"""Quantities of one state of the market, exact where a later comparison decides.

Only `level_columns` takes a state that is not valid. Prices in `_ticks` are `Fraction`s of
`price / tick_int`.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from naive.market_states import SIDES, VIEW_LEVELS, Level, State
from naive.surfaces import PRICE_UNITS, Row


def mid_ticks(state: State, tick_int: int) -> Fraction:
    """Mean of the best prices."""
    return Fraction(state.bids[0].price_int + state.asks[0].price_int, 2 * tick_int)


def microprice_ticks(state: State, tick_int: int) -> Fraction:
    """Best prices, each weighted by the size on the other side."""
    bid, ask = state.bids[0], state.asks[0]
    weighted = ask.price_int * bid.size + bid.price_int * ask.size
    return Fraction(weighted, (bid.size + ask.size) * tick_int)


def spread_ticks(state: State, tick_int: int) -> int:
    """Best ask less best bid."""
    ticks, rest = divmod(state.asks[0].price_int - state.bids[0].price_int, tick_int)
    assert rest == 0, "a price off the tick grid"
    return ticks


def points(ticks: Fraction, tick_int: int) -> float:
    """A price in points."""
    return float(ticks * tick_int / PRICE_UNITS)


def distance_ticks(state: State, side: str, price_int: int, tick_int: int) -> Fraction:
    """How far a price of a side lies behind the microprice; negative in front of it."""
    bid, ask = state.bids[0], state.asks[0]
    sizes = bid.size + ask.size
    ahead = ask.price_int * bid.size + bid.price_int * ask.size - price_int * sizes
    return Fraction(ahead if side == "bid" else -ahead, sizes * tick_int)


def view_size(state: State, side: str) -> int:
    """Contracts at the ten best prices of a side."""
    return sum(level.size for level in state.view(side))


def imbalance(below: int, above: int) -> float | None:
    """(below - above) / (below + above); None if both are 0."""
    return float(Fraction(below - above, below + above)) if below + above else None


def book_imbalance_l1(state: State) -> float | None:
    """Imbalance of the sizes at the best prices."""
    return imbalance(state.bids[0].size, state.asks[0].size)


def book_imbalance_l10(state: State) -> float | None:
    """Imbalance of the ten-level sizes."""
    return imbalance(view_size(state, "bid"), view_size(state, "ask"))


def ladder(state: State, side: str, tick_int: int) -> Row:
    """Largest and mean gap between adjacent occupied levels; None with fewer than two."""
    gaps = [
        Fraction(abs(worse.price_int - better.price_int), tick_int)
        for better, worse in pairwise(state.view(side))
    ]
    return {
        f"ladder_{side}_gap_max_ticks_eob": int(max(gaps)) if gaps else None,
        f"ladder_{side}_gap_mean_ticks_eob": float(sum(gaps) / len(gaps)) if gaps else None,
    }


def shape(state: State, side: str, kind: str) -> Row:
    """Share of every level in the side's ten-level total of sizes (`sz`) or orders (`ct`)."""
    levels = [*state.view(side), *[Level(0, 0, 0)] * VIEW_LEVELS][:VIEW_LEVELS]
    values = [level.size if kind == "sz" else level.count for level in levels]
    return {
        f"shape_{side}_{kind}_frac_l{n:02}_eob": float(Fraction(value, sum(values)))
        for n, value in enumerate(values)
    }


def level_columns(state: State | None) -> Row:
    """The 60 columns of the ten levels, level by level; any state, or none yet."""
    row: Row = {}
    for n in range(VIEW_LEVELS):
        levels = {
            side: state.view(side)[n] if state and n < len(state.view(side)) else Level(None, 0, 0)
            for side in SIDES
        }
        row |= {f"{side}_px_{n:02}_int": levels[side].price_int for side in SIDES}
        row |= {f"{side}_sz_{n:02}": levels[side].size for side in SIDES}
        row |= {f"{side}_ct_{n:02}": levels[side].count for side in SIDES}
    return row
