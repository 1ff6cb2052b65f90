"""A build removes files that a build wrote: with a name of that form, and behind no link."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from spymaster_engine.kernels.book.surface_files import WALL
from spymaster_ingest.lake import Lake
from spymaster_ingest.landing.partition import remove_leftovers
from spymaster_warehouse.publish import publish
from spymaster_warehouse.whole_files import remove_damaged
from support.publish_lake import (
    BANDS,
    DAY,
    SYMBOL,
    built_lake,
    file_of,
    list_passes,
    name_of,
    run_pass,
)

PARTITION = f"symbol={SYMBOL}/dt={DAY}"
# below the folder to which a link leads: damaged files, and files that no publication names
FOREIGN = {
    "silver/relations/ext": (
        f"{PARTITION}/broken.parquet",
        f"{PARTITION}/ext-2024.parquet",
        f"{PARTITION}/{name_of('ext', 'a')}",
        f"{PARTITION}/.tmp-ext.parquet",
    ),
    f"silver/relations/{BANDS}": (f"{PARTITION}/{name_of(BANDS, 'a')}",),
    "silver/book_engine/symbol=ESH6": (f"dt={DAY}/{name_of(WALL, 'a')}", f"dt={DAY}/_DONE.json"),
    "indexes/root=ES": (
        f"approach_dir=approach_up/vectors-{'a' * 16}.npy",
        f"approach_dir=approach_up/vectors-{'a' * 16}.npy.sha256",
    ),
    "indexes/root=ES/approach_dir=approach_up/level_id=all": (f"index-flat_ip-{'a' * 16}.faiss",),
}
# names of other files in folders of the lake
OTHERS = (
    f"silver/relations/{BANDS}/{PARTITION}/{BANDS}-2024.parquet",
    f"silver/relations/{BANDS}/{PARTITION}/{BANDS}-of-mine.parquet",
    f"silver/relations/{BANDS}/{PARTITION}/.tmp-{BANDS}-of-mine.parquet",
    f"silver/relations/{BANDS}/{PARTITION}/{name_of('other', 'a')}",
    f"silver/relations/{BANDS}/mine=1/dt={DAY}/{name_of(BANDS, 'a')}",
    f"silver/book_engine/{PARTITION}/{WALL}-backup.parquet",
    "indexes/root=ES/approach_dir=approach_up/vectors-mine.npy",
    "indexes/root=ES/approach_dir=approach_up/index-mine.faiss",
    "spymaster.duckdb.wal-mine",
)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return built_lake(tmp_path)


def build_twice(lake: Lake) -> None:
    """Do what a build does with files that are there already, and publish twice."""
    for _ in range(2):
        remove_damaged(lake)
        publish(lake)


@pytest.mark.parametrize("link", FOREIGN)
def test_nothing_behind_a_link_goes(lake: Lake, tmp_path: Path, link: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    for name in FOREIGN[link]:
        (elsewhere / name).parent.mkdir(parents=True, exist_ok=True)
        (elsewhere / name).write_bytes(b"of another")
    (lake.root / link).parent.mkdir(parents=True, exist_ok=True)
    (lake.root / link).symlink_to(elsewhere)
    build_twice(lake)
    assert [name for name in FOREIGN[link] if not (elsewhere / name).exists()] == []


def test_no_linked_file_goes(lake: Lake, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.parquet"
    elsewhere.write_bytes(b"of another")
    link = lake.relations("silver") / BANDS / PARTITION / name_of(BANDS, "a")
    link.parent.mkdir(parents=True)
    link.symlink_to(elsewhere)
    build_twice(lake)
    assert elsewhere.exists()
    assert link.is_symlink()


@pytest.mark.parametrize("name", OTHERS)
def test_a_file_of_another_name_stays(lake: Lake, name: str) -> None:
    path = lake.root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"of another")
    build_twice(lake)
    assert path.exists()


def test_a_lake_that_is_reached_through_a_link_removes_its_own(lake: Lake, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(lake.root)
    list_passes(lake, run_pass(lake, "b"))
    with duckdb.connect(str(lake.warehouse)) as connection:
        connection.execute(f"drop view silver.{WALL}")
    outdated = file_of(lake, WALL, "a")
    assert outdated.exists()
    build_twice(Lake(link))
    assert not outdated.exists()


def test_a_landing_removes_no_folder_but_its_own(lake: Lake, tmp_path: Path) -> None:
    table = lake.bronze_partition("future", SYMBOL, "mbo", DAY).parent
    own = [table / f".tmp-dt={DAY}", table / ".tmp-dt=2024-03-05-old"]
    others = [table / ".tmp-dt=mine", table / f".tmp-dt={DAY}-mine"]
    for folder in (*own, *others, tmp_path / "elsewhere"):
        folder.mkdir()
        (folder / "part-00000.parquet").touch()
    link = table / ".tmp-dt=2024-03-06"
    link.symlink_to(tmp_path / "elsewhere")
    remove_leftovers(lake)
    assert [folder.exists() for folder in own] == [False, False]
    assert all((folder / "part-00000.parquet").exists() for folder in (*others, link))
