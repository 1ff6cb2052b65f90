"""Relations built partition by partition: after kills, after damage, with any thread count."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake
from support import lakes
from support.built_lakes import Built
from support.small_days import DAYS, VARIABLES, small_day, symbol_of, write_small_day

ROOT = "ES"
SESSIONS = DAYS[:3]
# surfaces, and what a kernel reads from the records
MODELS = (*lakes.SURFACES, "+fingerprint_windows_5s")
# the relation with the slowest partitions
SLOW = "radar_vacuum_1s"
PATIENCE_S, POLL_S = 300, 0.001

Partition = tuple[str, str]


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    folder = tmp_path_factory.mktemp("partitions")
    lake = Lake(folder / "lake")
    files = [write_small_day(folder, ROOT, day, small_day(day)) for day in SESSIONS]
    lakes.land_raw(lake, *files, allow_missing_definitions=True)
    return lake


@pytest.fixture(scope="module")
def built(landed: Lake, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """A lake built undisturbed by 8 threads of dbt and of DuckDB; tests must not change it."""
    return run_with_threads(landed, tmp_path_factory.mktemp("eight"), 8)


def run_with_threads(landed: Lake, folder: Path, count: int) -> Built:
    lake = lakes.landed_copy(landed, folder / "lake")
    with lakes.threads(folder, count) as arguments:
        lakes.run_models(lake, *arguments, *MODELS, **VARIABLES)
    return Built(lake, hashes_of(lake))


def hashes_of(lake: Lake) -> dict[str, str]:
    return lakes.content_hashes(lake, published=False)


def files_of(lake: Lake, relation: str = "*") -> dict[str, int]:
    """Return files of partitioned relations with their write times, ns."""
    return {
        lake.relative(path): path.stat().st_mtime_ns
        for path in lakes.partition_files(lake, relation)
    }


def recorded(lake: Lake) -> set[Partition]:
    """Return relation and date of the partitions that a lake's warehouse records as built."""
    with duckdb.connect(str(lake.warehouse)) as connection:
        rows = connection.execute("select relation, dt from meta.partition_state").fetchall()
    return {(relation, str(day)) for relation, day in rows}


def partition_of(file: str) -> Partition:
    relation, _, day, _ = Path(file).parts[-4:]
    return relation, day.removeprefix("dt=")


@pytest.mark.long
def test_1_and_8_threads_build_the_same(built: Built, landed: Lake, tmp_path: Path) -> None:
    single = run_with_threads(landed, tmp_path / "single", 1)
    assert single.hashes == built.hashes
    assert files_of(single.lake).keys() == files_of(built.lake).keys()
    assert {"physics_norm_calibration", "fingerprint_windows_5s"} <= built.hashes.keys()
    with duckdb.connect(str(built.lake.warehouse), read_only=True) as connection:
        scored = connection.execute(
            "select calibration_mode, count(vacuum_total_score) from silver.physics_bands_1s "
            "group by all order by all"
        ).fetchall()
        [(orders,)] = connection.execute(
            "select sum(add_count) from steps.fingerprint_windows_5s"
        ).fetchall()
    assert orders > 100
    assert [mode for mode, _ in scored] == ["intraday_expanding", "prior_sessions"]
    assert all(count > 100 for _, count in scored)


def test_a_killed_build_resumes(built: Built, landed: Lake, tmp_path: Path) -> None:
    lake = lakes.landed_copy(landed, tmp_path / "lake")
    process = lakes.start_build(lake, *MODELS, **VARIABLES)
    deadline = time.monotonic() + PATIENCE_S
    # a file is put in place before it is recorded: once there are two, the first is recorded
    while len(files_of(lake, SLOW)) < 2:
        assert process.poll() is None, lakes.log_of(lake).read_text()
        assert time.monotonic() < deadline
        time.sleep(POLL_S)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    finished = recorded(lake)
    before = files_of(lake)
    of_slow = {day for relation, day in finished if relation == SLOW}
    assert 0 < len(of_slow) < len(SESSIONS)

    lakes.run_models(lake, *MODELS, **VARIABLES)
    after = files_of(lake)
    assert hashes_of(lake) == built.hashes
    assert after.keys() == files_of(built.lake).keys()
    kept = {file for file in before if partition_of(file) in finished}
    assert kept
    assert {file: after[file] for file in kept} == {file: before[file] for file in kept}


@pytest.mark.parametrize("damage", [Path.unlink, lambda path: os.truncate(path, 1_000)])
def test_a_missing_or_unreadable_file_is_built_again(
    built: Built, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    lake = Lake(tmp_path / "lake")
    shutil.copytree(built.lake.root, lake.root)
    before = files_of(lake)
    [missing] = [
        file for file in before if partition_of(file) == ("physics_bands_1s", str(SESSIONS[2]))
    ]
    damage(lake.root / missing)
    lakes.run_models(lake, *MODELS, **VARIABLES)
    after = files_of(lake)
    assert hashes_of(lake) == built.hashes
    assert {file for file, time in after.items() if before[file] != time} == {missing}
    assert f"symbol={symbol_of(ROOT)}" in missing


def test_a_data_test_reads_each_partition_that_has_not_passed(built: Built, tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    shutil.copytree(built.lake.root, lake.root)
    select = ("--select", "assert_wall_derivatives_are_null_exactly_where_not_known")
    lakes.run(lake, "test", *select, **VARIABLES)
    wrong = f"dt = date '{SESSIONS[1]}'"
    with duckdb.connect(str(lake.warehouse)) as connection:
        [(view,)] = connection.execute(
            "select sql from duckdb_views() where view_name = 'wall_derivatives_1s'"
        ).fetchall()
        query = view.split(" AS ", 1)[1].rstrip().rstrip(";")
        connection.execute(
            "create or replace view silver.wall_derivatives_1s as "
            f"select * replace (case when not {wrong} then d2_depth_qty end as d2_depth_qty) "
            f"from ({query})"
        )
    with pytest.raises(SpymasterError):
        lakes.run(lake, "test", *select, **VARIABLES)
    with duckdb.connect(str(lake.warehouse)) as connection:
        connection.execute(f"delete from meta.partitions_to_test where {wrong}")
    lakes.run(lake, "test", *select, **VARIABLES)
    with pytest.raises(SpymasterError):
        lakes.run(lake, "test", *select, test_all=True, **VARIABLES)
