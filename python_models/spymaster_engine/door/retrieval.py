"""Search for similar vectors, what followed them, and the gate of signals.

A library of vectors has its own files (see ``spymaster_engine.statistics.retrieval.library``),
which a call reads up to a day; it passes the queries of that day and gets rows for each.

- ``library_statistics``: of each column of a library as of a day, of one phase and one level.
- ``retrieval_answers``: what followed the neighbors of each query.
- ``retrieval_neighbors``: the neighbors of each query by horizon and rank.
- ``lower_mean``: lower bound of the 95 % interval of a mean; NULL below two numbers.
- ``fire_gate``: the gate's verdict on each window of a contract and level.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from spymaster_ingest.lake import Lake

from spymaster_engine.door.kernel import Kernel
from spymaster_engine.door.tables import arrays

_BIGINT, _DOUBLE, _VARCHAR = pa.int64(), pa.float64(), pa.string()
_BOOLEAN, _DATE, _TIMESTAMP = pa.bool_(), pa.date32(), pa.timestamp("us")

_ANSWERS = pa.schema(
    {
        "query": _BIGINT,
        "horizon": _BIGINT,
        "space": _VARCHAR,
        "space_phases": _VARCHAR,
        **{f"p_{name}_raw": _DOUBLE for name in ("break", "reject", "chop")},
        **{f"p_{name}": _DOUBLE for name in ("break", "reject", "chop")},
        "p_reached": _DOUBLE,
        "distance_band": _VARCHAR,
        **{f"base_{name}": _DOUBLE for name in ("break", "reject", "chop", "reached")},
        **{f"base_all_{name}": _DOUBLE for name in ("break", "reject", "chop", "reached")},
        "n_neighbors": _BIGINT,
        "n_distinct_days": _BIGINT,
        "n_distinct_episodes": _BIGINT,
        "n_eff": _DOUBLE,
        "neighbors_ok": _BOOLEAN,
        "mean_similarity": _DOUBLE,
        "similarity_floor": _DOUBLE,
        "is_similar": _BOOLEAN,
        "entropy": _DOUBLE,
        "time_to_hit_q50_s": _DOUBLE,
        "mfe_q50_ticks": _DOUBLE,
        "mfe_q80_ticks": _DOUBLE,
        "mae_q50_ticks": _DOUBLE,
        "mae_q80_ticks": _DOUBLE,
        "risk_q80_ticks": _DOUBLE,
        "resolve_rate": _DOUBLE,
        "whipsaw_rate": _DOUBLE,
        "result_ticks": _DOUBLE,
        "result_lo_ticks": _DOUBLE,
        "result_n_eff": _DOUBLE,
        "top_class": _VARCHAR,
        "library_last_dt": _DATE,
    }
)
_NEIGHBORS = pa.schema(
    {
        "query": _BIGINT,
        "horizon": _BIGINT,
        "rank": _BIGINT,
        "neighbor_vector_id": _VARCHAR,
        "neighbor_symbol": _VARCHAR,
        "neighbor_dt": _DATE,
        "neighbor_level_id": _VARCHAR,
        "neighbor_window_end_ts": _TIMESTAMP,
        "neighbor_episode_id": _VARCHAR,
        "similarity": _DOUBLE,
        "weight": _DOUBLE,
        "outcome": _VARCHAR,
    }
)
_LIBRARY = pa.struct(
    [
        ("retrieval_family", _VARCHAR),
        ("vectors_path", _VARCHAR),
        ("rows_path", _VARCHAR),
        ("n_context", _BIGINT),
        ("mirror_vectors_path", _VARCHAR),
        ("mirror_rows_path", _VARCHAR),
        ("mirror_columns", pa.list_(pa.int32())),
        ("mirror_signs", pa.list_(pa.int32())),
    ]
)
_STATISTICS = pa.schema([("median", _DOUBLE), ("mad", _DOUBLE), ("std", _DOUBLE)])
_POOL: dict[str, pa.DataType] = {
    # a row of retrieval_library_files
    "library": _LIBRARY,
    # only rows dated before it count
    "asof_dt": _DATE,
    # only rows of these levels; of all if there are none
    "level_ids": pa.list_(_VARCHAR),
    # of the queries, and of the rows that answer them
    "phase": _VARCHAR,
}
_SEARCH: dict[str, pa.Schema | pa.DataType] = {
    **_POOL,
    # a query each, context after the vector, NULL for missing
    "vectors": pa.list_(pa.list_(pa.float32())),
    # k_ticks of the queries
    "distances": pa.list_(_BIGINT),
    # by column of the vectors
    "statistics": _STATISTICS,
    # JSON, see RetrievalSettings.from_json
    "settings": _VARCHAR,
}
_WINDOWS = pa.schema([("number", _BIGINT), ("direction", _BIGINT), ("is_candidate", _BOOLEAN)])
_GATE = pa.struct(
    [("none_windows", _BIGINT), ("flip_windows", _BIGINT), ("cooldown_windows", _BIGINT)]
)
_VERDICTS = pa.schema(
    [("fires", _BOOLEAN), ("block_reason", _VARCHAR), ("signal_episode", _BIGINT)]
)


def _library_statistics(
    library: dict[str, Any], asof_dt: dt.date, level_ids: pa.Array, phase: str
) -> dict[str, np.ndarray]:
    from spymaster_engine.statistics.retrieval.normalise import robust_statistics

    # the models' code names no lake: it would differ after a move
    root = Lake.from_environment().root
    pool = _pool(root, library, asof_dt, level_ids, phase)
    return robust_statistics(pool.library.vectors[pool.rows])._asdict()


def kept_open(root: Path) -> Kernel:
    """Return ``retrieval_answers`` for the many calls of a day: what one opens stays open.

    Rows are the same. What is kept is as large as the pools that are asked.

    Args:
        root: of the lake, to which paths of libraries are relative.
    """
    [kernel] = (kernel for kernel in RETRIEVAL_KERNELS if kernel.name == "retrieval_answers")
    return replace(kernel, run=_KeptAnswers(root))


class _KeptAnswers:
    """``retrieval_answers``, with what earlier calls opened by their arguments but the queries."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._kept: dict[Any, tuple[Any, Any]] = {}

    def __call__(self, **call: Any) -> dict[str, pa.Array]:
        from spymaster_engine.statistics.compiled import many_calls
        from spymaster_engine.statistics.retrieval.neighbors_by_horizon import Opened

        pool, queries, statistics, settings = _queries(self._root, **call)
        # a pool keeps what is found out of it
        key = pool, settings, b"".join(values.tobytes() for values in statistics)
        with many_calls():
            if key not in self._kept:
                self._kept[key] = pool, Opened.of(pool, statistics, settings)
            return _answers(*self._kept[key], queries, statistics, settings)


