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
from naive.surfaces_radar import READ_FROM_ABOVE, READ_FROM_BELOW
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


def test_column_counts() -> None:
    found = describe(play(*quiet_seconds(), n_seconds=2))
    assert (len(READ_FROM_ABOVE), len(READ_FROM_BELOW)) == (25, 24)
    assert {len(row) for row in found.radar_vacuum_1s.values()} == {8 + 4 * 49 + 5}
    assert {len(row) for row in found.physics_bands_1s.values()} == {36}
    assert {len(row) for row in found.vacuum_surface_1s.values()} == {9 + 12}


def test_distance_buckets_partition_the_zone() -> None:
    bands = [distance_bucket(ticks) for ticks in range(22)]
    assert bands == ["at"] * 3 + ["near"] * 3 + ["mid"] * 9 + ["far"] * 6 + [None]


def _cell(relation: dict, second: int, side: str, rel_ticks: int) -> dict[str, Any]:
    return relation[FIRST_S + second, side, (SPOT + rel_ticks) * TICK_INT]


def quiet_seconds(*orders: np.ndarray) -> list[np.ndarray]:
    """Asks at 1 to 4 and 8 ticks and bids at -1 to -3 ticks, then no events."""
    asks = [order("A", ticks, ticks, 10) for ticks in (1, 2, 3, 4, 8)]
    bids = [order("B", 100 + ticks, -ticks, 10) for ticks in (1, 2, 3)]
    return opening(*asks, *bids, *orders)


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
