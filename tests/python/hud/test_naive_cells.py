"""The picture against the plain one that paints cell by cell, on random surfaces."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from naive import hud_cells as plain
from naive.hud_strips import plain_strips
from spymaster.hud.layers import LAYERS
from spymaster.hud.paint import THEMES, DepthScale, paint_tables
from spymaster.hud.render import Look, hud_cells, score_strips
from support.hud_tables import END, MAX_TICKS, SIZE, random_tables


def assert_as_painted_plainly(
    tables: dict[str, pa.Table],
    theme: str,
    layers: tuple[str, ...],
    scale: DepthScale | None,
    tick_px: int = 1,
) -> np.ndarray:
    """Compare a picture with the plain one; return its pixels."""
    look = Look(SIZE, theme, layers, scale)
    cells = hud_cells(tables, END, MAX_TICKS, look, tick_px)
    expected = plain.plain_picture(
        {name: table.to_pylist() for name, table in tables.items()},
        paint_tables(),
        theme=theme,
        end=END,
        seconds=SIZE.seconds,
        future=SIZE.future,
        reach=SIZE.reach_ticks,
        max_ticks=MAX_TICKS,
        low_qty=scale.low_qty if scale else None,
        high_qty=scale.high_qty if scale else None,
        layers=layers,
        tick_px=tick_px,
    )
    np.testing.assert_array_equal(cells[::-1], np.array(expected, np.uint8))
    return cells


@pytest.mark.parametrize("seed", range(12))
def test_picture_is_that_of_the_plain_painter(seed: int) -> None:
    draw = np.random.default_rng(1000 + seed)
    low, high = sorted(int(qty) for qty in draw.choice([1, 2, 3, 40, 500, 9000], 2))
    scale = DepthScale(low, high)
    assert_as_painted_plainly(random_tables(seed), THEMES[seed % 2], tuple(LAYERS), scale)


@pytest.mark.parametrize("seed", range(4))
def test_range_of_depth_is_that_of_the_plain_painter(seed: int) -> None:
    assert_as_painted_plainly(random_tables(40 + seed), THEMES[seed % 2], ("wall",), None)


@pytest.mark.parametrize("tick_px", [2, 3, 4, 5, 7, 12, 20])
def test_lines_at_the_edges_are_those_of_the_plain_painter(tick_px: int) -> None:
    assert_as_painted_plainly(random_tables(60 + tick_px), "dark", tuple(LAYERS), None, tick_px)


@pytest.mark.parametrize(("seed", "layer"), list(enumerate(LAYERS, 20)))
def test_layer_alone_is_that_of_the_plain_painter(seed: int, layer: str) -> None:
    tables = random_tables(seed)
    cells = assert_as_painted_plainly(tables, THEMES[seed % 2], (layer,), DepthScale(2, 300))
    empty = hud_cells(tables, END, MAX_TICKS, Look(SIZE, THEMES[seed % 2], ()))
    assert (cells != empty).any()


@pytest.mark.parametrize("seed", range(8))
def test_strips_are_those_of_the_plain_painter(seed: int) -> None:
    theme, tables = THEMES[seed % 2], random_tables(seed)
    strips = score_strips(tables, END, Look(SIZE, theme))
    assert strips is not None
    level_ids, expected = plain_strips(
        {name: table.to_pylist() for name, table in tables.items()},
        paint_tables(),
        theme=theme,
        end=END,
        seconds=SIZE.seconds,
        future=SIZE.future,
    )
    assert strips.level_ids == tuple(level_ids)
    assert len(level_ids) == paint_tables()["grid"]["strips"]
    np.testing.assert_array_equal(strips.cells[::-1], np.array(expected, np.uint8))


def test_there_are_no_strips_without_scores() -> None:
    tables = random_tables(3)
    assert score_strips(tables, END, Look(SIZE, layers=tuple(LAYERS))) is None
    del tables["scores"]
    assert score_strips(tables, END, Look(SIZE)) is None
