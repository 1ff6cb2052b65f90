"""Files that are cut off are found without reading them whole, and built again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from spymaster_ingest.durable import hash_file
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake
from spymaster_ingest.landing.manifest import MANIFEST_NAME, PART_NAME
from spymaster_warehouse.durable_files import put_file_in_place, temporary_file
from spymaster_warehouse.whole_files import remove_damaged, require_landed, what_is_wrong
from support.publish_lake import BANDS, DAY, SYMBOL, built_lake, write_partition

DAMAGE: dict[str, Callable[[Path], object]] = {
    "empty": lambda path: path.write_bytes(b""),
    "cut off": lambda path: path.write_bytes(path.read_bytes()[:-1]),
    "half of it": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "without its middle": lambda path: path.write_bytes(_both_ends(path)),
    "overwritten at its beginning": lambda path: path.write_bytes(b"\0" * 4 + _rest(path)),
    "garbage": lambda path: path.write_bytes(b"garbage" * 100),
}
HASH = "a" * 16
BANDS_FILE = f"silver/relations/{BANDS}/*/*/*.parquet"
LIBRARY = "indexes/root=ES/approach_dir=approach_up/"


def _both_ends(path: Path) -> bytes:
    written = path.read_bytes()
    return written[:4] + written[-8:]


def _rest(path: Path) -> bytes:
    return path.read_bytes()[4:]


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = built_lake(tmp_path)
    write_partition(lake, "a")
    for name in (f"vectors-{HASH}.npy", f"level_id=all/index-flat_ip-{HASH}.faiss"):
        final = str(lake.root / LIBRARY / name)
        written = temporary_file(final)
        Path(written).write_bytes(b"\x93NUMPY" * 50)
        put_file_in_place(written, final)
    return lake


def files_of(lake: Lake) -> set[Path]:
    return {path for path in lake.root.rglob("*") if path.is_file()}


def test_what_is_whole_stays(lake: Lake) -> None:
    before = files_of(lake)
    require_landed(lake)
    assert remove_damaged(lake) == []
    assert files_of(lake) == before


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize(
    "pattern",
    [BANDS_FILE, f"{LIBRARY}*.npy", f"{LIBRARY}level_id=all/*.faiss"],
)
def test_a_damaged_file_goes_with_its_hash(lake: Lake, pattern: str, damage: str) -> None:
    (path,) = lake.root.glob(pattern)
    before = files_of(lake)
    DAMAGE[damage](path)
    assert what_is_wrong(path) is not None
    assert remove_damaged(lake) == [path]
    assert files_of(lake) == before - {path, hash_file(path)}


def test_a_damaged_file_of_a_root_goes(lake: Lake) -> None:
    (intact,) = lake.root.glob(BANDS_FILE)
    path = lake.relations("gold") / "norms" / "root=ES" / f"dt={DAY}" / f"norms-{HASH}.parquet"
    path.parent.mkdir(parents=True)
    path.write_bytes(intact.read_bytes())
    assert remove_damaged(lake) == []
    path.write_bytes(intact.read_bytes()[:-1])
    assert remove_damaged(lake) == [path]


@pytest.mark.parametrize("text", ["", "garbage", "[]", "null", "{"])
def test_a_landed_partition_without_a_manifest_is_named(lake: Lake, text: str) -> None:
    manifest = lake.bronze_partition("future", SYMBOL, "mbo", DAY) / MANIFEST_NAME
    manifest.write_text(text)
    with pytest.raises(SpymasterError) as refused:
        require_landed(lake)
    assert str(refused.value).startswith(f"{manifest}: is no manifest, nothing was built (land")


@pytest.mark.parametrize("damage", DAMAGE)
def test_landed_records_that_are_cut_off_are_named_and_stay(lake: Lake, damage: str) -> None:
    part = lake.bronze_partition("future", SYMBOL, "mbo", DAY) / PART_NAME
    DAMAGE[damage](part)
    with pytest.raises(SpymasterError) as refused:
        require_landed(lake)
    assert str(refused.value).startswith(f"{part}: is cut off")
    assert remove_damaged(lake) == []
    assert part.exists()
