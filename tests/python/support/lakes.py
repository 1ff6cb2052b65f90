"""Small lakes for the tests of the pipeline: make, land, build, compare."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest
import yaml
from dbt.cli.main import dbtRunnerResult
from dbt.contracts.graph.manifest import Manifest
from spymaster_ingest.durable import hash_file
from spymaster_ingest.lake import LAKE_VARIABLE, MARKER, PROJECT_ROOT, SCHEMAS, Lake
from spymaster_ingest.landing import land
from spymaster_ingest.synthetic import (
    SessionPlan,
    SyntheticMarket,
    contracts_of,
    load_product,
    trading_days,
    write_day,
)
from spymaster_warehouse.dbt_run import run_dbt
from spymaster_warehouse.publish import publish
from spymaster_warehouse.view_files import files_of_relations

from support.parsed_project import parsed_project

# Busy from 00:01 to 00:10 UTC with the opening burst at 00:06; some 40 thousand records.
PLAN = SessionPlan(
    hours=0.15,
    scale=0.5,
    time_zone="UTC",
    premarket_open=dt.time(0),
    dense_open=dt.time(0, 1),
    cash_open=dt.time(0, 6),
    evening_seconds=0,
)
DAYS = trading_days(dt.date(2025, 10, 1), 3)
ES, CL = (contracts_of(load_product(root), DAYS[0])["front"].symbol for root in ("ES", "CL"))
# New York; 00:05 to 00:07 UTC, so that walls stay small
SURFACE_WINDOW = ("20:05", "20:07")

# arguments of a build without retrieval and engines, or without levels and options too
WITHOUT_RETRIEVAL = (
    "--exclude",
    "path:models/silver/engines",
    "path:models/gold/engines",
    "path:models/gold/market",
    "path:models/silver/patterns",
    "path:models/gold/patterns",
    # what it compares with is built
    "assert_level_events_agree_with_level_outcomes",
    "path:models/gold/retrieval",
    "path:models/gold/training",
    "path:python_models/gold/retrieval",
    "path:models/gold/courses",
    "tag:patterns",
    "path:models/gold/signals",
    "path:models/gold/evaluation",
    "path:models/silver/patterns",
    "path:models/gold/patterns",
)
WITHOUT_LEVELS = (
    *WITHOUT_RETRIEVAL,
    "path:models/silver/levels",
    # they read the trades by second
    "market_by_price_10_bar5s",
    "market_features_1s",
    "path:models/gold/levels",
    "path:models/silver/conditions",
    "path:models/gold/conditions",
    "path:models/silver/options",
    "path:models/gold/options",
)

# the levels that the plain twins know; those of other kinds have lakes of their own
SEVEN_LEVELS = ["pm_high", "pm_low", "or_high", "or_low", "sma_90", "sma_200", "sma_400"]
# the models before levels_1s, in lakes whose trades are tables
LEVEL_MODELS = (
    "own_levels",
    "level_definitions",
    "session_prices",
    "step_levels",
    "level_settings",
    "running_levels_1s",
)

# arguments of a build of the surfaces and their inputs
SURFACES = (
    "--select",
    "+wall_derivatives_1s",
    "+vacuum_surface_1s",
    "+physics_surface_1s",
    "+physics_bands_1s",
    "+radar_vacuum_1s",
)

ENGINE_RELATIONS = ("book_engine_qa", "book_snapshot_1s", "reprice_flow_1s", "wall_surface_1s")
_RELATIONS = re.compile(rf"(?:{'|'.join(SCHEMAS)})/relations/")


def write_raw(folder: Path, root: str, day: dt.date, seed: int = 1) -> Path:
    """Write one day of a product and return the folder, which `land` takes."""
    write_day(SyntheticMarket(load_product(root), seed, PLAN), day, folder)
    return folder


def land_raw(lake: Lake, *paths: Path, **options: object) -> None:
    """Land, and assert that no file failed."""
    report = land(paths, lake, **options)
    assert report.ok, report.errors


def landed_copy(template: Lake, root: Path) -> Lake:
    """Return a new lake with the landed files of another, and nothing built."""
    shutil.copytree(template.bronze, Lake(root).bronze)
    return Lake(root)


def dbt_arguments(lake: Lake, **variables: object) -> list[str]:
    """Return arguments of a build that writes beside the lake, for few seconds and levels."""
    beside = lake.root.with_name(f"{lake.root.name}-dbt")
    paths = ["--target-path", str(beside / "target"), "--log-path", str(beside / "logs")]
    return [*paths, "--vars", _json(variables)]


def _json(variables: dict[str, object]) -> str:
    given = {"surface_window": SURFACE_WINDOW, "levels_in_use": SEVEN_LEVELS, **variables}
    return json.dumps(given, default=str)


def run(lake: Lake, command: str, *arguments: str, **variables: object) -> dbtRunnerResult:
    """Run a dbt command in process, without slow parts that no test reads."""
    return _run(lake, command, arguments, variables, parsed_project(_json(variables)))


def _run(
    lake: Lake,
    command: str,
    arguments: Sequence[str],
    variables: dict[str, object],
    parsed: Manifest | None,
) -> dbtRunnerResult:
    cheap = ["--quiet", "--no-write-json"]
    arguments = [*cheap, *dbt_arguments(lake, **variables), *arguments]
    with lake_in_environment(lake):
        return run_dbt(lake, command, arguments, parsed=parsed)


def build(lake: Lake, *arguments: str, **variables: object) -> list:
    """Run `spymaster build` in process; return dbt's node results."""
    return _published(lake, run(lake, "build", *arguments, **variables))