def _retrieval_answers(**call: Any) -> dict[str, pa.Array]:
    pool, *search = _queries(Lake.from_environment().root, **call)
    return _answers(pool, None, *search)


def _answers(
    pool: Any, opened: Any, queries: Any, statistics: Any, settings: Any
) -> dict[str, pa.Array]:
    from spymaster_engine.statistics.retrieval.answers import answers
    from spymaster_engine.statistics.retrieval.outcomes import CLASSES
    from spymaster_engine.statistics.retrieval.settings import LEARNED
    from spymaster_engine.statistics.retrieval.spaces import space_of
    from spymaster_engine.statistics.retrieval.summaries import NO_DAY

    found = answers(pool, queries, statistics, settings, opened)
    count, space = len(found["query"]), space_of(pool, settings)
    learned = pool.learned_from(settings.learned_min_episodes).phases
    found["space"] = np.full(count, space, object)
    found["space_phases"] = np.full(count, ", ".join(learned) if space == LEARNED else None, object)
    # class -1 (none) selects the last name
    found["top_class"] = np.array([*CLASSES, None], object)[found["top_class"]]
    bands = np.array([*settings.bands.names, None], object)
    found["distance_band"] = bands[found["distance_band"]]
    days = found["library_last_day"]
    found["library_last_dt"] = pa.array(days, pa.int32(), mask=days == NO_DAY)
    return _cast(found, _ANSWERS)


