"""Relations over the evaluation's files: empty before a run, and over files of an older version."""

from __future__ import annotations

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from spymaster.evaluation.result_tables import (
    CONDITIONS,
    SCHEMAS,
    rows_as_table,
    table_of,
    write_table,
    write_tables,
)
from spymaster.training import tables as training
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


def test_an_evaluation_without_phases_is_ignored_and_named(
    lake: Lake, capfd: pytest.CaptureFixture[str]
) -> None:
    """Its rows would be of approaches, but its settings are those of other answers."""
    relation = "eval_retrieval_verdict"
    rows = [dict.fromkeys(SCHEMAS[relation].names) | {"root": "ES", "n_days": 12}]
    older = table_of(relation, rows).drop_columns(["decision_phase"])
    lake.evaluation.mkdir(exist_ok=True)
    pq.write_table(older, lake.evaluation / f"{relation}.parquet")
    lakes.run_models(lake, "--select", relation)
    assert ask(lake.warehouse, f"select count(*) from gold.{relation}") == [(0,)]
    said = capfd.readouterr().out
    assert f"{relation}: the last evaluation is of an older version" in said
    assert "lacks decision_phase" in said
    assert "`spymaster evaluate`" in said
    write_tables(lake, {relation: table_of(relation, rows)}, "{}")
    lakes.run_models(lake, "--select", relation)
    assert ask(lake.warehouse, f"select count(*) from gold.{relation}") == [(1,)]
    assert "older version" not in capfd.readouterr().out


def test_written_rows_keep_missing_values(lake: Lake) -> None:
    write_tables(lake, {CONDITIONS: table_of(CONDITIONS, ROWS)}, "{}")
    assert set(SCHEMAS[CONDITIONS].names) >= {"root", "n_episodes", "n_results"}
    assert published(lake) == [("ES", 3, None)]


def test_relations_of_a_training_lie_in_a_folder_of_their_own(lake: Lake) -> None:
    lake.models.mkdir()
    for name, schema in training.SCHEMAS.items():
        table = rows_as_table([dict.fromkeys(schema.names)], schema)
        write_table(training.table_path(lake, name), table, schema, "{}")
    lakes.run_models(lake, "--select", *training.SCHEMAS)
    for name in training.SCHEMAS:
        assert ask(lake.warehouse, f"select count(*) from gold.{name}") == [(1,)]
