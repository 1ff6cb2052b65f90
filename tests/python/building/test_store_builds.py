"""A build with a store gives what one without it gives, whatever the store has."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest
from spymaster.cli import main
from spymaster_engine.door.streams import write_streams
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake
from spymaster_warehouse.build import build_and_publish
from spymaster_warehouse.store.address import STORE_VARIABLE
from spymaster_warehouse.store.store import ENTRY
from support import lakes
from support.object_store import BUCKET, ObjectStore, object_store
from support.wrong_depth import plant_a_wrong_depth

# rows of a table with files of a kernel, files per partition, views with checks, calibration
MODELS = ("--select", "+wall_derivatives_1s", "+vacuum_surface_1s", "+levels_1s")
FOLDER = "store"


@pytest.fixture(scope="module")
def plain_lake(landed: Lake, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """Return a lake that was built without a store."""
    root = tmp_path_factory.mktemp("plain") / "lake"
    built(landed, root)
    return Lake(root)


@pytest.fixture(scope="module")
def plain(plain_lake: Lake) -> dict[str, str]:
    return lakes.content_hashes(plain_lake)


@pytest.fixture(scope="module")
def full(landed: Lake, plain: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store that a build has filled, which gave what a build without it gives."""
    folder = tmp_path_factory.mktemp("full")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(STORE_VARIABLE, str(folder / FOLDER))
        assert built(landed, folder / "lake") == plain
    return folder / FOLDER


def built(landed: Lake, root: Path) -> dict[str, str]:
    lake = lakes.landed_copy(landed, root)
    lakes.build_models(lake, *MODELS)
    return lakes.content_hashes(lake)


def entries(store: Path) -> set[Path]:
    return set(store.rglob(ENTRY))


