"""A build of what was built already does nothing, and unit tests run once for each code."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from spymaster_ingest.lake import Lake
from spymaster_warehouse import last_build
from spymaster_warehouse.dbt_arguments import WITHOUT_UNIT_TESTS
from spymaster_warehouse.last_build import Build
from support.built_lakes import Built

LANDED = "bronze/source=databento/product_type=future/symbol=ESZ5/table=mbo/part.parquet"
BUILT = "silver/relations/bars/symbol=ESZ5/dt=2025-10-01/bars-0.parquet"
FILES = (LANDED, BUILT, "warehouse.duckdb", "spymaster.duckdb", "evaluation/folds.parquet")
ALL = {
    "quiet": ["--quiet"],
    "threads": ["--threads", "4"],
    "log": ["--log-level=warn"],
    "no unit tests": ["--exclude-resource-type", "unit_test"],
}
MORE = {
    "other vars": ["--vars", "{rest_ns: 1}"],
    "other nodes": ["--select", "silver"],
    "full refresh": ["--full-refresh"],
    "every data test": ["--vars", "{test_all: true}"],
    "other kinds of nodes": ["--resource-type", "unit_test"],
}
UNIT_TEST = SimpleNamespace(node=SimpleNamespace(resource_type="unit_test"))
MODEL = SimpleNamespace(node=SimpleNamespace(resource_type="model"))


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    for name in FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    return Lake(tmp_path)


def build(lake: Lake, *arguments: str, results: tuple = (MODEL,)) -> None:
    one = Build(lake, arguments)
    one.forget()
    one.record(results)


def is_done(lake: Lake, *arguments: str) -> bool:
    return Build(lake, arguments).is_done()


def test_a_new_lake_is_built(lake: Lake) -> None:
    assert not is_done(lake)


@pytest.mark.parametrize("arguments", ALL.values(), ids=ALL)
def test_the_same_build_is_done(lake: Lake, arguments: list[str]) -> None:
    build(lake)
    assert is_done(lake, *arguments)


@pytest.mark.parametrize("arguments", MORE.values(), ids=MORE)
def test_another_build_is_not_done(lake: Lake, arguments: list[str]) -> None:
    build(lake)
    assert not is_done(lake, *arguments)


@pytest.mark.parametrize("arguments", [["--full-refresh"], ["--vars", "{test_all: true}"]])
def test_a_build_that_asks_for_more_is_never_done(lake: Lake, arguments: list[str]) -> None:
    build(lake, *arguments)
    assert not is_done(lake, *arguments)


@pytest.mark.parametrize("kind", ["--resource-type=seed", "--exclude-resource-type=model"])
def test_a_build_of_some_kinds_of_nodes_is_not_all(lake: Lake, kind: str) -> None:
    build(lake, kind)
    assert not is_done(lake)


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_changed_or_went_is_seen(lake: Lake, name: str) -> None:
    build(lake)
    (lake.root / name).write_text("longer than its name, " + name)
    assert not is_done(lake)
    build(lake)
    assert is_done(lake)
    (lake.root / name).unlink()
    assert not is_done(lake)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("levels.csv", "symbol_or_root,name,price,known_from,until,note\n"),
        ("spymaster.toml", "[levels]\nreach_ticks = 3\n"),
    ],
)
def test_what_a_user_writes_into_the_lake_is_seen(lake: Lake, name: str, text: str) -> None:
    build(lake, results=(UNIT_TEST,))
    (lake.root / name).write_text(text)
    assert not is_done(lake)
    build(lake)
    assert is_done(lake)
    (lake.root / name).unlink()
    assert not is_done(lake)


def test_unit_tests_run_again_for_other_settings(lake: Lake) -> None:
    build(lake, results=(UNIT_TEST,))
    assert Build(lake, ()).skipped() == WITHOUT_UNIT_TESTS
    lake.settings.write_text("[levels]\nreach_ticks = 3\n")
    assert Build(lake, ()).skipped() == ()


def test_files_that_no_build_reads_do_not_count(lake: Lake) -> None:
    build(lake)
    lake.pictures.mkdir()
    (lake.pictures / "book.png").write_bytes(b"")
    assert is_done(lake)


def test_a_day_behind_a_link_is_seen(lake: Lake, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("disk")
    (lake.bronze / "product_type=shared").symlink_to(elsewhere)
    build(lake)
    assert is_done(lake)
    (elsewhere / "part.parquet").write_text("landed later")
    assert not is_done(lake)


def test_what_lands_during_a_build_is_built_by_the_next(lake: Lake) -> None:
    one = Build(lake, ())
    (lake.root / LANDED).with_name("later.parquet").write_text("landed later")
    one.record([MODEL])
    assert not is_done(lake)


def test_a_build_that_failed_is_not_done(lake: Lake) -> None:
    build(lake)
    Build(lake, ()).forget()
    assert not is_done(lake)


@pytest.mark.parametrize("text", ["", "[]", "no json", "{}"])
def test_an_unreadable_record_is_none(lake: Lake, text: str) -> None:
    build(lake)
    lake.build_record.write_text(text)
    assert not is_done(lake)
    assert Build(lake, ()).skipped() == ()


def test_changed_code_is_built_and_its_unit_tests_run(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    project = tmp_path_factory.mktemp("project")
    for folder in last_build._CODE:
        (project / folder).mkdir(parents=True)
    for name in (*last_build._CODE_FILES, "models/bars.sql"):
        (project / name).write_text("select 1")
    monkeypatch.setattr(last_build, "PROJECT_ROOT", project)
    build(lake, results=(MODEL, UNIT_TEST))
    assert is_done(lake)
    assert Build(lake, ()).skipped() == ("--exclude-resource-type", "unit_test")
    (project / "models" / "bars.sql").write_text("select 2")
    assert not is_done(lake)
    assert Build(lake, ()).skipped() == ()


def test_unit_tests_that_passed_are_left_out_until_asked_for(lake: Lake) -> None:
    build(lake, results=(MODEL, UNIT_TEST))
    # also after builds without them
    build(lake, results=(MODEL,))
    assert Build(lake, ["--quiet"]).skipped()
    assert not Build(lake, ["--vars", "{rest_ns: 1}"]).skipped()
    assert not Build(lake, ["--select", "test_type:unit"]).skipped()
    assert not Build(lake, ["--resource-type", "unit_test"]).skipped()


def test_a_build_without_unit_tests_leaves_them_to_the_next_that_builds(lake: Lake) -> None:
    build(lake, *WITHOUT_UNIT_TESTS, results=(MODEL,))
    assert is_done(lake)
    assert not Build(lake, ()).skipped()


def test_unit_tests_of_some_models_are_not_all(lake: Lake) -> None:
    build(lake, "--select", "silver", results=(MODEL, UNIT_TEST))
    assert not Build(lake, ()).skipped()


def test_the_record_names_no_file(lake: Lake) -> None:
    build(lake, results=(MODEL, UNIT_TEST))
    record = json.loads(lake.build_record.read_text())
    assert record.keys() == {"build", "unit_tests"}


def test_the_command_leaves_out_a_build_with_nothing_new(built: Built) -> None:
    assert "nothing has changed since the last build" not in built.log
    assert "nothing has changed since the last build" in built.again
    assert f"published {built.lake.published}" in built.again
    assert built.lake.published.stat().st_mtime_ns == built.published_ns