def build_models(lake: Lake, *arguments: str, **variables: object) -> list:
    """Run it without data tests, which take longer than the models of a small lake.

    Publishing requires passed tests, so this marks them as passed.
    """
    done = run(lake, "run", *arguments, **variables)
    publish_untested(lake)
    return list(done.result.results)


def publish_untested(lake: Lake) -> None:
    """Publish what models without data tests built."""
    with duckdb.connect(str(lake.warehouse)) as connection:
        connection.execute("delete from meta.partitions_to_test")
    with lake_in_environment(lake):
        publish(lake)


def run_models(lake: Lake, *arguments: str, **variables: object) -> None:
    """Run the models in process, without data tests and without publishing.

    Rows are not checked either: what tests make up, or build with settings of their own, need not
    pass.
    """
    manifest = parsed_project(_json(variables))
    for node in manifest.nodes.values() if manifest else ():
        for checks in ("row_checks", "row_warnings"):
            node.config.meta.pop(checks, None)
    _run(lake, "run", arguments, variables, manifest)


def _published(lake: Lake, done: dbtRunnerResult) -> list:
    with lake_in_environment(lake):
        publish(lake)
    return list(done.result.results)


@contextmanager
def lake_in_environment(lake: Lake) -> Iterator[None]:
    """Point the environment at a lake for a while."""
    before = os.environ.get(LAKE_VARIABLE)
    os.environ[LAKE_VARIABLE] = str(lake.root)
    try:
        yield
    finally:
        del os.environ[LAKE_VARIABLE]
        if before is not None:
            os.environ[LAKE_VARIABLE] = before


@contextmanager
def threads(folder: Path, count: int) -> Iterator[list[str]]:
    """Give dbt and DuckDB a number of threads for a while; yield the arguments of a build."""
    profile = yaml.safe_load((PROJECT_ROOT / "profiles.yml").read_text())
    profile["spymaster"]["outputs"]["lake"]["config_options"]["threads"] = count
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "profiles.yml").write_text(yaml.safe_dump(profile))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPYMASTER_THREADS", str(count))
        yield ["--profiles-dir", str(folder)]


def log_of(lake: Lake) -> Path:
    """Return the log file of a started build."""
    return lake.root.with_name(f"{lake.root.name}-log")


