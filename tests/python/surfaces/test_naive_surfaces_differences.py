"""The plain one-second surfaces at gaps, invalid seconds and seconds without spot."""

from __future__ import annotations

from datetime import date
from math import log

import pytest
from naive.surfaces import NOTHING, PhysicsWeights, Row, SurfaceConfig, SurfaceDay
from naive.surfaces_bands import physics_bands
from naive.surfaces_calibration import VACUUM_METRICS, fixed_calibration
from naive.surfaces_radar import radar_vacuum
from naive.surfaces_vacuum import vacuum_metrics, vacuum_surface
from naive.surfaces_wall import wall_derivatives

TICK_INT = 10
WIDEST = 30
Spots = dict[int, int | None]


def wall_row(second: int, side: str, ticks: int, spot: int, **quantities: int) -> Row:
    return {
        "window_start_s": second,
        "side": side,
        "price_int": ticks * TICK_INT,
        "spot_ref_price_int": spot * TICK_INT,
        "rel_ticks": ticks - spot,
        "window_valid": True,
        **NOTHING,
        **quantities,
    }


def day_with(spots: Spots, *rows: Row, invalid: tuple[int, ...] = ()) -> SurfaceDay:
    """A day with the spots, the rows, and a far bid that gives every second a wall row."""
    invalid = (*invalid, *(second for second, spot in spots.items() if spot is None))
    snapshot = [
        {
            "window_start_s": second,
            "spot_ref_price_int": None if spot is None else spot * TICK_INT,
            "mid_price_int": None if spot is None else spot * TICK_INT,
            "window_valid": second not in invalid,
        }
        for second, spot in spots.items()
    ]
    anchors = [
        wall_row(second, "B", spot - WIDEST, spot, depth_qty_start=1, depth_qty_end=1)
        for second, spot in spots.items()
        if spot is not None
    ]
    wall = [r | {"window_valid": r["window_start_s"] not in invalid} for r in (*anchors, *rows)]
    config = SurfaceConfig(TICK_INT, WIDEST)
    return SurfaceDay("ESM4", date(1970, 1, 1), snapshot, wall, [], config)


def pulls(second: int) -> Row:
    """A rested pull at an ask price."""
    change = {"pull_qty_total": 4, "pull_qty_rest": 4, "depth_qty_start": 9, "depth_qty_end": 5}
    return wall_row(second, "A", 105, 100, **change)


def steady(n: int) -> Spots:
    return dict.fromkeys(range(n), 100)


@pytest.mark.parametrize(
    ("kind", "bad"),
    [("invalid", 3)]
    + [(kind, s) for kind in ("invalid", "missing", "no spot", "no wall row") for s in range(3)],
)
def test_a_bad_second_makes_differences_unknown(kind: str, bad: int) -> None:
    spots = steady(4)
    invalid: tuple[int, ...] = ()
    if kind == "invalid":
        invalid = (bad,)
    elif kind == "missing":
        del spots[bad]
    elif kind == "no spot":
        spots[bad] = None
    day = day_with(spots, pulls(3), invalid=invalid)
    if kind == "no wall row":
        del day.wall[bad]
    age = 3 - bad
    key = 3, "A", 105 * TICK_INT
    depth, pulled = wall_derivatives(day)[key], vacuum_metrics(day)[key]
    for n in (1, 2, 3):
        assert (depth[f"d{n}_depth_qty"] is None) == (age < n)
        assert (pulled[f"d{n}_pull_add_log"] is None) == (age <= n)


def test_second_without_spot_has_rows_per_second_only() -> None:
    day = day_with({0: 100, 1: None, 2: 100})
    quantiles = fixed_calibration(dict.fromkeys(VACUUM_METRICS, (0.0, 1.0)))
    vacuum = vacuum_surface(vacuum_metrics(day), quantiles)
    assert {key[0] for key in vacuum} == {0, 2}
    bands = physics_bands(day, vacuum, quantiles, PhysicsWeights())
    assert set(bands) == set(radar_vacuum(day)) == {0, 1, 2}
    scores = [n for n in bands[1] if n.endswith(("_norm", "_score"))]
    assert {bands[1][name] for name in scores} == {None}
    assert {bands[2][name] is None for name in scores} == {False}


def test_band_averages_over_the_cells_of_its_grid() -> None:
    """A row at 0 widens the band of its own side to three cells."""
    quantiles = fixed_calibration(dict.fromkeys(VACUUM_METRICS, (0.0, 10.0)))
    full = {"depth_qty_start": 6, "depth_qty_end": 6, "depth_qty_rest": 6}
    without = day_with(steady(4), wall_row(3, "A", 101, 100, **full))
    at_spot = day_with(
        steady(4), wall_row(3, "A", 101, 100, **full), wall_row(3, "A", 100, 100, **full)
    )
    for day, strength in ((without, log(1 + 6 / 2)), (at_spot, log(1 + 12 / 3))):
        vacuum = vacuum_surface(vacuum_metrics(day), quantiles)
        bands = physics_bands(day, vacuum, quantiles, PhysicsWeights())[3]
        assert bands["above_at_wall_strength_norm"] == pytest.approx(strength / 10)
        assert bands["below_at_wall_strength_norm"] == 0.0


@pytest.mark.parametrize("unknown", VACUUM_METRICS)
def test_bands_have_no_score_while_calibration_warms_up(unknown: str) -> None:
    """Even empty bands have none."""
    known = dict.fromkeys(VACUUM_METRICS, (0.0, 1.0))
    day = day_with(steady(4))
    for by_metric, is_known in ((known, True), (known | {unknown: (None, None)}, False)):
        quantiles = fixed_calibration(by_metric)
        vacuum = vacuum_surface(vacuum_metrics(day), quantiles)
        bands = physics_bands(day, vacuum, quantiles, PhysicsWeights())[3]
        scores = {bands[n] is not None for n in bands if n.endswith(("_norm", "_score"))}
        assert scores == {is_known}
        assert bands["calibration_mode"] == "prior_sessions"
