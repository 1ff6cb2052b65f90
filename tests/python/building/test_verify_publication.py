"""``verify`` finds a flipped bit in what is published, in the warehouse and in every manifest."""

from __future__ import annotations

import subprocess
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner
from spymaster import verify as verification
from spymaster.commands.verify import command
from spymaster.verify import verify
from spymaster_ingest.durable import hash_file
from spymaster_ingest.lake import LAKE_VARIABLE, MARKER, Lake
from spymaster_ingest.landing.manifest import MANIFEST_NAME, SUCCESS_NAME
from spymaster_warehouse import publish as publishing
from spymaster_warehouse.access import connect
from spymaster_warehouse.durable_files import Plugin
from spymaster_warehouse.publish import publish
from support.dbn_files import DAY, definition, definitions, mbo, plain
from support.held_database import held_open
from support.landing_lake import land_ok, mbo_partition
from support.publish_lake import built_lake

# bits that are flipped in a database, spread evenly over it
BITS = 40
WRITE = "insert into silver.numbers select range, hash(range) from range(300_000)"


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """A published lake."""
    lake = built_lake(tmp_path)
    publish(lake)
    assert verify(lake).differences == []
    return lake


def flip(path: Path, bit: int) -> None:
    data = bytearray(path.read_bytes())
    data[bit // 8] ^= 1 << bit % 8
    path.chmod(0o644)
    path.write_bytes(data)


def damaged(lake: Lake) -> list[str]:
    return [difference.path for difference in verify(lake).differences]


def missed(lake: Lake, path: Path, bits: range) -> list[int]:
    """Return the bits of a file whose flip nothing reports."""
    found = []
    for bit in bits:
        flip(path, bit)
        report = verify(lake)
        if report.ok:
            found.append(bit)
        flip(path, bit)
    assert verify(lake).ok
    return found


@pytest.mark.parametrize("name", ["spymaster.duckdb", "warehouse.duckdb"])
def test_a_flipped_bit_of_a_database(lake: Lake, name: str) -> None:
    bits = (lake.root / name).stat().st_size * 8
    assert missed(lake, lake.root / name, range(3, bits, bits // BITS)) == []


def test_a_flipped_bit_of_a_hash(lake: Lake) -> None:
    for path in (lake.published, lake.warehouse):
        beside = hash_file(path)
        assert missed(lake, beside, range(0, beside.stat().st_size * 8, 31)) == []


@pytest.mark.parametrize("name", [MANIFEST_NAME, SUCCESS_NAME])
def test_a_flipped_bit_of_a_manifest(tmp_path: Path, name: str) -> None:
    lake = Lake(tmp_path / "lake")
    raw = lake.raw_table("future", "ES", "mbo")
    land_ok(
        lake,
        plain(raw / "a.dbn", mbo(100)),
        definitions(raw / "d.dbn", definition(17077, "ESH4")),
    )
    path = mbo_partition(lake, day=DAY) / name
    bits = path.stat().st_size * 8
    assert missed(lake, path, range(0, bits, max(bits // 200, 1))) == []


def test_a_published_file_that_nobody_hashed_is_counted_and_read(lake: Lake) -> None:
    hash_file(lake.published).unlink()
    report = verify(lake)
    assert (report.ok, report.without_hash) == (True, 1)
    data = bytearray(lake.published.read_bytes())
    lake.published.chmod(0o644)
    # the blocks of the values, whose checksums DuckDB keeps
    lake.published.write_bytes(data[:12_288] + bytes(len(data) - 12_288))
    assert damaged(lake) == ["spymaster.duckdb"]


# ---- the warehouse, which dbt writes in place


def change(lake: Lake) -> None:
    """Write to the warehouse as a plain dbt does: through the lock, and without a publication."""
    with connect(lake) as connection:
        connection.execute(WRITE)


def test_a_warehouse_that_was_built_since_is_not_called_damaged(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(lake)
    report = verify(lake)
    assert report.differences == []
    (note,) = report.not_compared
    assert note.path == "warehouse.duckdb"
    assert "was opened for writing after the last publication" in note.reason
    monkeypatch.setenv(LAKE_VARIABLE, str(lake.root))
    result = CliRunner().invoke(command, [])
    assert result.exit_code == 0
    assert "warehouse.duckdb: was opened for writing after the last publication" in result.output
    publish(lake)
    assert verify(lake).not_compared == []


def test_a_damaged_warehouse_is_found_although_it_was_built_since(lake: Lake) -> None:
    change(lake)
    data = bytearray(lake.warehouse.read_bytes())
    lake.warehouse.write_bytes(data[:12_288] + bytes(len(data) - 12_288))
    assert damaged(lake) == ["warehouse.duckdb"]


def test_a_warehouse_that_another_program_changed_is_found(lake: Lake) -> None:
    with duckdb.connect(str(lake.warehouse)) as connection:
        connection.execute(WRITE)
    assert damaged(lake) == ["warehouse.duckdb"]


def test_a_warehouse_at_work_is_not_compared(lake: Lake) -> None:
    with connect(lake):
        pass
    with held_open(lake.warehouse):
        report = verify(lake)
    assert report.differences == []
    (note,) = report.not_compared
    assert "is open in another process" in note.reason


def test_a_warehouse_opened_while_it_is_hashed_is_not_called_damaged(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed = []
    sha256 = verification.file_sha256

    def hash_and_change(path: Path) -> str:
        if path == lake.warehouse and not hashed:
            hashed.append(path)
            change(lake)
        return sha256(path)

    monkeypatch.setattr(verification, "file_sha256", hash_and_change)
    report = verify(lake)
    assert hashed
    assert report.differences == []


# ---- a publication that dies


@pytest.mark.parametrize("step", ["before", "after"])
def test_a_publication_that_dies_around_the_replacement_leaves_no_damage(
    lake: Lake, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(lake)
    replace = publishing._replace

    def die(temporary: Path, published: Path) -> None:
        if step == "after":
            replace(temporary, published)
        raise KeyboardInterrupt

    monkeypatch.setattr(publishing, "_replace", die)
    with pytest.raises(KeyboardInterrupt):
        publish(lake)
    assert damaged(lake) == []


def test_the_hashes_are_those_of_sha256sum(lake: Lake) -> None:
    names = [hash_file(path).name for path in (lake.published, lake.warehouse)]
    subprocess.run(["sha256sum", "--check", "--strict", *names], cwd=lake.root, check=True)


def test_a_dbt_run_opens_the_warehouse_through_the_lock(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its plugin drops the hash before dbt writes, so that a plain dbt needs no other step."""
    (lake.root / MARKER).touch()
    monkeypatch.setenv(LAKE_VARIABLE, str(lake.root))
    # of a run before, in the same process
    monkeypatch.setattr("spymaster_warehouse.durable_files.get_flags", lambda: None)
    # which calls initialize
    Plugin("durable_files", {}, None)
    assert not hash_file(lake.warehouse).exists()
