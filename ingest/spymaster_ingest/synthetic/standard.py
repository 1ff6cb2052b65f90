"""The market of the demonstration and of tests: enough days for every model to have its past."""

from __future__ import annotations

import datetime as dt

from spymaster_ingest.synthetic.plan import SyntheticMarket
from spymaster_ingest.synthetic.products import load_product
from spymaster_ingest.synthetic.schedule import DEFAULT_START_DATE, SessionPlan, trading_days

STANDARD_DAYS = 12
# what its days hold: the options by order, so that pulls in their books can be told from trades
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
    """Return ES with a study hour a day, over when the hour is: some 430 thousand records.

    The options on it have some 160 thousand more.

    A day that went on into the evening would have as many seconds of surfaces as a whole study
    window, most of them without an event.
    """
    plan = SessionPlan(hours=_HOURS, evening_seconds=0)
    return SyntheticMarket(load_product("ES"), seed=_SEED, plan=plan)


def standard_dates() -> list[dt.date]:
    """Return its days: the later ones have the sessions before them to be calibrated on."""
    return trading_days(DEFAULT_START_DATE, STANDARD_DAYS)
