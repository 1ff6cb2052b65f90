"""The reader returns the vendor's client's records and finds all damage of the container."""

from __future__ import annotations

import struct
from pathlib import Path

import databento
import numpy as np
import pytest
import zstandard
from spymaster_ingest.dbn.frames import scan_frames
from spymaster_ingest.dbn.layouts import flag_words
from spymaster_ingest.dbn.reader import DbnFile
from spymaster_ingest.errors import SpymasterError
from support.dbn_files import (
    compress,
    decompress,
    definition,
    definitions,
    mbo,
    metadata,
    plain,
    split,
    write,
)

READABLE = (
    "es_mbo/esh4-glbx-mdp3-20231224.mbo.dbn.zst",
    "es_mbo/esh4-glbx-mdp3-20231225.mbo.dbn.zst",
    "es_mbo/esm4-glbx-mdp3-20240508-first-2s.mbo.dbn.zst",
    "es_trades_rth/esm4-glbx-mdp3-20240610-1430-1435.trades.dbn.zst",
    "es_cross_schema/futures_trades_2024-07-01T23-58_2024-07-02T00-02.dbn.zst",
)
DEFINITIONS = (
    "definitions/definition-glbx-es-fut.dbn.zst",
    "definitions/definition-glbx-es-futspread.dbn.zst",
    "definitions/definition-glbx-es-opt.dbn.zst",
    "es_cross_schema/futures_definition.dbn.zst",
    "es_options/20240509_options_definition.dbn.zst",
)


def read_all(path: Path, chunk_records: int = 1 << 16) -> np.ndarray:
    return np.concatenate(list(DbnFile(path).chunks(chunk_records)))


@pytest.mark.parametrize("name", READABLE)
def test_records_equal_the_vendors(shared_data: Path, name: str) -> None:
    ours = read_all(shared_data / name)
    theirs = databento.DBNStore.from_file(shared_data / name).to_ndarray()
    assert len(ours) == len(theirs)
    for field in ours.dtype.names:
        np.testing.assert_array_equal(ours[field], theirs[field], err_msg=field)


@pytest.mark.parametrize("name", DEFINITIONS)
def test_definitions_equal_the_vendors(shared_data: Path, name: str) -> None:
    ours = read_all(shared_data / name)
    theirs = list(databento.DBNStore.from_file(shared_data / name))
    assert len(ours) == len(theirs)
    for mine, vendor in zip(ours, theirs, strict=True):
        for field in ("instrument_id", "ts_recv", "expiration", "strike_price", "underlying_id"):
            assert int(mine[field]) == getattr(vendor, field), field
        for field in ("raw_symbol", "asset", "group", "underlying", "currency"):
            assert mine[field].decode() == getattr(vendor, field), field


@pytest.mark.parametrize("chunk_records", [1, 7, 1000, 8724, 8725, 8726])
def test_chunks_do_not_change_the_records(shared_data: Path, chunk_records: int) -> None:
    path = shared_data / READABLE[0]
    records = read_all(path, chunk_records)
    assert records.tobytes() == split(decompress(path))[1]


def test_header(shared_data: Path) -> None:
    header = DbnFile(shared_data / READABLE[1]).header
    assert (header.version, header.schema, header.dataset) == (1, "mbo", "GLBX.MDP3")
    assert header.end_ns - header.start_ns == 24 * 3600 * 10**9
    (interval,) = header.mappings
    assert (interval.instrument_id, interval.symbol) == (17077, "ESH4")


def test_checksums_are_counted_per_frame(shared_data: Path, tmp_path: Path) -> None:
    assert DbnFile(shared_data / READABLE[1]).frames.all_checksums
    assert not DbnFile(shared_data / DEFINITIONS[0]).frames.all_checksums
    mixed = tmp_path / "mixed.dbn.zst"
    mixed.write_bytes(compress(metadata("mbo")) + compress(mbo(3).tobytes(), checksum=False))
    scan = DbnFile(mixed).frames
    assert (scan.frames, scan.frames_with_checksum) == (2, 1)


@pytest.mark.parametrize("level", [1, 19])
@pytest.mark.parametrize("payload", [b"", b"x", bytes(3_000_000), np.arange(400_000).tobytes()])
@pytest.mark.parametrize("content_size", [True, False])
def test_the_walk_finds_the_end_of_frames_of_every_kind(
    tmp_path: Path, level: int, payload: bytes, content_size: bool
) -> None:
    compressor = zstandard.ZstdCompressor(
        level=level, write_checksum=level == 1, write_content_size=content_size
    )
    frame = compressor.compress(payload)
    path = tmp_path / "frame.zst"
    path.write_bytes(frame + frame)
    scan = scan_frames(path)
    assert (scan.frames, scan.all_checksums) == (2, level == 1)
    for cut in {1, 4, 5, len(frame) - 1, len(frame) + 1, 2 * len(frame) - 1}:
        path.write_bytes((frame + frame)[:cut])
        with pytest.raises(SpymasterError, match=r"truncated|not a zstd file"):
            scan_frames(path)


