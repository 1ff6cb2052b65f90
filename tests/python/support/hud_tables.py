"""Compact surfaces as Arrow tables, from rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa

_WHOLE, _REAL = pa.int32(), pa.float32()
SCHEMAS = {
    name: pa.schema({"second": _WHOLE, **columns})
    for name, columns in {
        "snap": {"spot_tick": _WHOLE, "window_valid": pa.bool_()},
        "wall": {"is_bid": pa.int8(), "tick": _WHOLE, "depth_qty_end": _WHOLE},
        "physics_surface": {"is_bid": pa.int8(), "tick": _WHOLE, "ease_signed": _REAL},
        "vacuum": {"is_bid": pa.int8(), "tick": _WHOLE, "vacuum_score": _REAL},
        "gex": {
            "strike_tick": _WHOLE,
            "strike_points": pa.float64(),
            "gex_abs": _REAL,
            "gex_call_abs": _REAL,
            "gex_put_abs": _REAL,
        },
        "levels": {"level_tick": _WHOLE, "is_provisional": pa.bool_()},
        "trades": {"tick": _WHOLE, "qty": _WHOLE, "aggressor": pa.int8()},
        "gaps": {},
    }.items()
}


def hud_tables(rows: Mapping[str, Iterable[tuple[Any, ...]]]) -> dict[str, pa.Table]:
    """Return a table of each surface that the layers draw; without rows where none are given."""
    tables = {}
    for name, schema in SCHEMAS.items():
        named = [dict(zip(schema.names, row, strict=True)) for row in rows.get(name, ())]
        tables[name] = pa.Table.from_pylist(named, schema=schema)
    return tables
