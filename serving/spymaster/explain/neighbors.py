"""The neighbors behind the odds of a decision, as ``spymaster setups`` finds them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake
from spymaster_ingest.units import epoch_ns

from spymaster.explain.wanted import Row

RELATIONS = ("gold.retrieval_outcomes", "gold.retrieval_answers")


@dataclass(frozen=True)
class Search:
    """A search run again.

    Attributes:
        numbers: what it found by column of retrieval_answers.
        neighbors: most similar first.
    """

    numbers: Row
    neighbors: list[Row]


def search_again(lake: Lake, row: Row) -> Search:
    """Search the library again for a decision.

    Args:
        lake: with the published file and the library.
        row: a row of ``RELATIONS``: symbol, dt, level_id, window_end_ts and horizon_id.

    Raises:
        SpymasterError: The library cannot be read.
    """
    # imported late: it loads a search library
    from spymaster.setups.read_answer import read_answer

    answer = read_answer(
        lake,
        row["symbol"],
        row["dt"],
        row["level_id"],
        row["window_end_ts"],
        horizon=row["horizon_id"],
    )
    if answer.moment["vector_id"] != row["vector_id"]:
        raise SpymasterError(row["vector_id"], "is not the decision in force at its own time")
    numbers = answer.horizons[row["horizon_id"]]
    return Search(numbers, [_neighbor(one) for one in answer.neighbors])


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
        "link": f"#symbol={row['symbol']}&dt={row['dt']}&ts={end}",
    }