def test_skippable_frames_are_legal(tmp_path: Path) -> None:
    skippable = struct.pack("<II", 0x184D2A53, 5) + b"hello"
    records = mbo(4)
    path = tmp_path / "skippable.dbn.zst"
    path.write_bytes(compress(metadata("mbo")) + skippable + compress(records.tobytes()))
    assert read_all(path).tobytes() == records.tobytes()
    path.write_bytes(path.read_bytes() + skippable[:-1])
    with pytest.raises(SpymasterError, match="truncated"):
        DbnFile(path)


def test_plain_and_compressed_files_are_the_same(tmp_path: Path) -> None:
    records = mbo(100)
    one = plain(tmp_path / "a.dbn", records)
    other = plain(tmp_path / "a.dbn.zst", records)
    assert read_all(one).tobytes() == read_all(other).tobytes() == records.tobytes()


def _broken(kind: str, tmp_path: Path) -> Path:
    """Write one broken file and return its path."""
    records, header = mbo(10), metadata("mbo")
    body = records.tobytes()
    parts: dict[str, tuple[str, bytes]] = {
        "empty": ("a.dbn.zst", b""),
        "empty plain": ("a.dbn", b""),
        "not zstd": ("a.dbn.zst", header + body),
        "not DBN": ("a.dbn", b"PAR1" + bytes(200)),
        "not DBN inside zstd": ("a.dbn.zst", compress(b"PAR1" + bytes(200))),
        "half a prefix": ("a.dbn", header[:6]),
        "half a header": ("a.dbn", header[:60]),
        "version 0": ("a.dbn", header[:3] + b"\x00" + header[4:] + body),
        "version 4": ("a.dbn", header[:3] + b"\x04" + header[4:] + body),
        "huge header": ("a.dbn", header[:4] + b"\xff\xff\xff\xff" + header[8:] + body),
        "long header": ("a.dbn.zst", compress(header[:4] + (1 << 27).to_bytes(4, "little"))),
        "header only": ("a.dbn", header),
        "header only, zstd": ("a.dbn.zst", compress(header)),
        "half a record": ("a.dbn", header + body[:-1]),
        "half a record, zstd": ("a.dbn.zst", compress(header, body[:-1])),
        "trailing bytes": ("a.dbn", header + body + b"\0"),
        "trailing bytes, zstd": ("a.dbn.zst", compress(header, body) + b"\0"),
        "trailing text, zstd": ("a.dbn.zst", compress(header, body) + b"trailing text"),
        "two files joined": ("a.dbn", (header + body) * 2),
        "over the limit": ("a.dbn", metadata("mbo", limit=9) + body),
        "wrong schema": ("a.dbn", metadata("ohlcv-1h") + body),
        "records of another schema": ("a.dbn", metadata("trades") + body),
    }
    name, data = parts[kind]
    path = tmp_path / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("empty", "is empty"),
        ("empty plain", "is empty"),
        ("not zstd", "not a zstd file"),
        ("not DBN", "not a DBN file"),
        ("not DBN inside zstd", "not a DBN file"),
        ("half a prefix", "ends inside the DBN header"),
        ("half a header", "ends inside the DBN header"),
        ("version 0", "DBN version 0"),
        ("version 4", "DBN version 4"),
        ("huge header", "damaged header"),
        ("long header", "its length would be 134217728 bytes"),
        ("header only", "no records"),
        ("header only, zstd", "no records"),
        ("half a record", "ends inside a record"),
        ("half a record, zstd", "ends inside a record"),
        ("trailing bytes", "ends inside a record"),
        ("trailing bytes, zstd", "truncated"),
        ("trailing text, zstd", "13 bytes follow the last zstd frame"),
        ("two files joined", "record 10: length is 68"),
        ("over the limit", "holds 10 records, its header allows 9"),
        ("wrong schema", "has schema ohlcv-1h"),
        ("records of another schema", "record 0: length is 14"),
    ],
)
def test_a_broken_container_is_one_clear_error(tmp_path: Path, kind: str, reason: str) -> None:
    path = _broken(kind, tmp_path)
    with pytest.raises(SpymasterError, match=reason) as caught:
        read_all(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(SpymasterError, match="No such file"):
        DbnFile(tmp_path / "none.dbn")


@pytest.mark.parametrize("version", [1, 2, 3])
def test_definitions_of_every_version(tmp_path: Path, version: int) -> None:
    record = definition(7, "ESH4", version=version)
    path = definitions(tmp_path / "d.dbn.zst", record, version=version)
    file = DbnFile(path)
    assert file.header.version == version
    (read,) = read_all(path)
    assert read["raw_symbol"] == b"ESH4"
    assert read["min_price_increment"] == 250_000_000


def test_definition_records_of_another_version_are_refused(tmp_path: Path) -> None:
    record = definition(7, "ESH4", version=2)
    path = write(tmp_path / "d.dbn", metadata("definition", version=3), record)
    with pytest.raises(SpymasterError, match=r"length is 100, definition records have 130|inside"):
        read_all(path)


def test_flag_words() -> None:
    assert flag_words(168) == "last + snapshot + bad_ts_recv"
    assert flag_words(130) == "last + publisher_specific"
    assert flag_words(0) == "none"
    assert flag_words(1) == "unknown(1)"
