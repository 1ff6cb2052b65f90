"""The plain one-second differences at gaps, invalid seconds and the edge of the wall."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from math import log
from typing import Any

import pytest
from naive.surfaces import PhysicsWeights, Row, SurfaceConfig, SurfaceDay, differences
from naive.surfaces_bands import physics_bands
from naive.surfaces_calibration import VACUUM_METRICS, fixed_calibration
from naive.surfaces_radar import approach_dir, radar_vacuum
from naive.surfaces_vacuum import vacuum_metrics, vacuum_surface
from naive.surfaces_wall import wall_derivatives

TICK_INT = 10
WIDEST = 30
ZEROS = (
    "depth_qty_start",
    "depth_qty_end",
    "add_qty",
    "pull_qty_total",
    "pull_qty_rest",
    "fill_qty",
    "depth_qty_rest",
)
Spots = dict[int, int | None]


def wall_row(second: int, side: str, ticks: int, spot: int, **quantities: int) -> Row:
    return {
        "window_start_s": second,
        "side": side,
        "price_int": ticks * TICK_INT,
        "spot_ref_price_int": spot * TICK_INT,
        "rel_ticks": ticks - spot,
        "window_valid": True,
        **dict.fromkeys(ZEROS, 0),
        **quantities,
    }


def day_with(
    spots: Spots,
    *rows: Row,
    invalid: tuple[int, ...] = (),
    mids: Mapping[int, float | None] | None = None,
    **config: Any,
) -> SurfaceDay:
    """A day with the spots, the rows, and a far bid that gives every second a wall row.

    The mid is the spot, or given by `mids` in ticks and half ticks.
    """
    mids = spots if mids is None else mids
    invalid = (*invalid, *(second for second, spot in spots.items() if spot is None))
    snapshot = [
        {
            "window_start_s": second,
            "spot_ref_price_int": None if spot is None else spot * TICK_INT,
            "mid_price_int": None if mids[second] is None else int(mids[second] * TICK_INT),
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
    settings = SurfaceConfig(TICK_INT, WIDEST, **config)
    return SurfaceDay("ESM4", date(1970, 1, 1), snapshot, wall, [], settings)


def pulls(second: int, spot: int, qty: int = 4, ticks: int = 105) -> Row:
    """A rested pull at an ask price."""
    change = {"pull_qty_total": qty, "pull_qty_rest": qty, "depth_qty_start": 9}
    return wall_row(second, "A", ticks, spot, depth_qty_end=9 - qty, **change)


def depth_changes(day: SurfaceDay, second: int, ticks: int = 105) -> tuple[int | None, ...]:
    row = wall_derivatives(day)[second, "A", ticks * TICK_INT]
    return tuple(row[f"d{n}_depth_qty"] for n in (1, 2, 3))


def pull_changes(day: SurfaceDay, second: int, ticks: int = 105) -> tuple[float | None, ...]:
    row = vacuum_metrics(day)[second, "A", ticks * TICK_INT]
    return tuple(row[f"d{n}_pull_add_log"] for n in (1, 2, 3))


def steady(n: int, spot: int = 100) -> Spots:
    return dict.fromkeys(range(n), spot)


def test_differences_of_consecutive_values() -> None:
    assert differences([7, 4, 2, 1]) == [3, 1, 0]
    assert differences([7, 4, None, 1]) == [3, None, None]
    assert differences([None, 4, 2, 1]) == [None, None, None]


def test_no_row_is_no_flow() -> None:
    day = day_with(steady(4), pulls(3, 100))
    assert depth_changes(day, 3) == (-4, -4, -4)
    assert pull_changes(day, 3) == pytest.approx((log(5),) * 3)


def test_differences_stay_at_the_absolute_price() -> None:
    """Spot falls, so the price has another distance; differences still compare the same price."""
    spots = {0: 104, 1: 102, 2: 101, 3: 100}
    day = day_with(spots, *(pulls(s, spots[s], qty) for s, qty in ((0, 1), (1, 2), (2, 4), (3, 8))))
    assert depth_changes(day, 3) == (-8, -4, -2)
    one, two, three, four = (log(n + 1) for n in (8, 4, 2, 1))
    assert pull_changes(day, 3) == pytest.approx(
        (one - two, one - 2 * two + three, one - 3 * two + 3 * three - four)
    )


@pytest.mark.parametrize(
    ("distance", "known"),
    [(0, True), (WIDEST, True), (WIDEST + 1, False), (-WIDEST, True), (-WIDEST - 1, False)],
)
def test_price_outside_the_wall_of_a_second_ago_is_unknown(distance: int, known: bool) -> None:
    day = day_with(steady(4) | {2: 105 + distance}, pulls(3, 100))
    assert depth_changes(day, 3) == ((-4, -4, -4) if known else (-4, None, None))
    assert (pull_changes(day, 3)[0] is not None) == known


def test_price_outside_the_wall_two_or_three_seconds_ago() -> None:
    far = 105 + WIDEST + 1
    assert depth_changes(day_with(steady(4) | {1: far}, pulls(3, 100)), 3) == (-4, -4, None)
    assert pull_changes(day_with(steady(4) | {0: far}, pulls(3, 100)), 3) == (
        pytest.approx(log(5)),
        pytest.approx(log(5)),
        None,
    )


def test_past_of_a_price_outside_the_grid_counts() -> None:
    """25 ticks away is beyond the grid's 20 and inside the wall: its flow counts."""
    spots = {0: 80, 1: 80, 2: 80, 3: 100}
    day = day_with(spots, pulls(2, 80, 3), pulls(3, 100, 7))
    assert pull_changes(day, 3)[0] == pytest.approx(log(8) - log(4))


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
    day = day_with(spots, pulls(3, 100), invalid=invalid)
    if kind == "no wall row":
        del day.wall[bad]
    age = 3 - bad
    depth = depth_changes(day, 3)
    assert [value is None for value in depth] == [age <= order for order in (0, 1, 2)]
    pulled = pull_changes(day, 3)
    assert [value is None for value in pulled] == [age <= order for order in (1, 2, 3)]


