"""The market of the demonstration and of tests: enough days for the look-back of every model."""

from __future__ import annotations

import datetime as dt

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


def standard_market() -> SyntheticMarket:
    """Return ES with one study hour a day: some 430 thousand records.

    The options on it have some 160 thousand more. The day ends with the hour; an evening would add
    as many seconds of surfaces as a whole study window, most of them without an event.
    """
    plan = SessionPlan(hours=_HOURS, evening_seconds=0)
    return SyntheticMarket(load_product("ES"), seed=_SEED, plan=plan)


def standard_dates() -> list[dt.date]:
    """Return its days: later days can be calibrated on the sessions before them."""
    return trading_days(DEFAULT_START_DATE, STANDARD_DAYS)
