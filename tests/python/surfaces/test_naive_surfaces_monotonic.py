"""The plain ease of a second: pulls never lower it, resting depth never raises it.

Earlier seconds and the quantiles stay fixed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from naive.surfaces import PhysicsWeights, Row, SurfaceDay, second_of
from naive.surfaces_bands import physics_bands
from naive.surfaces_calibration import fixed_calibration
from naive.surfaces_vacuum import physics_surface, vacuum_metrics, vacuum_surface
from support.strategies.surface_books import TYPICAL_QUANTILES, Books, day_of, random_books
from support.strategies.surface_market import BookShape


def _eases(day: SurfaceDay, second: int) -> dict[Any, float | None]:
    """Ease of every cell and band score of one second."""
    calibration = fixed_calibration(TYPICAL_QUANTILES)
    vacuum = vacuum_surface(vacuum_metrics(day), calibration)
    cells = physics_surface(vacuum, calibration, PhysicsWeights())
    eases: dict[Any, float | None] = {
        key: row["ease"] for key, row in cells.items() if key[0] == second
    }
    bands = physics_bands(day, vacuum, calibration, PhysicsWeights())[second]
    return eases | {name: bands[name] for name in ("above_score", "below_score")}


def _around(books: Books, second: int, change: dict[str, Any] | None = None) -> SurfaceDay:
    """The seconds that a second depends on, with one of its wall rows replaced or added."""
    kept = {
        name: [
            row
            for row in getattr(books, name)
            if second - 3 <= second_of(row["window_start_ts"]) <= second
        ]
        for name in ("snapshot", "wall", "reprice")
    }
    if change is not None:
        place = (change["window_start_ts"], change["side"], change["price_int"])
        kept["wall"] = [
            row
            for row in kept["wall"]
            if (row["window_start_ts"], row["side"], row["price_int"]) != place
        ] + [change]
    return day_of(replace(books, **kept))


def _never_falls(before: dict[Any, float | None], after: dict[Any, float | None]) -> bool:
    """Assert that no value known in both falls; return whether any rises."""
    rises = False
    for key, value in before.items():
        if value is not None and after[key] is not None:
            assert after[key] >= value - 1e-12
            rises |= after[key] > value + 1e-9
    return rises


@pytest.mark.parametrize("pulled_part", [1, 3, 100])
def test_more_pulls_never_lower_ease(pulled_part: int) -> None:
    calm = random_books(5, 60, shape=BookShape(calm=True))
    rises = 0
    for row in calm.wall[1::97]:
        second = second_of(row["window_start_ts"])
        more = min(pulled_part, row["depth_qty_end"])
        if not more:
            continue
        end = row["depth_qty_end"] - more
        change = row | {
            "pull_qty_total": row["pull_qty_total"] + more,
            "pull_qty_rest": row["pull_qty_rest"] + more,
            "depth_qty_end": end,
            "depth_qty_rest": min(row["depth_qty_rest"], end),
        }
        before = _eases(_around(calm, second), second)
        rises += _never_falls(before, _eases(_around(calm, second, change), second))
    assert rises > 4


@pytest.mark.parametrize("more", [1, 40])
def test_more_resting_depth_never_raises_ease(more: int) -> None:
    """On non-empty and on empty cells."""
    calm = random_books(6, 60, shape=BookShape(calm=True))
    falls = 0
    for index, row in enumerate(calm.wall[1::97]):
        if row["rel_ticks"] == 0:
            continue
        second = second_of(row["window_start_ts"])
        day = _around(calm, second)
        if index % 2:
            side = row["side"]
            row = _empty_cell(day, row) or row
            assert row["side"] == side
        change = row | {
            name: row[name] + more
            for name in ("depth_qty_start", "depth_qty_end", "depth_qty_rest")
        }
        after = _eases(_around(calm, second, change), second)
        falls += _never_falls(after, _eases(day, second))
    assert falls > 4


def _empty_cell(day: SurfaceDay, row: Row) -> Row | None:
    """A wall row of zeros at the nearest price without a row, of the same side and second."""
    second = second_of(row["window_start_ts"])
    for ticks in range(1, 20):
        rel_ticks = ticks if row["side"] == "A" else -ticks
        price_int = row["spot_ref_price_int"] + rel_ticks * day.config.tick_int
        if (row["side"], price_int) not in day.wall[second]:
            zeros = {name: 0 for name in row if name.endswith(("_qty", "_start", "_end", "_rest"))}
            zeros |= {"pull_qty_total": 0, "price_int": price_int, "rel_ticks": rel_ticks}
            return row | zeros
    return None
