"""The plain one-second surfaces against hand-computed numbers on scripted books."""

from __future__ import annotations

from datetime import UTC, datetime
from math import log, log1p
from typing import Any

import numpy as np
import pytest
from naive.book import replay
from naive.model import NS_PER_S
from naive.surfaces import SurfaceConfig, SurfaceDay, distance_bucket
from naive.surfaces_calibration import fixed_calibration
from naive.surfaces_radar import FEATURES, READ_FROM_ABOVE, READ_FROM_BELOW
from naive.surfaces_result import Surfaces, surfaces
from support.strategies.mbo_script import (
    DAY_START_NS,
    SNAPSHOT,
    SNAPSHOT_LAST,
    TICK_INT,
    message,
    script,
    script_config,
)

FIRST_S = DAY_START_NS // NS_PER_S
MS = 1_000_000
SPOT = 4_000
QUANTILES = {
    "pull_add_log": (-1.0, 3.0),
    "log1p_pull_intensity_rest": (0.0, 1.0),
    "log1p_erosion_norm": (0.0, 2.0),
    "d2_pull_add_log": (-2.0, 2.0),
    "wall_strength_log": (0.0, 4.0),
}
CLOSE = {"rel": 1e-13, "abs": 1e-13}


def at(second: float) -> dict[str, int]:
    return {"at_ns": round(second * 1000) * MS}


def order(side: str, order_id: int, rel_ticks: int, size: int, **fields: Any) -> np.ndarray:
    """An order of the opening snapshot, placed relative to the spot of the scripts."""
    return message("A", side, order_id, SPOT + rel_ticks, size, flags=SNAPSHOT, **fields)


def opening(*orders: np.ndarray) -> list[np.ndarray]:
    """A snapshot of the orders, then a trade at the spot."""
    orders[-1]["flags"] = SNAPSHOT_LAST
    return [message("R", flags=SNAPSHOT), *orders, message("T", "N", 0, SPOT, 1, **at(0.1))]


def play(*messages: np.ndarray, n_seconds: int) -> SurfaceDay:
    """Run the plain engine; the last second holds the group of a bare N record."""
    last = message("N", **at(n_seconds - 0.1))
    result = replay(script(*messages, last), script_config(wall_max_ticks=30))
    date = datetime.fromtimestamp(FIRST_S, UTC).date()
    config = SurfaceConfig(tick_int=TICK_INT, wall_max_ticks=30)
    return SurfaceDay("ESH4", date, result.snapshot, result.wall, result.reprice, config)


def describe(day: SurfaceDay) -> Surfaces:
    return surfaces(day, fixed_calibration(QUANTILES))


@pytest.fixture(scope="module")
def six_orders() -> Surfaces:
    """Six orders that are cancelled, grown and re-priced in second 1; then nothing happens."""
    return describe(
        play(
            *opening(
                order("A", 1, 1, 5),
                order("A", 2, 4, 7),
                order("A", 3, 16, 9),
                order("B", 4, 0, 4),
                order("B", 5, -3, 8),
                order("B", 6, -16, 3),
            ),
            message("C", "A", 1, SPOT + 1, 2, **at(1.6)),
            message("M", "A", 2, SPOT + 6, 7, **at(1.6)),
            message("C", "A", 2, SPOT + 6, 1, **at(1.7)),
            message("M", "B", 4, SPOT, 6, **at(1.6)),
            message("M", "B", 5, SPOT - 2, 8, **at(1.6)),
            message("C", "B", 5, SPOT - 2, 3, **at(1.7)),
            message("C", "B", 6, SPOT - 16, 1, **at(1.6)),
            n_seconds=5,
        )
    )


