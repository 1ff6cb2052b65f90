"""Many small jobs on a Dask cluster of two workers: ``python -m bench.job_scheduling FILE JOBS``.

Reads the built lake of the environment. A job reads the rows of a small relation of one day.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import duckdb
from spymaster_ingest.lake import Lake
from spymaster_warehouse.jobs.cluster import ClusterExecutor
from spymaster_warehouse.jobs.inputs import Inputs
from spymaster_warehouse.jobs.job import PartitionJob
from spymaster_warehouse.store.runtime import runtime_hash

_WORKERS = 2
_LIMIT_S = 600
_SQL = 'select * from "warehouse"."silver"."levels_1s"'


def main(file: str, jobs: str) -> None:
    """Do the jobs and write how long the workers were idle."""
    lake = Lake.from_environment()
    with duckdb.connect(str(lake.warehouse), read_only=True) as connection:
        settings = {"TimeZone": "UTC", "memory_limit": "1GB"}
        catalogue = Inputs(lake).catalogue_of(connection, [_SQL], settings)
        [(symbol, day)] = connection.execute(
            "select symbol, max(dt) from silver.levels_1s group by symbol order by symbol limit 1"
        ).fetchall()
    executor = ClusterExecutor(f"local:{_WORKERS}", _LIMIT_S)
    try:
        [executor.submit(_job(catalogue, symbol, str(day))) for _ in range(_WORKERS)][-1].result()
        began = time.perf_counter()
        done = [executor.submit(_job(catalogue, symbol, str(day))) for _ in range(int(jobs))]
        outcomes = [future.result() for future in done]
        wall_s = time.perf_counter() - began
    finally:
        executor.close()
    wrong = [outcome.text for outcome in outcomes if outcome.kind != "done"]
    if wrong:
        raise RuntimeError(wrong[0])
    work_s = sum(outcome.seconds for outcome in outcomes)
    result = {"wall_s": wall_s, "work_s": work_s, "idle_share": 1 - work_s / (wall_s * _WORKERS)}
    Path(file).write_text(json.dumps(result), encoding="utf-8")


def _job(catalogue: Path, symbol: str, day: str) -> PartitionJob:
    """Return a job that checks a day's levels and writes nothing."""
    rows = f"({_SQL}) where symbol = '{symbol}' and dt = date '{day}'"
    return PartitionJob(
        relation="levels_1s",
        owner=symbol,
        dt=day,
        storage="view",
        catalogue=str(catalogue),
        kernel="",
        kernel_folder="",
        prepare="",
        query=_SQL,
        rows=rows,
        checks={"row_checks": "select 'none', count(*) from __rows__ having count(*) = 0"},
        files={},
        stored={},
        store=None,
        runtime=runtime_hash(),
        lake=str(Lake.from_environment().root),
        bronze=None,
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