def start_build(lake: Lake, *arguments: str, **variables: object) -> subprocess.Popen:
    """Start `spymaster build` in its own process group; it prints to its log."""
    arguments = [*dbt_arguments(lake, **variables), *arguments]
    command = [str(Path(sys.executable).with_name("spymaster")), "build", *arguments]
    with log_of(lake).open("w") as output:
        return subprocess.Popen(
            command,
            env={**os.environ, LAKE_VARIABLE: str(lake.root)},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def ask(lake: Lake, query: str) -> list[tuple]:
    """Return the rows of a query against the published file."""
    with duckdb.connect(str(lake.published), read_only=True) as connection:
        return connection.execute(query).fetchall()


def content_hashes(lake: Lake, *, published: bool = True) -> dict[str, str]:
    """Return a hash over all content per relation of silver, gold and steps.

    Reads the published file, or the warehouse.
    """
    database = lake.published if published else lake.warehouse
    with duckdb.connect(str(database), read_only=True) as connection:
        # a former name of a step is a view of it
        relations = connection.execute(
            "select arg_max(table_schema, table_schema = 'steps'), table_name "
            "from information_schema.tables where table_schema in ('silver', 'gold', 'steps') "
            "group by table_name"
        ).fetchall()
        return {name: _relation_hash(connection, f"{schema}.{name}") for schema, name in relations}


def _relation_hash(connection: duckdb.DuckDBPyConnection, relation: str) -> str:
    # a sum of the rows' hashes needs no sorting, and counts equal rows, each in full
    rows = connection.execute(
        f"select count(*), sum(md5_number_lower(cast(t as varchar))) from {relation} as t"
    ).fetchone()
    columns = [row[0] for row in connection.execute(f"describe {relation}").fetchall()]
    return hashlib.sha256(repr((columns, rows)).encode()).hexdigest()


def partition_state(lake: Lake) -> set[tuple]:
    """Return the rows of meta.partition_state in the published file."""
    return set(ask(lake, "select * from meta.partition_state"))


def partitions_to_test(lake: Lake) -> set[tuple]:
    """Return the rows of meta.partitions_to_test in the published file."""
    return set(ask(lake, "select * from meta.partitions_to_test"))


def engine_files(lake: Lake) -> dict[str, int]:
    """Return the files of the engine's relations with their write times, ns."""
    return {
        lake.relative(path): path.stat().st_mtime_ns
        for relation in ENGINE_RELATIONS
        for path in partition_files(lake, relation)
    }


def partition_files(lake: Lake, relation: str = "*") -> list[Path]:
    """Return the files of partitions that lie in a lake, of one relation or of all."""
    return [
        path
        for schema in SCHEMAS
        for path in lake.relations(schema).glob(f"{relation}/*=*/dt=*/*.parquet")
        if not path.name.startswith(".")
    ]


def relation_files(lake: Lake) -> set[str]:
    """Return the files of partitions that the published file names."""
    with duckdb.connect(str(lake.published), read_only=True) as connection:
        return {path for path in files_of_relations(connection) if _RELATIONS.match(path)}


def stray_files(lake: Lake) -> list[str]:
    """Return unreferenced files of the lake: leftovers of an interrupted run."""
    known = {
        lake.warehouse,
        lake.published,
        lake.publication_record,
        lake.build_lock,
        lake.build_record,
    }
    known.add(lake.root / MARKER)
    known |= {hash_file(lake.warehouse), hash_file(lake.published)}
    relations = {lake.root / name for name in relation_files(lake)}
    known |= relations | {hash_file(path) for path in relations}
    found = [path for path in lake.root.rglob("*") if path.is_file()]
    return sorted(
        lake.relative(path)
        for path in found
        if path not in known and not path.is_relative_to(lake.bronze)
    )


def leftover_tables(lake: Lake) -> list[tuple]:
    """Return tables and views of the published file that belong to no model."""
    return ask(
        lake,
        "select table_schema, table_name from information_schema.tables "
        r"where table_name like '%\_\_dbt\_%' escape '\' or table_schema = 'main'",
    )
