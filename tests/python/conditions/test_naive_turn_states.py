"""Plain usual sizes of a turn on rows made by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from naive.turn_conditions import (
    INTRADAY,
    PRIOR_SESSIONS,
    SIDES,
    Calibration,
    Measured,
    TurnRules,
    half_hour_of,
    usual_sizes,
)
from support.levels_market import at

START = at("10:00:00")
LEVEL = 1005
TURN = TurnRules()


def measured(
    end_s: int, k: int = 3, tick: int = LEVEL, level: str = "pm_high", **values: float | None
) -> Measured:
    """A row whose measures are those given as ask_retreat, ask_pull, bid_retreat, bid_pull."""
    by_side = {
        side: {
            "retreat_ticks": values.get(f"{side}_retreat"),
            "retreat_qty": 100,
            "pull_share": values.get(f"{side}_pull"),
            "pull_qty": 100,
        }
        for side in SIDES
    }
    return Measured(end_s, level, tick, k, by_side)


def test_sides_and_distances_have_usual_sizes_of_their_own() -> None:
    rules = replace(TURN, min_seconds=1)
    rows = [
        measured(START + 1, 2, ask_pull=1.0, bid_pull=2.0),
        measured(START + 2, -2, ask_pull=3.0, bid_pull=5.0),
        measured(START + 3, 3, ask_pull=9.0),
        measured(START + 4, 0, ask_pull=100.0, bid_pull=100.0),
    ]
    assert usual_sizes(rows, rules) == {
        # asks of a level above, bids of one below
        ("ahead", 2, "pull_share"): pytest.approx(1.4826 * 3.0),
        ("behind", 2, "pull_share"): pytest.approx(1.4826 * 2.5),
        ("ahead", 4, "pull_share"): pytest.approx(1.4826 * 9.0),
    }


def test_two_levels_at_one_price_are_one_row() -> None:
    rules = replace(TURN, min_seconds=2)
    rows = [measured(START, ask_pull=1.0), measured(START, level="or_high", ask_pull=1.0)]
    assert usual_sizes(rows, rules) == {("ahead", 4, "pull_share"): None}
    rows[1] = measured(START, 4, 1006, "or_high", ask_pull=1.0)
    assert usual_sizes(rows, rules) != {("ahead", 4, "pull_share"): None}


def test_the_usual_size_of_a_half_hour_comes_from_earlier_sessions() -> None:
    rules = replace(TURN, min_seconds=5, min_sessions=5, lookback=6)
    sessions = [
        [
            measured(START - 86_400 * ago, ask_pull=float(ago)),
            measured(START - 86_400 * ago + 1800, ask_pull=50.0),
        ]
        for ago in range(9, 0, -1)
    ]
    calibration = Calibration(sessions, [], rules)
    assert calibration.mode == PRIOR_SESSIONS
    # of the last six: 6, 5, 4, 3, 2, 1; the row at 10:00:00 is that of the second before
    assert half_hour_of(START - 1) == 19
    key = ("ahead", 4, "pull_share")
    assert calibration.at(START)[key] == pytest.approx(1.4826 * 3.5)
    assert calibration.at(START - 1799)[key] == pytest.approx(1.4826 * 3.5)
    assert calibration.at(START + 1)[key] == pytest.approx(1.4826 * 50)
    assert calibration.at(START + 1801) == {}
    assert Calibration(sessions[:4], [], rules).mode == INTRADAY


def test_the_day_so_far_restarts_at_the_open_and_updates_each_minute() -> None:
    rules = replace(TURN, min_seconds=2)
    opening = at("09:30:00")
    own = [measured(opening + n, ask_pull=1.0 if n <= 0 else 4.0) for n in range(-120, 180)]
    calibration = Calibration([], own, rules)
    assert calibration.mode == INTRADAY

    def size(end_s: int) -> float | None:
        found = calibration.at(end_s).get(("ahead", 4, "pull_share"))
        return None if found is None else found / 1.4826

    assert size(opening - 59) == size(opening) == pytest.approx(1.0)
    # the seconds from 09:30:00 to 09:31:00 use nothing from before the open
    assert size(opening + 1) is None
    assert size(opening + 60) is None
    assert size(opening + 61) == pytest.approx(4.0)
    later = Calibration([], [row for row in own if row.end_s <= opening + 60], rules)
    assert later.at(opening + 90) == calibration.at(opening + 90)
