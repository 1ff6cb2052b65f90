"""Variables of the environment are checked before dbt and DuckDB read them."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest
from dbt.cli.main import dbtRunnerResult
from spymaster.cli import main
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import LAKE_VARIABLE, Lake
from spymaster_warehouse import dbt_run
from spymaster_warehouse.build_settings import (
    CLUSTER_VARIABLE,
    MEMORY_VARIABLE,
    THREADS_VARIABLE,
    WORKERS_VARIABLE,
    require_settings,
)
from spymaster_warehouse.dbt_run import run_dbt


@pytest.fixture(autouse=True)
def unset(monkeypatch) -> None:
    for name in (MEMORY_VARIABLE, THREADS_VARIABLE):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("threads", ["0", "-1", "1e3", "", "two", "257", "1.5", "\u0663"])
def test_threads_that_are_no_number(threads: str, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv(THREADS_VARIABLE, threads)
    with pytest.raises(SpymasterError) as refused:
        run_dbt(Lake(tmp_path / "lake"), "build")
    assert str(refused.value).startswith(
        f"{THREADS_VARIABLE}: {threads!r} is no whole number from 1 to 256"
    )


def test_workers_of_this_machine_and_of_a_cluster(
    tmp_path: Path, monkeypatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(WORKERS_VARIABLE, "2")
    monkeypatch.setenv(CLUSTER_VARIABLE, "local:2")
    with pytest.raises(SpymasterError, match=f"{CLUSTER_VARIABLE}: is set, and so is"):
        run_dbt(Lake(tmp_path / "lake"), "build")
    monkeypatch.setattr("sys.argv", ["spymaster", "build", "--workers", "2", "--on", "local:2"])
    with pytest.raises(SystemExit):
        main()
    assert "give one of them" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "expected"),
    [((), ("2", None)), (("--workers", "4"), ("4", "")), (("--on", "local:3"), ("", "local:3"))],
)
def test_an_option_counts_before_the_variables(
    options: tuple[str, ...], expected: tuple[str, str | None], monkeypatch
) -> None:
    seen = []

    def build(*_: object, **__: object) -> None:
        seen.append((os.environ.get(WORKERS_VARIABLE), os.environ.get(CLUSTER_VARIABLE)))
        raise SpymasterError("the build", "ends here")

    monkeypatch.setenv(WORKERS_VARIABLE, "2")
    monkeypatch.delenv(CLUSTER_VARIABLE, raising=False)
    monkeypatch.setattr("spymaster.commands.build.build_and_publish", build)
    monkeypatch.setattr("sys.argv", ["spymaster", "build", *options])
    with pytest.raises(SystemExit):
        main()
    assert seen == [expected]
    assert os.environ[WORKERS_VARIABLE] == "2"


@pytest.mark.parametrize("memory", ["0", "0GB", "50%", "garbage", "", "-1GB", "1 lot", "GB"])
def test_memory_that_is_no_size(memory: str, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv(MEMORY_VARIABLE, memory)
    with pytest.raises(SpymasterError) as refused:
        run_dbt(Lake(tmp_path / "lake"), "build")
    assert str(refused.value).startswith(f"{MEMORY_VARIABLE}: {memory!r} is no size above 0")


@pytest.mark.parametrize(
    ("threads", "memory"), [("1", "1GB"), ("256", "512 MiB"), ("8", "1.5gb"), ("2", "900000KB")]
)
def test_sizes_that_duckdb_takes(threads: str, memory: str, monkeypatch) -> None:
    monkeypatch.setenv(THREADS_VARIABLE, threads)
    monkeypatch.setenv(MEMORY_VARIABLE, memory)
    require_settings()
    duckdb.connect(config={"memory_limit": memory}).close()


@pytest.mark.parametrize("lacks_memory", [True, False])
def test_a_lack_of_memory_names_the_variable(
    lacks_memory: bool, tmp_path: Path, monkeypatch
) -> None:
    query = "select list(range) from range(10_000_000)" if lacks_memory else "select nothing"
    with (
        duckdb.connect(config={"memory_limit": "10MB"}) as connection,
        pytest.raises(duckdb.Error) as failed,
    ):
        connection.execute("set temp_directory = ''")
        connection.execute(query)
    node = SimpleNamespace(message=f"Runtime Error in model a\n  {failed.value}")
    run = dbtRunnerResult(success=False, result=SimpleNamespace(results=[node]))
    monkeypatch.setattr(dbt_run, "dbtRunner", lambda *_: SimpleNamespace(invoke=lambda _: run))
    with pytest.raises(SpymasterError) as refused:
        run_dbt(Lake(tmp_path / "lake"), "build")
    assert (f"more memory than {MEMORY_VARIABLE} allows" in str(refused.value)) is lacks_memory


@pytest.mark.parametrize("path", ["s3://bucket/lake", "file:///tmp/lake"])
def test_a_lake_is_a_directory(path: str, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(LAKE_VARIABLE, path)
    with pytest.raises(SpymasterError, match="a lake is a directory of this machine"):
        Lake.from_environment()
    assert list(tmp_path.iterdir()) == []


def test_a_path_with_a_hash_is_refused_before_anything_lands(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv(LAKE_VARIABLE, str(tmp_path / "my #1 lake"))
    with pytest.raises(SpymasterError, match="cannot hold the character #"):
        Lake.from_environment()
