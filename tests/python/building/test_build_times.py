"""Where the time of a build goes, and how far it is, from events and results of dbt."""

from __future__ import annotations

import os
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from spymaster.commands.profile_table import print_profile
from spymaster.demo.steps import expected_seconds
from spymaster_ingest.lake import PROJECT_ROOT, Lake
from spymaster_warehouse.build_progress import Progress
from spymaster_warehouse.build_times import DATA_TESTS, MODELS, UNIT_TESTS, BuildTimes

BARS = "model.spymaster.bars"
TEST = "test.spymaster.never_null_bars.0a1b"
OWN_TEST = "test.spymaster.assert_bars_do_not_overlap"
UNIT_TEST = "unit_test.spymaster.bars.bars_hold_what_traded_in_them"


def event(name: str, unique_id: str = "", elapsed: float = 0.0) -> SimpleNamespace:
    data = SimpleNamespace(node_info=SimpleNamespace(unique_id=unique_id), elapsed=elapsed)
    return SimpleNamespace(info=SimpleNamespace(name=name), data=data)


def result(unique_id: str, seconds: float, attached: str | None = None) -> SimpleNamespace:
    kind, _, name, *_ = unique_id.split(".")
    node = SimpleNamespace(
        unique_id=unique_id,
        resource_type=kind,
        name=name,
        attached_node=attached,
        config=SimpleNamespace(meta={}),
    )
    return SimpleNamespace(node=node, execution_time=seconds)


def run_node(times: BuildTimes, unique_id: str, *elapsed: float) -> None:
    times.watch(event("NodeStart", unique_id))
    for seconds in elapsed:
        times.watch(event("SQLQueryStatus", elapsed=seconds))
    times.watch(event("NodeFinished", unique_id))


@pytest.fixture
def times(tmp_path: Path) -> BuildTimes:
    lake, times = Lake(tmp_path), BuildTimes()
    for day, is_new in (("2025-10-01", False), ("2025-10-02", True)):
        file = lake.relations("silver") / "bars" / "symbol=ESZ5" / f"dt={day}" / "bars-0.parquet"
        file.parent.mkdir(parents=True)
        file.write_bytes(bytes(2_000_000))
        if not is_new:
            os.utime(file, (0, 0))
    # a statement before the first node belongs to none
    times.watch(event("SQLQueryStatus", elapsed=9.0))
    run_node(times, BARS, 0.5, 1.0)
    run_node(times, TEST, 0.25)
    run_node(times, OWN_TEST, 0.125)
    run_node(times, UNIT_TEST)
    times.finish(
        lake,
        [
            result(BARS, 2.0),
            result(TEST, 0.5, attached=BARS),
            result(OWN_TEST, 0.25),
            result(UNIT_TEST, 0.75),
            result("operation.spymaster.on-run-start-0", 1.0),
        ],
    )
    return times


def test_times_are_those_of_the_nodes_and_their_statements(times: BuildTimes) -> None:
    rows = [
        (row.kind, row.relation, row.nodes, row.seconds, row.sql_s, row.statements)
        for row in times.relations
    ]
    assert rows == [
        (MODELS, "bars", 1, 2.0, 1.5, 2),
        (UNIT_TESTS, "bars", 1, 0.75, 0.0, 0),
        (DATA_TESTS, "bars", 1, 0.5, 0.25, 1),
        (DATA_TESTS, "assert_bars_do_not_overlap", 1, 0.25, 0.125, 1),
    ]


def test_only_files_of_this_build_count(times: BuildTimes) -> None:
    assert [(row.partitions, row.written_bytes) for row in times.relations if row.partitions] == [
        (1, 2_000_000)
    ]
    assert times.wall_s >= times.nodes_s >= 0


def test_the_profile_is_a_table_with_sums(
    times: BuildTimes, capsys: pytest.CaptureFixture[str]
) -> None:
    print_profile(times)
    printed = capsys.readouterr().out
    assert re.search(r"models +bars +1 +2\.00 +1\.50 +0\.50 +2 +1 +2\.000 +2\.0", printed)
    assert re.search(r"data tests +all +2 +0\.75 +0\.38 +0\.38 +2", printed)
    assert "the build took" in printed


def test_progress_counts_the_expected_seconds() -> None:
    said: list[tuple[str, float | None]] = []
    progress = Progress(lambda *words: said.append(words), {"a": 1.0, "b": 3.0})
    progress.watch(event("NodeStart", "a"))
    for unique_id in ("a", "unexpected", "b"):
        progress.watch(event("NodeFinished", unique_id))
    assert [share for _, share in said] == [0.25, 0.25, 1.0]
    assert re.fullmatch(r"25%, about \d+ s left", said[0][0])


def test_progress_without_expectation_counts_nodes() -> None:
    said: list[tuple[str, float | None]] = []
    progress = Progress(lambda *words: said.append(words), {})
    progress.watch(event("NodeFinished", "a"))
    assert said == [("1 nodes built or tested", None)]


def test_the_demonstration_expects_every_model_and_no_other() -> None:
    files = [
        *(PROJECT_ROOT / "models").rglob("*.sql"),
        *(
            path
            for layer in ("silver", "gold")
            for path in (PROJECT_ROOT / "python_models" / layer).rglob("*.py")
        ),
    ]
    names = {name.rpartition(".")[2] for name in expected_seconds()}
    assert names == {path.stem for path in files}
