"""What the vendor recorded of what the market did."""

from __future__ import annotations

import datetime as dt

import numpy as np

from spymaster.synthetic.damage import without_gap
from spymaster.synthetic.plan import SyntheticMarket
from spymaster.synthetic.schedule import NS_PER_SECOND, midnight_ns


def recorded(
    market: SyntheticMarket, day: dt.date, told: dict[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """Return what the vendor recorded of records by schema: all of them, but for a gap."""
    damage = market.damage
    if damage.gap_start is None:
        return told
    start_ns = midnight_ns(day) + market.second_of(day, damage.gap_start) * NS_PER_SECOND
    return {
        schema: without_gap(
            records,
            start_ns,
            damage.gap_seconds,
            # the event of a quote is the last trade
            "ts_recv" if schema == "bbo-1s" else "ts_event",
        )
        for schema, records in told.items()
    }
