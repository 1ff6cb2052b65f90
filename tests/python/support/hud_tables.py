"""Compact surfaces as Arrow tables, from rows and at random."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from spymaster.hud.frame import Size

# a small picture
SIZE = Size(seconds=30, future=9, reach_ticks=14)
FIRST, END, MAX_TICKS = 52, 90, 9
STATES = ("VACUUM", "WEAK", "CONSUMED", "NEUTRAL", "ABSORPTION", "WALL")
SIGNALS = ("BREAK", "REJECT", "CONTESTED", "NEUTRAL")

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
        "scores": {
            "level_id": pa.utf8(),
            "level_tick": _WHOLE,
            "score_smooth": _REAL,
            "barrier_state": pa.utf8(),
            "signal": pa.utf8(),
            "break_score_min": _REAL,
            "reject_score_max": _REAL,
        },
    }.items()
}


def hud_tables(rows: Mapping[str, Iterable[tuple[Any, ...]]]) -> dict[str, pa.Table]:
    """Return a table of each surface that the layers draw; without rows where none are given."""
    tables = {}
    for name, schema in SCHEMAS.items():
        named = [dict(zip(schema.names, row, strict=True)) for row in rows.get(name, ())]
        tables[name] = pa.Table.from_pylist(named, schema=schema)
    return tables


def random_tables(seed: int) -> dict[str, pa.Table]:
    """Return surfaces with gaps, NULLs, ties and prices outside of the picture."""
    draw = np.random.default_rng(seed)
    # of prices below zero, too
    spot, rows = int(draw.choice([3, 400])), {name: [] for name in hud_tables({})}

    def maybe(value: Any, chance: float = 0.8) -> Any:
        return value if draw.random() < chance else None

    for second in range(FIRST, END + 4):
        spot += int(draw.choice([-2, 0, 0, 1, 3]))
        prices = range(spot - 20, spot + 21)
        if second == END - 3 or draw.random() < 0.85:
            rows["snap"].append(
                (second, spot if second == END - 3 else maybe(spot), bool(draw.random() < 0.8))
            )
        if draw.random() < 0.2:
            rows["gaps"].append((second,))
        walls = draw.random() < 0.8
        for tick in prices:
            for side in (0, 1):
                near = abs(tick - spot) <= MAX_TICKS
                if walls and near and draw.random() < 0.4:
                    # few numbers, so that sides tie
                    qty = int(draw.choice([0, 1, 2, 3, 40, 500]))
                    rows["wall"].append((second, side, tick, qty))
                if draw.random() < 0.3:
                    ease = float(draw.choice([-1, -0.25, 0, 0.25, draw.uniform(-1, 1), 1]))
                    rows["physics_surface"].append((second, side, tick, maybe(ease)))
                if draw.random() < 0.2:
                    score = maybe(float(draw.choice([0, draw.random(), 1])))
                    rows["vacuum"].append((second, side, tick, score))
            if draw.random() < 0.15:
                for aggressor in draw.choice([-1, 0, 1], 2, replace=False):
                    rows["trades"].append((second, tick, int(draw.integers(1, 4)), int(aggressor)))
        if draw.random() < 0.7:
            for place in draw.choice(prices, 6):
                calls, puts = (float(draw.choice([0, 5, draw.random()])) for _ in range(2))
                parts = maybe((calls + puts, calls, puts)) or (None,) * 3
                rows["gex"].append((second, int(place), float(draw.random()), *parts))
            # the largest, outside of the picture
            rows["gex"].append((second, spot + 60, 0.0, 50.0, 25.0, 25.0))
        for tick in draw.choice(prices, 3):
            rows["levels"].append((second, int(tick), bool(draw.random() < 0.5)))
        rows["scores"] += [(second, *reading) for reading in _readings(draw, spot)]
    return hud_tables(rows)


def _readings(draw: np.random.Generator, spot: int) -> Iterator[tuple[Any, ...]]:
    """Return scores of some of nine levels, which is more than there are strips."""
    for number in range(9):
        # few prices, so that levels tie; the last level is seldom near
        if draw.random() < (0.1 if number == 8 else 0.6):
            score = float(
                draw.choice([0, 3.1, 3.125, 9.375, 96.8, 96.875, 100, draw.uniform(0, 100)])
            )
            is_known = draw.random() < 0.85
            yield (
                f"level_{number}",
                spot + int(draw.choice([-9, -3, 0, 3, 9])),
                score if is_known else None,
                str(draw.choice(STATES)) if is_known else None,
                str(draw.choice(SIGNALS)) if is_known else None,
                float(draw.choice([80, 84.9, 100])),
                float(draw.choice([0, 20])) if draw.random() < 0.9 else None,
            )