def test_a_full_store_is_enough(
    landed: Lake,
    plain: dict[str, str],
    full: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No kernel runs and nothing is added: the files are those of the store."""
    monkeypatch.setenv(STORE_VARIABLE, str(full))
    monkeypatch.setattr("spymaster_engine.door.kernel.write_streams", _no_kernel)
    before = {path: path.stat().st_mtime_ns for path in full.rglob("*")}
    assert built(landed, tmp_path / "lake") == plain
    assert {path: path.stat().st_mtime_ns for path in full.rglob("*")} == before
    assert {"wall_surface_1s", "book_engine_manifest", "vacuum_surface_1s", "levels_1s"} <= {
        path.relative_to(full).parts[0] for path in entries(full)
    }


def _no_kernel(*_: object) -> None:
    raise AssertionError("a kernel ran")


def test_what_is_missing_or_damaged_is_computed(
    landed: Lake,
    plain: dict[str, str],
    full: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    store = tmp_path / FOLDER
    shutil.copytree(full, store)
    missing = sorted(entries(store))[::3]
    for entry in missing:
        shutil.rmtree(entry.parent)
    files = sorted(store.rglob("*.parquet"))
    cut, flipped, foreign = files[0], files[len(files) // 2], files[-1]
    cut.write_bytes(cut.read_bytes()[:-7])
    content = bytearray(flipped.read_bytes())
    content[len(content) // 2] ^= 1
    flipped.write_bytes(content)
    shutil.copy(files[1], foreign)
    monkeypatch.setenv(STORE_VARIABLE, str(store))
    assert built(landed, tmp_path / "lake") == plain
    # lines are cut at the width of the terminal
    said = "".join(capsys.readouterr().err.split())
    for path in (cut, flipped, foreign):
        assert path.name in said
    assert said.count("itiscomputedanew") == 3
    # what was missing is there again, and what is damaged is left alone
    assert entries(store) == {store / path.relative_to(full) for path in entries(full)}
    assert flipped.read_bytes() == content


def test_rows_that_fail_their_checks_are_not_added(
    landed: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = tmp_path / FOLDER
    monkeypatch.setenv(STORE_VARIABLE, str(store))
    lake = lakes.landed_copy(landed, tmp_path / "lake")
    plant_a_wrong_depth(monkeypatch)
    with pytest.raises(SpymasterError, match=f"wall_surface_1s {lakes.ES} .* fail"):
        lakes.build(lake, "--select", "+wall_surface_1s")
    added = {path.relative_to(store).parts[:2] for path in entries(store)}
    assert ("book_engine_manifest", f"symbol={lakes.ES}") in added
    assert ("wall_surface_1s", f"symbol={lakes.ES}") not in added


def test_overwrite_builds_without_the_store(
    landed: Lake, full: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is stored is computed all the same, and nothing is added."""
    store = tmp_path / FOLDER
    shutil.copytree(full, store)
    monkeypatch.setenv(STORE_VARIABLE, str(store))
    lake = lakes.landed_copy(landed, tmp_path / "lake")
    before = entries(store)
    written = []
    monkeypatch.setattr(
        "spymaster_engine.door.kernel.write_streams",
        lambda folder, *rest: written.append(folder) or write_streams(folder, *rest),
    )
    arguments = [*lakes.dbt_arguments(lake), "--select", "+book_engine_manifest"]
    with lakes.lake_in_environment(lake):
        build_and_publish(lake, arguments, command="spymaster build")
        assert not written
        build_and_publish(lake, arguments, command="spymaster build", overwrite=True)
    assert written
    assert entries(store) == before


def test_rows_that_passed_other_checks_are_not_taken(
    landed: Lake, full: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = tmp_path / FOLDER
    shutil.copytree(full, store)
    monkeypatch.setenv(STORE_VARIABLE, str(store))
    lake = lakes.landed_copy(landed, tmp_path / "lake")
    before = entries(store)
    # without its checks, which are then others
    lakes.run_models(lake, "--select", "+book_engine_manifest")
    added = {path.relative_to(store).parts[0] for path in entries(store) - before}
    assert added == {"book_engine_manifest"}


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return a function that runs `spymaster store` for a lake and the store at an address."""

    def run(lake: Lake, address: str, *arguments: str) -> None:
        monkeypatch.setenv(STORE_VARIABLE, address)
        monkeypatch.setattr(sys, "argv", ["spymaster", "store", *arguments])
        with lakes.lake_in_environment(lake), pytest.raises(SystemExit) as status:
            main()
        assert not status.value.code

    return run


@pytest.fixture
def push(command: Callable[..., None], tmp_path: Path) -> Callable[[Lake], Path]:
    """Return a function that pushes a lake to a new store and returns its folder."""

    def pushed(lake: Lake) -> Path:
        command(lake, str(tmp_path / FOLDER), "push")
        return tmp_path / FOLDER

    return pushed


def test_a_pushed_lake_fills_a_store_as_a_build_does(
    plain_lake: Lake,
    full: Path,
    push: Callable[[Lake], Path],
    capsys: pytest.CaptureFixture[str],
) -> None:
    store = push(plain_lake)
    assert f"{len(entries(full))} partitions added to {store}" in capsys.readouterr().out
    assert contents(store) == contents(full)
    push(plain_lake)
    assert "0 partitions added" in capsys.readouterr().out


def contents(store: Path) -> dict[str, str]:
    """Return the entries of a store, by their folders."""
    return {path.parent.relative_to(store).as_posix(): path.read_text() for path in entries(store)}


def test_a_damaged_file_of_the_lake_is_not_pushed(
    plain_lake: Lake,
    full: Path,
    tmp_path: Path,
    push: Callable[[Lake], Path],
    capsys: pytest.CaptureFixture[str],
) -> None:
    lake = Lake(tmp_path / "lake")
    shutil.copytree(plain_lake.root, lake.root)
    flipped, missing = lakes.partition_files(lake, "levels_1s")[:2]
    content = bytearray(flipped.read_bytes())
    content[len(content) // 2] ^= 1
    flipped.write_bytes(content)
    missing.unlink()
    store = push(lake)
    said = "".join(capsys.readouterr().err.split())
    for path in (flipped, missing):
        assert f"{path.name}isnotwhatwaswritten;itspartitionisleftout" in said
    assert len(entries(store)) == len(entries(full)) - 2


def test_partitions_of_an_older_version_are_not_pushed(
    plain_lake: Lake,
    tmp_path: Path,
    push: Callable[[Lake], Path],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Nobody knows which kernels and libraries made them."""
    lake = Lake(tmp_path / "lake")
    shutil.copytree(plain_lake.root, lake.root)
    with duckdb.connect(str(lake.warehouse)) as connection:
        connection.execute("delete from meta.store_names where relation != 'levels_1s'")
        [(named,)] = connection.execute("select count(*) from meta.store_names").fetchall()
    assert len(entries(push(lake))) == named
    assert "left out: an older version built them" in " ".join(capsys.readouterr().err.split())
    with duckdb.connect(str(lake.warehouse)) as connection:
        connection.execute("drop table meta.store_names")
        [(built,)] = connection.execute("select count(*) from meta.partition_state").fetchall()
    push(lake)
    said = capsys.readouterr()
    assert "0 partitions added" in said.out
    assert f"{built} partitions left out" in " ".join(said.err.split())


@pytest.fixture(scope="module")
def server() -> Iterator[ObjectStore]:
    with pytest.MonkeyPatch.context() as patch, object_store(patch) as served:
        yield served


def test_a_bucket_serves_as_a_store(
    server: ObjectStore,
    landed: Lake,
    plain_lake: Lake,
    plain: dict[str, str],
    full: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    command: Callable[..., None],
) -> None:
    """What a lake pushes there, a build takes, and `pull` copies."""
    address = f"s3://{BUCKET}/builds"
    command(plain_lake, address, "push")
    command(plain_lake, address, "pull", str(tmp_path / "copy"))
    assert contents(tmp_path / "copy") == contents(full)
    monkeypatch.setenv(STORE_VARIABLE, address)
    server.requests.clear()
    assert built(landed, tmp_path / "lake") == plain
    assert any(line.startswith("GET ") for line in server.requests)
    assert not any(line.startswith(("PUT ", "POST ")) for line in server.requests)


def test_a_store_that_cannot_be_read_ends_the_build_in_one_line(
    server: ObjectStore, landed: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(STORE_VARIABLE, f"s3://{BUCKET}/builds")
    lake = lakes.landed_copy(landed, tmp_path / "lake")
    server.spoil = lambda _: ("403 Forbidden", "AccessDenied")
    with (
        lakes.lake_in_environment(lake),
        pytest.raises(SpymasterError, match=rf"s3://{BUCKET}/builds: .* access is denied"),
    ):
        build_and_publish(lake, (), command="spymaster build")
    assert not lake.published.exists()
    # one that fails once the build runs
    with pytest.raises(SpymasterError, match=rf"s3://{BUCKET}/builds: .*nothing was published"):
        lakes.build_models(lake, *MODELS)
