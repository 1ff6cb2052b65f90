"""The tables of the book engine: their columns, from its buffers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import pyarrow as pa
from spymaster_ingest.dbn.records import field_names

from spymaster_engine.door.streams import with_statistics

# names of the relations are part of this module
from spymaster_engine.engine_files import QA as QA
from spymaster_engine.engine_files import REPRICE as REPRICE
from spymaster_engine.engine_files import SNAPSHOT as SNAPSHOT
from spymaster_engine.engine_files import WALL as WALL
from spymaster_engine.kernels.book.config import BookConfig
from spymaster_engine.kernels.book.kernel_state import (
    NULL,
    REPRICE_COLUMNS,
    REPRICE_ROWS,
    SCALARS,
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

# readers skip row groups by the statistics of these columns; on others they only cost
_SEARCHED_COLUMNS = ("window_start_ts", "price_int", "rel_ticks", "spot_ref_price_int")

# rows and content hash of each relation
CONTENTS = "contents"
_HASHES = ("engine_version", "input_content_hash", "output_content_hash")

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

SNAPSHOT_SCHEMA = with_statistics(
    [
        ("window_start_ts", _TIMESTAMP),
        *(
            (name, _SIDE if name == "spot_source" else pa.int64())
            for name in field_names(SNAPSHOT_ROW)
            if name not in ("window_s", "invalid_flags")
        ),
        ("invalid_flags", pa.uint8()),
    ],
    _SEARCHED_COLUMNS,
)
WALL_SCHEMA = with_statistics(
    [
        ("window_start_ts", _TIMESTAMP),
        ("side", _SIDE),
        ("price_int", pa.int64()),
        ("spot_ref_price_int", pa.int64()),
        *((name, pa.int32()) for name in WALL_COLUMNS),
        ("window_valid", pa.bool_()),
    ],
    _SEARCHED_COLUMNS,
)
REPRICE_SCHEMA = with_statistics(
    [
        ("window_start_ts", _TIMESTAMP),
        ("side", _SIDE),
        ("price_from_int", pa.int64()),
        ("price_to_int", pa.int64()),
        *((name, pa.int64()) for name in (*REPRICE_COLUMNS, "n_orders")),
        ("window_valid", pa.bool_()),
    ],
    _SEARCHED_COLUMNS,
)


SCHEMAS = {SNAPSHOT: SNAPSHOT_SCHEMA, WALL: WALL_SCHEMA, REPRICE: REPRICE_SCHEMA}


def arrow_columns(columns: dict[str, np.ndarray], schema: pa.Schema) -> dict[str, pa.Array]:
    """Return columns as those of a schema.

    ``columns`` holds int64 microseconds for timestamps and codes for dictionaries.
    """
    return {field.name: _arrow(columns[field.name], field) for field in schema}


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


def summary_names() -> list[str]:
    """Return the names of the numbers of a day's summary."""
    names = SCALARS.names or ()
    kernel_only = ("reprice_in_qty", "reprice_out_qty", "reprice_flow_qty")
    sides, flows, places = ("bid", "ask"), ("add", "pull", "fill", "reset"), ("inside", "outside")
    return [
        *(name for name in names[names.index("n_records") :] if name not in kernel_only),
        *(f"{side}_{flow}_{place}" for side in sides for flow in flows for place in places),
        *("median_resting_orders", "latency_ns_q50", "latency_ns_q99"),
        *(
            f"final_{name}"
            for side in sides
            for name in (f"best_{side}_price_int", f"{side}_depth_total")
        ),
    ]


SUMMARY_SCHEMA = pa.schema(
    [
        *((name, pa.int64()) for name in summary_names()),
        *((name, pa.string()) for name in _HASHES),
    ]
)


def settings_of(config: BookConfig, input_content_hash: str) -> dict[str, Any]:
    """Return the settings of kernel ``book_engine``: the inverse of ``book_config``.

    Args:
        config: of a pass over the whole day.
        input_content_hash: of the records, which the summary repeats.
    """
    names = ("open_ns", "close_ns", "is_open_at_once")
    settings = asdict(config) | {"input_content_hash": input_content_hash}
    del settings["stop_ns"]
    settings["trading_intervals"] = [
        dict(zip(names, part, strict=True)) for part in config.trading_intervals
    ]
    return settings


def book_config(
    *,
    trading_intervals: Sequence[Mapping[str, int | bool]],
    surface_windows_ns: Sequence[Sequence[int]] | None,
    **numbers: Any,
) -> BookConfig:
    """Return the parameters of a pass from the settings of kernel ``book_engine``."""
    return BookConfig(
        trading_intervals=tuple(
            (int(part["open_ns"]), int(part["close_ns"]), bool(part["is_open_at_once"]))
            for part in trading_intervals
        ),
        surface_windows_ns=None
        if surface_windows_ns is None
        else tuple((start, end) for start, end in surface_windows_ns),
        **numbers,
    )
