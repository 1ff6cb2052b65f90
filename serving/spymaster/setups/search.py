"""Search the library of a decision with the kernels of the build."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
from spymaster_ingest.lake import Lake

from spymaster.published import Row, ask_rows
from spymaster.setups.odds_sentences import is_of_spot

if TYPE_CHECKING:
    from spymaster_engine.statistics.retrieval.chosen_neighbors import Chosen
    from spymaster_engine.statistics.retrieval.library import Library
    from spymaster_engine.statistics.retrieval.settings import RetrievalSettings

_QUERIES = Path(__file__).parent / "queries"
_LABELS = ("time_to_hit_s", "mfe_ticks", "mae_ticks")


@dataclass(frozen=True)
class Search:
    """What a search found.

    Attributes:
        answers: columns of retrieval_answers by horizon; empty where there is nothing to search.
        neighbors: keys, similarity, weight, outcome and labels by horizon, most similar first.
    """

    answers: dict[str, Row]
    neighbors: dict[str, list[Row]]


def search_library(
    lake: Lake,
    connection: duckdb.DuckDBPyConnection,
    moment: Row,
    settings: RetrievalSettings,
    horizons: Collection[str],
    floor: float | None = None,
) -> Search:
    """Find the neighbors of a decision and what followed them.

    Args:
        lake: lake with the library.
        connection: the published file.
        moment: the decision, with its vector and its pool.
        settings: of its family.
        horizons: horizons to answer.
        floor: of similarity, where it is known; None: searched for, which takes longest.
    """
    if not moment["pool_vectors"] or not horizons:
        return Search({}, {})
    # imported late: they load a search library
    from spymaster_engine.statistics.retrieval.answers import answers_in
    from spymaster_engine.statistics.retrieval.library import open_library
    from spymaster_engine.statistics.retrieval.neighbors_by_horizon import neighbors_of
    from spymaster_engine.statistics.retrieval.normalise import RobustStatistics
    from spymaster_engine.statistics.retrieval.pools import Pool
    from spymaster_engine.statistics.retrieval.spaces import Queries, space_of

    settings = dataclasses.replace(settings, retrieval_horizons=tuple(horizons))
    query = Queries(np.array([moment["vector"]], np.float32), np.array([moment["k_ticks"]]))
    [files] = ask_rows(connection, query_of("library", moment), moment)
    library = open_library(lake.root, files)
    level_ids = tuple(moment["pool_level_ids"]) or None
    pool = Pool(library, moment["dt"], level_ids, (moment["decision_phase"],))
    columns = ask_rows(connection, query_of("statistics", moment), moment)
    statistics = RobustStatistics(
        *(np.array([row[name] for row in columns]) for name in RobustStatistics._fields)
    )

    [(_, by_horizon)] = neighbors_of(pool, query, statistics, settings, floor)
    found = answers_in(library, query.distance_ticks, by_horizon, settings)
    last_day = found.pop("library_last_day")
    bands = (*settings.bands.names, None)
    for name in ("query", "horizon", "top_class"):
        del found[name]
    found["distance_band"] = np.array(bands, object)[found["distance_band"]]
    of_search = {"space": space_of(pool, settings)}
    answers = {
        name: {column: _value(values[place]) for column, values in found.items()}
        | of_search
        | {"library_last_dt": _date(last_day[place])}
        for place, name in enumerate(by_horizon)
    }
    neighbors = {
        name: _neighbors(library, name, chosen.arrived) for name, chosen in by_horizon.items()
    }
    return Search(answers, neighbors)


def query_of(name: str, moment: Row) -> Path:
    """Return the query of that name for the family of a moment's features."""
    prefix = "spot_" if is_of_spot(moment) else ""
    return _QUERIES / f"{prefix}{name}.sql"


def _neighbors(library: Library, horizon: str, chosen: Chosen) -> list[Row]:
    """Return the chosen rows of the library with their labels."""
    from spymaster_engine.statistics.retrieval.outcomes import CLASSES

    rows = chosen.rows[0][chosen.rows[0] >= 0]
    labels = library.labels[horizon]
    neighbors: list[Row] = library.keys.take(rows).to_pylist()
    for place, (row, neighbor) in enumerate(zip(rows, neighbors, strict=True)):
        neighbor["similarity"] = float(chosen.similarity[0, place])
        neighbor["weight"] = float(chosen.weights[0, place])
        neighbor["outcome"] = CLASSES[labels.class_code[row]]
        neighbor |= {name: _value(getattr(labels, name)[row]) for name in _LABELS}
    return neighbors


def _value(value: Any) -> Any:
    """Return a Python number or name; None for NaN."""
    number = value.item() if isinstance(value, np.generic) else value
    return None if isinstance(number, float) and np.isnan(number) else number


def _date(days: np.integer) -> dt.date | None:
    """Return the date of a number of days since 1970; None for a negative one."""
    return None if days < 0 else dt.date(1970, 1, 1) + dt.timedelta(days=int(days))
