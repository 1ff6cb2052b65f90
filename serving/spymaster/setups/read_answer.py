"""Read the published answer for a decision, and its neighbors."""

from __future__ import annotations

import dataclasses
import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import numpy as np
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake

from spymaster.built_settings import RELATION as SETTINGS
from spymaster.built_settings import built_settings
from spymaster.clock import LocalClock, clock_of
from spymaster.contracts import built_instead
from spymaster.published import Row, ask, ask_rows, open_published, relations_of
from spymaster.setups.odds_sentences import NOT_EVALUATED, OTHER_SETTINGS, is_of_spot
from spymaster.setups.order_flow import nothing_to_compare
from spymaster.setups.search import query_of, search_library
from spymaster.setups.spot import spot_moment

if TYPE_CHECKING:
    from spymaster_engine.statistics.retrieval.settings import RetrievalSettings

_QUERIES = Path(__file__).parent / "queries"
_SHARED = (SETTINGS, "gold.eval_retrieval_verdict_asof")
_OF_LEVELS = (
    "gold.retrieval_vectors",
    "gold.retrieval_decisions",
    "gold.retrieval_families",
    "silver.level_decisions",
    "gold.level_labels",
    "steps.retrieval_pools",
    "gold.retrieval_library_files",
    "gold.vector_norm_stats",
    "gold.retrieval_answers",
    "gold.retrieval_outcomes",
)
_OF_SPOT = (
    "silver.spot_moments",
    "gold.spot_vectors",
    "gold.spot_outcomes",
    "gold.spot_answers",
    "gold.spot_odds",
    "steps.spot_pools",
    "gold.spot_library_files",
    "gold.spot_norm_stats",
)
_NEIGHBORS = "gold.retrieval_neighbors"
# columns of an answer that are those of its moment, and of its barriers
_OF_MOMENT = ("k_ticks", "reach_ticks", "retrieval_family", "decision_phase")
_OF_BARRIERS = ("horizon_s", "barrier_ticks", "is_judged")


@dataclass(frozen=True)
class Answer:
    """What followed the most similar past approaches to a level, or moments without one.

    Attributes:
        moment: the decision.
        at: the requested time, naive UTC; None if none was given.
        horizons: row of retrieval_outcomes by horizon.
        horizon: horizon of neighbors and verdict.
        neighbors: keys, similarity, weight and outcome of each neighbor, most similar first.
        verdict: verdict of the evaluation by that day, with its numbers; None if there is none
            for these settings.
        minima: least neighbors, days and episodes of an answer.
        base_rate_weight: weight of the base rate, in episodes.
        clock: the lake's clock.
    """

    moment: Row
    at: dt.datetime | None
    horizons: dict[str, Row]
    horizon: str
    neighbors: list[Row]
    verdict: Row | None
    minima: tuple[int, int, int]
    base_rate_weight: float
    clock: LocalClock


def read_answer(
    lake: Lake,
    symbol: str,
    day: dt.date,
    level_id: str | None,
    at: dt.datetime | None,
    k: int | None = None,
    horizon: str | None = None,
    *,
    with_neighbors: bool = True,
) -> Answer:
    """Answer for the decision in force at a time.

    The answer is the published one. Only a number of neighbors of one's own, and a moment without
    a level that the build did not answer, are answered by a search. So are the neighbors of a
    decision that gold.retrieval_neighbors does not hold.

    Args:
        lake: lake with the published file and the library.
        symbol: raw symbol of a contract.
        day: UTC date of the partition.
        level_id: name of the level; None answers for the book around spot, without a level.
        at: time, naive UTC; None takes the day's last decision between the barriers.
        k: largest number of neighbors; None for the lake's own.
        horizon: horizon of the neighbors; None for that of the learned space.
        with_neighbors: whether to list the neighbors; leaving them out takes no search.

    Raises:
        SpymasterError: The published file or its relations are missing, price was not
            approaching the level (without a level: did not move), or the horizon has no answers.
    """
    with open_published(lake, (*_SHARED, *of_family(level_id))) as connection:
        moment = find_moment(connection, symbol, day, level_id, at)
        settings = built = settings_of(connection, moment)
        if k is not None:
            # else the learned space would choose k by its number of episodes
            settings = dataclasses.replace(settings, retrieval_k=k, learned_min_k=k)
        horizon = horizon or settings.learned_horizon
        if horizon not in settings.retrieval_horizons:
            raise SpymasterError(
                horizon, "is not a horizon that is answered", ", ".join(settings.retrieval_horizons)
            )
        stored = _stored(connection, moment, settings) if settings == built else {}
        if stored:
            horizons = stored
            neighbors = (
                _neighbors(lake, connection, moment, settings, horizon, horizons[horizon])
                if with_neighbors
                else []
            )
        else:
            horizons, neighbors = _computed(lake, connection, moment, settings, horizon)
            no_verdict = NOT_EVALUATED if settings == built else OTHER_SETTINGS
            for name, row in horizons.items():
                # verdicts hold for the settings of the build only
                stated = _verdict(connection, moment, row, name) if settings == built else None
                row["verdict"] = stated["verdict"] if stated else no_verdict
                row["verdict_run"] = stated["verdict_run"] if stated else None
        for row in horizons.values():
            row |= {name: moment[name] for name in _OF_MOMENT}
        verdict = None
        if horizons[horizon]["verdict_run"] is not None:
            verdict = _verdict(connection, moment, horizons[horizon], horizon)
        clock = clock_of(connection)
    moment.pop("vector")
    minima = (
        settings.min_neighbors,
        settings.min_neighbor_days,
        settings.min_neighbor_episodes,
    )
    return Answer(
        moment, at, horizons, horizon, neighbors, verdict, minima, settings.base_rate_weight, clock
    )


