"""Option strikes in a picture, with the gamma at each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from spymaster.hud.cells import PriceRows
from spymaster.plot import grid
from spymaster.plot.read import Reader

EXPOSURE = "silver.gex_surface_1s"


@dataclass(frozen=True)
class Strike:
    """A strike and its gamma exposure by second.

    Attributes:
        tick: the strike, in ticks.
        calls, puts: unsigned exposure, float64 (count,), USD per point squared; NaN where unknown.
    """

    tick: int
    calls: np.ndarray
    puts: np.ndarray


def read_strikes(reader: Reader, tick_int: int, rows: PriceRows, count: int) -> tuple[Strike, ...]:
    """Return the listed strikes among the rows, lowest first; none without options in the lake."""
    if reader.why_unusable(EXPOSURE):
        return ()
    found = reader.ask(
        "strikes",
        low_price_int=rows.low_tick * tick_int,
        high_price_int=(rows.high_tick + 1) * tick_int - 1,
    )
    strikes = np.asarray(found["strike_price_int"])
    second = np.asarray(found["second"])
    calls, puts = (grid.floats_of(found[name]) for name in ("gex_call_abs", "gex_put_abs"))
    return tuple(
        Strike(
            int(strike // tick_int),
            *(grid.by_second(second[at], values[at], count) for values in (calls, puts)),
        )
        for strike in np.unique(strikes)
        for at in [strikes == strike]
    )


def largest_exposure(strikes: tuple[Strike, ...]) -> float:
    """Return the largest exposure of calls or puts at any strike; 0 if none is known."""
    known = [
        values[~np.isnan(values)] for strike in strikes for values in (strike.calls, strike.puts)
    ]
    return float(max((values.max() for values in known if values.size), default=0.0))