# asks: 5 at 1, 7 at 4, 9 at 16 (21, moment 177) become 3 at 1, 6 at 6, 9 at 16 (18, moment 183);
#       rested pulls 2 at 1 and 7 at 4, all pulls one more; 7 added; 7 moved away
# bids: 4 at 0, 8 at 3, 3 at 16 (15, moment 72) become 6 at 0, 5 at 2, 2 at 16 (13, moment 42);
#       rested pulls 8 at 3 and 1 at 16, all pulls three more; 2 + 8 added; 8 moved toward
BY_HAND = {
    "f1_ask_com_disp_log": log((183 / 18 + 1) / (177 / 21 + 1)),
    "f1_ask_slope_convex_log": log(10 / 1),
    "f1_ask_slope_inner_log": log(1 / 4),
    "f1_ask_at_share_delta": 3 / 19 - 5 / 22,
    "f1_ask_near_share_delta": -7 / 22,
    "f1_ask_reprice_away_share_rest": 7 / 8,
    "f2_ask_pull_add_log_rest": log(10 / 8),
    "f2_ask_pull_intensity_log_rest": log(1 + 9 / 22),
    "f2_ask_at_pull_share_rest": 2 / 10,
    "f2_ask_near_pull_share_rest": 7 / 10,
    "f3_bid_com_disp_log": log((42 / 13 + 1) / (72 / 15 + 1)),
    "f3_bid_slope_convex_log": log(3 / 1),
    "f3_bid_slope_inner_log": log(1 / 12),
    "f3_bid_at_share_delta": 11 / 14 - 4 / 16,
    "f3_bid_near_share_delta": -8 / 16,
    "f3_bid_reprice_away_share_rest": 0.0,
    "f4_bid_pull_add_log_rest": log(10 / 11),
    "f4_bid_pull_intensity_log_rest": log(1 + 9 / 16),
    "f4_bid_at_pull_share_rest": 0.0,
    "f4_bid_near_pull_share_rest": 8 / 10,
    "f5_vacuum_expansion_log": log(201 / 18 * 21 / 198) + log(55 / 13 * 15 / 87),
    "f6_vacuum_decay_log": log(100 / 88),
    "f7_vacuum_total_log": log(201 / 18 * 21 / 198 * 55 / 13 * 15 / 87 * 100 / 88),
    "f8_ask_bbo_dist_ticks": 1.0,
    "f9_bid_bbo_dist_ticks": 0.0,
    "u1_ask_com_disp_log": log(201 / 18 * 21 / 198),
    "u2_ask_slope_convex_log": log(10),
    "u2_ask_slope_inner_log": -log(4),
    "u3_ask_at_share_decay": 5 / 22 - 3 / 19,
    "u3_ask_near_share_decay": 7 / 22,
    "u4_ask_reprice_away_share_rest": 0.875,
    "u5_ask_pull_add_log_rest": log(1.25),
    "u6_ask_pull_intensity_log_rest": log(31 / 22),
    "u7_ask_at_pull_share_rest": 0.2,
    "u7_ask_near_pull_share_rest": 0.7,
    "u8_bid_com_approach_log": log(87 / 15 * 13 / 55),
    "u9_bid_slope_support_log": -log(3),
    "u9_bid_slope_inner_log": log(12),
    "u10_bid_at_share_rise": 15 / 28,
    "u10_bid_near_share_rise": -0.5,
    "u11_bid_reprice_toward_share_rest": 1.0,
    "u12_bid_add_pull_log_rest": log(1.1),
    "u13_bid_add_intensity_log": log(26 / 16),
    "u14_bid_far_pull_share_rest": 0.1,
    "u15_up_expansion_log": log(201 / 18 * 21 / 198 * 87 / 15 * 13 / 55),
    "u16_up_flow_log": log(1.25 * 1.1),
    "u17_up_total_log": log(201 / 18 * 21 / 198 * 87 / 15 * 13 / 55 * 1.25 * 1.1),
    "u18_ask_bbo_dist_ticks": 1.0,
    "u19_bid_bbo_dist_ticks": 0.0,
    "u14_bid_midfar_pull_share_rest": 0.1,
    "f2_ask_pull_add_log_all": log(11 / 8),
    "f4_bid_pull_add_log_all": log(13 / 11),
    "u5_ask_pull_add_log_all": log(11 / 8),
    "u12_bid_add_pull_log_all": log(11 / 13),
}


@pytest.mark.parametrize("name", BY_HAND)
def test_six_orders_give_every_feature(six_orders: Surfaces, name: str) -> None:
    assert six_orders.radar_vacuum_1s[FIRST_S + 1][name] == pytest.approx(BY_HAND[name], **CLOSE)


def test_features_of_six_orders_are_all_features(six_orders: Surfaces) -> None:
    assert (len(READ_FROM_ABOVE), len(READ_FROM_BELOW)) == (25, 24)
    assert set(FEATURES) < set(BY_HAND)
    assert len(BY_HAND) == 49 + 5


