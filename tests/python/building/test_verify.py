"""``verify`` finds every file that differs from its manifest."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from spymaster.commands.verify import command
from spymaster.verify import verify
from spymaster_ingest.lake import Lake
from spymaster_warehouse.durable_files import put_file_in_place, temporary_file
from support.dbn_files import definition, definitions, mbo, plain
from support.landing_lake import land_ok, mbo_partition

PARTITION = "bronze/source=databento/product_type=future/symbol=ESH4/table=mbo/dt=2024-03-05"
# a partition of a relation, and an index
BANDS = "silver/relations/physics_bands_1s/symbol=ESH4/dt=2024-03-05/physics_bands_1s-a.parquet"
INDEX = "indexes/root=ES/approach_dir=approach_up/level_id=all/index-flat_ip-a.faiss"


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """A lake with two landed partitions, their raw files inside it, and two built files."""
    lake = Lake(tmp_path / "lake")
    raw = lake.raw_table("future", "ES", "mbo")
    land_ok(
        lake,
        plain(raw / "a.dbn", mbo(100)),
        definitions(raw / "d.dbn", definition(17077, "ESH4")),
    )
    for path in (BANDS, INDEX):
        final = lake.root / path
        written = temporary_file(str(final))
        Path(written).write_bytes(b"what was built")
        put_file_in_place(written, str(final))
    return lake


def flip_last_byte(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(bytes(data))


def test_a_sound_lake(lake: Lake) -> None:
    report = verify(lake)
    assert report.differences == []
    assert report.files == 6
    assert report.without_hash == 0
    assert report.bytes > 0


def test_an_empty_lake(tmp_path: Path) -> None:
    report = verify(Lake(tmp_path))
    assert (report.ok, report.files) == (True, 0)


@pytest.mark.parametrize(
    ("damage", "path", "reason"),
    [
        (
            lambda lake: flip_last_byte(mbo_partition(lake) / "part-00000.parquet"),
            f"{PARTITION}/part-00000.parquet",
            "its sha256 is not the manifest's",
        ),
        (
            lambda lake: (mbo_partition(lake) / "part-00000.parquet").write_bytes(b"short"),
            f"{PARTITION}/part-00000.parquet",
            "has 5 bytes, its manifest says",
        ),
        (
            lambda lake: (mbo_partition(lake) / "part-00000.parquet").unlink(),
            f"{PARTITION}/part-00000.parquet",
            "is missing",
        ),
        (
            lambda lake: (mbo_partition(lake) / "part-00001.parquet").write_bytes(b"more"),
            f"{PARTITION}/part-00001.parquet",
            "is named by no manifest",
        ),
        (
            lambda lake: (mbo_partition(lake) / "_SUCCESS").unlink(),
            PARTITION,
            "is unfinished",
        ),
        (
            lambda lake: (mbo_partition(lake) / "_MANIFEST.json").write_text("{"),
            f"{PARTITION}/_MANIFEST.json",
            "cannot be read",
        ),
        (
            lambda lake: (mbo_partition(lake) / "_MANIFEST.json").write_text("{}"),
            f"{PARTITION}/_MANIFEST.json",
            "cannot be read",
        ),
        (
            lambda lake: flip_last_byte(lake.raw_table("future", "ES", "mbo") / "a.dbn"),
            "raw/source=databento/product_type=future/symbol=ES/table=mbo/a.dbn",
            "its sha256 is not the manifest's",
        ),
        *(
            (lambda lake, path=path: flip_last_byte(lake.root / path), path, "its sha256 is not")
            for path in (BANDS, INDEX)
        ),
        (lambda lake: (lake.root / BANDS).unlink(), BANDS, "is missing"),
        (
            lambda lake: (lake.root / f"{BANDS}.sha256").write_text("half"),
            f"{BANDS}.sha256",
            "cannot be read",
        ),
    ],
)
def test_each_kind_of_damage(
    lake: Lake, damage: Callable[[Lake], object], path: str, reason: str
) -> None:
    damage(lake)
    (difference,) = verify(lake).differences
    assert difference.path == path
    assert reason in difference.reason


def test_files_built_before_hashes_were_kept_are_counted(lake: Lake, monkeypatch) -> None:
    (lake.root / f"{BANDS}.sha256").unlink()
    report = verify(lake)
    assert (report.ok, report.files, report.without_hash) == (True, 5, 1)
    # markers of a version that kept no hash of a manifest
    (mbo_partition(lake) / "_SUCCESS").write_text("")
    report = verify(lake)
    assert (report.ok, report.files, report.without_hash) == (True, 5, 2)
    monkeypatch.setenv("SPYMASTER_LAKE", str(lake.root))
    result = CliRunner().invoke(command, [])
    assert result.output.endswith("2 files were written before hashes were kept of them\n")


def test_raw_files_may_be_missing(lake: Lake) -> None:
    (lake.raw_table("future", "ES", "mbo") / "a.dbn").unlink()
    assert verify(lake).ok


def test_raw_files_outside_the_lake_are_not_read(lake: Lake, tmp_path: Path) -> None:
    outside = plain(tmp_path / "b.dbn", mbo(5, instrument_id=5), symbols={5: "NQH4"})
    land_ok(lake, outside)
    outside.write_bytes(b"changed")
    assert verify(lake).ok


def test_command(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPYMASTER_LAKE", str(lake.root))
    result = CliRunner().invoke(command, [])
    assert result.exit_code == 0
    assert result.output.startswith("6 files, ")
    assert result.output.endswith("hashed: all as landed\n")
    flip_last_byte(mbo_partition(lake) / "part-00000.parquet")
    result = CliRunner().invoke(command, [])
    assert result.exit_code == 1
    first, state, remedy = result.output.splitlines()
    assert first == f"{PARTITION}/part-00000.parquet: its sha256 is not the manifest's"
    assert state.endswith("hashed: 1 differ")
    assert "spymaster land --overwrite" in remedy
    result = CliRunner().invoke(command, ["--json"])
    assert result.exit_code == 1
    assert json.loads(result.output)["differences"] == [
        {"path": f"{PARTITION}/part-00000.parquet", "reason": "its sha256 is not the manifest's"}
    ]
