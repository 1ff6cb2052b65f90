"""What became of walls of the order book, by ratio, age and distance: rows of eval_walls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from spymaster_engine.statistics.evaluation.bootstrap import (
    LEAST_DAYS,
    RESAMPLES,
    day_counts,
    interval,
    resampled_means,
)

from spymaster.evaluation.read import evaluation_query
from spymaster.evaluation.result_rows import Row
from spymaster.evaluation.result_tables import WALLS, table_of
from spymaster.published import relations_of

_RELATION = "gold.wall_outcomes"
BANDS = ("ratio_from", "age_from_s", "distance_from_ticks")
FATES = ("pulled", "pulled_late", "eaten", "held")
ENOUGH, TOO_FEW = "enough", "too few walls"


def wall_table(
    connection: duckdb.DuckDBPyConnection, roots: Sequence[str], settings: Mapping[str, Any]
) -> pa.Table:
    """Return the rows of eval_walls.

    Args:
        connection: the published file; the table is empty if it has no walls.
        roots: products.
        settings: the settings of ``built_settings``.
    """
    rows: list[Row] = []
    if _RELATION in relations_of(connection):
        for root in roots:
            query = evaluation_query("walls")
            walls = connection.execute(query, {"root": root}).to_arrow_table()
            rows += wall_rows(root, walls, settings)
    return table_of(WALLS, rows)


def wall_rows(root: str, walls: pa.Table, settings: Mapping[str, Any]) -> Iterator[Row]:
    """Yield the rows of a product: every combination of bands, and each band of one alone.

    Args:
        root: product root.
        walls: session_date, wall, the columns BANDS and outcome, in order of time.
        settings: the settings of ``built_settings``.
    """
    columns = {name: np.array(walls[name].to_pylist()) for name in walls.column_names}
    edges = [[None, *np.unique(columns[name]).tolist()] for name in BANDS]
    for bands in product(*edges):
        chosen = np.ones(len(walls), np.bool_)
        for name, edge in zip(BANDS, bands, strict=True):
            chosen &= True if edge is None else columns[name] == edge
        # a wall counts by its first moment in the bands
        first = np.unique(columns["wall"][chosen], return_index=True)[1]
        place = np.flatnonzero(chosen)[first]
        outcome, date = columns["outcome"][place], columns["session_date"][place]
        known = np.isin(outcome, FATES)
        if not known.any():
            continue
        yield {
            "root": root,
            **dict(zip(BANDS, bands, strict=True)),
            "n_censored": int((~known).sum()),
            **_shares(outcome[known], date[known], settings),
        }


def _shares(
    outcome: NDArray[np.str_], date: NDArray[np.generic], settings: Mapping[str, Any]
) -> Row:
    """Return the share of each fate with its interval over days, and whether they are enough."""
    dates, day = np.unique(date, return_inverse=True)
    is_fate = (outcome[:, None] == np.array(FATES)).astype(np.float64)
    counts = day_counts(len(dates), RESAMPLES, settings["evaluation_seed"])
    resampled = resampled_means(is_fate, np.ones(len(day)), day, counts)
    is_enough = len(dates) >= LEAST_DAYS and len(day) >= settings["condition_min_episodes"]
    row: Row = {
        "n_days": len(dates),
        "n_walls": len(day),
        "support": ENOUGH if is_enough else TOO_FEW,
    }
    for number, fate in enumerate(FATES):
        lo, hi = interval(resampled[:, number])
        row |= {
            f"{fate}_share": float(is_fate[:, number].mean()),
            f"{fate}_share_lo": lo if is_enough else None,
            f"{fate}_share_hi": hi if is_enough else None,
        }
    return row
