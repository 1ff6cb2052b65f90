"""One product: what is traded, in which steps, and when."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from spymaster_ingest.units import PRICE_SCALE

FUTURE, EQUITY = "future", "equity"
RECORDS, NO_DEFINITIONS = "records", "none"


@dataclass(frozen=True)
class Product:
    """One product; the fields are the columns of seed ``instruments``, in their order.

    Attributes:
        root: product root; of an equity also its symbol.
        tick_size, option_tick_size: least price increments, points.
        tick_int: tick_size in 1e-9 points.
        point_value: value of one point of one contract or share, in currency.
        gex_strike_step: spacing of the strike grid, points.
        session_open_local, session_close_local, session_tz: regular session; it opens the evening
            before when the open is not before the close.
        stale_after_s: seconds without a record after which the recording counts as silent.
        barrier_mode: fixed or vol.
        approach_min_ticks: least move of the mid that is an approach.
        barrier_min_ticks: least barrier of kind vol.
        kind: future or equity.
        currency, lot: currency of prices, and least number of contracts or shares of an order.
        calendar: name of a calendar, or intervals "09:30-11:30,13:00-15:00"; None for the session
            columns without the closures of seed ``market_holidays``.
        ladder_step: height of a rung of the ladder, points.
        definitions: records or none.
    """

    root: str
    tick_size: Decimal
    tick_int: int
    point_value: float
    option_tick_size: Decimal | None
    gex_strike_step: float | None
    session_open_local: str
    session_close_local: str
    session_tz: str
    stale_after_s: int | None
    barrier_mode: str
    approach_min_ticks: float | None
    barrier_min_ticks: int | None
    kind: str
    currency: str
    lot: int
    calendar: str | None
    ladder_step: float | None
    definitions: str


def tick_int_of(tick_size: Decimal) -> int | None:
    """Return a tick in 1e-9 points; None when it is no whole number of them."""
    scaled = Fraction(tick_size) * int(PRICE_SCALE)
    return int(scaled) if scaled.denominator == 1 else None
