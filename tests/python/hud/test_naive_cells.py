"""The picture against the plain one that paints cell by cell, on random surfaces."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from naive import hud_cells as plain
from spymaster.hud.frame import Size
from spymaster.hud.layers import LAYERS
from spymaster.hud.paint import THEMES, DepthScale, paint_tables
from spymaster.hud.render import Look, hud_cells
from support.hud_tables import hud_tables

SIZE = Size(seconds=30, future=9, reach_ticks=14)
FIRST, END, MAX_TICKS = 52, 90, 9


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
        for tick in draw.choice(prices, 3):
            rows["levels"].append((second, int(tick), bool(draw.random() < 0.5)))
    return hud_tables(rows)


def assert_as_painted_plainly(
    tables: dict[str, pa.Table], theme: str, layers: tuple[str, ...], low_qty: int, high_qty: int
) -> np.ndarray:
    """Compare a picture with the plain one; return its cells."""
    look = Look(SIZE, theme, layers, DepthScale(low_qty, high_qty))
    cells = hud_cells(tables, END, MAX_TICKS, look)
    expected = plain.plain_picture(
        {name: table.to_pylist() for name, table in tables.items()},
        paint_tables(),
        theme=theme,
        end=END,
        seconds=SIZE.seconds,
        future=SIZE.future,
        reach=SIZE.reach_ticks,
        max_ticks=MAX_TICKS,
        low_qty=low_qty,
        high_qty=high_qty,
        layers=layers,
    )
    np.testing.assert_array_equal(cells[::-1], np.array(expected, np.uint8))
    return cells


@pytest.mark.parametrize("seed", range(12))
def test_picture_is_that_of_the_plain_painter(seed: int) -> None:
    draw = np.random.default_rng(1000 + seed)
    low, high = sorted(int(qty) for qty in draw.choice([1, 2, 3, 40, 500, 9000], 2))
    assert_as_painted_plainly(random_tables(seed), THEMES[seed % 2], tuple(LAYERS), low, high)


@pytest.mark.parametrize(("seed", "layer"), list(enumerate(LAYERS, 20)))
def test_layer_alone_is_that_of_the_plain_painter(seed: int, layer: str) -> None:
    tables = random_tables(seed)
    cells = assert_as_painted_plainly(tables, THEMES[seed % 2], (layer,), 2, 300)
    empty = hud_cells(tables, END, MAX_TICKS, Look(SIZE, THEMES[seed % 2], ()))
    assert (cells != empty).any()
