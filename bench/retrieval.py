"""``python -m bench.retrieval``: a query of a library of many vectors, start to answer.

Measures the cost of a query while a session runs, when the library is already normalised by the
statistics of the day: normalising the vector, exact search, choice of neighbors, their outcomes at
every horizon. The cost of opening the library is measured separately.
"""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Callable

import click
import numpy as np
import pyarrow as pa
from rich.table import Table
from spymaster_engine.statistics.retrieval.answers import answers_in
from spymaster_engine.statistics.retrieval.library import Library, LibraryLabels, days_since_epoch
from spymaster_engine.statistics.retrieval.neighbors_by_horizon import neighbors_in
from spymaster_engine.statistics.retrieval.normalise import robust_statistics
from spymaster_engine.statistics.retrieval.pools import Pool
from spymaster_engine.statistics.retrieval.settings import ROBUST_Z, RetrievalSettings
from spymaster_engine.statistics.retrieval.similarity_floor import similarity_floors
from spymaster_engine.statistics.retrieval.spaces import Queries, RobustZSpace
from spymaster_ingest.console import out
from spymaster_warehouse.project_vars import project_vars

from bench.inputs import OUT
from bench.machine import machine_line
from bench.measure import CORES

_GOAL_MS = 50.0
_WIDTH, _N_CONTEXT = 672, 16
_EPISODE_ROWS, _DAY_ROWS = 6, 1000
_FIRST_DAY = dt.date(2025, 1, 1)
_SEED = 1


def _library(n_rows: int) -> Library:
    """Return a library of random vectors and outcomes."""
    rng = np.random.default_rng(_SEED)
    places = np.arange(n_rows)
    hit = rng.random(n_rows) < 0.8
    labels = LibraryLabels(
        class_code=np.where(hit, rng.integers(0, 2, n_rows), 2).astype(np.int8),
        reached=np.ones(n_rows),
        time_to_hit_s=np.where(hit, rng.exponential(60, n_rows), np.nan),
        mfe_ticks=rng.integers(0, 20, n_rows).astype(float),
        mae_ticks=-rng.integers(0, 20, n_rows).astype(float),
        adverse_ticks=np.where(hit, rng.integers(0, 8, n_rows).astype(float), np.nan),
        whipsaw=rng.random(n_rows) < 0.1,
        result_ticks=rng.integers(-9, 10, n_rows).astype(float),
    )
    return Library(
        vectors=rng.standard_normal((n_rows, _WIDTH + _N_CONTEXT), dtype=np.float32),
        n_context=_N_CONTEXT,
        keys=pa.table({"level_id": pa.array(["pm_high"] * n_rows)}),
        day=(days_since_epoch(_FIRST_DAY) + places // _DAY_ROWS).astype(np.int32),
        episode_code=places // _EPISODE_ROWS,
        distance_ticks=rng.integers(1, 9, n_rows),
        labels=dict.fromkeys(project_vars()["retrieval_horizons"], labels),
    )


def _median_ms(work: Callable[[int], object], repeats: int) -> float:
    took = []
    for number in range(repeats):
        start = time.perf_counter()
        work(number)
        took.append(time.perf_counter() - start)
    return float(np.median(took)) * 1e3


@click.command()
@click.option("--vectors", default=50_000, show_default=True, help="Vectors of the library.")
@click.option("--queries", default=50, show_default=True, help="Queries; medians are shown.")
def main(vectors: int, queries: int) -> None:
    """Query a library of VECTORS rows and print milliseconds per query."""
    machine = machine_line(CORES)
    library = _library(vectors)
    settings = RetrievalSettings.of(project_vars() | {"retrieval_space": ROBUST_Z})
    asof_dt = _FIRST_DAY + dt.timedelta(days=vectors // _DAY_ROWS + 2)
    pool = Pool(library, asof_dt, None)
    statistics_ms = _median_ms(lambda _: robust_statistics(library.vectors), 1)
    statistics = robust_statistics(library.vectors)
    scale_ms = _median_ms(lambda _: RobustZSpace(pool, statistics, settings), 1)
    space = RobustZSpace(pool, statistics, settings)
    chosen = np.linspace(0, vectors - 1, queries).astype(int)
    batch = Queries(library.vectors[chosen] + np.float32(0.1), library.distance_ticks[chosen])

    floors = similarity_floors(space, settings)
    floors_ms = _median_ms(lambda _: similarity_floors(space, settings), 3)

    def question(number: int) -> object:
        query = batch.take(slice(number, number + 1))
        found = neighbors_in(space, query, settings, floors)
        return answers_in(library, query.distance_ticks, found, settings)

    question(0)
    question_ms = _median_ms(question, queries)
    rows = [
        ("one question, normalising and four horizons", question_ms, f"<= {_GOAL_MS:g}"),
        ("statistics of a day, once a day", statistics_ms, ""),
        ("the floor of similarity, once a day", floors_ms, ""),
        ("the library at the scale of a day, once a day", scale_ms, ""),
    ]
    table = Table(title=f"retrieval, {vectors:,} vectors of {_WIDTH + _N_CONTEXT}")
    for name in ("what", "ms", "goal"):
        table.add_column(name, justify="left" if name == "what" else "right")
    for name, took, goal in rows:
        table.add_row(name, f"{took:,.1f}", goal)
    out.print(table)
    out.print(machine, markup=False)
    out.print("reached" if question_ms <= _GOAL_MS else "not reached")
    OUT.mkdir(parents=True, exist_ok=True)
    results = {"machine": machine, "vectors": vectors, "ms": {name: took for name, took, _ in rows}}
    (OUT / "retrieval.json").write_text(json.dumps(results, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
