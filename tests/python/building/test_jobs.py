"""Jobs without a build: what they read, who does them, and what is said of them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from dbt.clients.jinja import get_template
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import PROJECT_ROOT, Lake
from spymaster_warehouse import build_settings
from spymaster_warehouse.build_settings import (
    CLUSTER_VARIABLE,
    JOB_LIMIT_VARIABLE,
    MEMORY_VARIABLE,
    WORKERS_VARIABLE,
    n_workers,
    require_settings,
    settings_of_command,
)
from spymaster_warehouse.jobs.catalogue import Catalogue
from spymaster_warehouse.jobs.inputs import Inputs
from spymaster_warehouse.jobs.job import BROKEN, DONE, Outcome, PartitionJob, filled
from spymaster_warehouse.jobs.processes import ProcessExecutor
from spymaster_warehouse.jobs.progress import LINE_S, JobProgress
from spymaster_warehouse.jobs.run import run_partition
from support.held_database import held_open
from support.job_lakes import job_of
from support.spoiled_workers import spoil_workers

PATIENCE_S = 120
NAME = "numbers ESZ5 2025-10-01"
GIB = 1 << 30


@pytest.mark.parametrize(
    "values",
    [
        {"symbol": "ESZ5", "dt": "2025-10-01"},
        {"symbol": "it's ''", "dt": None},
        {"symbol": None, "dt": ""},
        {"symbol": "__partition_dt__", "dt": "2025-10-01"},
    ],
)
def test_a_job_is_filled_as_the_macro_fills_it(values: dict[str, str | None]) -> None:
    sql = "select '__partition_symbol__', date '__partition_dt__', '/x=__partition_symbol__/'"
    source = (PROJECT_ROOT / "macros" / "partitions" / "fill_partition.sql").read_text()
    context = {"return": lambda text: (_ for _ in ()).throw(Returned(text))}
    module = get_template(source, context).make_module(context)
    with pytest.raises(Returned) as returned:
        module.dbt_macro__fill_partition(sql, values)
    assert filled(sql, values) == returned.value.args[0]


class Returned(BaseException):
    """What a macro returns."""


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """A lake whose warehouse has a table by partition, one as a whole, and a view of both."""
    lake = Lake(tmp_path / "lake")
    lake.make_root()
    with duckdb.connect(str(lake.warehouse)) as connection:
        connection.execute("create schema meta")
        connection.execute("create schema silver")
        connection.execute("create macro meta.lake_file(path) as getvariable('root') || path")
        connection.execute(
            "create table meta.partition_state as select * from (values "
            "('numbers', 'ESZ5', date '2025-10-01', 'a', 'b'), "
            "('numbers', 'O''Z5', date '2025-10-02', 'c', 'b')) "
            "as t (relation, owner, dt, input_fingerprint, model_checksum)"
        )
        connection.execute(
            "create table silver.numbers as select * from (values "
            "('ESZ5', date '2025-10-01', 1::hugeint), ('O''Z5', date '2025-10-02', 2), "
            "('O''Z5', date '2025-10-02', 3)) as t (symbol, dt, n)"
        )
        connection.execute("create table silver.settings as select 10 as factor")
        connection.execute("create table silver.unread as select 1 as n")
        connection.execute(
            "create view silver.both as select symbol, dt, n * factor as n, "
            "meta.lake_file('x') as path from silver.numbers, silver.settings"
        )
    return lake


def exported(lake: Lake) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in lake.inputs.rglob("*") if path.is_file()}


def test_inputs_are_written_once_and_read_anywhere(lake: Lake) -> None:
    inputs = Inputs(lake)
    with duckdb.connect(str(lake.warehouse)) as connection:
        path = inputs.catalogue_of(connection, ["select * from silver.both"], {"TimeZone": "UTC"})
        rows = connection.execute("from silver.numbers order by all").fetchall()
        before = exported(lake)
        # nothing is written again, for other SQL and for the jobs of another relation either
        again = inputs.catalogue_of(connection, ["select * from silver.both"], {"TimeZone": "UTC"})
        other = inputs.catalogue_of(connection, ["select n from silver.numbers"], {})
    assert again == path
    assert other != path
    assert {file: written for file, written in exported(lake).items() if file in before} == before
    files = sorted(file for file in before if file.suffix == ".parquet")
    assert [len(pq.read_table(file)) for file in files if "numbers" in str(file)] == [1, 2]
    (whole,) = (file for file in files if file.parent == lake.inputs)
    assert pq.read_table(whole).to_pylist() == [{"factor": 10}]
    catalogue = Catalogue.from_text(path.read_text())
    assert not any("unread" in statement for statement in catalogue.statements.values())
    with duckdb.connect() as connection:
        for statement in (
            "attach ':memory:' as warehouse",
            "use warehouse",
            *catalogue.statements.values(),
        ):
            connection.execute(statement)
        assert connection.execute("from silver.numbers order by all").fetchall() == rows
        assert connection.execute("select path, n from silver.both order by n").fetchall() == [
            (f"{lake.root}/x", n) for n in (10, 20, 30)
        ]


def job_over(lake: Lake) -> PartitionJob:
    """Return a job that reads a view, of which it writes a file."""
    with duckdb.connect(str(lake.warehouse)) as connection:
        catalogue = Inputs(lake).catalogue_of(connection, ["from silver.both"], {})
    return job_of(
        NAME,
        catalogue=str(catalogue),
        query="select n from warehouse.silver.both where symbol = 'ESZ5'",
        rows="read_parquet('__file__')",
        checks={"row_warnings": "select 'is_odd', count(*) from __rows__ having count(*) > 0"},
        files={"numbers": str(lake.relations("silver") / "numbers" / "one.parquet")},
    )


def test_a_job_opens_no_database_of_the_lake(lake: Lake) -> None:
    job = job_over(lake)
    with held_open(lake.warehouse):
        executor = ProcessExecutor(1, PATIENCE_S)
        try:
            by_worker = executor.submit(job).result(PATIENCE_S)
        finally:
            executor.close()
        lake.warehouse.unlink()
        here = run_partition(job)
    for outcome in (by_worker, here):
        assert (outcome.kind, outcome.text, outcome.n_rows) == (DONE, "", 1)
        assert outcome.warnings == (f"{NAME} has rows that fail its checks: is_odd (1 rows)",)
    assert by_worker.sha256 == here.sha256
    assert not by_worker.worker.endswith(f":{os.getpid()}")
    (written,) = (Path(path) for path in job.files.values())
    assert pq.read_table(written).to_pylist() == [{"n": 10}]
    # and leaves nothing beside it but its hash
    assert len(list(written.parent.iterdir())) == 2


def test_a_job_whose_lake_the_worker_does_not_see(lake: Lake, tmp_path: Path) -> None:
    outcome = run_partition(job_of(NAME, catalogue=str(tmp_path / "elsewhere.json")))
    assert outcome.kind == BROKEN
    assert outcome.text == (
        f"{NAME}: SpymasterError: {tmp_path}/elsewhere.json: a worker does not see the lake "
        "(put the lake on a path that all workers see)"
    )


def test_a_worker_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    spoil_workers(monkeypatch, "hang", NAME)
    executor = ProcessExecutor(1, 0.5)
    try:
        outcome = executor.submit(job_of(NAME)).result(PATIENCE_S)
    finally:
        executor.close()
    assert outcome == Outcome(BROKEN, f"{NAME}: 3 workers needed longer than 0.5 s and were ended")


def test_a_worker_ends_with_its_input_and_answers_in_lines(lake: Lake) -> None:
    program = [sys.executable, "-m", "spymaster_warehouse.jobs.worker"]
    job = job_over(lake)
    with subprocess.Popen(
        program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as worker:
        worker.stdin.write(f"{job.to_text()}\n")
        worker.stdin.flush()
        assert Outcome.from_text(worker.stdout.readline()).kind == DONE
        worker.stdin.close()
        assert worker.wait(PATIENCE_S) == 0


def test_progress_names_workers_jobs_and_the_slowest() -> None:
    said: list[str] = []
    now = [0.0]
    progress = JobProgress("2 workers", said.append, lambda: now[0])
    progress.begin("walls", 2)
    progress.begin("levels", 1)
    progress.look()
    assert said == []
    now[0] = LINE_S
    progress.look()
    progress.look()
    progress.finish("walls ESZ5 2025-10-01", "walls", Outcome(DONE, seconds=3.0))
    progress.finish("levels ESZ5 2025-10-01", "levels", Outcome(DONE, seconds=1.0))
    progress.end("levels")
    now[0] = 2 * LINE_S
    progress.look()
    progress.end("walls")
    now[0] = 3 * LINE_S
    progress.look()
    progress.close()
    slowest = "2 workers: 2 partitions made, slowest walls ESZ5 2025-10-01 (3.0 s)"
    assert said == [
        "2 workers: 0 partitions made; left: 2 of walls, 1 of levels",
        f"{slowest}; left: 1 of walls",
        f"{slowest}; left: none",
        f"{slowest}; 4.0 s of work in 30.0 s",
    ]


def test_progress_without_jobs_says_nothing() -> None:
    said: list[str] = []
    JobProgress("1 worker", said.append).close()
    assert said == []


@pytest.mark.parametrize(
    ("memory_gib", "cores", "limit", "expected"),
    [(64, 8, "1GiB", 8), (8, 8, "1GiB", 4), (8, 8, "3GiB", 2), (1, 8, "4GB", 1), (64, 1, "1GB", 1)],
)
def test_workers_that_fit(
    memory_gib: int, cores: int, limit: str, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = {"SC_PAGE_SIZE": 4096, "SC_PHYS_PAGES": memory_gib * GIB // 4096}
    monkeypatch.setattr(build_settings.os, "sysconf", pages.__getitem__)
    monkeypatch.setattr(build_settings.os, "sched_getaffinity", lambda _: range(cores))
    monkeypatch.setenv(MEMORY_VARIABLE, limit)
    monkeypatch.setenv(WORKERS_VARIABLE, "auto")
    assert n_workers() == expected


@pytest.mark.parametrize("workers", ["0", "-1", "257", "two", "1.5", "\u0663", "Auto"])
def test_workers_that_are_no_number(workers: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(WORKERS_VARIABLE, workers)
    with pytest.raises(SpymasterError, match=f"{WORKERS_VARIABLE}: .* is neither auto nor a whole"):
        require_settings()


@pytest.mark.parametrize("limit", ["0", "", "-1", "1.5", "1000001", "an hour"])
def test_a_limit_that_is_no_number(limit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(JOB_LIMIT_VARIABLE, limit)
    with pytest.raises(SpymasterError, match=f"{JOB_LIMIT_VARIABLE}: .* is no whole number of sec"):
        require_settings()


def test_options_of_a_command_hold_while_it_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(WORKERS_VARIABLE, "3")
    monkeypatch.delenv(CLUSTER_VARIABLE, raising=False)
    with settings_of_command({WORKERS_VARIABLE: "auto", CLUSTER_VARIABLE: None}):
        assert os.environ[WORKERS_VARIABLE] == "auto"
        assert CLUSTER_VARIABLE not in os.environ
    assert os.environ[WORKERS_VARIABLE] == "3"