def test_invalid_second_keeps_its_grid_and_metrics() -> None:
    day = day_with(steady(2), pulls(1, 100), invalid=(1,))
    row = vacuum_metrics(day)[1, "A", 105 * TICK_INT]
    assert (row["window_valid"], row["is_empty"]) == (False, False)
    assert row["pull_add_log"] == pytest.approx(log(5))
    assert row["wall_erosion"] == 4.0
    assert len([key for key in vacuum_metrics(day) if key[0] == 1]) == 40


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


@pytest.mark.parametrize(
    ("mids", "expected"),
    [
        ({0: 100, 3: 100.5}, "approach_up"),
        ({0: 100, 1: None, 2: None, 3: 99.5}, "approach_down"),
        ({0: 100, 1: 90, 2: 110, 3: 100}, "approach_none"),
        ({1: 90, 2: 110, 3: 100}, "approach_none"),
        ({0: None, 3: 100}, "approach_none"),
        ({0: 100, 3: None}, "approach_none"),
    ],
)
def test_approach_compares_the_mid_with_three_seconds_ago(
    mids: dict[int, float | None], expected: str
) -> None:
    assert approach_dir(day_with(dict.fromkeys(mids, 100), mids=mids), 3) == expected


def test_approach_ignores_mids_of_invalid_seconds() -> None:
    mids = {0: 100, 3: 101}
    for invalid in mids:
        day = day_with(dict.fromkeys(mids, 100), mids=mids, invalid=(invalid,))
        assert approach_dir(day, 3) == "approach_none"


def test_approach_ignores_where_the_last_trade_bounced() -> None:
    """Spot bounces between a constant bid and ask; then the quotes move and spot stays."""
    still = {0: 100.5, 3: 100.5}
    assert approach_dir(day_with({0: 100, 3: 101}, mids=still), 3) == "approach_none"
    assert approach_dir(day_with({0: 100, 3: 101}, mids={0: 100.5, 3: 99.5}), 3) == "approach_down"


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


def test_band_beyond_a_narrow_grid_is_unknown() -> None:
    quantiles = fixed_calibration(dict.fromkeys(VACUUM_METRICS, (0.0, 10.0)))
    day = day_with(steady(4), vacuum_max_ticks=14)
    vacuum = vacuum_surface(vacuum_metrics(day), quantiles)
    bands = physics_bands(day, vacuum, quantiles, PhysicsWeights())[3]
    assert (bands["above_mid_vacuum_norm"], bands["above_far_vacuum_norm"]) == (1.0, None)
    assert bands["above_score"] == 1.0


def test_pull_of_a_young_order_erodes_without_counting_as_rested() -> None:
    """5 at start, 3 of them rested pulls, 1 young pull, 2 added: 3 left, 1 of them rested."""
    row = wall_row(
        1,
        "A",
        104,
        100,
        depth_qty_start=5,
        depth_qty_end=3,
        add_qty=2,
        pull_qty_total=4,
        pull_qty_rest=3,
        depth_qty_rest=1,
    )
    metrics = vacuum_metrics(day_with(steady(2), row))[1, "A", 104 * TICK_INT]
    assert metrics["wall_erosion"] == 2.0
    assert metrics["log1p_erosion_norm"] == pytest.approx(log(8 / 6))
    assert metrics["pull_intensity_rest"] == 0.5
    assert metrics["pull_add_log"] == pytest.approx(log(4 / 3))
    assert metrics["wall_strength_log"] == pytest.approx(log(2))


def test_cell_with_an_add_and_a_pull_is_not_empty() -> None:
    row = wall_row(1, "A", 104, 100, add_qty=2, pull_qty_total=2)
    metrics = vacuum_metrics(day_with(steady(2), row))
    assert metrics[1, "A", 104 * TICK_INT]["is_empty"] is False
    assert metrics[1, "A", 105 * TICK_INT]["is_empty"] is True


def test_pulls_of_every_band_have_their_share() -> None:
    """Rested pulls of 2 at 1, 3 at 4, 5 at 6 and 7 at 15 ticks, as bids and as asks."""
    qty_at = {1: 2, 4: 3, 6: 5, 15: 7, 21: 11}
    rows = [pulls(1, 100, qty, 100 + ticks) for ticks, qty in qty_at.items()]
    rows += [
        row
        | {"side": "B", "price_int": (200 * TICK_INT) - row["price_int"]}
        | {"rel_ticks": -row["rel_ticks"]}
        for row in rows
    ]
    radar = radar_vacuum(day_with(steady(2), *rows))[1]
    for name in ("f2_ask", "f4_bid"):
        assert radar[f"{name}_at_pull_share_rest"] == pytest.approx(2 / 18)
        assert radar[f"{name}_near_pull_share_rest"] == pytest.approx(3 / 18)
        assert radar[f"{name}_pull_add_log_rest"] == pytest.approx(log(18))
    assert radar["u14_bid_far_pull_share_rest"] == pytest.approx(12 / 18)


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
