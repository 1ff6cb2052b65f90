"""Units of price and time, each defined once."""

from __future__ import annotations

import datetime as dt

# the vendor's prices are integers in 1e-9 points
PRICE_SCALE = 1_000_000_000
NS_PER_S = 1_000_000_000
S_PER_DAY = 86_400
NS_PER_DAY = S_PER_DAY * NS_PER_S

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def epoch_ns(moment: dt.datetime) -> int:
    """Return a moment in ns since 1970, without passing through a float.

    Args:
        moment: in any time zone; UTC without one.
    """
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt.UTC)
    elapsed = moment - _EPOCH
    seconds = elapsed.days * S_PER_DAY + elapsed.seconds
    return seconds * NS_PER_S + elapsed.microseconds * 1_000


def price_text(price_int: int) -> str:
    """Return a price of 1e-9 points as text in points."""
    return f"{price_int / PRICE_SCALE:.10g}"
