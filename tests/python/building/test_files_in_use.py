"""Publishing: which files are kept for readers, and which are removed."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from spymaster_engine.kernels.book.surface_files import WALL
from spymaster_ingest.content_hash import file_sha256
from spymaster_ingest.durable import hash_file, temporary_sibling, unique_temporary
from spymaster_ingest.lake import Lake
from spymaster_warehouse import publish as publishing
from spymaster_warehouse.publish import publish
from support.publish_lake import (
    BANDS,
    OTHER_DAY,
    ask,
    built_lake,
    file_of,
    list_passes,
    run_pass,
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
    # a build of the passes alone: a view keeps the name of the old file
    list_passes(lake, run_pass(lake, "b"))
    for _ in range(3):
        publish(lake)
        assert ask(lake, f"select version from silver.{WALL}") == [("a",)]


def test_files_named_through_a_link_to_the_lake_are_kept(lake: Lake, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(lake.root)
    write_view(Lake(link), file_of(Lake(link), WALL, "a"))
    list_passes(lake, run_pass(lake, "b"))
    for _ in range(2):
        publish(lake)
    assert ask(lake, f"select version from silver.{WALL}") == [("a",)]


def test_replaced_files_are_removed_two_publications_later(lake: Lake) -> None:
    publish(lake)
    files = run_pass(lake, "b")
    list_passes(lake, files)
    write_view(lake, files[WALL])
    publish(lake)
    assert file_of(lake, WALL, "a").exists()
    publish(lake)
    for path in files.values():
        assert set(path.parent.iterdir()) == {path, hash_file(path)}


def test_a_publication_that_dies_loses_no_file(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    def build(version: str) -> None:
        files = run_pass(lake, version)
        list_passes(lake, files)
        write_view(lake, files[WALL])

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
    assert file_of(lake, WALL, "b").exists()


def test_files_that_no_view_reads_yet_are_kept(lake: Lake) -> None:
    both = run_pass(lake, "a"), run_pass(lake, "a", OTHER_DAY)
    list_passes(lake, *both)
    for _ in range(3):
        publish(lake)
    assert all(path.exists() for files in both for path in files.values())


def test_a_day_that_is_no_longer_listed_leaves_no_files(lake: Lake) -> None:
    kept, gone = run_pass(lake, "a"), run_pass(lake, "a", OTHER_DAY)
    list_passes(lake, kept, gone)
    publish(lake)
    list_passes(lake, kept)
    publish(lake)
    assert all(path.exists() for path in gone.values()), "readers may still use them"
    publish(lake)
    assert not any(path.parent.exists() for path in gone.values())
    assert all(path.exists() for path in kept.values())


def test_removing_the_last_day_of_a_symbol_removes_its_directory(lake: Lake) -> None:
    with duckdb.connect(str(lake.warehouse)) as connection:
        connection.execute(f"drop view silver.{WALL}")
    list_passes(lake)
    file_of(lake, WALL, "a").with_name(f".tmp-{WALL}.parquet").touch()
    publish(lake)
    assert list(lake.relations("silver").iterdir()) == []


def test_files_of_the_engine_of_an_earlier_version_are_removed_when_nobody_reads_them(
    lake: Lake,
) -> None:
    former = (
        lake.root
        / "silver/book_engine"
        / file_of(lake, WALL, "c").relative_to(lake.relations("silver") / WALL)
    )
    former.parent.mkdir(parents=True)
    former.write_bytes(file_of(lake, WALL, "a").read_bytes())
    former.with_name("_DONE.json").write_text("{}")
    write_view(lake, former)
    for _ in range(3):
        publish(lake)
    assert former.exists()
    write_view(lake, file_of(lake, WALL, "a"))
    for _ in range(2):
        publish(lake)
    assert list((lake.root / "silver/book_engine").iterdir()) == []


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
    assert not kept.parents[2].exists()


def test_leftovers_of_a_killed_build_beside_partitions_are_removed(lake: Lake) -> None:
    kept, never_named = write_partition(lake, "a"), write_partition(lake, "b")
    write_partition_view(lake, kept)
    written = kept.with_name(f"{BANDS}-c.parquet")
    # of dbt's own process, and of workers
    half_written = [
        temporary(path)
        for path in (written, hash_file(written))
        for temporary in (temporary_sibling, unique_temporary)
    ]
    for path in half_written:
        path.touch()
    publish(lake)
    assert kept.exists()
    assert not any(path.exists() for path in half_written)
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