def read_paths(
    lake: Lake, answer: Answer, vector_ids: list[str], before_s: int, after_s: int
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Return the paths of spot around decisions.

    Args:
        lake: lake with the published file.
        answer: an answer of the same product, for the tick size.
        vector_ids: the decisions.
        before_s: seconds before a decision.
        after_s: seconds after it.

    Returns:
        By vector_id, seconds since the decision and ticks past the level, (n,) each.
    """
    values = {
        "vector_ids": vector_ids,
        "before_s": before_s,
        "after_s": after_s,
        "tick_int": answer.moment["tick_int"],
    }
    with open_published(lake) as connection:
        columns = ask(connection, query_of("paths", answer.moment), values).fetchnumpy()
    paths = {}
    for vector_id in np.unique(columns["vector_id"]):
        rows = columns["vector_id"] == vector_id
        paths[str(vector_id)] = columns["elapsed_s"][rows], columns["past_level_ticks"][rows]
    return paths


def read_recording_gaps(
    lake: Lake, answer: Answer, before_s: int, after_s: int
) -> list[tuple[float, float]]:
    """Return the recording gaps around the decision of an answer.

    Args:
        lake: lake with the published file.
        answer: the answer.
        before_s: seconds before the decision.
        after_s: seconds after it.

    Returns:
        Start and end of each gap that touches this time, in seconds since the decision.
    """
    moment = answer.moment
    values = {
        "symbol": moment["symbol"],
        "dt": moment["dt"],
        "at": moment["window_end_ts"],
        "before_s": before_s,
        "after_s": after_s,
    }
    with open_published(lake) as connection:
        return ask(connection, _QUERIES / "recording_gaps.sql", values).fetchall()


def find_moment(
    connection: duckdb.DuckDBPyConnection,
    symbol: str,
    day: dt.date,
    level_id: str | None,
    at: dt.datetime | None,
) -> Row:
    """Return the decision in force at a time, with its vector and its pool.

    Arguments are those of ``read_answer``.

    Raises:
        SpymasterError: There is none; it says why.
    """
    if level_id is None:
        return spot_moment(connection, symbol, day, at)
    return _moment(connection, symbol, day, level_id, at)


def of_family(level_id: str | None) -> tuple[str, ...]:
    """Return the relations that answers need, at a level or without one (None)."""
    return _OF_SPOT if level_id is None else _OF_LEVELS


def _moment(
    connection: duckdb.DuckDBPyConnection,
    symbol: str,
    day: dt.date,
    level_id: str,
    at: dt.datetime | None,
) -> Row:
    key = {"symbol": symbol, "dt": day, "level_id": level_id, "at": at}
    found = _rows(connection, "moment", key)
    if found:
        return found[0] | {"symbol": symbol}
    nearest = _rows(connection, "nearest_moment", key)
    clock = clock_of(connection)
    where = f"{symbol} {day} {level_id}" + (f" {clock.time(at)} {clock.city}" if at else "")
    if nearest:
        nearest_time = f"{clock.time(nearest[0]['window_end_ts'])} {clock.city}"
    if nearest and at is None:
        raise SpymasterError(
            where,
            "no decision between the barriers that day",
            f"one beyond them was at {nearest_time}: give it as --at",
        )
    if not nearest:
        raise SpymasterError(
            where,
            "no approach to this level with enough of a history that day",
            _levels_instead(connection, key),
        )
    raise SpymasterError(
        where,
        "price was not approaching the level, or too short a time was known",
        f"the nearest decision was at {nearest_time}",
    )


def _levels_instead(connection: duckdb.DuckDBPyConnection, key: Row) -> str:
    """Return the levels that price approached that day, or else why there are none."""
    levels = [row["level_id"] for row in _rows(connection, "levels_approached", key)]
    if levels:
        return f"that day there are some to {', '.join(levels)}"
    return nothing_to_compare(connection, key["symbol"], key["dt"]) or built_instead(
        connection, key["symbol"]
    )


def settings_of(connection: duckdb.DuckDBPyConnection, moment: Row) -> RetrievalSettings:
    """Return the settings that a moment's published answer was made with.

    Args:
        connection: the published file.
        moment: of ``find_moment``.
    """
    # imported late: it takes a while
    from spymaster_engine.statistics.retrieval.settings import RetrievalSettings

    settings = RetrievalSettings.of(built_settings(connection))
    return settings.of_family(moment["retrieval_family"]).of_phase(moment["decision_phase"])


def _stored(
    connection: duckdb.DuckDBPyConnection, moment: Row, settings: RetrievalSettings
) -> dict[str, Row]:
    """Return the published answers of a moment by horizon.

    Empty for a moment without a level that the build did not answer.

    Raises:
        SpymasterError: A decision at a level has none.
    """
    rows = _rows(connection, "answer", _key(moment) | _relations_of_answers(moment))
    by_horizon = {row.pop("horizon_id"): row for row in rows}
    if is_of_spot(moment) and not by_horizon:
        return {}
    if not by_horizon.keys() >= set(settings.retrieval_horizons):
        raise SpymasterError(moment["vector_id"], "has no answer yet", "run `spymaster build`")
    return {name: by_horizon[name] for name in settings.retrieval_horizons}


def _neighbors(
    lake: Lake,
    connection: duckdb.DuckDBPyConnection,
    moment: Row,
    settings: RetrievalSettings,
    horizon: str,
    answer: Row,
) -> list[Row]:
    """Return the neighbors behind a published answer, searched for if they are not published."""
    if not answer["n_neighbors"]:
        return []
    if not is_of_spot(moment) and _NEIGHBORS in relations_of(connection):
        stored = _rows(connection, "neighbors", _key(moment) | {"horizon_id": horizon})
        if stored:
            return stored
    floor = answer["similarity_floor"]
    search = search_library(lake, connection, moment, settings, [horizon], floor)
    return search.neighbors[horizon]


def _computed(
    lake: Lake,
    connection: duckdb.DuckDBPyConnection,
    moment: Row,
    settings: RetrievalSettings,
    horizon: str,
) -> tuple[dict[str, Row], list[Row]]:
    """Return answers by horizon, and the neighbors at one, by a search with some settings."""
    name = "spot_barriers" if is_of_spot(moment) else "answer"
    key = _key(moment) | _relations_of_answers(moment)
    barriers = {row["horizon_id"]: row for row in _rows(connection, name, key)}
    if not barriers:
        raise SpymasterError(moment["vector_id"], "has no answer yet", "run `spymaster build`")
    judged = [name for name in settings.retrieval_horizons if barriers[name]["is_judged"]]
    search = search_library(lake, connection, moment, settings, judged)
    nothing: Row = dict.fromkeys(("n_neighbors", "n_distinct_days", "n_distinct_episodes"), 0)
    nothing |= {"neighbors_ok": False, "is_similar": False, "space": None, "n_eff": 0.0}
    horizons = {
        name: nothing
        | search.answers.get(name, {})
        | {column: barriers[name][column] for column in _OF_BARRIERS}
        for name in settings.retrieval_horizons
    }
    return horizons, search.neighbors.get(horizon, [])


def _verdict(
    connection: duckdb.DuckDBPyConnection, moment: Row, answer: Row, horizon: str
) -> Row | None:
    """Return the verdict on an answer that was known on its day, with its numbers."""
    key = moment | {"horizon_id": horizon, "model": f"retrieval_{answer['space']}"}
    stated = _rows(connection, "verdict", key)
    return stated[0] if stated else None


def _key(moment: Row) -> Row:
    return {name: moment[name] for name in ("symbol", "dt", "vector_id", "window_end_ts")}


def _relations_of_answers(moment: Row) -> dict[str, str]:
    """Return the relations that hold the published answers of a moment's family."""
    if is_of_spot(moment):
        return {"outcomes": "gold.spot_odds", "answers": "gold.spot_answers"}
    return {"outcomes": "gold.retrieval_outcomes", "answers": "gold.retrieval_answers"}


def _rows(connection: duckdb.DuckDBPyConnection, name: str, values: Row) -> list[Row]:
    return ask_rows(connection, _QUERIES / f"{name}.sql", values)
