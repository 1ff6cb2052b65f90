"""Fingerprints of algorithms around a level, and whether they go with what followed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from spymaster_engine.statistics.evaluation.print_differences import print_differences
from spymaster_engine.statistics.retrieval.outcomes import CLASSES

from spymaster.evaluation.conditions import BOTH, DIRECTIONS
from spymaster.evaluation.read import evaluation_query
from spymaster.evaluation.result_rows import Row
from spymaster.evaluation.result_tables import FINGERPRINTS, table_of

RELATION = "level_fingerprints"
PRINTS = (
    "top_size_share",
    "requote_share",
    "chase_share",
    "withdraw_on_approach_share",
    "react_1ms",
    "react_5ms",
    "react_20ms",
    "short_life_share",
    "refill_share",
    "periodic_share",
)
# prefix of the columns of a moment
_MOMENTS = {"approach": "", "touch": "touch_"}
_ROLES = ("ahead", "behind")


def fingerprint_table(
    connection: duckdb.DuckDBPyConnection, roots: Sequence[str], settings: Mapping[str, Any]
) -> pa.Table:
    """Return the rows of eval_level_fingerprints.

    Args:
        connection: the published file; the table is empty if it has no fingerprints.
        roots: products.
        settings: the settings of ``built_settings``.
    """
    rows: list[Row] = []
    there = connection.execute(
        "select count(*) from information_schema.tables where table_name = ?", [RELATION]
    ).fetchone()
    if there == (1,):
        for root in roots:
            table = connection.execute(evaluation_query(RELATION), {"root": root}).to_arrow_table()
            rows += fingerprint_rows(root, table, settings)
    return table_of(FINGERPRINTS, rows)


def fingerprint_rows(root: str, table: pa.Table, settings: Mapping[str, Any]) -> Iterator[Row]:
    """Yield the rows of a product from its approaches, in order of days."""
    keys = [(moment, role) for moment in _MOMENTS for role in _ROLES]
    names = [f"{_MOMENTS[moment]}{role}_{name}" for moment, role in keys for name in PRINTS]
    if not table.num_rows:
        return
    values = np.stack(
        [table[name].cast(pa.float64()).fill_null(np.nan).to_numpy() for name in names], axis=1
    )
    outcome = np.array(
        [CLASSES.index(name) for name in table["outcome_reached"].to_pylist()], np.int64
    )
    day = np.unique(np.array(table["session_date"].to_pylist()), return_inverse=True)[1]
    direction = np.array(table["approach_dir"].to_pylist())
    for name in DIRECTIONS:
        own = np.ones(len(day), np.bool_) if name == BOTH else direction == name
        if not own.any():
            continue
        found = print_differences(
            values[own],
            outcome[own],
            day[own],
            settings["condition_min_episodes"],
            settings["evaluation_seed"],
        )
        places = [(*key, measure) for key in keys for measure in PRINTS]
        for (moment, role, measure), result in zip(places, found, strict=True):
            means = {
                f"mean_{of.lower()}": mean for of, mean in zip(CLASSES, result.means, strict=True)
            }
            yield {
                "root": root,
                "horizon_id": table["horizon_id"][0].as_py(),
                "approach_dir": name,
                "moment": moment,
                "side_role": role,
                "print": measure,
                "n_days": result.n_days,
                "n_episodes": result.n_episodes,
                **means,
                "difference": result.difference,
                "difference_lo": result.lo,
                "difference_hi": result.hi,
                "null_q95": result.null_q95,
                "z": result.z,
                "largest_z_q95": result.largest_z_q95,
                "verdict": result.verdict,
            }