def test_derivatives_of_six_orders(six_orders: Surfaces) -> None:
    """Second 1 is the first valid one, and nothing happens after it."""
    radar = six_orders.radar_vacuum_1s
    name = "f2_ask_pull_add_log_rest"
    value = log(1.25)
    found = [
        [radar[FIRST_S + s][column] for s in range(5)]
        for column in (name, f"d1_{name}", f"d2_{name}", f"d3_{name}")
    ]
    assert found[0] == [None, pytest.approx(value), 0, 0, 0]
    assert found[1] == [None, None, pytest.approx(-value), 0, 0]
    assert found[2] == [None, None, None, pytest.approx(value), 0]
    assert found[3] == [None, None, None, None, pytest.approx(-value)]


def test_column_counts(six_orders: Surfaces) -> None:
    assert {len(row) for row in six_orders.radar_vacuum_1s.values()} == {8 + 4 * 49 + 5}
    assert {len(row) for row in six_orders.physics_bands_1s.values()} == {36}
    assert {len(row) for row in six_orders.vacuum_surface_1s.values()} == {9 + 12}


def test_distance_buckets_partition_the_zone() -> None:
    bands = [distance_bucket(ticks) for ticks in range(22)]
    assert bands == ["at"] * 3 + ["near"] * 3 + ["mid"] * 9 + ["far"] * 6 + [None]


def test_grid_of_six_orders(six_orders: Surfaces) -> None:
    """A bid rests at the anchor, so only the bid side has a cell at 0."""
    cells = [
        (row["side"], row["rel_ticks"])
        for key, row in six_orders.vacuum_metrics_1s.items()
        if key[0] == FIRST_S + 1
    ]
    asks = [("A", ticks) for ticks in range(1, 21)]
    bids = [("B", -ticks) for ticks in range(21)]
    assert sorted(cells) == sorted(asks + bids)


def _cell(relation: dict, second: int, side: str, rel_ticks: int) -> dict[str, Any]:
    return relation[FIRST_S + second, side, (SPOT + rel_ticks) * TICK_INT]


def test_metrics_of_six_orders(six_orders: Surfaces) -> None:
    metrics = six_orders.vacuum_metrics_1s
    ask = _cell(metrics, 1, "A", 1)
    assert (ask["is_empty"], ask["wall_erosion"], ask["consumption_qty"]) == (False, 2.0, 0)
    assert ask["pull_intensity_rest"] == pytest.approx(2 / 6)
    assert ask["pull_add_log"] == pytest.approx(log(3))
    assert ask["wall_strength_log"] == pytest.approx(log(4))
    assert ask["log1p_erosion_norm"] == pytest.approx(log1p(2 / 6))
    arrived = _cell(metrics, 1, "A", 6)
    assert (arrived["is_empty"], arrived["wall_erosion"]) == (False, 0.0)
    assert arrived["pull_add_log"] == pytest.approx(log(1 / 8))
    left = _cell(metrics, 1, "A", 4)
    assert (left["is_empty"], left["wall_erosion"]) == (False, 7.0)
    assert left["wall_strength_log"] == 0.0
    assert _cell(metrics, 1, "A", 2)["is_empty"]
    assert _cell(metrics, 2, "A", 4)["is_empty"]


def test_depth_derivatives_of_six_orders(six_orders: Surfaces) -> None:
    def found(second: int, rel_ticks: int) -> tuple[int | None, ...]:
        row = _cell(six_orders.wall_derivatives_1s, second, "A", rel_ticks)
        return row["d1_depth_qty"], row["d2_depth_qty"], row["d3_depth_qty"]

    assert [found(second, 1) for second in range(5)] == [
        (None, None, None),
        (-2, None, None),
        (0, 2, None),
        (0, 0, -2),
        (0, 0, 0),
    ]
    # at 6 ticks a wall row appears only in second 1; no row before means no flow, but it was
    # invalid
    assert found(1, 6) == (6, None, None)
    assert found(2, 6) == (0, -6, None)
    assert found(3, 6) == (0, 0, 6)


def quiet_seconds(*orders: np.ndarray) -> list[np.ndarray]:
    """Asks at 1 to 4 and 8 ticks and bids at -1 to -3 ticks, then no events."""
    asks = [order("A", ticks, ticks, 10) for ticks in (1, 2, 3, 4, 8)]
    bids = [order("B", 100 + ticks, -ticks, 10) for ticks in (1, 2, 3)]
    return opening(*asks, *bids, *orders)


