"""Plugin of dbt-duckdb: retrieval and the gate of signals as functions of SQL.

A library of vectors has its own files (see
``spymaster_engine.statistics.retrieval.library``), which the functions read up to a day; SQL passes
the queries of that day and gets numbers for each. Named in ``profiles.yml``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from dbt.adapters.duckdb.plugins import BasePlugin
from spymaster_ingest.lake import Lake

from spymaster_warehouse.arrow_columns import register

# all levels, in place of a level's name
ALL_LEVELS = "all"

_LIBRARY = (
    "STRUCT(retrieval_family VARCHAR, "
    "vectors_path VARCHAR, rows_path VARCHAR, n_context BIGINT, "
    "mirror_vectors_path VARCHAR, mirror_rows_path VARCHAR, "
    "mirror_columns INTEGER[], mirror_signs INTEGER[])"
)
_STATISTICS = "STRUCT(median DOUBLE, mad DOUBLE, std DOUBLE)[]"
_ANSWER = {
    "query": "BIGINT",
    "horizon": "BIGINT",
    "space": "VARCHAR",
    "space_phases": "VARCHAR",
    **{f"p_{name}_raw": "DOUBLE" for name in ("break", "reject", "chop")},
    **{f"p_{name}": "DOUBLE" for name in ("break", "reject", "chop")},
    "p_reached": "DOUBLE",
    "distance_band": "VARCHAR",
    **{f"base_{name}": "DOUBLE" for name in ("break", "reject", "chop", "reached")},
    **{f"base_all_{name}": "DOUBLE" for name in ("break", "reject", "chop", "reached")},
    "n_neighbors": "BIGINT",
    "n_distinct_days": "BIGINT",
    "n_distinct_episodes": "BIGINT",
    "n_eff": "DOUBLE",
    "neighbors_ok": "BOOLEAN",
    "mean_similarity": "DOUBLE",
    "similarity_floor": "DOUBLE",
    "is_similar": "BOOLEAN",
    "entropy": "DOUBLE",
    "time_to_hit_q50_s": "DOUBLE",
    "mfe_q50_ticks": "DOUBLE",
    "mfe_q80_ticks": "DOUBLE",
    "mae_q50_ticks": "DOUBLE",
    "mae_q80_ticks": "DOUBLE",
    "risk_q80_ticks": "DOUBLE",
    "resolve_rate": "DOUBLE",
    "whipsaw_rate": "DOUBLE",
    "result_ticks": "DOUBLE",
    "result_lo_ticks": "DOUBLE",
    "result_n_eff": "DOUBLE",
    "top_class": "VARCHAR",
    "library_last_dt": "DATE",
}
_NEIGHBOR = {
    "query": "BIGINT",
    "horizon": "BIGINT",
    "rank": "BIGINT",
    "neighbor_vector_id": "VARCHAR",
    "neighbor_symbol": "VARCHAR",
    "neighbor_dt": "DATE",
    "neighbor_level_id": "VARCHAR",
    "neighbor_window_end_ts": "TIMESTAMP",
    "neighbor_episode_id": "VARCHAR",
    "similarity": "DOUBLE",
    "weight": "DOUBLE",
    "outcome": "VARCHAR",
}
_WINDOW = "STRUCT(number BIGINT, direction BIGINT, is_candidate BOOLEAN)[]"
_GATE = "STRUCT(none_windows BIGINT, flip_windows BIGINT, cooldown_windows BIGINT)"
_VERDICT = {"fires": "BOOLEAN", "block_reason": "VARCHAR", "signal_episode": "BIGINT"}
_ARROW = {
    "BIGINT": pa.int64(),
    "DOUBLE": pa.float64(),
    "VARCHAR": pa.string(),
    "BOOLEAN": pa.bool_(),
    "DATE": pa.date32(),
    "TIMESTAMP": pa.timestamp("us"),
}


def library_statistics(
    library: pa.ChunkedArray,
    asof_dt: pa.ChunkedArray,
    level_id: pa.ChunkedArray,
    phase: pa.ChunkedArray,
) -> pa.Array:
    """Return the statistics of each column of a library as of a day, one list per row.

    Args:
        library: structs of a row of retrieval_library_files.
        asof_dt: only rows dated before it count.
        level_id: only rows of this level, or ALL_LEVELS.
        phase: only rows of this phase.
    """
    from spymaster_engine.statistics.retrieval.normalise import RobustStatistics, robust_statistics

    lists = []
    for files, day, level, name in zip(library, asof_dt, level_id, phase, strict=True):
        pool = _pool(files.as_py(), day.as_py(), level.as_py(), name.as_py())
        found = robust_statistics(pool.library.vectors[pool.rows])
        lists.append(
            pa.StructArray.from_arrays(
                [pa.array(values) for values in found], names=list(RobustStatistics._fields)
            )
        )
    return _lists(lists)


def retrieval_answers(
    library: pa.ChunkedArray,
    asof_dt: pa.ChunkedArray,
    level_id: pa.ChunkedArray,
    phase: pa.ChunkedArray,
    vectors: pa.ChunkedArray,
    distances: pa.ChunkedArray,
    statistics: pa.ChunkedArray,
    settings: pa.ChunkedArray,
) -> pa.Array:
    """Return what followed the neighbors of each query, a list per row.

    Arguments are those of ``_queries``.
    """
    from spymaster_engine.statistics.retrieval.answers import answers
    from spymaster_engine.statistics.retrieval.outcomes import CLASSES
    from spymaster_engine.statistics.retrieval.settings import LEARNED
    from spymaster_engine.statistics.retrieval.spaces import space_of
    from spymaster_engine.statistics.retrieval.summaries import NO_DAY

    names = np.array([*CLASSES, None], object)

    lists = []
    for pool, *search in _queries(
        library, asof_dt, level_id, phase, vectors, distances, statistics, settings
    ):
        found = answers(pool, *search)
        space = space_of(pool, search[-1])
        found["space"] = np.full(len(found["query"]), space, object)
        learned = pool.learned_from(search[-1].learned_min_episodes).phases
        found["space_phases"] = np.full(
            len(found["query"]), ", ".join(learned) if space == LEARNED else None, object
        )
        # class -1 (none) selects the last name
        found["top_class"] = names[found["top_class"]]
        bands = np.array([*search[-1].bands.names, None], object)
        found["distance_band"] = bands[found["distance_band"]]
        days = found["library_last_day"]
        found["library_last_dt"] = pa.array(days, pa.int32(), mask=days == NO_DAY)
        lists.append(_structs(found, _ANSWER))
    return _lists(lists)


def retrieval_neighbors(
    library: pa.ChunkedArray,
    asof_dt: pa.ChunkedArray,
    level_id: pa.ChunkedArray,
    phase: pa.ChunkedArray,
    vectors: pa.ChunkedArray,
    distances: pa.ChunkedArray,
    statistics: pa.ChunkedArray,
    settings: pa.ChunkedArray,
) -> pa.Array:
    """Return the neighbors of each query by horizon and rank, a list per row.

    Arguments are those of ``_queries``.
    """
    from spymaster_engine.statistics.retrieval.neighbor_choice import NOT_CHOSEN
    from spymaster_engine.statistics.retrieval.neighbors_by_horizon import neighbors_of
    from spymaster_engine.statistics.retrieval.outcomes import CLASSES

    lists = []
    for pool, *search in _queries(
        library, asof_dt, level_id, phase, vectors, distances, statistics, settings
    ):
        parts = []
        for part, by_horizon in neighbors_of(pool, *search):
            for place, (horizon, neighbors) in enumerate(by_horizon.items()):
                chosen = neighbors.arrived
                query, rank = np.nonzero(chosen.rows != NOT_CHOSEN)
                rows = chosen.rows[query, rank]
                keys = pool.library.keys.take(rows)
                classes = pool.library.labels[horizon].class_code[rows]
                found = {f"neighbor_{name}": keys[name] for name in keys.column_names}
                found |= {
                    "query": query + part.start,
                    "horizon": np.full(len(rows), place),
                    "rank": rank + 1,
                    "similarity": chosen.similarity[query, rank],
                    "weight": chosen.weights[query, rank],
                    "outcome": np.array(CLASSES, object)[classes],
                }
                parts.append(_structs(found, _NEIGHBOR))
        lists.append(pa.concat_arrays(parts))
    return _lists(lists)


def lower_mean(
    values: pa.ChunkedArray, resamples: pa.ChunkedArray, seed: pa.ChunkedArray
) -> pa.Array:
    """Return the lower bound of the 95 % interval of each list's mean; NULL below two numbers.

    Args:
        values: lists of independent numbers, or NULL.
        resamples: draws behind a bound.
        seed: of the draws.
    """
    from spymaster_engine.statistics.retrieval.episode_sums import bounded_means

    lists = [np.array(one.as_py() or [], np.float64) for one in values]
    settings = list(zip(resamples.to_pylist(), seed.to_pylist(), strict=True))
    found = np.full(len(lists), np.nan)
    for draws, number in set(settings):
        rows = [row for row, of_row in enumerate(settings) if of_row == (draws, number)]
        padded = np.zeros((len(rows), max(len(lists[row]) for row in rows)))
        weights = np.zeros(padded.shape)
        for place, row in enumerate(rows):
            padded[place, : len(lists[row])] = lists[row]
            weights[place, : len(lists[row])] = 1
        each = np.broadcast_to(np.arange(padded.shape[1]), padded.shape)
        found[rows] = bounded_means(padded, each, weights, draws, number).lower
    return pa.array(found, pa.float64(), from_pandas=True)


def fire_gate(windows: pa.ChunkedArray, settings: pa.ChunkedArray) -> pa.Array:
    """Return the gate's verdict on each window, a list per row of one contract and level.

    Args:
        windows: lists of structs, see ``spymaster_engine.statistics.retrieval.gate.GateWindow``.
        settings: structs, see ``GateSettings``.
    """
    from spymaster_engine.statistics.retrieval.gate import GateSettings, GateWindow, gate

    lists = []
    for of_level, numbers in zip(windows, settings, strict=True):
        rows = (GateWindow(**row) for row in of_level.as_py())
        verdicts = list(gate(rows, GateSettings(**numbers.as_py())))
        lists.append(
            _structs(
                {name: [getattr(one, name) for one in verdicts] for name in _VERDICT}, _VERDICT
            )
        )
    return _lists(lists)


def _queries(
    library: pa.ChunkedArray,
    asof_dt: pa.ChunkedArray,
    level_id: pa.ChunkedArray,
    phase: pa.ChunkedArray,
    vectors: pa.ChunkedArray,
    distances: pa.ChunkedArray,
    statistics: pa.ChunkedArray,
    settings: pa.ChunkedArray,
) -> Iterator[tuple[Any, Any, Any, Any]]:
    """Yield pool, queries, statistics and settings of each row.

    Args:
        library: as of ``library_statistics``.
        asof_dt: the day of the queries.
        level_id: the pool's level, or ALL_LEVELS.
        phase: of the queries, and of the rows that answer them.
        vectors: list<list<float>>, a query each, context after the vector, NULL for missing.
        distances: list<bigint>, their k_ticks.
        statistics: list<struct> by column.
        settings: JSON, see ``RetrievalSettings.from_json``.
    """
    from spymaster_engine.statistics.retrieval.normalise import RobustStatistics
    from spymaster_engine.statistics.retrieval.settings import RetrievalSettings
    from spymaster_engine.statistics.retrieval.spaces import Queries

    for files, day, level, name, lists, ticks, columns, text in zip(
        library, asof_dt, level_id, phase, vectors, distances, statistics, settings, strict=True
    ):
        row = files.as_py()
        pool = _pool(row, day.as_py(), level.as_py(), name.as_py())
        values = lists.values.flatten().to_numpy(zero_copy_only=False)
        queries = Queries(
            values.reshape(len(lists.values), -1).astype(np.float32, copy=False),
            ticks.values.to_numpy(),
        )
        found = RobustStatistics(
            *(columns.values.field(field).to_numpy() for field in RobustStatistics._fields)
        )
        settings_of_library = RetrievalSettings.from_json(text.as_py())
        of_family = settings_of_library.of_family(row["retrieval_family"])
        yield pool, queries, found, of_family.of_phase(name.as_py())


def _pool(files: dict[str, Any], asof_dt: dt.date, level_id: str, phase: str) -> Any:
    # imported late, because it loads a search library
    from spymaster_engine.statistics.retrieval.library import open_library
    from spymaster_engine.statistics.retrieval.pools import Pool

    # the models' code names no lake: it would differ after a move
    library = open_library(Lake.from_environment().root, files)
    return Pool(library, asof_dt, None if level_id == ALL_LEVELS else level_id, (phase,))


def _structs(columns: dict[str, Any], types: dict[str, str]) -> pa.StructArray:
    """Return structs of the named columns, with NaN as NULL."""
    arrays = []
    for name, kind in types.items():
        values = columns[name]
        if isinstance(values, pa.ChunkedArray):
            values = values.combine_chunks()
        if not isinstance(values, pa.Array):
            values = pa.array(values, from_pandas=True)
        arrays.append(values.cast(_ARROW[kind]))
    return pa.StructArray.from_arrays(arrays, names=list(types))


def _lists(structs: list[pa.StructArray]) -> pa.ListArray:
    ends = pa.array(np.cumsum([0, *(len(one) for one in structs)]), pa.int32())
    return pa.ListArray.from_arrays(ends, pa.concat_arrays(structs))


def _type(fields: dict[str, str]) -> str:
    return f"STRUCT({', '.join(f'{name} {kind}' for name, kind in fields.items())})[]"


class Plugin(BasePlugin):
    """Registers the functions on every connection."""

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Register the functions."""
        search = [
            _LIBRARY,
            "DATE",
            "VARCHAR",
            "VARCHAR",
            "FLOAT[][]",
            "BIGINT[]",
            _STATISTICS,
            "VARCHAR",
        ]
        functions: list[tuple[Callable[..., pa.Array], list[str], str]] = [
            (library_statistics, [_LIBRARY, "DATE", "VARCHAR", "VARCHAR"], _STATISTICS),
            (retrieval_answers, search, _type(_ANSWER)),
            (retrieval_neighbors, search, _type(_NEIGHBOR)),
            (lower_mean, ["DOUBLE[]", "BIGINT", "BIGINT"], "DOUBLE"),
            (fire_gate, [_WINDOW, _GATE], _type(_VERDICT)),
        ]
        for function, parameters, result in functions:
            # a bound may be unknown where there are numbers
            takes_null = function is lower_mean
            register(conn, function.__name__, function, parameters, result, takes_null=takes_null)
