"""Steps of calculations moved to a schema of their own: former names stay for a version."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from spymaster_ingest.lake import Lake
from support import lakes

# the documentation named the first
NAMED, UNNAMED = "turn_calibration", "norm_quantiles"
VIEW = "vacuum_cells_1s"
# a table whose columns another relation has
GONE = "market_book_sources"


@pytest.fixture(scope="module")
def older(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """An older lake, some of whose steps are built, after a build of one other relation."""
    lake = Lake(tmp_path_factory.mktemp("older") / "lake")
    lake.make_root()
    with duckdb.connect(str(lake.warehouse)) as connection:
        for schema in ("silver", "steps"):
            connection.execute(f"create schema {schema}")
            for name in (NAMED, UNNAMED):
                connection.execute(f"create table {schema}.{name} as select '{schema}' as value")
        connection.execute(f"create view silver.{VIEW} as select 1 as value")
        connection.execute(f"create table steps.{GONE} as select 1 as value")
        connection.execute(f"create view silver.{GONE} as from steps.{GONE}")
    run(lake)
    return lake


def run(lake: Lake) -> None:
    lakes.run_models(lake, "--select", "word_settings")


def ask(lake: Lake, query: str) -> list[tuple]:
    with duckdb.connect(str(lake.warehouse), read_only=True) as connection:
        return connection.execute(query).fetchall()


def kinds(lake: Lake) -> dict[str, str]:
    """Return the kind of every relation of the lake by its name."""
    return dict(
        ask(
            lake,
            "select table_schema || '.' || table_name, table_type from information_schema.tables "
            "where table_schema in ('silver', 'gold', 'steps')",
        )
    )


@pytest.mark.parametrize("name", [NAMED, UNNAMED])
def test_the_former_name_of_a_step_is_a_view_of_it(older: Lake, name: str) -> None:
    assert kinds(older)[f"steps.{name}"] == "BASE TABLE"
    assert kinds(older)[f"silver.{name}"] == "VIEW"
    assert ask(older, f"from silver.{name}") == [("steps",)]
    [(comment,)] = ask(
        older,
        f"select comment from duckdb_views() where schema_name = 'silver' and view_name = '{name}'",
    )
    assert comment == f"Former name of steps.{name}, until the next version."


def test_a_former_relation_stays_until_its_step_is_built(older: Lake) -> None:
    assert f"steps.{VIEW}" not in kinds(older)
    assert ask(older, f"from silver.{VIEW}") == [(1,)]


def test_a_relation_whose_columns_another_has_goes(older: Lake) -> None:
    assert not kinds(older).keys() & {f"silver.{GONE}", f"steps.{GONE}"}


def test_names_that_nobody_knew_are_not_made(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    lake.make_root()
    with duckdb.connect(str(lake.warehouse)) as connection:
        connection.execute("create schema steps")
        for name in (NAMED, UNNAMED):
            connection.execute(f"create table steps.{name} as select 1 as value")
    run(lake)
    assert f"silver.{NAMED}" in kinds(lake)
    assert f"silver.{UNNAMED}" not in kinds(lake)


def test_a_former_name_follows_a_change_of_columns(older: Lake) -> None:
    with duckdb.connect(str(older.warehouse)) as connection:
        connection.execute(f"create or replace table steps.{NAMED} as select 2 as value, 3 as more")
    run(older)
    assert ask(older, f"from silver.{NAMED}") == [(2, 3)]