def test_scripted_pulls_at_and_near() -> None:
    """Rested pulls of 3 at 1 tick and 5 at 4 ticks in second 4, after quiet valid seconds."""
    found = describe(
        play(
            *quiet_seconds(),
            message("C", "A", 1, SPOT + 1, 3, **at(4.2)),
            message("C", "A", 4, SPOT + 4, 5, **at(4.8)),
            n_seconds=8,
        )
    )
    radar = found.radar_vacuum_1s[FIRST_S + 4]
    assert radar["f2_ask_at_pull_share_rest"] == pytest.approx(3 / 9)
    assert radar["f2_ask_near_pull_share_rest"] == pytest.approx(5 / 9)
    assert radar["f4_bid_at_pull_share_rest"] == 0.0
    assert radar["u6_ask_pull_intensity_log_rest"] == pytest.approx(log1p(8 / 51))
    pulled = log(4)
    differences = [
        [_cell(found.vacuum_metrics_1s, s, "A", 1)[f"d{n}_pull_add_log"] for n in (1, 2, 3)]
        for s in (4, 5, 6, 7)
    ]
    expected = [[1, 1, 1], [-1, -2, -3], [0, 1, 3], [0, 0, -1]]
    assert differences == [[pytest.approx(pulled * n) for n in row] for row in expected]


def test_score_and_ease_by_hand() -> None:
    """Ask at 1 tick: 10 at start, 3 pulled, 7 rest; differences before it are zero."""
    found = describe(
        play(*quiet_seconds(), message("C", "A", 1, SPOT + 1, 3, **at(4.2)), n_seconds=5)
    )
    erosion = log1p(3 / 11) / 2
    score = ((log(4) + 1) / 4 + log1p(3 / 11) + erosion + (log(4) + 2) / 4) / 4
    cell = _cell(found.vacuum_surface_1s, 4, "A", 1)
    assert cell["vacuum_score"] == pytest.approx(score, **CLOSE)
    ease = 0.5 * score + 0.35 * erosion + 0.15 * (1 - log(8) / 4)
    physics = _cell(found.physics_surface_1s, 4, "A", 1)
    assert physics["ease"] == physics["ease_signed"] == pytest.approx(ease, **CLOSE)
    assert physics["obstacle"] == pytest.approx(1 - ease, **CLOSE)

    # the quiet ask at 2 ticks, and the band of both: two cells wide
    quiet = (1 / 4 + 0 + 0 + 2 / 4) / 4
    at_erosion = log1p(3 / (20 + 2)) / 2
    at_strength = log(1 + 17 / 2) / 4
    bands = found.physics_bands_1s[FIRST_S + 4]
    assert bands["above_at_vacuum_norm"] == pytest.approx((score + quiet) / 2, **CLOSE)
    assert bands["above_at_wall_erosion_norm"] == pytest.approx(at_erosion, **CLOSE)
    assert bands["above_at_wall_strength_norm"] == pytest.approx(at_strength, **CLOSE)
    at_ease = 0.5 * (score + quiet) / 2 + 0.35 * at_erosion + 0.15 * (1 - at_strength)
    # near: 10 at 3 ticks, 10 at 4 ticks, nothing at 5 ticks
    near_ease = 0.5 * (quiet + quiet + 1) / 3 + 0.15 * (1 - log(1 + 20 / 3) / 4)
    assert bands["above_score"] == pytest.approx(0.6 * at_ease + 0.4 * near_ease, **CLOSE)
    # below: 10 at 1 and 2 ticks, 10 at 3 ticks
    below_at = 0.5 * quiet + 0.15 * (1 - log(1 + 20 / 2) / 4)
    below_near = 0.5 * (quiet + 2) / 3 + 0.15 * (1 - log(1 + 10 / 3) / 4)
    assert bands["below_score"] == pytest.approx(0.6 * below_at + 0.4 * below_near, **CLOSE)
    both = (bands["above_score"] + bands["below_score"]) / 2
    assert bands["vacuum_total_score"] == both
    assert [bands[f"above_far_{n}"] for n in ("wall_strength_norm", "vacuum_norm")] == [0, 1]


