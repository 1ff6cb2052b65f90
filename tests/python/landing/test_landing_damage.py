"""Damaged copies of a real file never give a traceback, nor a partition if damage is found.

Without zstd checksum a flipped bit can turn a sound record into another (an order id, a size),
which nothing in the file contradicts; the landed values must still pass every check.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from spymaster_ingest.lake import Lake
from spymaster_ingest.landing import land
from support.dbn_files import (
    bbo,
    compress,
    decompress,
    decompressed,
    flip_bit,
    mbo,
    mbp,
    metadata,
    split,
    statistics,
    status,
    trades,
)
from support.landing_lake import files_in, land_one_error, mbo_partition, rows

DAMAGES = 50
ESH4_CHRISTMAS_EVE = "es_mbo/esh4-glbx-mdp3-20231224.mbo.dbn.zst"
EVE = dt.date(2023, 12, 24)

# With the seeds below 30 of 50 flips in a compressed stream without checksum are found (the stream
# depends on the compressor's version) and 24 of 50 in plain records; the others change a value to
# one that a sound record may have.
LEAST_FOUND_COMPRESSED = 20
LEAST_FOUND_PLAIN = 24


# Flips found in 100 plain records of a schema, of 50; ids, sizes and free fields hide the others.
LEAST_FOUND_OF_SCHEMA = {
    "mbp-10": 35,
    "mbp-1": 34,
    "tbbo": 23,
    "trades": 24,
    "bbo-1s": 34,
    "bbo-1m": 34,
    "statistics": 19,
    "status": 25,
}


def of_schema(schema: str, count: int = 100) -> bytes:
    """Return sound records of a schema."""
    make = {
        "mbp-10": mbp,
        "mbp-1": lambda count: mbp(count, levels=1),
        "tbbo": lambda count: mbp(count, levels=1, action=b"T"),
        "trades": trades,
        "bbo-1s": bbo,
        "bbo-1m": lambda count: bbo(count, rtype=196),
        "statistics": statistics,
        "status": status,
    }
    return make[schema](count).tobytes()


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


@pytest.fixture
def damaged(lake: Lake, tmp_path: Path) -> Callable[[bytes, str], bool]:
    """Land damaged bytes; return whether the damage was found; assert that the lake is sound."""

    def run(data: bytes, name: str = "damaged.dbn.zst") -> bool:
        path = tmp_path / name
        path.write_bytes(data)
        report = land([path], lake, allow_missing_definitions=True, overwrite=True)
        if report.errors:
            (error,) = report.errors
            assert "\n" not in str(error)
            assert str(path) in str(error)
            assert files_in(lake) == []
            return True
        for result in report.partitions:
            if result.dataset == "bronze.future_mbo.mbo":
                assert_sound(mbo_partition(lake, result.symbol, result.day))
        _clear(lake)
        return False

    return run


def _clear(lake: Lake) -> None:
    for path in sorted(lake.bronze.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()


def assert_sound(partition: Path) -> None:
    """Assert the rules of every check, as DuckDB reads the rows."""
    wrong = rows(
        partition,
        """
        count(*) filter (action not in ('A', 'C', 'M', 'R', 'T', 'F', 'N')),
        count(*) filter (side not in ('A', 'B', 'N')),
        count(*) filter (flags & 1 = 1),
        count(*) filter (price_int % 250000000 <> 0),
        count(*) filter (action in ('A', 'M') and (price_int is null or side = 'N')),
        count(*) filter (action = 'A' and (size = 0 or order_id = 0)),
        count(*) filter (ts_recv < before)
        """,
        "",
        source="(select *, lag(ts_recv) over (order by rec_ordinal) as before from part)",
    )
    assert wrong == [(0,) * 7]


def test_every_cut_is_found(shared_data: Path, damaged: Callable[..., bool]) -> None:
    data = (shared_data / ESH4_CHRISTMAS_EVE).read_bytes()
    places = random.Random(1).sample(range(len(data)), DAMAGES)
    assert [place for place in places if not damaged(data[:place])] == []


@pytest.mark.parametrize("checksum", [True, False])
def test_every_cut_of_many_frames_is_found(
    shared_data: Path, damaged: Callable[..., bool], checksum: bool
) -> None:
    header, body = split(decompress(shared_data / ESH4_CHRISTMAS_EVE))
    parts = [body[start : start + 56_000] for start in range(0, len(body), 56_000)]
    data = compress(header, *parts, checksum=checksum)
    ends = np.cumsum([len(compress(part, checksum=checksum)) for part in (header, *parts)])
    assert not damaged(data)
    generator = random.Random(2)
    places = [place for place in generator.sample(range(len(data)), DAMAGES) if place not in ends]
    assert [place for place in places if not damaged(data[:place])] == []
    assert all(damaged(data + extra) for extra in (b"\0", b"\n", data[:3], data[:40], data))


def test_a_cut_between_frames_is_found_only_with_half_a_record(
    shared_data: Path, damaged: Callable[..., bool]
) -> None:
    header, body = split(decompress(shared_data / ESH4_CHRISTMAS_EVE))
    first, second = body[:56_000], body[56_000:]
    # Nothing in the file says that records are missing: it equals a shorter sound file.
    assert not damaged(compress(header, first))
    assert damaged(compress(header, first[:-20]))
    assert damaged(compress(header))
    assert not damaged(compress(header, first, second))


def test_every_flipped_bit_is_found_with_checksum(
    shared_data: Path, damaged: Callable[..., bool]
) -> None:
    data = (shared_data / ESH4_CHRISTMAS_EVE).read_bytes()
    bits = random.Random(3).sample(range(8 * len(data)), DAMAGES)
    missed = [bit for bit in bits if not damaged(flip_bit(data, bit))]
    assert missed == []


def test_every_flipped_bit_of_the_frame_headers_is_found_or_harmless(
    shared_data: Path, damaged: Callable[..., bool]
) -> None:
    path = shared_data / ESH4_CHRISTMAS_EVE
    data = path.read_bytes()
    # Magic, descriptor, window and content size of the first frame, then the first block header.
    missed = [bit for bit in range(8 * 13) if not damaged(flip_bit(data, bit))]
    # A larger window and the descriptor's unused bit do not change what is decoded.
    assert len(missed) <= 12


def test_flipped_bits_without_checksum(shared_data: Path, damaged: Callable[..., bool]) -> None:
    data = compress(*split(decompress(shared_data / ESH4_CHRISTMAS_EVE)), checksum=False)
    bits = random.Random(4).sample(range(8 * len(data)), DAMAGES)
    found = sum(damaged(flip_bit(data, bit)) for bit in bits)
    assert found >= LEAST_FOUND_COMPRESSED


def test_flipped_bits_of_plain_records(shared_data: Path, damaged: Callable[..., bool]) -> None:
    data = decompress(shared_data / ESH4_CHRISTMAS_EVE)
    bits = random.Random(5).sample(range(8 * len(data)), DAMAGES)
    found = sum(damaged(flip_bit(data, bit), "damaged.dbn") for bit in bits)
    assert found >= LEAST_FOUND_PLAIN


def test_every_flipped_bit_of_a_header_is_an_error_or_harmless(
    damaged: Callable[..., bool],
) -> None:
    header, body = metadata("mbo"), mbo(3).tobytes()
    bits = random.Random(6).sample(range(8 * len(header)), DAMAGES)
    for bit in bits:
        damaged(flip_bit(header, bit) + body, "damaged.dbn")


@pytest.mark.parametrize("rest", [1, 8, 55])
def test_plain_file_cut_inside_a_record(lake: Lake, tmp_path: Path, rest: int) -> None:
    path = tmp_path / "a.dbn"
    path.write_bytes(metadata("mbo") + mbo(20).tobytes()[: 56 * 12 + rest])
    assert f"ends inside a record, {rest} bytes after record 12" in land_one_error(lake, path)


@pytest.mark.parametrize("schema", LEAST_FOUND_OF_SCHEMA)
def test_every_schema_finds_cuts_and_flipped_bits(
    damaged: Callable[..., bool], schema: str
) -> None:
    header, body = metadata(schema), of_schema(schema)
    data = compress(header + body)
    assert not damaged(data)
    generator = random.Random(7)
    places = generator.sample(range(len(data)), DAMAGES)
    assert [place for place in places if not damaged(data[:place])] == []
    flipped = [flip_bit(data, bit) for bit in generator.sample(range(8 * len(data)), DAMAGES)]
    # A bit may be redundant: a file whose flip is not found unpacks to the same bytes.
    missed = [flip for flip in flipped if not damaged(flip)]
    assert [flip for flip in missed if decompressed(flip) != header + body] == []
    assert len(missed) <= 1


@pytest.mark.parametrize(("schema", "least"), LEAST_FOUND_OF_SCHEMA.items())
def test_flipped_bits_in_plain_records_of_every_schema(
    damaged: Callable[..., bool], schema: str, least: int
) -> None:
    header, body = metadata(schema), of_schema(schema)
    bits = random.Random(8).sample(range(8 * len(body)), DAMAGES)
    found = sum(damaged(header + flip_bit(body, bit), "damaged.dbn") for bit in bits)
    assert found >= least


@pytest.mark.parametrize("schema", LEAST_FOUND_OF_SCHEMA)
def test_every_schema_finds_half_a_record(damaged: Callable[..., bool], schema: str) -> None:
    header, body = metadata(schema), of_schema(schema)
    assert damaged(header + body[:-1], "damaged.dbn")
    assert damaged(header, "damaged.dbn")
