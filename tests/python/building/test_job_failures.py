"""What happens to a worker at a partition: the build ends alike, or in one line that names it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake
from spymaster_warehouse.build_settings import WORKERS_VARIABLE
from spymaster_warehouse.dbt_run import run_dbt
from support import lakes
from support.built_lakes import Built
from support.job_lakes import FEW, JOB, PASSES, assert_same, passes_recorded
from support.parsed_project import parsed_project
from support.spoiled_workers import spoil_workers

ES_1, ES_2 = ((lakes.ES, day) for day in lakes.DAYS[:2])
CL_1 = (lakes.CL, lakes.DAYS[0])


@pytest.fixture
def build(
    landed: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[tuple[str, ...]], Lake]:
    """Build a few models of a landed lake by two workers."""
    monkeypatch.setenv(WORKERS_VARIABLE, "2")
    lake = lakes.landed_copy(landed, tmp_path / "lake")

    def built(models: tuple[str, ...] = FEW) -> Lake:
        lakes.build_models(lake, *models)
        return lake

    return built


def errors_of(printed: pytest.CaptureResult[str]) -> list[str]:
    """Return the lines of errors that a build printed, which has no traceback."""
    said = printed.out + printed.err
    assert "Traceback" not in said
    assert "most recent call" not in said
    return [line.strip() for line in said.splitlines() if JOB.split()[0] in line]


@pytest.mark.parametrize("what", ["die_once", "die_once_unfinished"])
def test_another_worker_takes_the_job_of_a_killed_one(
    what: str,
    build: Callable[..., Lake],
    inline_build: Built,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    spoil_workers(monkeypatch, what, JOB, tmp_path)
    assert_same(build(("--select", f"+{PASSES}")), inline_build)
    assert (tmp_path / "died").exists()
    assert "Traceback" not in capfd.readouterr().err


def test_a_job_at_which_every_worker_dies_ends_the_build(
    build: Callable[..., Lake],
    inline_build: Built,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    lake = Lake(tmp_path / "lake")
    with monkeypatch.context() as patch:
        spoil_workers(patch, "die", JOB)
        with pytest.raises(SpymasterError, match="nothing was published"):
            build()
    (line,) = {line for line in errors_of(capfd.readouterr()) if JOB in line}
    assert line == f"{JOB}: 3 workers died (exit status -9), perhaps for lack of memory"
    assert not lake.published.exists()
    assert ES_1 not in passes_recorded(lake)
    assert not lake.inputs.exists()
    assert_same(build(), inline_build)


def test_a_lack_of_memory_names_the_variable(
    build: Callable[..., Lake], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoil_workers(monkeypatch, "lack_memory", JOB)
    with pytest.raises(SpymasterError, match="needs more memory than SPYMASTER_MEMORY_LIMIT"):
        build()
    assert not Lake(tmp_path / "lake").published.exists()


def test_rows_that_fail_their_checks_are_not_put_in_place(
    build: Callable[..., Lake],
    inline_build: Built,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lake = Lake(tmp_path / "lake")
    models = ("--select", "+wall_surface_1s")
    with monkeypatch.context() as patch:
        spoil_workers(patch, "wrong_depth")
        with pytest.raises(SpymasterError) as by_workers:
            build(models)
        patch.delenv(WORKERS_VARIABLE)
        from_the_files_of_before = lakes.partition_files(lake)
        with pytest.raises(SpymasterError) as inline:
            build(models)
    assert str(by_workers.value) == str(inline.value)
    assert str(inline.value).startswith(f"wall_surface_1s {lakes.ES} {lakes.DAYS[0]}: its rows ")
    assert "nothing was published: depth_is_conserved (1 rows)" in str(inline.value)
    assert not lake.published.exists()
    assert lakes.partition_files(lake) == from_the_files_of_before
    shutil.rmtree(lake.root / "silver")
    lake.warehouse.unlink()
    assert_same(build(models), inline_build)


def test_a_refused_day_is_named_and_stops_no_other(
    build: Callable[..., Lake],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    lake = Lake(tmp_path / "lake")
    spoil_workers(monkeypatch, "refuse", str(lakes.DAYS[0]))
    with pytest.raises(SpymasterError, match="a model or a test failed"):
        build(("--select", f"+{PASSES}"))
    day, remedy = lakes.DAYS[0], "(land its records again, or select other days)"
    refused = [f"{owner} {day}: record 7 is wrong" for owner in (lakes.CL, lakes.ES)]
    assert f"{'; '.join(refused)} {remedy}" in capfd.readouterr().out
    assert passes_recorded(lake) == {ES_2}
    assert not lake.published.exists()


def test_a_worker_with_other_kernels_than_the_build_refuses(
    build: Callable[..., Lake],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    spoil_workers(monkeypatch, "differ")
    with pytest.raises(SpymasterError, match="a model or a test failed"):
        build(("--select", f"+{PASSES}"))
    (line,) = {line for line in errors_of(capfd.readouterr()) if ": worker " in line}
    pattern = rf"{PASSES} \S+ {lakes.DAYS[0]}: worker \S+:\d+ has other kernels or libraries "
    assert re.match(pattern, line)
    assert passes_recorded(Lake(tmp_path / "lake")) == set()


@pytest.mark.parametrize("workers", ["", "2"])
def test_checks_that_only_warn_are_shown(
    workers: str, landed: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By partition, and by workers as by dbt's own process."""
    monkeypatch.setenv(WORKERS_VARIABLE, workers)
    lake = lakes.landed_copy(landed, tmp_path / "lake")
    shown = []

    def watch(event: object) -> None:
        if event.info.level == "warn":
            shown.append(event.info.msg.strip().removeprefix("Warning: "))

    manifest = parsed_project(lakes._json({}))
    checks = {"expressions": {"there_are_none": "false"}}
    (model,) = (node for node in manifest.nodes.values() if node.name == "wall_surface_1s")
    model.config.meta["row_warnings"] = checks
    arguments = ["--no-write-json", *lakes.dbt_arguments(lake), "--select", "+wall_surface_1s"]
    with lakes.lake_in_environment(lake):
        run_dbt(lake, "run", arguments, parsed=manifest, watchers=[watch])
    with duckdb.connect(str(lake.warehouse), read_only=True) as connection:
        rows = connection.execute(
            "select symbol, dt, count(*) from silver.wall_surface_1s group by all order by 2, 1"
        ).fetchall()
    assert len(rows) == 3
    assert [line for line in shown if "there_are_none" in line] == [
        f"wall_surface_1s {owner} {day} has rows that fail its checks: there_are_none ({n} rows)"
        for owner, day, n in rows
    ]
