"""Sixty days of a market with a planted truth, and of a null market.

Making and building them takes about 40 minutes on two idle cores, once for all tests of a process;
those by price alone take some ten. Lakes made earlier are taken from the folders `planted`, `null`,
`planted-by-price` and `null-by-price` of $SPYMASTER_PROOF_LAKES.
"""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import pytest
from spymaster_ingest.lake import Lake
from spymaster_ingest.synthetic import (
    SessionPlan,
    SyntheticMarket,
    load_product,
    trading_days,
    write_days,
)

from support.lakes import build_models, land_raw

N_DAYS, SEED = 60, 7
# the value of more days is judged on as many further days: twenty judged days are too few
N_DAYS_PLANTED = 2 * N_DAYS
# signals before any verdict on the odds: they still must have earned their cost on earlier days
VARIABLES = {"surface_window": ("09:15", "12:30"), "signals_need_verdict": False}
# inputs of the evaluation, with all upstream models
READ = (
    "+mbo_trigger_signals",
    "+turn_conditions_1s",
    "+level_outcomes",
)
# of a market by price, whose conditions are net of what arrived
READ_BY_PRICE = ("+turn_conditions_1s", "+turn_conditions_mbp_1s", "+level_outcomes")


_made: dict[str, Lake] = {}


def market_lake(kind: str, folders: pytest.TempPathFactory, *, is_by_price: bool = False) -> Lake:
    """Return a built lake.

    Args:
        kind: planted or null.
        folders: where to make it.
        is_by_price: whether it has ten levels of the book and no orders.
    """
    name = f"{kind}-by-price" if is_by_price else kind
    given = os.environ.get("SPYMASTER_PROOF_LAKES")
    if given:
        return Lake(Path(given) / name)
    if name not in _made:
        lake = Lake(folders.mktemp("proof") / name)
        make_lake(lake, is_null=kind == "null", is_by_price=is_by_price)
        _made[name] = lake
    return _made[name]


def make_lake(lake: Lake, *, is_null: bool, is_by_price: bool) -> None:
    """Make a market in an empty lake and build it."""
    plan = SessionPlan(hours=3.2, evening_seconds=0)
    market = SyntheticMarket(load_product("ES"), SEED, plan, null=is_null)
    n_days = N_DAYS if is_null or is_by_price else N_DAYS_PLANTED
    days = trading_days(dt.date(2025, 10, 1), n_days)
    schemas = ("mbp-10" if is_by_price else "mbo", "definition")
    write_days(market, days, lake.root / "raw", schemas=schemas, truth=True)
    land_raw(lake, lake.root / "raw")
    build_models(lake, "--select", *(READ_BY_PRICE if is_by_price else READ), **VARIABLES)
