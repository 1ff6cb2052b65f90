"""Levels against the same prices shifted by a few ticks: rows of level_placebo."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from spymaster_engine.statistics.evaluation.level_placebo import (
    HELD,
    Approaches,
    level_matters,
    placebo_gains,
)
from spymaster_engine.statistics.retrieval.outcomes import CLASSES

from spymaster.evaluation.conditions import BOTH, DIRECTIONS
from spymaster.evaluation.read import bands_of, evaluation_query
from spymaster.evaluation.result_rows import Row
from spymaster.evaluation.result_tables import LEVEL_PLACEBO, table_of
from spymaster.published import relations_of

_RELATIONS = {"gold.placebo_outcomes", "gold.level_outcomes", "silver.level_decisions"}
# columns by outcome
WORDS = {"REJECT": "held", "BREAK": "broke", "CHOP": "chopped"}


@dataclass(frozen=True)
class NamedApproaches:
    """Approaches of a product with the names by which they are grouped; n rows.

    Attributes:
        approaches: day, cell, outcome and whether at a level.
        kind, level, direction, band: (n,) names.
    """

    approaches: Approaches
    kind: NDArray[np.str_]
    level: NDArray[np.str_]
    direction: NDArray[np.str_]
    band: NDArray[np.str_]


def placebo_table(
    connection: duckdb.DuckDBPyConnection,
    roots: Sequence[str],
    horizons: Sequence[str],
    settings: Mapping[str, Any],
) -> pa.Table:
    """Return the rows of level_placebo.

    Args:
        connection: the published file; the table is empty if it has no placebos.
        roots: products.
        horizons: horizons of the labels; those that placebos lack have no rows.
        settings: the settings of ``built_settings``.
    """
    rows: list[Row] = []
    if relations_of(connection) >= _RELATIONS:
        for root in roots:
            for horizon in horizons:
                found = read_approaches(connection, root, horizon, settings["distance_bands"])
                rows += placebo_rows({"root": root, "horizon_id": horizon}, found, settings)
    return table_of(LEVEL_PLACEBO, rows)


def read_approaches(
    connection: duckdb.DuckDBPyConnection,
    root: str,
    horizon_id: str,
    bands: Mapping[str, Sequence[int | None]],
) -> NamedApproaches:
    """Read the approaches of a product's selected contracts to levels and placebos.

    Args:
        connection: the published file.
        root: product root.
        horizon_id: horizon of the labels.
        bands: bands of distance, [from, to] in ticks, None for no end.
    """
    table = connection.execute(
        evaluation_query("level_approaches"), {"root": root, "horizon_id": horizon_id}
    ).to_arrow_table()

    def names(column: str) -> NDArray[np.str_]:
        return np.array(table[column].to_pylist(), dtype=np.str_)

    kind, direction = names("level_kind"), names("approach_dir")
    band = bands_of(np.abs(table["x0_ticks"].to_numpy().astype(np.int64)), bands)
    cells = np.char.add(np.char.add(np.char.add(direction, "|"), band), np.char.add("|", kind))
    outcome = pc.index_in(table["outcome_reached"], pa.array(CLASSES))
    approaches = Approaches(
        day=np.unique(table["session_date"].to_numpy(), return_inverse=True)[1],
        cell=np.unique(cells, return_inverse=True)[1],
        outcome=outcome.combine_chunks().to_numpy().astype(np.int64),
        is_level=np.array(table["is_level"].to_pylist(), np.bool_),
    )
    return NamedApproaches(approaches, kind, names("level_id"), direction, band)


def placebo_rows(scope: Row, named: NamedApproaches, settings: Mapping[str, Any]) -> Iterator[Row]:
    """Yield the rows of a product and horizon.

    Args:
        scope: key columns of the rows.
        named: approaches to levels and placebos.
        settings: the settings of ``built_settings``.
    """
    least, seed = settings["condition_min_episodes"], settings["evaluation_seed"]
    for direction in DIRECTIONS:
        own = np.ones(len(named.direction), np.bool_)
        if direction != BOTH:
            own = named.direction == direction
        for band in (None, *settings["distance_bands"]):
            inside = own if band is None else own & (named.band == band)
            compared = [
                (group, named.approaches.take(inside & chosen).comparable())
                for group, chosen in _groups(named)
            ]
            compared = [(group, approaches) for group, approaches in compared if len(approaches)]
            for group, approaches in compared:
                gains = placebo_gains(approaches, len(compared), seed)
                held = gains[HELD]
                row = {
                    **scope,
                    "approach_dir": direction,
                    "distance_band": band,
                    **group,
                    "n_days": approaches.n_days,
                    "n_episodes": approaches.n_levels,
                    "n_placebos": approaches.n_placebos,
                    "held_difference": held.gain,
                    "held_difference_lo": held.lo,
                    "held_difference_hi": held.hi,
                    "level_matters": level_matters(approaches, held, least),
                }
                for outcome, word in WORDS.items():
                    row[f"{word}_share"] = gains[outcome].share
                    row[f"placebo_{word}_share"] = gains[outcome].base_rate
                yield row


def _groups(named: NamedApproaches) -> Iterator[tuple[Row, NDArray[np.bool_]]]:
    """Yield every level together, each kind, and each level."""
    yield {"level_kind": None, "level_id": None}, np.ones(len(named.kind), np.bool_)
    for kind in np.unique(named.kind):
        of_kind = named.kind == kind
        yield {"level_kind": str(kind), "level_id": None}, of_kind
        for level in np.unique(named.level[of_kind]):
            key = {"level_kind": str(kind), "level_id": str(level)}
            yield key, of_kind & (named.level == level)
