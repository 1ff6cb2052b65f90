"""Relations over the evaluation's files: empty before a run, and over files of an older version."""

from __future__ import annotations

import duckdb
import pyarrow as pa
import pytest
from spymaster.evaluation.result_tables import CONDITIONS, SCHEMAS, table_of, write_tables
from spymaster_ingest.lake import Lake
from support import lakes
from support.surface_lakes import ask

ROWS = [{"root": "ES", "horizon_id": "s240", "state": "all_four", "n_episodes": 3}]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    made = Lake(tmp_path_factory.mktemp("evaluated") / "lake")
    made.make_root()
    return made


def published(lake: Lake) -> list[tuple]:
    lakes.run_models(lake, "--select", CONDITIONS)
    return ask(lake.warehouse, f"select root, n_episodes, n_results from gold.{CONDITIONS}")


def written(lake: Lake, table: pa.Table) -> None:
    lake.evaluation.mkdir(exist_ok=True)
    with duckdb.connect() as connection:
        connection.register("rows", table)
        connection.execute(f"copy rows to '{lake.evaluation}/{CONDITIONS}.parquet'")


def test_before_it_ran_there_are_no_rows(lake: Lake) -> None:
    assert published(lake) == []


def test_files_of_an_older_version_read_as_empty(lake: Lake) -> None:
    """The rows return after the next `spymaster evaluate`."""
    written(lake, table_of(CONDITIONS, ROWS).drop_columns(["n_results"]))
    assert published(lake) == []


def test_written_rows_keep_missing_values(lake: Lake) -> None:
    write_tables(lake, {CONDITIONS: table_of(CONDITIONS, ROWS)}, "{}")
    assert set(SCHEMAS[CONDITIONS].names) >= {"root", "n_episodes", "n_results"}
    assert published(lake) == [("ES", 3, None)]
