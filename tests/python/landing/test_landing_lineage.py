"""A manifest names its contract and the definitions that decided which records landed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from dbt.cli.main import dbtRunner
from spymaster_ingest.lake import LAKE_VARIABLE, PROJECT_ROOT, Lake
from support.dbn_files import DAY, TICK, definition, definitions, mbo, plain
from support.landing_lake import (
    definition_partition,
    land_ok,
    land_one_error,
    manifest_of,
    mbo_partition,
)
from support.parsed_project import parsed_project

# An exchange's name of an outright future that spells neither root nor month.
LONG_NAME = "ES 20240315 PS"
NQH4, SPREAD = 500, 501
TWO_ROOTS = {17077: "ESH4", NQH4: "NQH4"}


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


def test_root_and_tick_come_from_the_definition(lake: Lake, tmp_path: Path) -> None:
    terms = definitions(
        tmp_path / "d.dbn", definition(17077, LONG_NAME, min_price_increment=TICK // 5)
    )
    land_ok(lake, terms, plain(tmp_path / "a.dbn", mbo(3, price=5_000_050_000_000)))
    manifest = manifest_of(mbo_partition(lake, LONG_NAME))
    assert (manifest["root"], manifest["tick_int"]) == ("ES", TICK // 5)
    manifest = manifest_of(definition_partition(lake))
    assert (manifest["root"], manifest["tick_int"]) == ("ES", None)


def test_without_a_definition_root_and_tick_come_from_the_seed(lake: Lake, tmp_path: Path) -> None:
    land_ok(lake, plain(tmp_path / "a.dbn", mbo(3)))
    manifest = manifest_of(mbo_partition(lake))
    assert (manifest["root"], manifest["tick_int"]) == ("ES", TICK)
    assert manifest["definition_roots"] == ["ES"]


def test_the_relation_has_the_root_of_a_contract_of_any_name(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    terms = definitions(tmp_path / "d.dbn", definition(17077, LONG_NAME))
    land_ok(lake, terms, plain(tmp_path / "a.dbn", mbo(3)))
    monkeypatch.setenv(LAKE_VARIABLE, str(lake.root))
    options = ["--quiet"]
    for option, folder in (
        ("--project-dir", PROJECT_ROOT),
        ("--profiles-dir", PROJECT_ROOT),
        ("--target-path", tmp_path / "target"),
        ("--log-path", tmp_path / "logs"),
    ):
        options += [option, str(folder)]
    query = "select symbol, root, tick_int from {{ ref('ingest_manifest') }}"
    # Tests that also read other relations need those built.
    build = ["build", "--select", "ingest_manifest", "--indirect-selection", "cautious"]
    for step in (build, ["show", "--inline", query]):
        result = dbtRunner(parsed_project()).invoke([*step, *options])
        assert result.success, result.exception or [node.message for node in result.result.results]
    rows = result.result.results[0].agate_table.rows
    found = {row["symbol"]: (row["root"], row["tick_int"]) for row in rows}
    assert found == {"ES": ("ES", None), LONG_NAME: ("ES", TICK)}


def test_a_partition_of_an_earlier_manifest_is_landed_again(lake: Lake, tmp_path: Path) -> None:
    path = plain(tmp_path / "a.dbn", mbo(3))
    land_ok(lake, path)
    manifest = manifest_of(mbo_partition(lake))
    del manifest["root"]
    (mbo_partition(lake) / "_MANIFEST.json").write_text(json.dumps(manifest))
    report = land_ok(lake, path)
    assert [result.status for result in report.partitions] == ["landed"]
    assert manifest_of(mbo_partition(lake))["root"] == "ES"


def test_changed_definitions_need_overwrite(lake: Lake, tmp_path: Path) -> None:
    path = plain(tmp_path / "a.dbn", mbo(3))
    terms = definitions(tmp_path / "d.dbn", definition(17077, "ESH4"))
    land_ok(lake, terms, path)
    old = manifest_of(mbo_partition(lake))
    definitions(terms, definition(17077, "ESH4", min_price_increment=TICK // 5))
    land_ok(lake, terms, overwrite=True)
    error = land_one_error(lake, path)
    assert error.startswith(f"{path}: ESH4 2024-03-05 is landed by other definitions")
    assert "--overwrite" in error
    assert manifest_of(mbo_partition(lake)) == old
    land_ok(lake, path, overwrite=True)
    assert manifest_of(mbo_partition(lake))["tick_int"] == TICK // 5
    report = land_ok(lake, terms, path)
    assert {result.status for result in report.partitions} == {"unchanged"}


def test_definitions_that_come_later_need_overwrite(lake: Lake, tmp_path: Path) -> None:
    path = plain(tmp_path / "a.dbn", mbo(3))
    land_ok(lake, path)
    land_ok(lake, definitions(tmp_path / "d.dbn", definition(17077, "ESH4")))
    assert "is landed by other definitions" in land_one_error(lake, path)


def test_definitions_of_another_root_change_nothing(lake: Lake, tmp_path: Path) -> None:
    path = plain(tmp_path / "a.dbn", mbo(3))
    land_ok(lake, definitions(tmp_path / "d.dbn", definition(17077, "ESH4")), path)
    land_ok(lake, definitions(tmp_path / "e.dbn", definition(NQH4, "NQH4", asset=b"NQ")))
    report = land_ok(lake, path)
    assert [result.status for result in report.partitions] == ["unchanged"]


def test_definitions_of_dropped_instruments_count_too(lake: Lake, tmp_path: Path) -> None:
    path = plain(tmp_path / "a.dbn", mbo(4, instrument_id=[17077, NQH4] * 2), symbols=TWO_ROOTS)
    es = definitions(tmp_path / "es.dbn", definition(17077, "ESH4"))
    nq = definitions(tmp_path / "nq.dbn", definition(NQH4, "NQH4-NQM4", "S", asset=b"NQ"))
    land_ok(lake, es, nq, path)
    manifest = manifest_of(mbo_partition(lake))
    assert manifest["dropped"] == {"class_S": 2}
    assert manifest["definition_roots"] == ["ES", "NQ"]
    definitions(nq, definition(NQH4, "NQH4", asset=b"NQ"))
    land_ok(lake, nq, overwrite=True)
    assert "is landed by other definitions" in land_one_error(lake, path)
    report = land_ok(lake, path, overwrite=True)
    assert [result.symbol for result in report.partitions] == ["ESH4", "NQH4"]


def test_one_contract_with_two_ticks_is_an_error(lake: Lake, tmp_path: Path) -> None:
    terms = definitions(
        tmp_path / "d.dbn",
        definition(1, "ESH4"),
        definition(2, "ESH4", min_price_increment=TICK // 5),
    )
    land_ok(lake, terms)
    first = plain(tmp_path / "a.dbn", mbo(3, instrument_id=1))
    second = plain(tmp_path / "b.dbn", mbo(3, instrument_id=2, start=mbo(9)["ts_recv"][-1]))
    error = land_one_error(lake, first, second)
    assert error.startswith(f"{second}: ESH4 {DAY} has root ES and tick 50000000 here")


def test_overwrite_reports_partitions_that_a_file_no_longer_feeds(
    lake: Lake, tmp_path: Path
) -> None:
    path = plain(tmp_path / "a.dbn", mbo(4, instrument_id=[17077, NQH4] * 2), symbols=TWO_ROOTS)
    bystander = plain(tmp_path / "b.dbn", mbo(2, instrument_id=7), symbols={7: "CLJ4"})
    assert land_ok(lake, path, bystander, overwrite=True).notes == []
    plain(path, mbo(4), symbols=TWO_ROOTS)
    report = land_ok(lake, path, overwrite=True)
    (note,) = report.notes
    gone = lake.relative(mbo_partition(lake, "NQH4"))
    assert note == (
        f"{path}: NQH4 2024-03-05 was landed from it before and is not now; {gone} stays as it was"
    )
    assert len(manifest_of(mbo_partition(lake, "NQH4"))["inputs"]) == 1
