"""Publishing: the copy that readers open, and when a process may publish."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest
from spymaster.cli import main
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import LAKE_VARIABLE, Lake
from spymaster_warehouse import publish as publishing
from spymaster_warehouse.publish import publish
from support.publish_lake import ROWS, ask, built_lake, names_in

OPEN = "import duckdb, sys; duckdb.connect(sys.argv[1])"
DELETE_AND_DIE = """
import duckdb, os, sys
connection = duckdb.connect(sys.argv[1])
connection.execute("set checkpoint_threshold = '1TB'")
connection.execute("delete from silver.numbers")
os._exit(0)
"""


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return built_lake(tmp_path)


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


# ---- the copy


def test_a_log_beside_the_published_file_is_not_applied_to_the_next(lake: Lake) -> None:
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


def test_nothing_is_published_before_its_data_tests_have_passed(lake: Lake) -> None:
    with duckdb.connect(str(lake.warehouse)) as connection:
        connection.execute("create schema if not exists meta")
        connection.execute(
            "create or replace table meta.partitions_to_test as "
            "select 'numbers' as relation, 'ESZ5' as owner, date '2025-10-01' as dt"
        )
    with pytest.raises(SpymasterError, match="have not passed for numbers ESZ5 2025-10-01"):
        publish(lake)
    assert not lake.published.exists()


@pytest.fixture
def during_the_copy(monkeypatch: pytest.MonkeyPatch):
    """Run an action in the middle of the copying."""

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
def test_a_second_command_prints_the_name_of_the_running_command(
    lake: Lake, spymaster, arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spymaster.demo._generate_first", lambda *_: None)
    monkeypatch.setattr("spymaster.demo._generate_all", print)
    monkeypatch.setattr("spymaster.demo._land", lambda *_: None)
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
        def step(lake: Lake, *_: object, **__: object) -> SimpleNamespace:
            with lake.build_lock.open() as lock, pytest.raises(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            seen[name] = lake.build_lock.read_text()
            return SimpleNamespace(result=SimpleNamespace(results=[]))

        return step

    monkeypatch.setattr("spymaster_warehouse.build_steps.run_dbt", look("dbt"))
    monkeypatch.setattr("spymaster_warehouse.build_steps.publish", look("publish"))
    assert spymaster("build") == (0, "")
    assert seen == dict.fromkeys(("dbt", "publish"), f"`spymaster build` (process {os.getpid()})")
    # and is released right after
    assert spymaster("publish") == (0, "")


def test_a_lock_of_a_dead_process_is_ignored(lake: Lake, spymaster) -> None:
    lake.build_lock.write_text("`spymaster build` (process 4321)")
    assert spymaster("publish") == (0, "")


def test_publishing_without_a_warehouse_makes_no_file(tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.setenv(LAKE_VARIABLE, str(tmp_path / "mistyped"))
    monkeypatch.setattr(sys, "argv", ["spymaster", "publish"])
    with pytest.raises(SystemExit) as exit_status:
        main()
    assert exit_status.value.code == 1
    assert "there is no warehouse to publish" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_warehouse_that_is_no_database_gives_one_line(lake: Lake, spymaster) -> None:
    lake.warehouse.write_bytes(b"no database" * 1000)
    status, error = spymaster("publish")
    assert status == 1
    assert error.startswith(f"error: {lake.warehouse}: cannot be opened: ")
    assert "another process" not in error
    assert error.count("\n") == 1
