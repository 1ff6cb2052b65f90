"""How early the states of the four conditions were seen, and how often in vain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb
import pyarrow as pa

from spymaster.evaluation.read import evaluation_query
from spymaster.evaluation.result_rows import Row
from spymaster.evaluation.result_tables import LEAD_TIMES, SCHEMAS

BOTH = "both"


def leads_and_alarms(
    connection: duckdb.DuckDBPyConnection,
    root: str,
    horizon_id: str,
    settings: Mapping[str, Any],
    form: str,
) -> tuple[pa.Table, dict[tuple[str, str], Row]]:
    """Return the lead times of a product and horizon, and its alarm counts.

    Both come from the same alarms: lead times count from the alarms that came true.

    Args:
        connection: the published file, with a form of the conditions in use.
        root: product root.
        horizon_id: horizon of the labels.
        settings: the settings of ``built_settings``.
        form: name of column conditions_basis.
    """

    def read(name: str, **parameters: object) -> pa.Table:
        return connection.execute(evaluation_query(name), parameters).to_arrow_table()

    connection.register("episodes", read("condition_episodes", root=root, horizon_id=horizon_id))
    alarms = read(
        "condition_alarms",
        horizon_id=horizon_id,
        hold_s=settings["condition_hold_s"],
        condition_window_s=settings["condition_window_s"],
        window_s=settings["vector_window_s"],
    )
    connection.register("alarms", alarms)
    leads = read(
        "condition_lead_times",
        horizon_id=horizon_id,
        bar_s=settings["sma_bar_s"],
        condition_window_s=settings["condition_window_s"],
        conditions_basis=form,
    )
    counts = _alarm_counts(connection, root, settings)
    for name in ("episodes", "alarms"):
        connection.unregister(name)
    return leads.cast(SCHEMAS[LEAD_TIMES]), counts


def _alarm_counts(
    connection: duckdb.DuckDBPyConnection, root: str, settings: Mapping[str, Any]
) -> dict[tuple[str, str], Row]:
    """Count ``alarms`` by direction and state, as columns of eval_turn_conditions."""
    rows = connection.execute(
        evaluation_query("condition_alarm_counts"),
        {
            "root": root,
            "zone": settings["local_tz"],
            "study_start": settings["rth_start"],
            "study_end": settings["rth_end"],
        },
    ).fetchall()
    sums: dict[tuple[str, str], tuple[int, int]] = {}
    hours = rows[0][-1] if rows else 0.0
    for direction, state, n_alarms, n_false, _ in rows:
        for name in (direction, BOTH):
            before = sums.get((name, state), (0, 0))
            sums[name, state] = (before[0] + n_alarms, before[1] + n_false)
    return {
        key: {
            "n_alarms": n_alarms,
            "n_false_alarms": n_false,
            "false_alarms_per_hour": n_false / hours if hours else None,
        }
        for key, (n_alarms, n_false) in sums.items()
    }
