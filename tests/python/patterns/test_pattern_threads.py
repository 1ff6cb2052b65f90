"""Pattern relations have the same content with any number of threads of dbt and of DuckDB.

Those that answer from libraries of moments are compared in ``test_spot_retrieval``.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from spymaster.evaluation.fingerprints import fingerprint_table
from spymaster.evaluation.movements import movement_tables
from spymaster.evaluation.result_tables import FINGERPRINTS
from spymaster.evaluation.retests import retest_tables
from spymaster_ingest.lake import Lake
from spymaster_warehouse.overwrite import forget_partitions
from spymaster_warehouse.project_vars import project_vars
from support import lakes, small_days, spot_market
from support.level_copies import BASE, VARIABLES, Built
from support.small_days import symbol_of

# one contract-day of the lake is enough; its labels look a minute ahead, and its few seconds lie
# close to movements
REBUILT = {
    **small_days.VARIABLES,
    **VARIABLES,
    "symbols": [symbol_of(BASE)],
    "evaluation_horizons": ["s60"],
    "key_move_before_s": 2,
    "key_move_clear_s": 1,
}
# read by the evaluation of movements
READINGS = "radar_vacuum_1s"
# tables of what `spymaster evaluate` has written
EVALUATIONS = ("eval_retests",)
SELECTED = ("--select", "tag:patterns", READINGS, "--exclude", *spot_market.MODELS, *EVALUATIONS)
MODELS = {
    READINGS,
    "fingerprint_windows_5s",
    "iceberg_1s",
    "key_movement_matches",
    "key_movements",
    "level_fingerprints",
    "movement_seconds_1s",
    "order_fingerprints_5s",
    "retest_events",
    "spot_moments",
    "spot_outcomes",
    "spot_vacuum_5s",
    "spot_vectors",
}
THREADS = (1, 4)


def rebuild(lake: Lake, folder: Path, count: int) -> dict[str, str]:
    """Rebuild the models with so many threads; return the hash of each relation's content."""
    with lakes.lake_in_environment(lake):
        assert forget_partitions(lake, [*SELECTED, *lakes.dbt_arguments(lake, **REBUILT)])
    with lakes.threads(folder, count) as arguments:
        done = lakes.run(lake, "run", *SELECTED, *arguments, **REBUILT)
        asked = lakes.run(
            lake, "show", "--inline", "select current_setting('threads')", *arguments, **REBUILT
        )
    assert int(asked.result.results[0].agate_table.rows[0][0]) == count
    nodes = [result.node for result in done.result.results]
    names = {node.name for node in nodes if node.resource_type == "model"}
    hashes = lakes.content_hashes(lake, published=False)
    return {name: hashes[name] for name in names}


@pytest.fixture(scope="module")
def lake(level_copies: Built, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """A copy of the lake, which the tests build again."""
    copy = tmp_path_factory.mktemp("copy") / "lake"
    return Lake(shutil.copytree(level_copies.lake.lake.root, copy))


def ask(lake: Lake, query: str) -> list[tuple]:
    """Return the rows of a query against the warehouse."""
    with duckdb.connect(str(lake.warehouse), read_only=True) as connection:
        return connection.execute(query).fetchall()


@pytest.fixture(scope="module")
def hashes(lake: Lake, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, str], ...]:
    """Hashes of the relations by number of threads."""
    folder = tmp_path_factory.mktemp("threads")
    return tuple(rebuild(lake, folder / str(count), count) for count in THREADS)


def test_threads_change_no_pattern(lake: Lake, hashes: tuple[dict[str, str], ...]) -> None:
    single, many = hashes
    assert single == many
    assert single.keys() == MODELS
    symbol = symbol_of(BASE)
    for name in MODELS:
        schema = ask(
            lake,
            f"select table_schema from information_schema.tables where table_name = '{name}' "
            "order by table_schema = 'steps' desc limit 1",
        )[0]
        [(rows,)] = ask(lake, f"select count(*) from {schema[0]}.{name} where symbol = '{symbol}'")
        assert rows > 0, name


def evaluated(lake: Lake, count: int) -> dict[str, pa.Table]:
    """Return what the evaluation says of the patterns of the day, read with so many threads."""
    settings = project_vars() | REBUILT
    with duckdb.connect(str(lake.warehouse), config={"threads": count}) as connection:
        connection.execute("set TimeZone = 'UTC'")
        return {
            **movement_tables(connection, [BASE], settings),
            **retest_tables(connection, [BASE], settings),
            FINGERPRINTS: fingerprint_table(connection, [BASE], settings),
        }


@pytest.mark.usefixtures("hashes")
def test_threads_change_no_evaluation(lake: Lake) -> None:
    single, many = (evaluated(lake, count) for count in THREADS)
    assert single.keys() == many.keys()
    for relation, table in single.items():
        assert table.num_rows > 0, relation
        # as text, so that what is not a number equals itself
        assert repr(table.to_pylist()) == repr(many[relation].to_pylist()), relation
