"""Recompute the answer for a decision with the kernels of the build."""

from __future__ import annotations

import dataclasses
import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake

from spymaster.built_settings import RELATION as SETTINGS
from spymaster.built_settings import built_settings
from spymaster.clock import in_new_york
from spymaster.contracts import built_instead
from spymaster.published import Row, ask, ask_rows, open_published
from spymaster.setups.odds_sentences import NOT_EVALUATED, OTHER_SETTINGS, is_of_spot
from spymaster.setups.order_flow import nothing_to_compare
from spymaster.setups.spot import spot_moment

ALL_LEVELS = "all"
_QUERIES = Path(__file__).parent / "queries"
_SHARED = (SETTINGS, "gold.eval_retrieval_verdict_asof")
_OF_LEVELS = (
    "gold.retrieval_vectors",
    "gold.retrieval_decisions",
    "gold.retrieval_families",
    "gold.level_labels",
    "gold.retrieval_pools",
    "gold.retrieval_library_files",
    "gold.vector_norm_stats",
    "gold.retrieval_outcomes",
)
_OF_SPOT = (
    "silver.spot_moments",
    "gold.spot_vectors",
    "gold.spot_outcomes",
    "gold.spot_pools",
    "gold.spot_library_files",
    "gold.spot_norm_stats",
)
_LABELS = ("time_to_hit_s", "mfe_ticks", "mae_ticks")


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
    """

    moment: Row
    at: dt.datetime | None
    horizons: dict[str, Row]
    horizon: str
    neighbors: list[Row]
    verdict: Row | None
    minima: tuple[int, int, int]
    base_rate_weight: float


def read_answer(
    lake: Lake,
    symbol: str,
    day: dt.date,
    level_id: str | None,
    at: dt.datetime | None,
    k: int | None = None,
    horizon: str | None = None,
) -> Answer:
    """Answer for the decision in force at a time.

    Args:
        lake: lake with the published file and the library.
        symbol: raw symbol of a contract.
        day: UTC date of the partition.
        level_id: name of the level; None answers for the book around spot, without a level.
        at: time, naive UTC; None takes the day's last decision between the barriers.
        k: largest number of neighbors; None for the lake's own.
        horizon: horizon of the neighbors; None for that of the learned space.

    Raises:
        SpymasterError: The published file or its relations are missing, price was not
            approaching the level (without a level: did not move), or the horizon has no answers.
    """
    # imported late: it loads a search library
    from spymaster_engine.statistics.retrieval.settings import RetrievalSettings

    required = _OF_SPOT if level_id is None else _OF_LEVELS
    with open_published(lake, (*_SHARED, *required)) as connection:
        moment = (
            spot_moment(connection, symbol, day, at)
            if level_id is None
            else _moment(connection, symbol, day, level_id, at)
        )
        barriers = _barriers(connection, moment)
        settings = RetrievalSettings.of(built_settings(connection))
        of_family = settings.of_family(moment["retrieval_family"])
        settings = built = of_family.of_phase(moment["decision_phase"])
        if k is not None:
            # else the learned space would choose k by its number of episodes
            settings = dataclasses.replace(settings, retrieval_k=k, learned_min_k=k)
        horizon = horizon or settings.learned_horizon
        if horizon not in settings.retrieval_horizons:
            raise SpymasterError(
                horizon, "is not a horizon that is answered", ", ".join(settings.retrieval_horizons)
            )
        judged = {name for name, row in barriers.items() if row["is_judged"]}
        horizons, neighbors = _query_library(lake, connection, moment, settings, horizon, judged)
        shared = {name: moment[name] for name in ("k_ticks", "reach_ticks", "retrieval_family")}
        verdict, is_as_built = None, settings == built
        no_verdict = NOT_EVALUATED if is_as_built else OTHER_SETTINGS
        for name, row in horizons.items():
            row |= barriers[name] | shared
            key = moment | {"horizon_id": name, "model": f"retrieval_{row['space']}"}
            # verdicts hold for the settings of the build only
            verdicts: list[Row | None] = [
                *(_rows(connection, "verdict", key) if is_as_built else [])
            ]
            [stated] = verdicts or [None]
            row["verdict"] = stated["verdict"] if stated else no_verdict
            row["verdict_run"] = stated["verdict_run"] if stated else None
            if name == horizon:
                verdict = stated
    minima = (
        settings.min_neighbors,
        settings.min_neighbor_days,
        settings.min_neighbor_episodes,
    )
    return Answer(
        moment, at, horizons, horizon, neighbors, verdict, minima, settings.base_rate_weight
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
        columns = ask(connection, _query("paths", answer.moment), values).fetchnumpy()
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
    where = f"{symbol} {day} {level_id}" + (f" {_clock(at)} New York" if at else "")
    if nearest and at is None:
        raise SpymasterError(
            where,
            "no decision between the barriers that day",
            f"one beyond them was at {_clock(nearest[0]['window_end_ts'])} New York: give it as "
            "--at",
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
        f"the nearest decision was at {_clock(nearest[0]['window_end_ts'])} New York",
    )


def _levels_instead(connection: duckdb.DuckDBPyConnection, key: Row) -> str:
    """Return the levels that price approached that day, or else why there are none."""
    levels = [row["level_id"] for row in _rows(connection, "levels_approached", key)]
    if levels:
        return f"that day there are some to {', '.join(levels)}"
    return nothing_to_compare(connection, key["symbol"], key["dt"]) or built_instead(
        connection, key["symbol"]
    )


def _barriers(connection: duckdb.DuckDBPyConnection, moment: Row) -> dict[str, Row]:
    """Return the barriers of a decision by horizon."""
    key = {name: moment[name] for name in ("symbol", "dt", "vector_id", "window_end_ts")}
    query = _query("barriers", moment)
    found = {row.pop("horizon_id"): row for row in ask_rows(connection, query, key)}
    if not found:
        raise SpymasterError(moment["vector_id"], "has no answer yet", "run `spymaster build`")
    return found


def _query_library(
    lake: Lake,
    connection: duckdb.DuckDBPyConnection,
    moment: Row,
    settings: Any,
    horizon: str,
    judged: set[str],
) -> tuple[dict[str, Row], list[Row]]:
    from spymaster_engine.statistics.retrieval.answers import answers
    from spymaster_engine.statistics.retrieval.library import open_library
    from spymaster_engine.statistics.retrieval.neighbors_by_horizon import neighbors_of
    from spymaster_engine.statistics.retrieval.normalise import RobustStatistics
    from spymaster_engine.statistics.retrieval.outcomes import CLASSES
    from spymaster_engine.statistics.retrieval.pools import Pool
    from spymaster_engine.statistics.retrieval.spaces import Queries, space_of

    query = Queries(np.array([moment.pop("vector")], np.float32), np.array([moment["k_ticks"]]))
    nothing: Row = dict.fromkeys(("n_neighbors", "n_distinct_days", "n_distinct_episodes"), 0)
    nothing |= {"neighbors_ok": False, "is_similar": False, "space": None, "n_eff": 0.0}
    horizons = {name: dict(nothing) for name in settings.retrieval_horizons}
    if not moment["pool_vectors"] or not judged:
        return horizons, []
    [files] = ask_rows(connection, _query("library", moment), moment)
    library = open_library(lake.root, files)
    level = moment["pool_level_id"]
    level_id = None if level == ALL_LEVELS else level
    pool = Pool(library, moment["dt"], level_id, (moment["decision_phase"],))
    columns = ask_rows(connection, _query("statistics", moment), moment)
    statistics = RobustStatistics(
        *(np.array([row[name] for row in columns]) for name in RobustStatistics._fields)
    )

    found = answers(pool, query, statistics, settings)
    space = space_of(pool, settings)
    last_day = found.pop("library_last_day")
    bands = (*settings.bands.names, None)
    for name in ("query", "horizon", "top_class"):
        del found[name]
    found["distance_band"] = np.array(bands, object)[found["distance_band"]]
    for place, name in enumerate(settings.retrieval_horizons):
        if name in judged:
            horizons[name] = {column: _value(values[place]) for column, values in found.items()}
            horizons[name] |= {"space": space, "library_last_dt": _date(last_day[place])}
    if horizon not in judged:
        return horizons, []
    [(_, by_horizon)] = neighbors_of(pool, query, statistics, settings)
    chosen = by_horizon[horizon].arrived
    rows = chosen.rows[0][chosen.rows[0] >= 0]
    labels = library.labels[horizon]
    neighbors = library.keys.take(rows).to_pylist()
    for place, (row, neighbor) in enumerate(zip(rows, neighbors, strict=True)):
        neighbor["similarity"] = float(chosen.similarity[0, place])
        neighbor["weight"] = float(chosen.weights[0, place])
        neighbor["outcome"] = CLASSES[labels.class_code[row]]
        neighbor |= {name: _value(getattr(labels, name)[row]) for name in _LABELS}
    return horizons, neighbors


def _value(value: Any) -> Any:
    """Return a Python number or name; None for NaN."""
    number = value.item() if isinstance(value, np.generic) else value
    return None if isinstance(number, float) and np.isnan(number) else number


def _clock(moment: dt.datetime) -> str:
    return f"{in_new_york(moment):%H:%M:%S}"


def _date(days: np.integer) -> dt.date | None:
    """Return the date of a number of days since 1970; None for a negative one."""
    return None if days < 0 else dt.date(1970, 1, 1) + dt.timedelta(days=int(days))


def _query(name: str, moment: Row) -> Path:
    """Return the query of that name for the family of a moment's features."""
    prefix = "spot_" if is_of_spot(moment) else ""
    return _QUERIES / f"{prefix}{name}.sql"


def _rows(connection: duckdb.DuckDBPyConnection, name: str, values: Row) -> list[Row]:
    return ask_rows(connection, _QUERIES / f"{name}.sql", values)
