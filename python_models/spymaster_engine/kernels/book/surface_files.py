"""The engine's output as Parquet: column sets, row groups, content hashes, final names."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from spymaster_ingest.content_hash import ColumnHasher, file_sha256
from spymaster_ingest.dbn.records import field_names
from spymaster_ingest.durable import put_in_place, temporary_sibling

# names of the relations are part of this module
from spymaster_engine.engine_files import QA as QA
from spymaster_engine.engine_files import REPRICE as REPRICE
from spymaster_engine.engine_files import SNAPSHOT as SNAPSHOT
from spymaster_engine.engine_files import WALL as WALL
from spymaster_engine.kernels.book.kernel_state import (
    NULL,
    REPRICE_COLUMNS,
    REPRICE_ROWS,
    SNAPSHOT_ROW,
    SNAPSHOT_ROWS,
    SPOT_SOURCES,
    WALL_COLUMNS,
    WALL_ROWS,
    Output,
)

_SIDES = ("A", "B")
_TIMESTAMP = pa.timestamp("us")
_SIDE = pa.dictionary(pa.int8(), pa.string())
_NAME_DIGITS = 16

_TEXT_COLUMNS = ("side", "spot_source")
# readers skip row groups by the statistics of these columns; on others they only cost
_SEARCHED_COLUMNS = ("window_start_ts", "price_int", "rel_ticks", "spot_ref_price_int")

# sums over the whole book are not known from a view of its best levels
WHOLE_BOOK = tuple(
    name
    for name in field_names(SNAPSHOT_ROW)
    if name.endswith(("_depth_total", "_order_count")) or "_outside_" in name
)
_NULLABLE_SNAPSHOT = (
    "best_bid_price_int",
    "best_ask_price_int",
    "best_bid_qty",
    "best_ask_qty",
    "last_trade_price_int",
    "spot_ref_price_int",
    *WHOLE_BOOK,
)

SNAPSHOT_SCHEMA = pa.schema(
    [
        ("window_start_ts", _TIMESTAMP),
        *(
            (name, _SIDE if name == "spot_source" else pa.int64())
            for name in field_names(SNAPSHOT_ROW)
            if name not in ("window_s", "invalid_flags")
        ),
        ("invalid_flags", pa.uint8()),
    ]
)
WALL_SCHEMA = pa.schema(
    [
        ("window_start_ts", _TIMESTAMP),
        ("side", _SIDE),
        ("price_int", pa.int64()),
        ("spot_ref_price_int", pa.int64()),
        *((name, pa.int32()) for name in WALL_COLUMNS),
        ("window_valid", pa.bool_()),
    ]
)
REPRICE_SCHEMA = pa.schema(
    [
        ("window_start_ts", _TIMESTAMP),
        ("side", _SIDE),
        ("price_from_int", pa.int64()),
        ("price_to_int", pa.int64()),
        *((name, pa.int64()) for name in (*REPRICE_COLUMNS, "n_orders")),
        ("window_valid", pa.bool_()),
    ]
)


@dataclass(frozen=True)
class WrittenSurfaceFile:
    """One finished output file."""

    relation: str
    name: str
    rows: int
    bytes: int
    sha256: str
    content_hash: str


class RelationWriter:
    """Writes one relation of one partition under a temporary name until it is complete."""

    def __init__(self, directory: Path, relation: str, schema: pa.Schema) -> None:
        self.relation = relation
        self.rows = 0
        self._directory = directory
        self._schema = schema
        self._hasher = ColumnHasher(tuple(schema.names))
        self._temporary = temporary_sibling(directory / f"{relation}.parquet")
        self._writer = pq.ParquetWriter(
            self._temporary,
            schema,
            compression="zstd",
            compression_level=1,
            # measured: plain numbers compress better and quicker than dictionary indices
            use_dictionary=[name for name in schema.names if name in _TEXT_COLUMNS],
            write_statistics=[name for name in schema.names if name in _SEARCHED_COLUMNS],
        )

    def write(self, columns: dict[str, np.ndarray]) -> None:
        """Append a batch as one row group; nothing happens when it has no row.

        ``columns`` holds int64 microseconds for timestamps and codes for dictionaries.
        """
        n_rows = len(next(iter(columns.values())))
        if n_rows == 0:
            return
        self._hasher.update(columns)
        arrays = [_arrow(columns[field.name], field) for field in self._schema]
        batch = pa.RecordBatch.from_arrays(arrays, schema=self._schema)
        self._writer.write_batch(batch, row_group_size=n_rows)
        self.rows += n_rows

    def content_hash(self) -> str:
        """Return the hash over the values written so far."""
        return self._hasher.hexdigest()

    def finish(self) -> WrittenSurfaceFile:
        """Close the file and put it in place under a name that carries its content hash."""
        self._writer.close()
        content_hash = self.content_hash()
        name = f"{self.relation}-{content_hash[:_NAME_DIGITS]}.parquet"
        sha256 = file_sha256(self._temporary)
        final = self._directory / name
        put_in_place(self._temporary, final)
        return WrittenSurfaceFile(
            self.relation, name, self.rows, final.stat().st_size, sha256, content_hash
        )

    def close(self) -> None:
        """Give up: close the temporary file, which the next pass removes."""
        self._writer.close()


def _arrow(values: np.ndarray, field: pa.Field) -> pa.Array:
    if field.type == _TIMESTAMP:
        return pa.array(values).view(_TIMESTAMP)
    if field.type == _SIDE:
        names = pa.array(SPOT_SOURCES if field.name == "spot_source" else _SIDES)
        mask = values == 0 if field.name == "spot_source" else None
        indices = pa.array(values.astype(np.int8), mask=mask)
        return pa.DictionaryArray.from_arrays(indices, names)
    if field.name in _NULLABLE_SNAPSHOT:
        return pa.array(values, mask=values == NULL)
    return pa.array(values, type=field.type)


def _microseconds(window_s: np.ndarray) -> np.ndarray:
    return window_s * 1_000_000


def snapshot_columns(output: Output) -> dict[str, np.ndarray]:
    """Return the filled part of a buffer's snapshot rows, by column."""
    rows = output.snapshot[: output.counts[SNAPSHOT_ROWS]]
    columns = {
        name: np.ascontiguousarray(rows[name])
        for name in field_names(SNAPSHOT_ROW)
        if name not in ("window_s", "invalid_flags")
    }
    columns["window_start_ts"] = _microseconds(rows["window_s"])
    columns["invalid_flags"] = rows["invalid_flags"].astype(np.uint8)
    return columns


