"""What has not changed is not written again: comments, views, tables, partitions of kernels."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from spymaster_engine.door import KERNELS
from spymaster_ingest.lake import Lake
from spymaster_warehouse.project_vars import project_vars
from support import lakes
from support.built_lakes import Built
from support.small_days import DAYS, VARIABLES, small_day, write_small_day

ROOT = "ES"
# whole tables, views of every kind, tables by partition, and a kernel
MODELS = ("--select", "+radar_vacuum_1s", "+fingerprint_windows_5s", "wall_derivatives_1s")
UNCHANGED = "unchanged"
# a Python model runs its kernels' plan; it returns what it has
VIEW, TABLE = "radar_vacuum_1s", "trading_hours"
MARK = "a comment that no model has"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    folder = tmp_path_factory.mktemp("unchanged")
    lake = Lake(folder / "lake")
    files = [write_small_day(folder, ROOT, day, small_day(day)) for day in DAYS[:2]]
    lakes.land_raw(lake, *files, allow_missing_definitions=True)
    messages(lake)
    return Built(lake, hashes_of(lake))


@pytest.fixture
def lake(built: Built, tmp_path: Path) -> Lake:
    return Lake(Path(shutil.copytree(built.lake.root, tmp_path / "lake")))


def messages(lake: Lake, *arguments: str, **variables: object) -> dict[str, str]:
    """Run the models; return what each node reports."""
    done = lakes.run(lake, "run", *MODELS, *arguments, **VARIABLES | variables)
    return {
        result.node.name: result.message
        for result in done.result.results
        if result.node.resource_type == "model"
    }


def made_again(lake: Lake, *arguments: str, **variables: object) -> set[str]:
    """Run the models; return those that have written something."""
    found = messages(lake, *arguments, **variables)
    return {name for name, message in found.items() if message != UNCHANGED}


def hashes_of(lake: Lake) -> dict[str, str]:
    return lakes.content_hashes(lake, published=False)


def execute(lake: Lake, *statements: str) -> list[tuple]:
    """Run statements in the warehouse; return the rows of the last one."""
    with duckdb.connect(str(lake.warehouse)) as connection:
        for statement in statements:
            rows = connection.execute(statement).fetchall()
    return rows


def comments(lake: Lake) -> list[tuple]:
    return execute(
        lake,
        "select table_name, column_name, comment from duckdb_columns() where not internal "
        "union all select view_name, null, comment from duckdb_views() where not internal "
        "union all select table_name, null, comment from duckdb_tables() order by all",
    )


def test_nothing_new_writes_nothing(built: Built, lake: Lake, monkeypatch) -> None:
    def fail(*_: object) -> str:
        raise AssertionError("a kernel runs without a partition to build")

    kernel = "spymaster_engine.kernels.patterns.fingerprint_pass.FingerprintPass"
    monkeypatch.setattr(kernel, fail)
    before = comments(lake)
    assert made_again(lake) == set()
    assert hashes_of(lake) == built.hashes
    assert comments(lake) == before
    assert len(before) > 400
    assert not list(lake.spill.glob("*.parquet"))


def test_a_new_day_leaves_views_and_their_comments(built: Built, lake: Lake) -> None:
    execute(lake, f"comment on column silver.{VIEW}.window_valid is '{MARK}'")
    texts = "select view_name, sql from duckdb_views() where schema_name = 'silver' order by all"
    rows = f"select dt, count(*) from silver.{VIEW} group by all order by all"
    before, counted = dict(execute(lake, texts)), execute(lake, rows)
    day = write_small_day(lake.root.parent, ROOT, DAYS[2], small_day(DAYS[2]))
    lakes.land_raw(lake, day, allow_missing_definitions=True)
    assert {VIEW, TABLE} <= made_again(lake)
    after = dict(execute(lake, texts))
    assert after == before
    assert MARK in {comment for *_, comment in comments(lake)}
    assert execute(lake, rows)[:-1] == counted
    assert execute(lake, rows)[-1][0] == DAYS[2]


def test_a_changed_seed_makes_its_readers_again(lake: Lake) -> None:
    [(before,)] = execute(
        lake,
        "update reference.market_holidays set closed_to_local = closed_to_local + interval 1 "
        "second where closed_from_local < '2011-01-01'",
        f"select contents from meta.relation_state where relation = '{TABLE}'",
    )
    assert made_again(lake) == {TABLE}
    # its rows are the same, so that its readers stay
    assert execute(
        lake, f"select contents from meta.relation_state where relation = '{TABLE}'"
    ) == [(before,)]


def test_a_table_that_is_gone_or_forgotten_is_made_again(built: Built, lake: Lake) -> None:
    execute(lake, f"drop table silver.{TABLE}")
    assert made_again(lake) == {TABLE}
    execute(lake, f"drop view silver.{VIEW}")
    assert made_again(lake) == {VIEW}
    execute(lake, "update meta.relation_state set built_from = null where relation = 'bars'")
    assert made_again(lake) <= {"bars"}
    assert hashes_of(lake) == built.hashes


def test_a_changed_kernel_makes_again_what_calls_it(
    built: Built, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = replace(KERNELS["fingerprints"], version=1_000)
    monkeypatch.setitem(KERNELS, changed.name, changed)
    assert made_again(lake) == {"fingerprint_windows_5s"}
    assert made_again(lake) == set()
    assert hashes_of(lake) == built.hashes


def test_changed_settings_of_a_kernel_make_again_what_calls_it(lake: Lake) -> None:
    reach = {**project_vars()["fingerprints"], "max_ticks": 10}
    assert made_again(lake, fingerprints=reach) == {"fingerprint_windows_5s"}
    assert made_again(lake) == {"fingerprint_windows_5s"}


def test_full_refresh_makes_everything_again(built: Built, lake: Lake) -> None:
    everything = set(messages(lake))
    assert made_again(lake, "--full-refresh") == everything
    assert hashes_of(lake) == built.hashes


def test_a_changed_description_is_written(lake: Lake) -> None:
    before = comments(lake)
    execute(
        lake,
        f"comment on column silver.{TABLE}.symbol is '{MARK}'",
        f"comment on column silver.{TABLE}.dt is null",
        f"update meta.relation_state set described = '' where relation = '{TABLE}'",
    )
    assert made_again(lake) == set()
    assert comments(lake) == before
