"""Levels of the session before, VWAP and round levels, looked up anew at every second."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import floor, sqrt


@dataclass(frozen=True)
class Deal:
    """A trade: date of its session, second of its day's clock and of time, price and size."""

    session: date
    second: int
    tick: int
    size: int


def prior_levels(deals: Sequence[Deal], session: date) -> dict[str, int]:
    """Return high, low and close in ticks of the last session before a session; empty without."""
    before = [deal for deal in deals if deal.session < session]
    if not before:
        return {}
    last = max(deal.session for deal in before)
    ticks = [deal.tick for deal in before if deal.session == last]
    return {"prior_high": max(ticks), "prior_low": min(ticks), "prior_close": ticks[-1]}


def vwap_levels(deals: Sequence[Deal], open_s: int, end_s: int) -> dict[str, float]:
    """Return the VWAP in ticks of what traded from the open to a second's end, and its bands."""
    inside = [deal for deal in deals if open_s <= deal.second < end_s]
    if not inside:
        return {}
    volume = sum(deal.size for deal in inside)
    mean = Fraction(sum(deal.size * deal.tick for deal in inside), volume)
    spread = sum(deal.size * (deal.tick - mean) ** 2 for deal in inside) / volume
    deviation = sqrt(spread)
    return {
        "vwap": float(mean),
        "vwap_1sd_up": float(mean) + deviation,
        "vwap_1sd_down": float(mean) - deviation,
    }


def round_levels(spot: int, steps: Mapping[str, int]) -> dict[str, int]:
    """Return the nearest even and odd multiple of each step to spot; of two the upper one."""
    found = {}
    for name, step in steps.items():
        around = range(floor(spot / step) - 2, floor(spot / step) + 4)
        for edge, rest in (("even", 0), ("odd", 1)):
            multiples = [number * step for number in around if number % 2 == rest]
            found[f"{name}_{edge}"] = min(multiples, key=lambda at: (abs(at - spot), -at))
    return found
