"""A market turned upside down or moved as a whole gives the picture turned or not moved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from spymaster.hud import render
from spymaster.hud.frame import frame_at
from spymaster.hud.layers import LAYERS
from spymaster.hud.paint import Theme, theme_named
from spymaster.hud.render import Look, hud_cells
from support.hud_tables import END, MAX_TICKS, SIZE, random_tables

Row = dict[str, Any]
Tables = dict[str, pa.Table]
TICKS = ("spot_tick", "tick", "strike_tick", "level_tick")
# lines that hang on the number of the tick
OF_NUMBER = ("grid", "quality")
SYMMETRIC = tuple(name for name in LAYERS if name not in OF_NUMBER)


def changed(tables: Tables, change: Callable[[str, Row], Row]) -> Tables:
    """Return tables with each row changed by its surface."""
    return {
        name: pa.Table.from_pylist(
            [change(name, row) for row in table.to_pylist()], schema=table.schema
        )
        for name, table in tables.items()
    }


def moved(tables: Tables, move: Callable[[int], int]) -> Tables:
    """Return tables with every price moved."""

    def with_prices(_: str, row: Row) -> Row:
        prices = {name: row[name] for name in TICKS if row.get(name) is not None}
        return row | {name: move(tick) for name, tick in prices.items()}

    return changed(tables, with_prices)


def without_ties(surface: str, row: Row) -> Row:
    """Return a row whose number differs from those of its opposites."""
    if surface == "wall":
        return row | {"depth_qty_end": 2 * row["depth_qty_end"] + row["is_bid"]}
    if surface == "trades":
        return row | {"qty": 3 * row["qty"] + row["aggressor"]}
    if surface == "physics_surface" and row["ease_signed"] is not None:
        share = 0.97 if row["is_bid"] else 0.99
        return row | {"ease_signed": share * row["ease_signed"] + 0.001}
    return row


def opposite(surface: str, row: Row) -> Row:
    """Return a row of the other side of the book."""
    if "is_bid" in row:
        row = row | {"is_bid": 1 - row["is_bid"]}
    if surface == "physics_surface" and row["ease_signed"] is not None:
        row = row | {"ease_signed": -row["ease_signed"]}
    if surface == "trades":
        row = row | {"aggressor": -row["aggressor"]}
    return row


def opposite_theme(name: str) -> Theme:
    """Return a theme with the hues of opposites swapped."""
    theme = theme_named(name)
    ramps, colours = theme.ramps, theme.colours
    return Theme(
        colours | {"buy": colours["sell"], "sell": colours["buy"]},
        {"ask": ramps["bid"], "bid": ramps["ask"], "ease": ramps["ease"][::-1]},
    )


@pytest.mark.parametrize("seed", range(6))
def test_mirrored_market_is_the_mirrored_picture_with_swapped_hues(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = changed(random_tables(seed), without_ties)
    look = Look(SIZE, layers=SYMMETRIC)
    cells = hud_cells(tables, END, MAX_TICKS, look)
    spot = frame_at(tables["snap"], END, SIZE).spot_tick
    mirrored = changed(moved(tables, lambda tick: 2 * spot - tick), opposite)
    assert (hud_cells(mirrored, END, MAX_TICKS, look) != cells[::-1]).any()
    monkeypatch.setattr(render, "theme_named", opposite_theme)
    np.testing.assert_array_equal(hud_cells(mirrored, END, MAX_TICKS, look), cells[::-1])


@pytest.mark.parametrize(
    ("ticks", "layers"), [(8, tuple(LAYERS)), (-400, tuple(LAYERS)), (3, SYMMETRIC)]
)
def test_prices_that_move_together_leave_the_picture_alone(
    ticks: int, layers: tuple[str, ...]
) -> None:
    tables, look = random_tables(7), Look(SIZE, layers=layers)
    cells = hud_cells(tables, END, MAX_TICKS, look)
    elsewhere = moved(tables, lambda tick: tick + ticks)
    np.testing.assert_array_equal(hud_cells(elsewhere, END, MAX_TICKS, look), cells)


def test_lines_of_the_grid_keep_to_their_prices() -> None:
    tables, look = random_tables(7), Look(SIZE, layers=("grid",))
    one = hud_cells(tables, END, MAX_TICKS, look)
    other = hud_cells(moved(tables, lambda tick: tick + 1), END, MAX_TICKS, look)
    np.testing.assert_array_equal(other[:-1], one[1:])
    assert (other != one).any()
