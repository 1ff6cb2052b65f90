"""A build that is stopped, and one whose output or record cannot be used, says so in one line."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from spymaster.cli import main
from spymaster.commands.status import command as status_command
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import LAKE_VARIABLE, Lake
from spymaster_warehouse import build_steps
from spymaster_warehouse.dbt_run import run_dbt
from spymaster_warehouse.jobs.handed import is_stopped, stops_noticed
from support.dbn_files import definition, definitions, mbo, plain
from support.parsed_project import parsed_project
from support.publish_lake import built_lake

SIGNALS = {"Ctrl-C": signal.SIGINT, "SIGTERM": signal.SIGTERM}
PATIENCE_S = 60


@pytest.fixture(autouse=True)
def ctrl_c() -> Iterator[None]:
    """Take Ctrl-C as a program of a terminal does: one started in the background ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lake:
    lake = built_lake(tmp_path)
    monkeypatch.setenv(LAKE_VARIABLE, str(lake.root))
    return lake


def build(monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(sys, "argv", ["spymaster", "build"])
    with pytest.raises(SystemExit) as exit_status:
        main()
    return exit_status.value.code


def test_a_stop_that_another_thread_receives_ends_the_wait_of_the_main_thread() -> None:
    held = threading.Lock()
    held.acquire()
    noticed = []

    def stop() -> None:
        # the main thread waits by then; earlier, it would notice the signal by itself
        time.sleep(0.1)
        signal.pthread_kill(threading.get_ident(), signal.SIGINT)
        noticed.append(is_stopped.wait(PATIENCE_S))
        held.release()

    stopping = threading.Thread(target=stop)
    with pytest.raises(KeyboardInterrupt), stops_noticed():
        stopping.start()
        held.acquire()
    stopping.join()
    assert noticed == [True]


@pytest.mark.parametrize("name", SIGNALS)
def test_a_stopped_build_is_one_line(name: str, lake: Lake, tmp_path, monkeypatch, capfd) -> None:
    """The signal comes while dbt runs a model, in a thread of its own."""
    sent = []

    def stop(event: Any) -> None:
        if event.info.name == "NodeStart" and not sent:
            sent.append(event)
            os.kill(os.getpid(), SIGNALS[name])

    def run(lake: Lake, *_: Any, **__: Any) -> Any:
        paths = ["--target-path", str(tmp_path / "target"), "--log-path", str(tmp_path / "logs")]
        models = ["--select", "retrieval_settings", "word_settings", "level_settings"]
        return run_dbt(lake, "run", [*paths, *models], parsed=parsed_project(), watchers=[stop])

    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(build_steps, "run_dbt", run)
    assert build(monkeypatch) == 1
    assert sent
    assert signal.getsignal(signal.SIGTERM) is before
    printed = capfd.readouterr()
    assert "Traceback" not in printed.out + printed.err
    assert printed.err == (
        f"error: spymaster build: was stopped by {name}; readers keep the published file "
        "(run it again: it goes on from what is finished)\n"
    )
    assert not lake.published.exists()
    # and leaves no lock
    assert lake.build_lock.read_text() == ""


@pytest.mark.parametrize("name", SIGNALS)
def test_a_stop_that_dbt_takes_for_a_failure_is_a_stop(
    name: str, lake: Lake, monkeypatch, capsys
) -> None:
    """A stop that comes while dbt handles a node is reported as a failure of the node."""

    def run(*_: Any, **__: Any) -> Any:
        with contextlib.suppress(KeyboardInterrupt):
            signal.raise_signal(SIGNALS[name])
        raise SpymasterError("dbt run", "a model or a test failed")

    before = [signal.getsignal(number) for number in SIGNALS.values()]
    monkeypatch.setattr(build_steps, "run_dbt", run)
    assert build(monkeypatch) == 1
    assert [signal.getsignal(number) for number in SIGNALS.values()] == before
    assert f"was stopped by {name}; readers" in capsys.readouterr().err


def test_a_failure_is_no_stop(lake: Lake, monkeypatch, capsys) -> None:
    def run(*_: Any, **__: Any) -> Any:
        raise SpymasterError("dbt run", "a model or a test failed")

    monkeypatch.setattr(build_steps, "run_dbt", run)
    assert build(monkeypatch) == 1
    assert capsys.readouterr().err == "error: dbt run: a model or a test failed\n"


@pytest.mark.parametrize("text", ["", "garbage", '{"files": [1]}'])
def test_a_damaged_record_of_publications_is_named_before_the_build(
    text: str, lake: Lake, monkeypatch, capsys
) -> None:
    lake.publication_record.write_text(text)
    runs = []
    monkeypatch.setattr(build_steps, "run_dbt", lambda *_, **__: runs.append(1))
    assert build(monkeypatch) == 1
    assert runs == []
    line = f"{lake.publication_record}: is not a list of files (remove it"
    assert capsys.readouterr().err.startswith(f"error: {line}")
    status = CliRunner().invoke(status_command, [])
    assert status.exit_code == 0


def test_status_says_that_the_record_of_publications_is_damaged(
    lake: Lake, monkeypatch, capsys
) -> None:
    lake.publication_record.write_text("garbage")
    monkeypatch.setattr(sys, "argv", ["spymaster", "status"])
    with pytest.raises(SystemExit) as exit_status:
        main()
    assert exit_status.value.code == 0
    line = f"warning: {lake.publication_record}: is not a list of files"
    assert capsys.readouterr().err.startswith(line)


FULL = Path("/dev/full")


@pytest.mark.skipif(not FULL.exists(), reason="a device of Linux")
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("arguments", [["land", "raw"], ["verify"]])
def test_a_full_output_is_named(
    arguments: list[str], unbuffered: str, lake: Lake, tmp_path: Path
) -> None:
    plain(tmp_path / "raw" / "a.dbn", mbo(10))
    definitions(tmp_path / "raw" / "d.dbn", definition(17077, "ESH4"))
    (lake.root / ".build.lock").touch()
    with FULL.open("w") as full:
        done = subprocess.run(
            [Path(sys.executable).with_name("spymaster"), *arguments],
            cwd=tmp_path,
            env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr == ("error: standard output: cannot be written: No space left on device\n")


@pytest.mark.skipif(not FULL.exists(), reason="a device of Linux")
def test_a_full_output_shows_no_traceback_of_dbt(lake: Lake, tmp_path: Path, capfd) -> None:
    paths = ["--target-path", str(tmp_path / "target"), "--log-path", str(tmp_path / "logs")]
    # closing it fails too
    with contextlib.suppress(OSError), FULL.open("w") as full:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "stdout", full)
            arguments = [*paths, "--select", "retrieval_settings"]
            assert run_dbt(lake, "run", arguments, parsed=parsed_project()).success
        assert capfd.readouterr().err == ""
        seen = True
    assert seen
