"""The neighbors behind the odds of a decision, as ``spymaster setups`` finds them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import duckdb
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake
from spymaster_ingest.units import epoch_ns

from spymaster.explain.wanted import Row
from spymaster.published import relations_of
from spymaster.setups.links import moment_of_screen

RELATIONS = ("gold.retrieval_outcomes", "gold.retrieval_answers")
# the search for it takes longer than all others
FLOOR = "similarity_floor"


@dataclass(frozen=True)
class Search:
    """A search run again.

    Attributes:
        numbers: what it found by column of retrieval_answers.
        neighbors: most similar first.
    """

    numbers: Row
    neighbors: list[Row]


def search_again(
    connection: duckdb.DuckDBPyConnection, lake: Lake, row: Row, floor: float | None
) -> Search:
    """Search the library again for a decision.

    Args:
        connection: the published file.
        lake: with the library.
        row: a row of ``RELATIONS``: symbol, dt, level_id, window_end_ts and horizon_id.
        floor: of similarity, as it is stored; None: searched for too.

    Raises:
        SpymasterError: The library cannot be read.
    """
    # imported late: it loads a search library
    from spymaster.setups.read_answer import find_moment, of_family, settings_of
    from spymaster.setups.search import search_library

    there = relations_of(connection)
    for relation in of_family(row["level_id"]):
        if relation not in there:
            raise SpymasterError(relation, "is not in the published file", "run `spymaster build`")
    key = (row["symbol"], row["dt"], row["level_id"], row["window_end_ts"])
    moment = find_moment(connection, *key)
    if moment["vector_id"] != row["vector_id"]:
        raise SpymasterError(row["vector_id"], "is not the decision in force at its own time")
    horizon = row["horizon_id"]
    settings = settings_of(connection, moment)
    found = search_library(lake, connection, moment, settings, [horizon], floor)
    neighbors = found.neighbors.get(horizon, [])
    return Search(found.answers.get(horizon, {}), [_neighbor(one) for one in neighbors])


def _neighbor(row: Row) -> Row:
    end: Any = row["window_end_ts"]
    if isinstance(end, dt.datetime):
        end = epoch_ns(end)
    return {
        "symbol": row["symbol"],
        "dt": str(row["dt"]),
        "level_id": row["level_id"],
        "window_end_ts_ns": str(end),
        "similarity": row["similarity"],
        "weight": row["weight"],
        "outcome": row["outcome"],
        "time_to_hit_s": row["time_to_hit_s"],
        "link": moment_of_screen(row["symbol"], row["dt"], end),
    }