def _retrieval_neighbors(**call: Any) -> pa.RecordBatch:
    from spymaster_engine.statistics.retrieval.neighbor_choice import NOT_CHOSEN
    from spymaster_engine.statistics.retrieval.neighbors_by_horizon import neighbors_of
    from spymaster_engine.statistics.retrieval.outcomes import CLASSES

    pool, *search = _queries(Lake.from_environment().root, **call)
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
            parts.append(pa.RecordBatch.from_pydict(_cast(found, _NEIGHBORS)))
    return pa.concat_batches(parts)


def _lower_mean(values: pa.Array | None, resamples: int, seed: int) -> float | None:
    from spymaster_engine.statistics.retrieval.episode_sums import lower_mean

    return lower_mean(
        np.array([] if values is None else values.to_pylist(), np.float64), resamples, seed
    )


def _fire_gate(windows: pa.RecordBatch, settings: dict[str, int]) -> dict[str, pa.Array]:
    from spymaster_engine.statistics.retrieval.gate import GateSettings, GateWindow, gate

    rows = map(GateWindow, *(windows[name].to_pylist() for name in GateWindow._fields))
    verdicts = list(gate(rows, GateSettings(**settings)))
    return {
        field.name: pa.array([getattr(one, field.name) for one in verdicts], field.type)
        for field in _VERDICTS
    }


def _queries(
    root: Path,
    library: dict[str, Any],
    asof_dt: dt.date,
    level_ids: pa.Array,
    phase: str,
    vectors: Any,
    distances: pa.Array,
    statistics: pa.RecordBatch,
    settings: str,
) -> tuple[Any, Any, Any, Any]:
    """Return pool, queries, statistics and settings of a call over a lake."""
    from spymaster_engine.statistics.retrieval.normalise import RobustStatistics
    from spymaster_engine.statistics.retrieval.settings import RetrievalSettings
    from spymaster_engine.statistics.retrieval.spaces import Queries

    values = vectors.flatten().to_numpy(zero_copy_only=False)
    queries = Queries(
        values.reshape(len(vectors), -1).astype(np.float32, copy=False), distances.to_numpy()
    )
    of_library = RetrievalSettings.from_json(settings)
    of_family = of_library.of_family(library["retrieval_family"])
    return (
        _pool(root, library, asof_dt, level_ids, phase),
        queries,
        RobustStatistics(**arrays(statistics)),
        of_family.of_phase(phase),
    )


def _pool(
    root: Path, files: dict[str, Any], asof_dt: dt.date, level_ids: pa.Array, phase: str
) -> Any:
    # imported late, because it loads a search library
    from spymaster_engine.statistics.retrieval.library import open_library
    from spymaster_engine.statistics.retrieval.pools import Pool

    library = open_library(root, files)
    return Pool(library, asof_dt, tuple(level_ids.to_pylist()) or None, (phase,))


def _cast(found: dict[str, Any], schema: pa.Schema) -> dict[str, pa.Array]:
    """Return the columns of a schema, with nan as NULL."""
    columns = {}
    for field in schema:
        values = found[field.name]
        if isinstance(values, pa.ChunkedArray):
            values = values.combine_chunks()
        if not isinstance(values, pa.Array):
            values = pa.array(values, from_pandas=True)
        columns[field.name] = values.cast(field.type)
    return columns


RETRIEVAL_KERNELS = (
    Kernel(
        "library_statistics",
        inputs=_POOL,
        outputs={"statistics": _STATISTICS},
        run=_library_statistics,
    ),
    Kernel(
        "retrieval_answers", inputs=_SEARCH, outputs={"answers": _ANSWERS}, run=_retrieval_answers
    ),
    Kernel(
        "retrieval_neighbors",
        inputs=_SEARCH,
        outputs={"neighbors": _NEIGHBORS},
        run=_retrieval_neighbors,
    ),
    Kernel(
        "lower_mean",
        # independent numbers, or NULL; the draws behind the bound, and their seed
        inputs={"values": pa.list_(_DOUBLE), "resamples": _BIGINT, "seed": _BIGINT},
        outputs={"bound": _DOUBLE},
        run=_lower_mean,
        # a bound may be unknown where there are numbers
        takes_null=True,
    ),
    Kernel(
        "fire_gate",
        inputs={"windows": _WINDOWS, "settings": _GATE},
        outputs={"verdicts": _VERDICTS},
        run=_fire_gate,
    ),
)
