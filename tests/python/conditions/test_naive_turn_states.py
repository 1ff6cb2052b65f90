"""Plain usual sizes, conditions and states of a turn on rows made by hand."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from naive.levels_model import Row
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
from naive.turn_states import conditions, state_of, turn_conditions_1s
from support.levels_market import RULES, at
from support.turn_market import market_day

START = at("10:00:00")
SPOT, LEVEL = 1000, 1005
TURN = TurnRules()


# ---------------------------------------------------------------- usual sizes


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


def test_usual_size_by_hand() -> None:
    """Sizes 1, 2, 3 and 9 have the median 2.5, whatever their sign."""
    rules = replace(TURN, min_seconds=4)
    rows = [
        measured(START + n, ask_retreat=value) for n, value in enumerate((-1.0, 3.0, -9.0, 2.0))
    ]
    usual = usual_sizes(rows, rules)
    assert usual == {("ahead", 4, "retreat_ticks"): pytest.approx(1.4826 * 2.5)}
    assert usual_sizes(rows[:3], rules) == {("ahead", 4, "retreat_ticks"): None}
    # most of them are 0: sqrt((9 + 16) / 4)
    few = [measured(START + n, ask_retreat=value) for n, value in enumerate((0.0, -3.0, 0.0, 0.0))]
    few.append(measured(START + 9, ask_retreat=4.0))
    assert usual_sizes(few, rules) == {("ahead", 4, "retreat_ticks"): pytest.approx(5**0.5)}
    # without a spread there is no unit
    still = [measured(START + n, ask_retreat=0.0) for n in range(9)]
    assert usual_sizes(still, rules) == {("ahead", 4, "retreat_ticks"): None}


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


# ---------------------------------------------------------------- states

USUAL = dict.fromkeys(
    product(("ahead", "behind"), (2, 4, 6, 10, 20), ("retreat_ticks", "pull_share")), 0.5
)
T, F = True, False


@pytest.mark.parametrize(
    ("met", "ahead_is_asks", "expected"),
    [
        ((T, T, T, T), T, "all_four"),
        ((T, T, T, F), T, "ahead_only"),
        ((T, T, F, F), T, "ahead_only"),
        ((T, T, F, F), F, "behind_only"),
        ((F, F, T, T), T, "behind_only"),
        ((F, T, T, T), F, "ahead_only"),
        ((T, F, T, F), T, "partial"),
        ((F, F, F, T), T, "partial"),
        ((F, F, F, F), T, "none"),
        # the known conditions decide the state
        ((T, T, F, None), T, "ahead_only"),
        ((T, F, F, None), T, "partial"),
        ((T, F, None, F), F, "partial"),
        # or do not
        ((T, T, T, None), T, None),
        ((T, T, None, None), T, None),
        ((T, F, None, None), T, None),
        ((T, F, T, None), T, None),
        ((F, F, F, None), T, None),
        ((None, None, None, None), T, None),
    ],
)
def test_states(met: tuple, expected: str | None, *, ahead_is_asks: bool) -> None:
    def both(one: bool | None, other: bool | None) -> bool | None:
        return False if False in (one, other) else None if None in (one, other) else True

    asks, bids = both(*met[:2]), both(*met[2:])
    ahead, behind = (asks, bids) if ahead_is_asks else (bids, asks)
    assert state_of(met, ahead, behind) == expected


def test_conditions_by_hand() -> None:
    """A usual size of 0.5: 0.5 is met, 0.49 is not, and neither are 19 contracts."""
    row = measured(START, ask_retreat=0.5, ask_pull=0.49, bid_retreat=2.0, bid_pull=-3.0)
    row.by_side["bid"]["retreat_qty"] = 19
    values = conditions(row, USUAL, 1, TURN)
    assert values == {
        "asks_retreat_ticks": 0.5,
        "asks_retreat_qty": 100,
        "asks_retreat_z": 1.0,
        "asks_pull_share": 0.49,
        "asks_pull_qty": 100,
        "asks_pull_z": 0.98,
        "bids_recede_ticks": 2.0,
        "bids_recede_qty": 19,
        "bids_recede_z": 4.0,
        "bids_pull_share": -3.0,
        "bids_pull_qty": 100,
        "bids_pull_z": -6.0,
        "c1": True,
        "c2": False,
        "c3": False,
        "c4": False,
        "ahead_withdraws": False,
        "behind_withdraws": False,
        "state": "partial",
        "missing": ["asks_pulled", "bids_recede", "bids_pulled"],
    }


def test_no_measure_or_no_usual_size_is_no_condition() -> None:
    row = measured(START, ask_retreat=1.0, ask_pull=1.0, bid_retreat=1.0)
    values = conditions(row, USUAL, 1, TURN)
    assert [values[f"c{n}"] for n in (1, 2, 3, 4)] == [True, True, True, None]
    assert (values["state"], values["missing"], values["ahead_withdraws"]) == (None, None, True)
    values = conditions(row, {**USUAL, ("ahead", 4, "pull_share"): None}, 1, TURN)
    assert (values["c2"], values["asks_pull_z"], values["asks_pull_share"]) == (None, None, 1.0)
    assert conditions(row, USUAL, None, TURN)["c1"] is None


def rows_of(own: list[Measured], usual: dict = USUAL, rules: TurnRules = TURN) -> list[Row]:
    day = market_day(START, [SPOT] * 40, {})
    calibration = Calibration([], [], TURN)
    calibration.at = lambda end_s: usual
    offsets = {(one.end_s, one.level_id): {"approach_dir": "approach_none"} for one in own}
    return list(turn_conditions_1s(own, calibration, offsets, day, RULES, rules).values())


WITHDRAWS = {"ask_retreat": 1.0, "ask_pull": 1.0}
STAYS = {"bid_retreat": 0.0, "bid_pull": 0.0}


def test_at_the_level_the_last_side_stays() -> None:
    own = [
        measured(START + n, k, LEVEL, **WITHDRAWS, **STAYS)
        for n, k in enumerate((0, 2, 0, -1, 0, 0, 3))
    ]
    rows = rows_of(own)
    assert [row["level_side"] for row in rows] == [None, 1, 1, -1, -1, -1, 1]
    states = {None: None, 1: "ahead_only", -1: "behind_only"}
    assert [row["state"] for row in rows] == [states[row["level_side"]] for row in rows]


def test_how_long_a_state_has_held() -> None:
    quiet = {"ask_retreat": 0.0, "ask_pull": 0.0}
    kinds = {"a": WITHDRAWS | STAYS, "n": quiet | STAYS, "?": {}}
    own = [measured(START + n, 3, **kinds[kind]) for n, kind in enumerate("aaann?naa")]
    del own[7]
    rows = rows_of([*own, measured(START + 3, 3, 1010, "or_high", **kinds["a"])])
    held = [row["held_s"] for row in rows if row["level_id"] == "pm_high"]
    assert held == [1, 2, 3, 1, 2, None, 1, 1]
    assert rows[-1]["held_s"] == 1


def test_a_level_that_moves_or_changes_sides_restarts() -> None:
    places = [
        (2, LEVEL),
        (2, LEVEL),
        (1, LEVEL + 1),
        (1, LEVEL + 1),
        (-1, LEVEL + 1),
        (0, LEVEL + 1),
    ]
    own = [
        measured(START + n, k, tick, ask_retreat=0.0, ask_pull=0.0, **STAYS)
        for n, (k, tick) in enumerate(places)
    ]
    rows = rows_of(own)
    assert {row["state"] for row in rows} == {"none"}
    assert [row["held_s"] for row in rows] == [1, 2, 1, 2, 1, 2]


MOVES = {"bid_retreat": 1.0, "bid_pull": 1.0}
QUIET = {"ask_retreat": 0.0, "ask_pull": 0.0} | STAYS


def test_conditions_within_seconds() -> None:
    """Asks withdraw in second 2 and bids in second 4; that none did needs three known seconds."""
    rules = replace(TURN, recent_s=3)
    kinds = {"a": QUIET | WITHDRAWS, "b": QUIET | MOVES, "n": QUIET, "?": {}}
    own = [measured(START + n, 3, **kinds[kind]) for n, kind in enumerate("nnanbnnnn?nnn")]
    found = [row["recent_state"] for row in rows_of(own, rules=rules)]
    ahead, behind, both_sides = "ahead_only", "behind_only", "all_four"
    assert found == [
        *(None, None, ahead, ahead, both_sides, behind, behind, "none", "none"),
        *(None, None, None, "none"),
    ]


@pytest.mark.parametrize(("k", "tick"), [(2, LEVEL + 1), (-3, LEVEL)])
def test_conditions_of_another_price_or_side_do_not_count(k: int, tick: int) -> None:
    rules = replace(TURN, recent_s=2)
    own = [
        measured(START, 3, LEVEL, **QUIET | WITHDRAWS),
        *(measured(START + n, k, tick, **QUIET) for n in (1, 2)),
    ]
    found = [row["recent_state"] for row in rows_of(own, rules=rules)]
    assert found == [None, None, "none"]
