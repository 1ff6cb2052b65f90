"""Publishing: which files are kept for readers, and which are removed."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from spymaster_engine.engine_files import DONE_MARKER
from spymaster_engine.kernels.book.surface_files import WALL
from spymaster_ingest.content_hash import file_sha256
from spymaster_ingest.durable import hash_file
from spymaster_ingest.lake import Lake
from spymaster_warehouse import publish as publishing
from spymaster_warehouse.publish import publish
from support.publish_lake import (
    BANDS,
    DAY,
    OTHER_DAY,
    RELATIONS,
    SYMBOL,
    ask,
    built_lake,
    land_day,
    name_of,
    run_pass,
    write_manifest,
    write_partition,
    write_partition_view,
    write_view,
)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return built_lake(tmp_path)


# ---- files of the engine


def test_files_that_only_a_view_names_are_kept(lake: Lake) -> None:
    publish(lake)
    # a build of the manifest alone: the wall views keep the old file names
    write_manifest(lake, {DAY: run_pass(lake, "b")})
    for _ in range(3):
        publish(lake)
        assert ask(lake, f"select version from silver.{WALL}") == [("a",)]


def test_files_named_through_a_link_to_the_lake_are_kept(lake: Lake, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(lake.root)
    write_view(Lake(link), {WALL: name_of(WALL, "a")})
    write_manifest(lake, {DAY: run_pass(lake, "b")})
    for _ in range(2):
        publish(lake)
    assert ask(lake, f"select version from silver.{WALL}") == [("a",)]


def test_replaced_files_are_removed_two_publications_later(lake: Lake) -> None:
    publish(lake)
    names = run_pass(lake, "b")
    write_manifest(lake, {DAY: names})
    write_view(lake, names)
    directory = lake.engine_partition(SYMBOL, DAY)
    publish(lake)
    assert (directory / name_of(WALL, "a")).exists()
    publish(lake)
    assert {path.name for path in directory.iterdir()} == {*names.values(), DONE_MARKER}


def test_a_publication_that_dies_loses_no_file(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
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
    assert (lake.engine_partition(SYMBOL, DAY) / name_of(WALL, "b")).exists()


def test_a_finished_pass_that_no_build_has_read_is_kept(lake: Lake) -> None:
    land_day(lake, OTHER_DAY)
    names = run_pass(lake, "a", OTHER_DAY)
    for _ in range(2):
        publish(lake)
    found = {path.name for path in lake.engine_partition(SYMBOL, OTHER_DAY).iterdir()}
    assert found == {*names.values(), DONE_MARKER}


def test_a_day_that_is_no_longer_landed_leaves_no_files(lake: Lake) -> None:
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
    assert len(list(directory.iterdir())) == len(RELATIONS) + 1, "readers may still use it"
    publish(lake)
    assert not directory.exists()
    assert lake.engine_partition(SYMBOL, DAY).exists()


def test_removing_the_last_day_of_a_symbol_removes_its_directory(lake: Lake) -> None:
    (lake.bronze_partition("future", SYMBOL, "mbo", DAY) / "_SUCCESS").unlink()
    with duckdb.connect(str(lake.warehouse)) as connection:
        connection.execute(f"drop view silver.{WALL}")
    write_manifest(lake, {})
    (lake.engine_partition(SYMBOL, DAY) / f".tmp-{DONE_MARKER}").touch()
    publish(lake)
    assert list(lake.engine.iterdir()) == []


# ---- files of relations that are built partition by partition


@pytest.mark.parametrize("schema", ["silver", "gold"])
def test_replaced_partitions_are_removed_two_publications_later(lake: Lake, schema: str) -> None:
    old = write_partition(lake, "a")
    write_partition_view(lake, old, schema=schema)
    publish(lake)
    new = write_partition(lake, "b")
    write_partition_view(lake, new, schema=schema)
    publish(lake)
    assert old.exists(), "readers of the previous publication may still use it"
    publish(lake)
    assert list(new.parent.iterdir()) == [new]
    assert ask(lake, f"select version from {schema}.{BANDS}") == [("b",)]


def test_removing_a_partition_removes_its_directories(lake: Lake) -> None:
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
    assert list(lake.relations("silver").iterdir()) == []


def test_leftovers_of_a_killed_build_beside_partitions_are_removed(lake: Lake) -> None:
    kept, never_named = write_partition(lake, "a"), write_partition(lake, "b")
    write_partition_view(lake, kept)
    half_written = kept.with_name(f".tmp-{BANDS}-c.parquet")
    half_written.touch()
    publish(lake)
    assert kept.exists()
    assert not half_written.exists()
    assert not never_named.exists()


def test_partitions_named_through_a_link_to_the_lake_are_kept(lake: Lake, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(lake.root)
    write_partition_view(lake, write_partition(Lake(link), "a"))
    for _ in range(2):
        publish(lake)
    assert ask(lake, f"select version from silver.{BANDS}") == [("a",)]


# ---- libraries of vectors


def library_of(lake: Lake) -> Path:
    return lake.indexes / "root=ES" / "approach_dir=approach_up"


def write_library(lake: Lake, version: str) -> list[Path]:
    """Write the files of a library and name them in the manifests; return them."""
    digits = version * 16
    names = [f"vectors-{digits}.npy", f"rows-{digits}.parquet", f"index-flat_ip-{digits}.faiss"]
    paths = [library_of(lake) / name for name in names]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(version.encode())
    duckdb.sql(f"copy (select '{version}' as version) to '{paths[1]}'")
    vectors, rows, index = (lake.relative(path) for path in paths)
    with duckdb.connect(str(lake.warehouse)) as connection:
        connection.execute("create schema if not exists gold")
        connection.execute(
            "create or replace table gold.retrieval_library as "
            f"select '{vectors}' as vectors_path, '{rows}' as rows_path"
        )
        connection.execute(
            "create or replace table gold.retrieval_index_manifest as "
            f"select '{index}' as index_path"
        )
    return paths


def test_replaced_libraries_are_removed_two_publications_later(lake: Lake) -> None:
    old = write_library(lake, "a")
    fit = library_of(lake) / "spaces" / "space-a.npz"
    fit.parent.mkdir()
    fit.write_bytes(b"")
    publish(lake)
    new = write_library(lake, "b")
    for path in (*old, *new):
        hash_file(path).write_text(f"{file_sha256(path)}  {path.name}")
    publish(lake)
    assert all(path.exists() for path in [*old, *new])
    publish(lake)
    assert not any(path.exists() or hash_file(path).exists() for path in old)
    assert all(path.exists() and hash_file(path).exists() for path in new)
    assert fit.exists()