def wall_columns(output: Output) -> dict[str, np.ndarray]:
    """Return the filled part of a buffer's wall rows, by column."""
    n = output.counts[WALL_ROWS]
    return {
        "window_start_ts": _microseconds(output.wall_window_s[:n]),
        "side": output.wall_side[:n],
        "price_int": output.wall_price_int[:n],
        "spot_ref_price_int": output.wall_spot_price_int[:n],
        **{name: output.wall[i, :n] for i, name in enumerate(WALL_COLUMNS)},
        "window_valid": output.wall_valid[:n],
    }


def reprice_columns(output: Output) -> dict[str, np.ndarray]:
    """Return a buffer's re-prices summed per second, side and pair of prices, by column.

    Rows are ordered by second, side, price from and price to.
    """
    n = output.counts[REPRICE_ROWS]
    keys = (
        output.reprice_window_s[:n],
        output.reprice_side[:n],
        output.reprice_from_price_int[:n],
        output.reprice_to_price_int[:n],
    )
    order = np.lexsort(keys[::-1])
    window_s, side, price_from, price_to = (key[order] for key in keys)
    is_first = np.ones(n, np.bool_)
    for key in (window_s, side, price_from, price_to):
        is_first[1:] &= key[1:] == key[:-1]
    is_first[1:] = ~is_first[1:]
    first = np.flatnonzero(is_first)
    sums = {
        name: np.add.reduceat(output.reprice[i, :n][order], first) if n else np.empty(0, np.int64)
        for i, name in enumerate(REPRICE_COLUMNS)
    }
    return {
        "window_start_ts": _microseconds(window_s[first]),
        "side": side[first],
        "price_from_int": price_from[first],
        "price_to_int": price_to[first],
        **sums,
        "n_orders": np.diff(np.append(first, n)),
        "window_valid": output.reprice_valid[:n][order][first],
    }
