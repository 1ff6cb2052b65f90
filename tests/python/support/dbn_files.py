"""Make small DBN files for tests: sound files in the vendor's layouts, and damaged copies."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import databento_dbn
import numpy as np
import zstandard
from spymaster_ingest.dbn.layouts import (
    BBO_1S,
    DEFINITION,
    LAYOUTS,
    MBO,
    MBP_1,
    MBP_10,
    OHLCV_1S,
    STATISTICS,
    STATUS,
    TRADES,
    UNDEFINED_PRICE,
    UNDEFINED_QUANTITY,
    UNDEFINED_TIMESTAMP,
    RecordLayout,
)

SECOND_NS = 1_000_000_000
DAY_NS = 24 * 3600 * SECOND_NS
DAY = dt.date(2024, 3, 5)
DAY_START_NS = int(np.datetime64(DAY, "ns").astype(np.int64))
TICK = 250_000_000
ESH4 = 17077
SYMBOLS = {ESH4: "ESH4"}

_METADATA_PREFIX_BYTES = 8


def metadata(
    schema: str,
    symbols: dict[int, str] | None = None,
    *,
    version: int = 3,
    start: int = DAY_START_NS,
    end: int | None = DAY_START_NS + DAY_NS,
    limit: int | None = None,
    day: dt.date = DAY,
) -> bytes:
    """Return an encoded header; the symbols hold for a year around ``day``."""
    mappings = [
        SimpleNamespace(
            raw_symbol=symbol,
            intervals=[
                SimpleNamespace(
                    start_date=day - dt.timedelta(days=180),
                    end_date=day + dt.timedelta(days=180),
                    symbol=str(number),
                )
            ],
        )
        for number, symbol in (SYMBOLS if symbols is None else symbols).items()
    ]
    header = databento_dbn.Metadata(
        dataset="GLBX.MDP3",
        start=start,
        end=end,
        limit=limit,
        schema=databento_dbn.Schema.from_str(schema),
        stype_in=databento_dbn.SType.RAW_SYMBOL,
        stype_out=databento_dbn.SType.INSTRUMENT_ID,
        symbols=[mapping.raw_symbol for mapping in mappings],
        mappings=mappings,
        version=version,
    )
    return bytes(header)


def split(data: bytes) -> tuple[bytes, bytes]:
    """Return (header, body) of a decompressed DBN stream."""
    length = _METADATA_PREFIX_BYTES + int.from_bytes(data[4:8], "little")
    return data[:length], data[length:]


def decompress(path: Path) -> bytes:
    """Return the decompressed stream of a ``.dbn.zst`` file."""
    return decompressed(path.read_bytes())


def decompressed(data: bytes) -> bytes:
    """Return the content of all zstd frames of ``data``."""
    return zstandard.ZstdDecompressor().stream_reader(data, read_across_frames=True).read()


def compress(*parts: bytes, checksum: bool = True) -> bytes:
    """Return one zstd frame per part."""
    compressor = zstandard.ZstdCompressor(level=3, write_checksum=checksum)
    return b"".join(compressor.compress(part) for part in parts)


def write(path: Path, *parts: bytes | np.ndarray, checksum: bool = True) -> Path:
    """Write the parts as a plain file, or as one zstd frame each when ``path`` ends in .zst."""
    data = [part.tobytes() if isinstance(part, np.ndarray) else part for part in parts]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(
        compress(*data, checksum=checksum) if path.suffix == ".zst" else b"".join(data)
    )
    return path


def flip_bit(data: bytes, bit: int) -> bytes:
    """Return ``data`` with one bit flipped."""
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << (bit % 8)
    return bytes(changed)


def mbo(
    count: int,
    *,
    instrument_id: int | Sequence[int] = ESH4,
    start: int = DAY_START_NS + 3600 * SECOND_NS,
    step: int = SECOND_NS,
    **fields: Any,
) -> np.ndarray:
    """Return ``count`` sound add records, ``step`` ns apart; ``fields`` replace values."""
    records = np.zeros(count, dtype=MBO.dtype(3))
    records["length"] = MBO.length_words(3)
    records["rtype"] = MBO.rtype
    records["order_id"] = np.arange(1, count + 1)
    records["action"] = b"A"
    records["side"] = np.where(np.arange(count) % 2 == 0, b"B", b"A")
    records["flags"] = 130
    return _common(records, instrument_id, start, step, fields)


def trades(count: int, **fields: Any) -> np.ndarray:
    """Return ``count`` sound trades, one second apart; arguments as for :func:`mbo`."""
    records = _blank(TRADES, count, 3)
    records["action"] = b"T"
    records["side"] = b"B"
    return _standard(records, fields)


def mbp(count: int, *, levels: int = 10, **fields: Any) -> np.ndarray:
    """Return ``count`` sound price updates (mbp-10, or mbp-1 and tbbo with one level)."""
    layout = MBP_10 if levels > 1 else MBP_1
    records = _blank(layout, count, 3)
    records["action"] = b"A"
    records["side"] = np.where(np.arange(count) % 2 == 0, b"B", b"A")
    records["flags"] = 130
    _fill_levels(records, levels)
    return _standard(records, fields)


def bbo(count: int, **fields: Any) -> np.ndarray:
    """Return ``count`` sound states of the best quotes (bbo-1s)."""
    records = _blank(BBO_1S, count, 3)
    records["side"] = b"B"
    records["flags"] = 130
    _fill_levels(records, 1)
    return _standard(records, fields)


def bars(count: int, **fields: Any) -> np.ndarray:
    """Return ``count`` sound bars of one second (ohlcv-1s)."""
    records = _blank(OHLCV_1S, count, 3)
    records["publisher_id"] = 1
    records["instrument_id"] = ESH4
    records["ts_event"] = DAY_START_NS + SECOND_NS * (3600 + np.arange(count))
    middle = 5_000 * SECOND_NS + TICK * (np.arange(count) % 40)
    for name, ticks in (("open", 0), ("high", 3), ("low", -2), ("close", 1)):
        records[name] = middle + ticks * TICK
    records["volume"] = 1 + np.arange(count) % 9
    for name, value in fields.items():
        records[name] = value
    return records


def statistics(count: int, *, version: int = 3, **fields: Any) -> np.ndarray:
    """Return ``count`` sound statistics of a DBN version: settlement prices."""
    records = _blank(STATISTICS, count, version)
    narrow = np.iinfo(np.int32).max
    records["quantity"] = UNDEFINED_QUANTITY if version == 3 else narrow
    records["ts_ref"] = UNDEFINED_TIMESTAMP
    records["stat_type"] = 3
    records["update_action"] = 1
    return _standard(records, fields)


def status(count: int, **fields: Any) -> np.ndarray:
    """Return ``count`` sound status messages of action trading."""
    records = _blank(STATUS, count, 3)
    records["action"] = 7
    records["reason"] = 1
    for name in ("is_trading", "is_quoting", "is_short_sell_restricted"):
        records[name] = b"~"
    return _standard(records, fields)


def _blank(layout: RecordLayout, count: int, version: int) -> np.ndarray:
    records = np.zeros(count, dtype=layout.dtype(version))
    records["length"] = layout.length_words(version)
    records["rtype"] = layout.rtype
    return records


def _fill_levels(records: np.ndarray, levels: int) -> None:
    """Put a book of one lot more per level around 5,000 points, one order per two lots."""
    for level in range(levels):
        lots = level + 2 + np.arange(len(records)) % 7
        for side, price in (("bid", 19_999 - level), ("ask", 20_000 + level)):
            records[f"{side}_px_{level:02d}"] = TICK * price
            records[f"{side}_sz_{level:02d}"] = lots
            records[f"{side}_ct_{level:02d}"] = lots // 2


def _standard(records: np.ndarray, fields: dict[str, Any]) -> np.ndarray:
    start = fields.pop("start", DAY_START_NS + 3600 * SECOND_NS)
    step = fields.pop("step", SECOND_NS)
    return _common(records, fields.pop("instrument_id", ESH4), start, step, fields)


def _common(
    records: np.ndarray,
    instrument_id: int | Sequence[int],
    start: int,
    step: int,
    fields: dict[str, Any],
) -> np.ndarray:
    count = len(records)
    records["publisher_id"] = 1
    records["instrument_id"] = instrument_id
    records["ts_recv"] = start + step * np.arange(count)
    records["ts_event"] = records["ts_recv"] - np.uint64(100_000)
    standard = {
        "price": 5_000 * 1_000_000_000 + TICK * (np.arange(count) % 40),
        "size": 1 + np.arange(count) % 9,
        "sequence": np.arange(count),
    }
    for name in standard.keys() & set(records.dtype.names):
        records[name] = standard[name]
    for name, value in fields.items():
        records[name] = value
    return records


def definition(
    number: int,
    symbol: str,
    instrument_class: str = "F",
    *,
    version: int = 3,
    ts_recv: int = DAY_START_NS,
    **fields: Any,
) -> np.ndarray:
    """Return one definition record of a DBN version, shape (1,); ``fields`` replace values."""
    record = np.zeros(1, dtype=DEFINITION.dtype(version))
    values: dict[str, Any] = {
        "length": DEFINITION.length_words(version),
        "rtype": DEFINITION.rtype,
        "publisher_id": 1,
        "instrument_id": number,
        "raw_symbol": symbol.encode(),
        "instrument_class": instrument_class.encode(),
        "asset": b"ES",
        "security_update_action": b"A",
        "security_type": b"FUT",
        "exchange": b"XCME",
        "currency": b"USD",
        "ts_recv": ts_recv,
        "ts_event": ts_recv - SECOND_NS,
        "expiration": DAY_START_NS + 30 * DAY_NS,
        "min_price_increment": TICK,
        "strike_price": UNDEFINED_PRICE,
        "unit_of_measure_qty": 50 * 1_000_000_000,
        "contract_multiplier": 2**31 - 1,
        "maturity_year": 2024,
        "maturity_month": 3,
        "maturity_day": 255,
        "maturity_week": 255,
        **fields,
    }
    for name, value in values.items():
        record[name] = value
    return record


def definitions(path: Path, *records: np.ndarray, version: int = 3, **header: Any) -> Path:
    """Write a definition file of the given records."""
    body = b"".join(record.tobytes() for record in records)
    return write(path, metadata("definition", version=version, **header), body)


def plain(path: Path, records: np.ndarray, schema: str | None = None, **header: Any) -> Path:
    """Write a file of records; ``schema`` defaults to the first of their layout."""
    if schema is None:
        version = header.get("version", 3)
        schema = next(
            name for name, layout in LAYOUTS.items() if layout.dtype(version) == records.dtype
        )
    return write(path, metadata(schema, **header), records)