def test_scripted_reprices_including_one_across_the_anchor() -> None:
    """An ask moves below the spot and is cancelled there, all within the second."""
    day = play(
        *quiet_seconds(order("B", 200, -9, 1)),
        *(message("C", "B", 100 + n, SPOT - n, 10, **at(1.1)) for n in (1, 2, 3)),
        message("M", "A", 3, SPOT + 5, 4, **at(2.1)),
        message("M", "A", 8, SPOT + 2, 6, **at(2.2)),
        message("M", "A", 4, SPOT - 6, 5, **at(2.3)),
        message("C", "A", 4, SPOT - 6, 5, **at(2.4)),
        message("M", "A", 3, SPOT + 12, 4, **at(2.5)),
        n_seconds=4,
    )
    assert day.spot(FIRST_S + 2) == SPOT * TICK_INT
    radar = describe(day).radar_vacuum_1s[FIRST_S + 2]
    # away 4; toward 6, and 5 although 6 ticks below is farther than 4 ticks above;
    # the second move of order 3 comes 400 ms after the first and is not rested
    assert radar["f1_ask_reprice_away_share_rest"] == pytest.approx(4 / 16)
    assert radar["f3_bid_reprice_away_share_rest"] == 0.5
    assert radar["u11_bid_reprice_toward_share_rest"] == 0.5


def test_reprice_from_outside_the_zone_does_not_count() -> None:
    day = play(
        *quiet_seconds(order("A", 21, 21, 6), order("A", 20, 20, 3)),
        message("M", "A", 21, SPOT + 3, 6, **at(2.1)),
        message("M", "A", 20, SPOT + 25, 3, **at(2.1)),
        n_seconds=3,
    )
    radar = describe(day).radar_vacuum_1s[FIRST_S + 2]
    assert radar["f1_ask_reprice_away_share_rest"] == pytest.approx(3 / 4)


def test_quiet_wide_market_is_vacuum_on_the_retreating_side() -> None:
    """The spread is 6 ticks and spot stays at the bid: five ticks above are empty."""
    found = describe(
        play(
            *opening(
                order("A", 1, 6, 10),
                order("A", 2, 7, 10),
                *(order("B", 10 + ticks, -ticks, 10) for ticks in range(6)),
            ),
            n_seconds=6,
        )
    )
    gap = [_cell(found.vacuum_surface_1s, 5, "A", n)["vacuum_score"] for n in range(1, 6)]
    assert gap == [1.0] * 5
    assert [_cell(found.physics_surface_1s, 5, "A", n)["ease"] for n in range(1, 6)] == [1.0] * 5
    assert _cell(found.vacuum_surface_1s, 5, "A", 6)["vacuum_score"] < 0.5
    bands = found.physics_bands_1s[FIRST_S + 5]
    for band in ("at", "near"):
        assert bands[f"above_{band}_wall_strength_norm"] == 0.0
        assert bands[f"above_{band}_wall_erosion_norm"] == 1.0
        assert bands[f"above_{band}_vacuum_norm"] == 1.0
    assert bands["above_score"] == 1.0
    assert bands["below_score"] < 0.5


def test_ask_at_spot_after_a_lifted_offer_is_part_of_the_grid() -> None:
    """A buyer lifts the whole ask at 1 tick: spot moves there, and side A has a cell at 0."""
    found = describe(
        play(
            *quiet_seconds(),
            message("T", "B", 0, SPOT + 1, 10, flags=0, **at(4.5)),
            message("F", "A", 1, SPOT + 1, 10, flags=0, **at(4.5)),
            message("C", "A", 1, SPOT + 1, 10, **at(4.5)),
            n_seconds=6,
        )
    )
    lifted = _cell(found.vacuum_surface_1s, 4, "A", 1)
    assert (lifted["rel_ticks"], lifted["is_empty"], lifted["consumption_qty"]) == (0, False, 10)
    assert (lifted["wall_erosion"], lifted["d1_pull_add_log"]) == (0.0, 0.0)
    assert (FIRST_S + 5, "A", (SPOT + 1) * TICK_INT) not in found.vacuum_surface_1s
    assert found.radar_vacuum_1s[FIRST_S + 4]["approach_dir"] == "approach_up"
    assert found.radar_vacuum_1s[FIRST_S + 4]["f8_ask_bbo_dist_ticks"] == 1.0
