"""The market of the demonstration and of tests: enough days for the look-back of every model."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from spymaster_ingest.synthetic.products_and_contracts import load_product
from spymaster_ingest.synthetic.schedule import DEFAULT_START_DATE, SessionPlan, trading_days
from spymaster_ingest.synthetic.synthetic_market import SyntheticMarket

STANDARD_DAYS = 12
# its schemas: options by order, so that pulls and trades in their books can be distinguished
STANDARD_SCHEMAS = (
    "mbo",
    "definition",
    "trades",
    "bbo-1s",
    "statistics",
    "status",
    "option-mbo",
    "option-trades",
    "option-statistics",
)
_SEED = 7
_HOURS = 1.0
# the day, counted from 0, on which most approaches show a mechanism, and their share
_MECHANISM_DAY, _MECHANISM_SHARE = 5, 0.75


def standard_market() -> SyntheticMarket:
    """Return ES with one study hour a day: some 430 thousand records.

    The options on it have some 160 thousand more. The day ends with the hour; an evening would add
    as many seconds of surfaces as a whole study window, most of them without an event.
    """
    plan = SessionPlan(hours=_HOURS, evening_seconds=0)
    return SyntheticMarket(load_product("ES"), seed=_SEED, plan=plan)


def standard_market_of(day: dt.date) -> SyntheticMarket:
    """Return the market of one of its days: one day has mechanisms at its levels."""
    market = standard_market()
    if day != mechanism_date():
        return market
    return replace(market, signatures=market.signatures.with_mechanisms(_MECHANISM_SHARE))


def mechanism_date() -> dt.date:
    """Return the day of the market whose levels' defenders withdraw, are eaten or absorb."""
    return standard_dates()[_MECHANISM_DAY]


def standard_dates() -> list[dt.date]:
    """Return its days: later days can be calibrated on the sessions before them."""
    return trading_days(DEFAULT_START_DATE, STANDARD_DAYS)
