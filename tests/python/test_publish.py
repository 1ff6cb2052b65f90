"""Publishing: what readers get, what is kept for them, and who may publish when."""

from __future__ import annotations

import datetime as dt
import fcntl
import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from spymaster.cli import main
from spymaster.errors import SpymasterError
from spymaster.lake import LAKE_VARIABLE, Lake
from spymaster.warehouse import publish as publishing
from spymaster.warehouse.publish import publish
from spymaster_engine.book.surface_files import QA, REPRICE, SNAPSHOT, WALL
from spymaster_engine.engine_files import DONE_MARKER

SYMBOL, DAY, OTHER_DAY = "ESZ5", dt.date(2025, 10, 1), dt.date(2025, 10, 2)
RELATIONS = (SNAPSHOT, WALL, REPRICE, QA)
BANDS = "physics_bands_1s"
ROWS = 5_000

OPEN = "import duckdb, sys; duckdb.connect(sys.argv[1])"
DELETE_AND_DIE = """
import duckdb, os, sys
connection = duckdb.connect(sys.argv[1])
connection.execute("set checkpoint_threshold = '1TB'")
connection.execute("delete from silver.numbers")
os._exit(0)
"""


def run_pass(lake: Lake, version: str, day: dt.date = DAY) -> dict[str, str]:
    """Leave what an engine pass leaves: a file per relation, then the marker."""
    directory = lake.engine_partition(SYMBOL, day)
    directory.mkdir(parents=True, exist_ok=True)
    names = {relation: f"{relation}-{version}.parquet" for relation in RELATIONS}
    for name in names.values():
        duckdb.sql(f"copy (select '{version}' as version) to '{directory / name}'")
    files = [{"name": name} for name in names.values()]
    (directory / DONE_MARKER).write_text(json.dumps({"files": files}))
    return names


def land_day(lake: Lake, day: dt.date = DAY) -> Path:
    partition = lake.bronze_partition("future", SYMBOL, "mbo", day)
    partition.mkdir(parents=True)
    (partition / "_SUCCESS").touch()
    return partition


def write_manifest(lake: Lake, names: dict[dt.date, dict[str, str]]) -> None:
    """Do what the model of the manifest does."""
    columns = ", ".join(f"{relation}_file varchar" for relation in RELATIONS)
    with duckdb.connect(str(lake.warehouse)) as connection:
        connection.execute("create schema if not exists silver")
        connection.execute(
            "create or replace table silver.book_engine_manifest "
            f"(symbol varchar, dt date, {columns})"
        )
        for day, files in names.items():
            connection.execute(
                "insert into silver.book_engine_manifest values (?, ?, ?, ?, ?, ?)",
                [SYMBOL, day, *(files[relation] for relation in RELATIONS)],
            )


def write_partition(lake: Lake, version: str, day: dt.date = DAY) -> Path:
    """Leave what a relation that is built partition by partition leaves: a file per partition."""
    path = lake.relations / BANDS / f"symbol={SYMBOL}" / f"dt={day}" / f"{BANDS}-{version}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    duckdb.sql(f"copy (select '{version}' as version) to '{path}'")
    return path


def write_partition_view(lake: Lake, *paths: Path, schema: str = "silver") -> None:
    """Do what the materialization does when every partition is there."""
    with duckdb.connect(str(lake.warehouse)) as connection:
        connection.execute(f"create schema if not exists {schema}")
        connection.execute(
            f"create or replace view {schema}.{BANDS} as select version "
            f"from read_parquet({[str(path) for path in paths]}, hive_partitioning = true)"
        )


def write_view(lake: Lake, names: dict[str, str], day: dt.date = DAY) -> None:
    """Do what the model of the walls does."""
    path = lake.engine_partition(SYMBOL, day) / names[WALL]
    with duckdb.connect(str(lake.warehouse)) as connection:
        connection.execute(
            f"create or replace view silver.{WALL} as "
            f"select version from read_parquet(['{path}'], hive_partitioning = true)"
        )


def ask(lake: Lake, query: str) -> list[tuple]:
    with duckdb.connect(str(lake.published), read_only=True) as connection:
        return connection.execute(query).fetchall()


