"""A lake that was moved or copied answers from its own files, for any client."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest
from spymaster.published import open_published
from spymaster.verify import verify
from spymaster_engine.kernels.book.surface_files import WALL
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake
from spymaster_warehouse.publish import publish
from spymaster_warehouse.view_files import files_of_relations, other_root
from support.publish_lake import (
    ask,
    built_lake,
    file_of,
    list_passes,
    run_pass,
    write_view,
)

WALLS = f"select version from silver.{WALL}"
DESCRIPTION = "What rests; at 'each' price."


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = built_lake(tmp_path)
    with duckdb.connect(str(lake.warehouse)) as connection:
        description = DESCRIPTION.replace("'", "''")
        connection.execute(f"comment on view silver.{WALL} is '{description}'")
        connection.execute(f"comment on column silver.{WALL}.version is '{description}'")
    return lake


@pytest.fixture
def published(lake: Lake) -> Lake:
    publish(lake)
    return lake


def move(lake: Lake, name: str) -> Lake:
    return Lake(Path(shutil.move(lake.root, lake.root.with_name(name))))


def rebuilt(lake: Lake) -> None:
    """Let the files of a lake hold something else under the same names."""
    path = file_of(lake, WALL, "a")
    duckdb.sql(f"copy (select 'other' as version) to '{path}'")


def test_any_client_reads_the_files_beside_the_database_it_opens(
    published: Lake, tmp_path: Path, monkeypatch
) -> None:
    copy = Lake(Path(shutil.copytree(published.root, tmp_path / "copy of it")))
    rebuilt(published)
    for directory, path in (
        (tmp_path, str(copy.published)),
        (tmp_path, "copy of it/spymaster.duckdb"),
        (copy.root, "spymaster.duckdb"),
    ):
        monkeypatch.chdir(directory)
        with duckdb.connect(path, read_only=True) as connection:
            assert connection.execute(WALLS).fetchall() == [("a",)]
    assert ask(published, WALLS) == [("other",)]


def test_a_lake_through_a_link_answers(published: Lake, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(published.root)
    assert ask(Lake(tmp_path / "link"), WALLS) == [("a",)]


def test_a_reader_may_spill_and_attach_where_it_likes(published: Lake, tmp_path: Path) -> None:
    with duckdb.connect(str(published.published), read_only=True) as connection:
        connection.execute(f"set temp_directory = '{tmp_path}'")
        assert connection.execute(WALLS).fetchall() == [("a",)]
    with duckdb.connect() as connection:
        connection.execute(f"attach '{published.published}' as market (read_only)")
        query = f"select version from market.silver.{WALL}"
        assert connection.execute(query).fetchall() == [("a",)]


def test_publishing_a_moved_lake_needs_no_build(published: Lake) -> None:
    moved = move(published, "elsewhere")
    (difference,) = verify(moved).differences
    assert difference.path == "spymaster.duckdb"
    assert f"when the lake lay at {published.root}: run `spymaster publish`" in difference.reason
    publish(moved)
    assert verify(moved).ok
    # also for a session that has it beside another database
    with duckdb.connect() as connection:
        connection.execute(f"attach '{moved.published}' as market (read_only)")
        query = f"select version from market.silver.{WALL}"
        assert connection.execute(query).fetchall() == [("a",)]


def test_views_that_name_their_files_in_full_follow_a_move(lake: Lake) -> None:
    """As dbt leaves them, and as they were published by an earlier version."""
    shutil.copy(lake.warehouse, lake.published)
    copy = Lake(Path(shutil.copytree(lake.root, lake.root.with_name("copy"))))
    rebuilt(lake)
    with pytest.raises(SpymasterError) as refused, open_published(copy):
        pass
    assert str(refused.value) == (
        f"{copy.published}: reads the files of {lake.root}, where the lake lay when it was "
        "published (run `spymaster publish`)"
    )
    publish(copy)
    assert ask(copy, WALLS) == [("a",)]
    with duckdb.connect(str(copy.warehouse)) as connection:
        assert other_root(connection, copy) is None
        assert connection.execute(WALLS).fetchall() == [("a",)]


def test_dbt_reads_the_files_of_the_lake_it_builds(published: Lake) -> None:
    moved = move(published, "elsewhere")
    with duckdb.connect(str(moved.warehouse)) as connection:
        # as profiles.yml has it
        connection.execute(f"set temp_directory = '{moved.spill}'")
        assert connection.execute(WALLS).fetchall() == [("a",)]


def test_views_keep_their_descriptions(published: Lake) -> None:
    views = "select comment from duckdb_views() where not internal"
    assert ask(published, views) == [(DESCRIPTION,)]
    columns = f"select comment from duckdb_columns() where table_name = '{WALL}'"
    assert ask(published, columns) == [(DESCRIPTION,)]


def test_a_view_that_is_built_again_is_named_by_the_lake_again(published: Lake) -> None:
    files = run_pass(published, "b")
    list_passes(published, files)
    write_view(published, files[WALL])
    publish(published)
    with duckdb.connect(str(published.published), read_only=True) as connection:
        found = files_of_relations(connection)
    assert found[published.relative(files[WALL])] == f"silver.{WALL}"


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        (lambda path: path.unlink(), "is missing"),
        (lambda path: path.write_bytes(path.read_bytes()[:-9]), "is cut off"),
        (lambda path: path.write_bytes(b""), "is cut off"),
    ],
)
def test_what_cannot_be_read_is_not_published(published: Lake, damage, why: str) -> None:
    before = published.published.read_bytes()
    path = file_of(published, WALL, "a")
    damage(path)
    with pytest.raises(SpymasterError) as refused:
        publish(published)
    line = str(refused.value)
    assert line.startswith(f"{path}: {why}")
    assert f"silver.{WALL} reads it; nothing was published (run `spymaster build`" in line
    assert published.published.read_bytes() == before


def test_a_view_without_its_columns_is_not_published(lake: Lake) -> None:
    with duckdb.connect(str(lake.warehouse)) as connection:
        connection.execute("create view silver.more as select i from silver.numbers")
        connection.execute("alter table silver.numbers rename column i to j")
    with pytest.raises(SpymasterError, match=r"silver\.more: cannot be read, nothing was publish"):
        publish(lake)
    assert not lake.published.exists()


def test_verify_opens_what_is_published(published: Lake) -> None:
    assert verify(published).ok
    path = file_of(published, WALL, "a")
    path.unlink()
    found = {(one.path, one.reason.partition(":")[0]) for one in verify(published).differences}
    assert (published.relative(path), f"is missing, and silver.{WALL} reads it") in found
    assert ("spymaster.duckdb", f"silver.{WALL} cannot be read") in found


def test_a_view_whose_file_is_missing_waits_for_the_build(lake: Lake) -> None:
    path = file_of(lake, WALL, "a")
    path.unlink()
    with pytest.raises(SpymasterError) as refused:
        publish(lake)
    assert str(refused.value).startswith(f"{path}: is missing, and silver.{WALL} reads it")
    run_pass(lake, "a")
    publish(lake)
    assert ask(lake, WALLS) == [("a",)]
