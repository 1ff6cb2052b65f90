"""``spymaster status``: contents of a lake, unusable seconds, and the work of a build."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner
from spymaster.cli import cli
from spymaster.status.read import read_status
from spymaster.status.table import print_summary, warnings
from spymaster_ingest.lake import LAKE_VARIABLE, Lake
from spymaster_ingest.landing.manifest import MANIFEST_NAME, manifest_text
from support.publish_lake import DAY, OTHER_DAY, SYMBOL

CRUDE = "CLQ6"
NO_SNAPSHOT, NOT_TRADING, SILENT = 1, 16, 64
LONG_AGO = "2025-11-01T00:00:00+00:00"


def land(lake: Lake, symbol: str, table: str, day: dt.date, **other: str) -> Path:
    """Leave the manifest of a landed partition."""
    partition = lake.bronze_partition("future", symbol, table, day)
    partition.mkdir(parents=True, exist_ok=True)
    manifest = {
        "root": symbol[:2],
        "tick_int": 1,
        "definition_roots": [],
        "content_hash": "a",
        "created_at": LONG_AGO,
        "inputs": [{"schema": table}],
    }
    (partition / MANIFEST_NAME).write_text(manifest_text(manifest | other))
    (partition / "_SUCCESS").touch()
    return partition


def build(lake: Lake, seconds: dict[tuple[str, dt.date], list[int]], *, is_gold: bool) -> None:
    """Write the relations of a build: flagged seconds of contract-days, and the gold relations."""
    manifests = [str(path) for path in lake.bronze.rglob(MANIFEST_NAME)]
    with duckdb.connect(str(lake.published)) as connection:
        for schema in ("bronze", "silver", "gold", "steps"):
            connection.execute(f"create schema {schema}")
        connection.execute(
            "create view bronze.ingest_manifest as select filename "
            f"from read_json({manifests}, filename = true)"
        )
        connection.execute(
            "create table silver.book_snapshot_1s "
            "(symbol varchar, dt date, invalid_flags utinyint, window_valid boolean)"
        )
        connection.execute(
            "create table silver.book_engine_manifest "
            "(symbol varchar, dt date, input_content_hash varchar)"
        )
        for (symbol, day), flags in seconds.items():
            connection.execute(
                "insert into silver.book_snapshot_1s "
                "select $symbol, $day, flag, flag = 0 from (select unnest($flags) as flag)",
                {"symbol": symbol, "day": day, "flags": flags},
            )
            connection.execute(
                "insert into silver.book_engine_manifest values (?, ?, 'a')", [symbol, day]
            )
        connection.execute(
            "create table silver.recording_gaps "
            "(symbol varchar, dt date, gap_start_ts timestamp_ns, gap_end_ts timestamp_ns)"
        )
        connection.execute(
            "insert into silver.recording_gaps values "
            f"('{SYMBOL}', '{DAY}', '{DAY} 10:00:00', '{DAY} 10:02:30')"
        )
        if is_gold:
            connection.execute(
                f"""
                create table gold.approach_episodes as
                select '{SYMBOL}' as symbol, date '{DAY}' as dt from range(7);
                create table gold.retrieval_library as
                select 'ES' as root, 'approach_up' as approach_dir, 40 as n_vectors;
                create table steps.retrieval_library_days as
                select 'ES' as root, 'approach_up' as approach_dir, date '{DAY}' as dt;
                create table gold.eval_retrieval_verdict as
                select
                    'ES' as root, 'pooled' as scope, 'approach_up' as approach_dir,
                    's240' as horizon_id, 'retrieval' as model, 'useful' as verdict,
                    12 as n_days, 345 as n_episodes;
                create table gold.eval_retrieval_verdict_asof as
                select date '{DAY}' as asof_dt union all select date '{OTHER_DAY}'
                """
            )


@pytest.fixture
def lake(tmp_path: Path, monkeypatch) -> Lake:
    """Two contract-days of ES, one with few usable seconds, and one of crude without any."""
    lake = Lake(tmp_path / "lake")
    monkeypatch.setenv(LAKE_VARIABLE, str(lake.root))
    for symbol, table, day in (
        (SYMBOL, "mbo", DAY),
        (SYMBOL, "mbo", OTHER_DAY),
        (SYMBOL, "trades", DAY),
        (CRUDE, "mbo", DAY),
    ):
        land(lake, symbol, table, day)
    seconds = {
        (SYMBOL, DAY): [0] * 9 + [SILENT],
        (SYMBOL, OTHER_DAY): [0] * 2 + [NOT_TRADING] * 6 + [NOT_TRADING | SILENT] * 2,
        (CRUDE, DAY): [NO_SNAPSHOT] * 1998 + [NO_SNAPSHOT | NOT_TRADING] * 2,
    }
    build(lake, seconds, is_gold=True)
    return lake


def printed(*arguments: str) -> str:
    done = CliRunner().invoke(cli, ["status", *arguments])
    assert done.exit_code == 0, done.output
    return done.output


def test_an_empty_lake_is_one_line(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv(LAKE_VARIABLE, str(tmp_path / "none"))
    assert printed() == (
        f"{tmp_path / 'none'}: nothing is landed (`spymaster land FILES`, or `spymaster demo`)\n"
    )
    assert list(tmp_path.iterdir()) == []
    assert json.loads(printed("--json"))["landed"] == []


def test_a_lake_that_was_never_built_says_so(tmp_path: Path, monkeypatch) -> None:
    lake = Lake(tmp_path / "lake")
    monkeypatch.setenv(LAKE_VARIABLE, str(lake.root))
    land(lake, SYMBOL, "mbo", DAY)
    land(lake, SYMBOL, "trades", DAY)
    assert "nothing is built: `spymaster build` builds 2 partitions" in printed()


def test_landed_days_are_counted_by_schema_and_contract(lake: Lake) -> None:
    rows = [line.split() for line in printed().splitlines() if line.lstrip().startswith("future")]
    assert rows == [
        ["future", CRUDE, "mbo", "1", str(DAY), str(DAY)],
        ["future", SYMBOL, "mbo", "2", str(DAY), str(OTHER_DAY)],
        ["future", SYMBOL, "trades", "1", str(DAY), str(DAY)],
    ]


def test_a_day_of_few_usable_seconds_says_why(lake: Lake) -> None:
    shown = {
        line.split()[1]: line for line in printed().splitlines() if line.startswith(f"  {SYMBOL}  ")
    }
    assert shown[str(DAY)].split()[2:] == ["10", "9", "90%", "1", "(150", "s)"]
    assert "20%   not in continuous trading 80%, silent 20%" in shown[str(OTHER_DAY)]


def test_a_day_without_a_usable_second_is_a_warning_with_its_remedy(lake: Lake) -> None:
    warning = (
        f"{CRUDE} {DAY}: 0 of 2,000 seconds usable: no snapshot 100%, not in continuous trading 0% "
        "(land the day's file from its start at 00:00 UTC, which holds the snapshot)"
    )
    assert warnings(read_status(lake)) == [warning]
    assert f"warning: {warning}" in printed()
    assert json.loads(printed("--json"))["warnings"] == [warning]


def test_a_verdict_at_the_touch_is_no_verdict_of_approaches(lake: Lake) -> None:
    """An evaluation of an older version, without phases, is still printed."""
    with duckdb.connect(str(lake.published)) as connection:
        connection.execute(
            "create or replace table gold.eval_retrieval_verdict as "
            "select unnest(['approaching', 'at']) as decision_phase, *, "
            "from gold.eval_retrieval_verdict"
        )
    lines = printed().splitlines()
    assert "  ES approach_up s240 retrieval: useful (12 days, 345 approaches)" in lines
    assert "  ES approach_up (at) s240 retrieval: useful (12 days, 345 approaches)" in lines


def test_gold_is_summed_up(lake: Lake, capsys) -> None:
    lines = printed().splitlines()
    assert "7 approaches to levels; library: 40 moments on 1 day" in lines
    assert (
        f"evaluation: 1 of 1 verdict useful, formed for each day from {DAY} to {OTHER_DAY}" in lines
    )
    assert "  ES approach_up s240 retrieval: useful (12 days, 345 approaches)" in lines
    print_summary(read_status(lake))
    short = capsys.readouterr().out.splitlines()
    assert short[0] == "3 contract-days: 11 of 2,020 seconds usable (0.5%)"
    assert short[3].startswith(f"warning: {CRUDE} {DAY}: 0 of 2,000")
    assert len(short) == 4


def test_without_gold_the_rest_is_printed(tmp_path: Path, monkeypatch) -> None:
    lake = Lake(tmp_path / "lake")
    monkeypatch.setenv(LAKE_VARIABLE, str(lake.root))
    land(lake, SYMBOL, "mbo", DAY)
    build(lake, {(SYMBOL, DAY): [0]}, is_gold=False)
    assert "0 approaches to levels; library: 0 moments on 0 days" in printed()
    assert "evaluation: none (`spymaster evaluate`)" in printed()


def test_partitions_landed_since_the_build_are_counted(lake: Lake) -> None:
    assert "nothing was landed since" in printed()
    new = land(lake, SYMBOL, "bbo", DAY)
    records = land(lake, SYMBOL, "mbo", OTHER_DAY, content_hash="b")
    later = dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)
    trades = land(lake, SYMBOL, "trades", DAY, created_at=later.isoformat())
    gone = land(lake, CRUDE, "mbo", DAY)
    shutil.rmtree(gone)
    status = read_status(lake)
    assert status.new == [lake.relative(new / MANIFEST_NAME)]
    assert status.changed == [lake.relative(path / MANIFEST_NAME) for path in (records, trades)]
    assert status.vanished == [lake.relative(gone / MANIFEST_NAME)]


def test_a_count_of_landed_partitions_suggests_the_build(lake: Lake) -> None:
    land(lake, SYMBOL, "bbo", DAY)
    assert "landed since then: 1 new partitions (`spymaster build`)" in printed()


@pytest.mark.parametrize("text", ["", "garbage", "[]", "{}"])
def test_a_partition_without_a_manifest_is_named(lake: Lake, text: str) -> None:
    partition = lake.bronze_partition("future", SYMBOL, "trades", DAY)
    (partition / MANIFEST_NAME).write_text(text)
    assert read_status(lake).unreadable == [lake.relative(partition)]


def test_many_days_are_listed_only_with_all(tmp_path: Path, monkeypatch) -> None:
    lake = Lake(tmp_path / "lake")
    monkeypatch.setenv(LAKE_VARIABLE, str(lake.root))
    days = [DAY + dt.timedelta(days=number) for number in range(40)]
    for day in days:
        land(lake, SYMBOL, "mbo", day)
    build(lake, {(SYMBOL, day): [0] if day > DAY else [SILENT] for day in days}, is_gold=False)
    lines = [line for line in printed().splitlines() if line.startswith(f"  {SYMBOL}  ")]
    assert [line.split()[1] for line in lines] == [str(DAY)]
    assert "39 contract-days of them are listed with --all only" in printed()
    lines = [line for line in printed("--all").splitlines() if line.startswith(f"  {SYMBOL}  ")]
    assert len(lines) == 40
