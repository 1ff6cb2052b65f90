"""A published file with breaks and retests made by hand."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
from spymaster_ingest.lake import Lake
from spymaster_warehouse.project_vars import project_vars

from support.relations_of_models import create_relation

SYMBOL, DAY = "ESZ5", dt.date(2025, 10, 16)
TICK_INT = 250_000_000
LEVEL_TICK = 26_884
RELATIONS = (
    "gold.retest_events",
    "gold.retrieval_settings",
    "gold.conditions_in_use_1s",
    "gold.eval_retests",
    "silver.contract_days",
    "silver.book_snapshot_1s",
    "silver.mbo_contract_day_selection",
    "silver.physics_bands_1s",
    "silver.word_settings",
)
_WORDS = (
    "ladder_rung_points",
    "ladder_rungs",
    "ladder_min_contracts",
    "ladder_wall_ratio",
    "ladder_net_flow_share",
    "condition_z",
    "condition_min_contracts",
    "ease_difference_ratio",
)
Row = dict[str, Any]


def at(clock: str, day: dt.date = DAY) -> dt.datetime:
    """Return a New York time of October as naive UTC."""
    return dt.datetime.combine(day, dt.time.fromisoformat(clock)) + dt.timedelta(hours=4)


def event(clock: str, outcome: str, *, day: dt.date = DAY, **columns: Any) -> Row:
    """Return a break up through pm_high; back after a minute, ended after three."""
    cross = at(clock, day)
    retest, end = cross + dt.timedelta(seconds=61), cross + dt.timedelta(seconds=180)
    row: Row = {
        "symbol": SYMBOL,
        "dt": day,
        "level_id": "pm_high",
        "approach_dir": "approach_up",
        "basis": "seconds",
        "conditions_basis": "orders",
        "level_price_int": LEVEL_TICK * TICK_INT,
        "approach_ts": cross - dt.timedelta(seconds=30),
        "cross_ts": cross,
        "cross_price_int": (LEVEL_TICK + 4) * TICK_INT,
        "broken_ts": cross + dt.timedelta(seconds=10),
        "broken_window_end_ts": cross + dt.timedelta(seconds=11),
        "outcome": outcome,
        "outcome_ts": end if outcome in ("CONTINUES", "FAILS", "THROUGH") else None,
        "label_end_ts": end + dt.timedelta(seconds=1),
        "available_from_ts": end + dt.timedelta(seconds=1),
    }
    if outcome not in ("THROUGH", "NO_RETEST"):
        row |= {
            "retest_ts": retest,
            "retest_price_int": (LEVEL_TICK + 2) * TICK_INT,
            "retest_window_end_ts": retest + dt.timedelta(seconds=1),
            "retest_wait_s": 51.0,
            "excursion_ticks": 12,
            "retest_x_ticks": -1,
            "deepest_x_ticks": -8 if outcome == "FAILS" else -2,
        }
    return row | columns


def conditions_at(moment: dt.datetime, **columns: Any) -> Row:
    """Return the four conditions at pm_high from above, none of them met."""
    row: Row = {
        "symbol": SYMBOL,
        "dt": moment.date(),
        "window_end_ts": moment,
        "level_id": "pm_high",
        "level_price_int": LEVEL_TICK * TICK_INT,
        "level_side": -1,
        "state": "none",
        "held_s": 3,
        "conditions_basis": "orders",
    }
    for number, name in enumerate(("asks_retreat", "asks_pull", "bids_recede", "bids_pull"), 1):
        row |= {f"c{number}": False, f"{name}_z": 0.5, f"{name}_qty": 90}
    return row | columns


def ease_at(moment: dt.datetime, above: float | None, below: float | None) -> Row:
    """Return the scores of ease of moving up and down at the end of a second."""
    return {
        "symbol": SYMBOL,
        "dt": moment.date(),
        "window_end_ts": moment,
        "above_score": above,
        "below_score": below,
    }


def retest_lake(
    folder: Path,
    events: Sequence[Row],
    conditions: Sequence[Row] = (),
    verdict: Row | None = None,
    eases: Sequence[Row] = (),
) -> Lake:
    """Publish a file with events, conditions at their retests, a verdict, and scores of ease."""
    lake = Lake(folder)
    folder.mkdir(parents=True, exist_ok=True)
    settings = project_vars()
    days = sorted({row["dt"] for row in events} | {DAY})
    with duckdb.connect(str(lake.published)) as connection:
        for relation in RELATIONS:
            create_relation(connection, relation)

        def insert(relation: str, row: Row) -> None:
            names, marks = ", ".join(row), ", ".join("?" * len(row))
            connection.execute(
                f"insert into {relation} ({names}) values ({marks})", list(row.values())
            )

        for row in events:
            insert("gold.retest_events", row)
        for row in conditions:
            insert("gold.conditions_in_use_1s", row)
        for row in eases:
            insert("silver.physics_bands_1s", row)
        for day in days:
            insert(
                "silver.contract_days",
                {
                    **{"symbol": SYMBOL, "dt": day, "root": "ES", "tick_int": TICK_INT},
                    "book_source": "mbo",
                },
            )
            insert("silver.book_snapshot_1s", {"symbol": SYMBOL, "dt": day})
            insert(
                "silver.mbo_contract_day_selection",
                {"root": "ES", "session_date": day, "selected_symbol": SYMBOL},
            )
        insert("silver.word_settings", {name: settings[name] for name in _WORDS})
        insert(
            "gold.retrieval_settings",
            {"settings": "{}", "evaluation_settings": json.dumps(settings, default=str)},
        )
        if verdict is not None:
            scope = {"root": "ES", "conditions_basis": "orders", "basis": "seconds"}
            insert("gold.eval_retests", scope | verdict)
    return lake