def names_in(lake: Lake) -> set[str]:
    return {path.name for path in lake.root.iterdir()}


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """A landed contract-day, a finished pass over it, and a warehouse that refers to that."""
    lake = Lake(tmp_path / "lake")
    land_day(lake)
    names = run_pass(lake, "a")
    write_manifest(lake, {DAY: names})
    write_view(lake, names)
    with duckdb.connect(str(lake.warehouse)) as connection:
        connection.execute(
            f"create table silver.numbers as select range as i, hash(range) as h from range({ROWS})"
        )
    return lake


@pytest.fixture
def spymaster(lake: Lake, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Run the command as the console script does; return its exit status and its error."""

    def run(*arguments: str) -> tuple[int, str]:
        monkeypatch.setenv(LAKE_VARIABLE, str(lake.root))
        monkeypatch.setattr(sys, "argv", ["spymaster", *arguments])
        with pytest.raises(SystemExit) as exit_status:
            main()
        return exit_status.value.code, capsys.readouterr().err

    return run


# ---- which files stay


def test_files_that_only_a_view_names_stay(lake: Lake) -> None:
    publish(lake)
    # a build of the manifest alone: the walls keep the names they were made with
    write_manifest(lake, {DAY: run_pass(lake, "b")})
    for _ in range(3):
        publish(lake)
        assert ask(lake, f"select version from silver.{WALL}") == [("a",)]


def test_files_named_through_a_link_to_the_lake_stay(lake: Lake, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(lake.root)
    write_view(Lake(link), {WALL: f"{WALL}-a.parquet"})
    write_manifest(lake, {DAY: run_pass(lake, "b")})
    for _ in range(2):
        publish(lake)
    assert ask(lake, f"select version from silver.{WALL}") == [("a",)]


def test_replaced_files_go_two_publications_later(lake: Lake) -> None:
    publish(lake)
    names = run_pass(lake, "b")
    write_manifest(lake, {DAY: names})
    write_view(lake, names)
    directory = lake.engine_partition(SYMBOL, DAY)
    publish(lake)
    assert (directory / f"{WALL}-a.parquet").exists()
    publish(lake)
    assert {path.name for path in directory.iterdir()} == {*names.values(), DONE_MARKER}


def test_a_publication_that_dies_before_its_end_loses_no_file(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    def build(version: str) -> None:
        names = run_pass(lake, version)
        write_manifest(lake, {DAY: names})
        write_view(lake, names)

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    publish(lake)
    build("b")
    with monkeypatch.context() as patch:
        patch.setattr(publishing, "remove_outdated", die)
        with pytest.raises(KeyboardInterrupt):
            publish(lake)
    readers = ask(lake, f"select version from silver.{WALL}")
    build("c")
    publish(lake)
    assert readers == [("b",)]
    assert (lake.engine_partition(SYMBOL, DAY) / f"{WALL}-b.parquet").exists()


def test_a_finished_pass_that_no_build_has_taken_up_stays(lake: Lake) -> None:
    land_day(lake, OTHER_DAY)
    names = run_pass(lake, "a", OTHER_DAY)
    for _ in range(2):
        publish(lake)
    found = {path.name for path in lake.engine_partition(SYMBOL, OTHER_DAY).iterdir()}
    assert found == {*names.values(), DONE_MARKER}


def test_a_day_that_is_no_longer_landed_leaves_nothing(lake: Lake) -> None:
    landed = land_day(lake, OTHER_DAY)
    both = {DAY: run_pass(lake, "a"), OTHER_DAY: run_pass(lake, "a", OTHER_DAY)}
    write_manifest(lake, both)
    publish(lake)
    (landed / "_SUCCESS").unlink()
    directory = lake.engine_partition(SYMBOL, OTHER_DAY)
    publish(lake)
    assert len(list(directory.iterdir())) == len(RELATIONS) + 1, "the manifest still names it"

    write_manifest(lake, {DAY: both[DAY]})
    publish(lake)
    assert len(list(directory.iterdir())) == len(RELATIONS) + 1, "its readers may be at work"
    publish(lake)
    assert not directory.exists()
    assert lake.engine_partition(SYMBOL, DAY).exists()


def test_the_last_day_of_a_symbol_takes_the_directory_of_the_symbol_with_it(lake: Lake) -> None:
    (lake.bronze_partition("future", SYMBOL, "mbo", DAY) / "_SUCCESS").unlink()
    with duckdb.connect(str(lake.warehouse)) as connection:
        connection.execute(f"drop view silver.{WALL}")
    write_manifest(lake, {})
    (lake.engine_partition(SYMBOL, DAY) / f".tmp-{DONE_MARKER}").touch()
    publish(lake)
    assert list(lake.engine.iterdir()) == []


# ---- which files of relations that are built partition by partition stay


@pytest.mark.parametrize("schema", ["silver", "gold"])
def test_replaced_partitions_go_two_publications_later(lake: Lake, schema: str) -> None:
    old = write_partition(lake, "a")
    write_partition_view(lake, old, schema=schema)
    publish(lake)
    new = write_partition(lake, "b")
    write_partition_view(lake, new, schema=schema)
    publish(lake)
    assert old.exists(), "readers of the previous publication may be at work"
    publish(lake)
    assert list(new.parent.iterdir()) == [new]
    assert ask(lake, f"select version from {schema}.{BANDS}") == [("b",)]


def test_a_partition_that_is_gone_takes_its_directories_with_it(lake: Lake) -> None:
    kept, gone = write_partition(lake, "a"), write_partition(lake, "a", OTHER_DAY)
    write_partition_view(lake, kept, gone)
    publish(lake)
    write_partition_view(lake, kept)
    publish(lake)
    assert gone.exists()
    publish(lake)
    assert not gone.parent.exists()
    assert kept.exists()

    with duckdb.connect(str(lake.warehouse)) as connection:
        connection.execute(f"drop view silver.{BANDS}")
    for _ in range(2):
        publish(lake)
    assert list(lake.relations.iterdir()) == []


def test_what_a_killed_build_left_beside_partitions_goes(lake: Lake) -> None:
    kept, never_named = write_partition(lake, "a"), write_partition(lake, "b")
    write_partition_view(lake, kept)
    half_written = kept.with_name(f".tmp-{BANDS}-c.parquet")
    half_written.touch()
    publish(lake)
    assert kept.exists()
    assert not half_written.exists()
    assert not never_named.exists()


def test_partitions_named_through_a_link_to_the_lake_stay(lake: Lake, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(lake.root)
    write_partition_view(lake, write_partition(Lake(link), "a"))
    for _ in range(2):
        publish(lake)
    assert ask(lake, f"select version from silver.{BANDS}") == [("a",)]


# ---- the copy


def test_a_log_left_beside_the_published_file_is_not_applied_to_the_next(lake: Lake) -> None:
    publish(lake)
    log = lake.published.with_name(f"{lake.published.name}.wal")
    lake.published.chmod(0o644)
    subprocess.run([sys.executable, "-c", DELETE_AND_DIE, lake.published], check=True)
    assert log.stat().st_size > 0
    publish(lake)
    assert not log.exists()
    assert ask(lake, "select count(*) from silver.numbers") == [(ROWS,)]


def test_the_published_file_is_read_only_and_replaceable(lake: Lake) -> None:
    for _ in range(2):
        publish(lake)
        assert lake.published.stat().st_mode & 0o777 == 0o444


@pytest.fixture
def during_the_copy(monkeypatch: pytest.MonkeyPatch):
    """Do something at a moment in the middle of the copying."""

    def set_action(action) -> None:
        copy = publishing.shutil.copyfileobj

        def copy_and_act(source, target, length: int) -> None:
            target.write(source.read(length // 2))
            action(Path(target.name))
            copy(source, target, length)

        monkeypatch.setattr(publishing.shutil, "copyfileobj", copy_and_act)

    return set_action


def test_no_other_process_can_write_while_it_is_copied(lake: Lake, during_the_copy) -> None:
    attempts = []

    def try_to_open(_: Path) -> None:
        command = [sys.executable, "-c", OPEN, lake.warehouse]
        attempts.append(subprocess.run(command, capture_output=True, text=True, check=False))

    during_the_copy(try_to_open)
    publish(lake)
    assert [attempt.returncode for attempt in attempts] == [1]
    assert "Could not set lock" in attempts[0].stderr


def test_a_warehouse_that_changes_while_it_is_copied_is_not_published(
    lake: Lake, during_the_copy
) -> None:
    publish(lake)
    published = lake.published.read_bytes()
    during_the_copy(lambda _: lake.warehouse.write_bytes(lake.warehouse.read_bytes() + b"more"))
    with pytest.raises(SpymasterError, match="was written while it was copied"):
        publish(lake)
    assert lake.published.read_bytes() == published
    assert not [name for name in names_in(lake) if name.startswith(".tmp-")]


def test_a_torn_copy_is_not_published(
    lake: Lake, spymaster, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(lake)
    published = lake.published.read_bytes()

    def tear(source, target, length: int) -> None:
        data = bytearray(source.read())
        data[len(data) // 2] ^= 1
        target.write(data)

    monkeypatch.setattr(publishing.shutil, "copyfileobj", tear)
    status, error = spymaster("publish")
    assert status == 1
    assert "its copy cannot be read, nothing was published" in error
    assert error.count("\n") == 1
    assert lake.published.read_bytes() == published
    assert not [name for name in names_in(lake) if name.startswith(".tmp-")]


def test_temporary_files_of_dead_processes_are_removed(lake: Lake) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    name = lake.published.name
    alive = f".tmp-{os.getppid()}-{name}"
    for leftover in (f".tmp-{dead.pid}-{name}", f".tmp-{name}", alive):
        (lake.root / leftover).touch()
    publish(lake)
    assert [name for name in names_in(lake) if name.startswith(".tmp-")] == [alive]


# ---- one at a time


@pytest.mark.parametrize("arguments", [["build"], ["publish"], ["demo"]])
def test_a_second_command_is_told_who_is_at_work(
    lake: Lake, spymaster, arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spymaster.demo._generate", lambda lake: None)
    monkeypatch.setattr("spymaster.demo._land", lambda lake: None)
    (lake.root / ".demo").touch()
    with lake.build_lock.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write("`spymaster build` (process 4321)")
        lock.flush()
        status, error = spymaster(*arguments)
    assert status == 1
    assert error == (
        f"error: {lake.root}: `spymaster build` (process 4321) is at work on this lake "
        "(wait until it has ended)\n"
    )
    assert not lake.published.exists()


def test_the_lock_is_held_over_dbt_and_publication(
    lake: Lake, spymaster, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = {}

    def look(name: str):
        def step(lake: Lake, *_: object) -> Path:
            with lake.build_lock.open() as lock, pytest.raises(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            seen[name] = lake.build_lock.read_text()
            return lake.published

        return step

    monkeypatch.setattr("spymaster.warehouse.build.run_dbt", look("dbt"))
    monkeypatch.setattr("spymaster.warehouse.build.publish", look("publish"))
    assert spymaster("build") == (0, "")
    assert seen == dict.fromkeys(("dbt", "publish"), f"`spymaster build` (process {os.getpid()})")
    # and not a moment longer
    assert spymaster("publish") == (0, "")


def test_a_lock_of_a_dead_process_is_no_lock(lake: Lake, spymaster) -> None:
    lake.build_lock.write_text("`spymaster build` (process 4321)")
    assert spymaster("publish") == (0, "")


def test_publishing_nothing_makes_nothing(tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.setenv(LAKE_VARIABLE, str(tmp_path / "mistyped"))
    monkeypatch.setattr(sys, "argv", ["spymaster", "publish"])
    with pytest.raises(SystemExit) as exit_status:
        main()
    assert exit_status.value.code == 1
    assert "there is no warehouse to publish" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_warehouse_that_is_no_database_is_one_line(lake: Lake, spymaster) -> None:
    lake.warehouse.write_bytes(b"no database" * 1000)
    status, error = spymaster("publish")
    assert status == 1
    assert error.startswith(f"error: {lake.warehouse}: cannot be opened: ")
    assert "another process" not in error
    assert error.count("\n") == 1
