"""Fingerprints of algorithms around a level, and whether they go with what followed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from spymaster_engine.statistics.evaluation.print_differences import (
    PrintDifference,
    print_differences,
)
from spymaster_engine.statistics.retrieval.outcomes import CLASSES

from spymaster.evaluation.conditions import BOTH, DIRECTIONS
from spymaster.evaluation.read import evaluation_query
from spymaster.evaluation.result_rows import Row
from spymaster.evaluation.result_tables import FINGERPRINTS, table_of
from spymaster.published import relations_of

_RELATION = "gold.level_fingerprints"
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
# what followed counts from before the touch, so that the window of the touch sees some of it
JUDGED = "approach"
NOT_JUDGED = "not judged"
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
    if _RELATION in relations_of(connection):
        for root in roots:
            query = evaluation_query("level_fingerprints")
            table = connection.execute(query, {"root": root}).to_arrow_table()
            rows += fingerprint_rows(root, table, settings)
    return table_of(FINGERPRINTS, rows)


def fingerprint_rows(root: str, table: pa.Table, settings: Mapping[str, Any]) -> Iterator[Row]:
    """Yield the rows of a product from its approaches, in order of days."""
    if not table.num_rows:
        return
    outcome = np.array(
        [CLASSES.index(name) for name in table["outcome_reached"].to_pylist()], np.int64
    )
    day = np.unique(np.array(table["session_date"].to_pylist()), return_inverse=True)[1]
    direction = np.array(table["approach_dir"].to_pylist())
    for name in DIRECTIONS:
        own = np.ones(len(day), np.bool_) if name == BOTH else direction == name
        if not own.any():
            continue
        for moment, prefix in _MOMENTS.items():
            places = [(role, measure) for role in _ROLES for measure in PRINTS]
            columns = [table[f"{prefix}{role}_{measure}"] for role, measure in places]
            values = np.stack(
                [column.cast(pa.float64()).fill_null(np.nan).to_numpy() for column in columns],
                axis=1,
            )
            found = print_differences(
                values[own],
                outcome[own],
                day[own],
                settings["condition_min_episodes"],
                settings["evaluation_seed"],
            )
            key = {
                "root": root,
                "horizon_id": table["horizon_id"][0].as_py(),
                "approach_dir": name,
                "moment": moment,
            }
            for (role, measure), result in zip(places, found, strict=True):
                yield {
                    **key,
                    "side_role": role,
                    "print": measure,
                    **_numbers(result),
                    "verdict": result.verdict if moment == JUDGED else NOT_JUDGED,
                }


def _numbers(result: PrintDifference) -> Row:
    means = {f"mean_{of.lower()}": mean for of, mean in zip(CLASSES, result.means, strict=True)}
    return {
        "n_days": result.n_days,
        "n_episodes": result.n_episodes,
        **means,
        "difference": result.difference,
        "difference_lo": result.lo,
        "difference_hi": result.hi,
        "null_q95": result.null_q95,
        "z": result.z,
        "largest_z_q95": result.largest_z_q95,
    }
