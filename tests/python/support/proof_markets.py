"""Sixty days of a market with a planted truth, and of a null market.

Making and building them takes about 40 minutes on two idle cores, once for all tests of a process.
Lakes made earlier are taken from the folders `planted` and `null` of $SPYMASTER_PROOF_LAKES.
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
    "+turn_conditions_mbp_1s",
    "+level_outcomes",
)


_made: dict[str, Lake] = {}


def market_lake(kind: str, folders: pytest.TempPathFactory) -> Lake:
    """Return a built lake.

    Args:
        kind: planted or null.
        folders: where to make it.
    """
    given = os.environ.get("SPYMASTER_PROOF_LAKES")
    if given:
        return Lake(Path(given) / kind)
    if kind not in _made:
        _made[kind] = _make(kind, folders)
    return _made[kind]


def _make(kind: str, folders: pytest.TempPathFactory) -> Lake:
    lake = Lake(folders.mktemp("proof") / kind)
    plan = SessionPlan(hours=3.2, evening_seconds=0)
    market = SyntheticMarket(load_product("ES"), SEED, plan, null=kind == "null")
    n_days = N_DAYS_PLANTED if kind == "planted" else N_DAYS
    days = trading_days(dt.date(2025, 10, 1), n_days)
    write_days(market, days, lake.root / "raw", schemas=("mbo", "mbp-10", "definition"), truth=True)
    land_raw(lake, lake.root / "raw")
    build_models(lake, "--select", *READ, **VARIABLES)
    return lake
