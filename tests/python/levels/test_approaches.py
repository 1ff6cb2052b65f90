"""The record of each course: cases by hand on the SQL and the twin, and drawn days."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from naive.approaches import ODDS, ApproachInputs, approaches
from naive.course_odds import course_odds_1s
from support.course_records import (
    APPROACH_RULES,
    KINDS,
    LEVEL,
    LEVEL_TICK,
    ODDS_RULES,
    OTHER_LEVEL,
    TICK_INT,
    Row,
    answer_at,
    at_second,
    course_of,
    reflected,
    rows_of,
    tables_of,
)
from support.drawn_course_records import drawn_inputs
from support.selection_tables import Compiler

SEEDS = range(4)
MOMENTS = ("start", "near", "touch", "after")
# touches at second 3 of 16, and ends past the level
XS = (-6, -4, -2, 0, 1, 2, 1, -1, -2, -3, -2, -1, 0, 1, 4, 7)
BREAK = {"resolved": "BREAK", "resolved_ts": at_second(15)}
WALL = range(5, 9)


@pytest.fixture(scope="module")
def query(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the compiled SQL of the model."""
    return Compiler(tmp_path_factory.mktemp("approaches")).compile("--select", "approaches")


def inputs_of(
    courses: list[Row], answers: list[Row] | None = None, **more: list[Row]
) -> ApproachInputs:
    """Return inputs with the odds of courses."""
    odds = course_odds_1s(courses, answers or [], ODDS_RULES)
    return ApproachInputs(odds=odds, kinds=KINDS, **more)


def records(query: str, inputs: ApproachInputs) -> list[Row]:
    """Return the rows of the SQL, which agree with those of the twin."""
    found = rows_of("approaches", query, tables_of(inputs))
    expected = approaches(inputs, APPROACH_RULES)
    assert [row["course_id"] for row in found] == [row["course_id"] for row in expected]
    for row, twin in zip(found, expected, strict=True):
        assert row.keys() == twin.keys()
        differing = {name: (row[name], twin[name]) for name in row if row[name] != twin[name]}
        assert differing == {}, row["course_id"]
    return found


def record(
    query: str, courses: list[Row], answers: list[Row] | None = None, **more: list[Row]
) -> Row:
    """Return the row of one course."""
    [row] = records(query, inputs_of(courses, answers, **more))
    return row


def test_a_course_has_one_row_with_its_start_and_its_end(query: str) -> None:
    row = record(query, course_of(XS, last=BREAK))
    assert row["course_id"] == "ESZ5_2025-10-09_pm_high_up_1760018400"
    assert (row["level_kind"], row["level_price"], row["barrier_ticks"]) == ("pm", 6750.0, 8)
    assert (row["started_ts"], row["started_ny"]) == (at_second(0), datetime(2025, 10, 9, 10))
    assert (row["reached_ts"], row["resolved"], row["ended_by"]) == (at_second(2), "BREAK", None)
    assert (row["max_x"], row["min_x_since_reached"]) == (7, -3)


def test_courses_come_by_start_and_level(query: str) -> None:
    courses = [
        *course_of(XS, start=5),
        *course_of(XS, start=30, level_id=OTHER_LEVEL, direction="down"),
        *course_of(XS, start=30),
    ]
    rows = records(query, inputs_of(courses))
    assert [(row["started_ts"], row["level_id"], row["level_kind"]) for row in rows] == [
        (at_second(5), LEVEL, "pm"),
        (at_second(30), OTHER_LEVEL, "or"),
        (at_second(30), LEVEL, "pm"),
    ]


def test_seconds_of_each_phase(query: str) -> None:
    row = record(query, course_of(XS))
    seconds = [row[f"{phase}_s"] for phase in ("approaching", "at", "through", "back")]
    assert seconds == [2, 7, 3, 4]
    # the second that ends a course, of which nothing is known, has the phase before it
    row = record(query, course_of([*XS, None], last={"ended_by": "recording_gap"}))
    assert (row["through_s"], row["ended_by"], row["max_x"]) == (4, "recording_gap", 7)


def test_odds_of_the_four_moments(query: str) -> None:
    answers = [answer_at(at, share) for at, share in ((0, 0.125), (2, 0.25), (3, 0.375), (13, 0.5))]
    row = record(query, course_of(XS), answers)
    assert [row[f"{moment}_p_break"] for moment in MOMENTS] == [0.125, 0.25, 0.375, 0.5]
    assert [row[f"{moment}_no_odds_reason"] for moment in MOMENTS] == [None] * 4
    odds = {name: row[f"touch_{name}"] for name in ODDS}
    assert odds == {
        **{"p_break": 0.375, "p_reject": 0.375, "p_chop": 0.25},
        **{"base_break": 0.4, "base_reject": 0.35, "base_chop": 0.25},
        **{"n_eff": 67.25, "n_distinct_days": 12, "n_distinct_episodes": 80},
        **{"verdict": "useful", "no_odds_reason": None},
    }


def test_moments_have_the_reason_of_their_second(query: str) -> None:
    answers = [answer_at(2, None), answer_at(3, None, neighbors_ok=True), answer_at(12)]
    row = record(query, course_of(XS), answers)
    reasons = ["short_history", "too_few", "nothing_like_it", None]
    assert [row[f"{moment}_no_odds_reason"] for moment in MOMENTS] == reasons


@pytest.mark.parametrize("n_seconds", [13, 14])
def test_ten_seconds_after_the_touch_needs_a_course_that_lasts(query: str, n_seconds: int) -> None:
    row = record(query, course_of(XS[:n_seconds]), [answer_at(0)])
    assert row["touch_p_break"] == 0.5
    assert row["after_p_break"] == (0.5 if n_seconds == 14 else None)
    assert row["after_no_odds_reason"] is None


def test_a_course_that_never_comes_near_has_odds_of_its_start_only(query: str) -> None:
    row = record(query, course_of([-6, -3, -5], last={"resolved": "FADED"}), [answer_at(0)])
    assert [row[f"{moment}_p_break"] for moment in MOMENTS] == [0.5, None, None, None]
    assert [row[f"{moment}_no_odds_reason"] for moment in MOMENTS] == [None] * 4
    assert (row["reached_ts"], row["min_x_since_reached"], row["back_s"]) == (None, None, 0)


def test_price_may_come_near_without_a_touch(query: str) -> None:
    row = record(query, course_of([-6, -2, -5]), [answer_at(0)])
    assert [row[f"{moment}_p_break"] for moment in MOMENTS] == [0.5, 0.5, None, None]


def test_a_trade_comes_near_and_touches_while_spot_stays_away(query: str) -> None:
    answers = [answer_at(at, share) for at, share in ((0, 0.125), (2, 0.25), (4, 0.375))]
    row = record(query, course_of([-6, -4, -4, -4, -4], traded={2: -2, 4: 0}), answers)
    assert row["reached_ts"] == at_second(2)
    assert [row[f"{moment}_p_break"] for moment in MOMENTS] == [0.125, 0.25, 0.375, None]


def conditions_of(states: dict[int, tuple[str | None, int]], held_before: int = 0) -> list[Row]:
    """Return a second of conditions for each state and side of the level."""
    rows: list[Row] = []
    for at, (state, side) in states.items():
        goes_on = bool(rows) and (state, side) == (rows[-1]["state"], rows[-1]["level_side"])
        held_s = rows[-1]["held_s"] + 1 if goes_on and state else 1 + held_before * (not rows)
        rows.append(
            {
                "level_id": LEVEL,
                "window_end_ts": at_second(at),
                "level_side": side,
                "state": state,
                "held_s": held_s if state else None,
                "conditions_basis": "net",
            }
        )
    return rows


def states_of(row: Row) -> tuple:
    """Return the states of a record and how long they held."""
    names = ("approaching_state", "approaching_state_held_s", "at_state", "at_state_held_s")
    return tuple(row[name] for name in names)


def test_the_state_that_held_longest_in_each_phase(query: str) -> None:
    courses = course_of([-6] * 6 + [0] * 5 + [3] * 4)
    names = ["none", "none", "partial", "partial", "partial", "none"]
    names += ["all_four", "all_four", "none", "none", "partial", *["ahead_only"] * 4]
    conditions = conditions_of({at: (name, 1) for at, name in enumerate(names)})
    other = [row | {"level_id": OTHER_LEVEL, "state": "behind_only"} for row in conditions]
    row = record(query, courses, conditions=[*conditions, *other])
    # of two that held equally long the first counts
    assert states_of(row) == ("partial", 3, "all_four", 2)


def test_what_a_state_held_before_its_phase_does_not_count(query: str) -> None:
    courses = course_of([-6] * 4 + [0] * 6)
    names = ["none", "partial", "partial", "partial", *["partial"] * 2, *["none"] * 4]
    conditions = conditions_of({at: (name, 1) for at, name in enumerate(names)}, held_before=300)
    assert states_of(record(query, courses, conditions=conditions)) == ("partial", 3, "none", 4)


@pytest.mark.parametrize("direction", ["up", "down"])
def test_states_past_the_level_change_sides(query: str, direction: str) -> None:
    sense = 1 if direction == "up" else -1
    sides = {0: sense, 1: sense, 2: sense, 3: -sense, 4: -sense, 5: -sense}
    names = ["behind_only", "behind_only", "partial", *["behind_only"] * 3]
    conditions = conditions_of({at: (names[at], side) for at, side in sides.items()})
    courses = course_of([-6, -6, 0, 1, 1, 1], direction=direction)
    row = record(query, courses, conditions=conditions)
    assert states_of(row) == ("behind_only", 2, "ahead_only", 3)


def test_unknown_states_are_null(query: str) -> None:
    conditions = conditions_of({0: (None, 1), 4: ("none", 1)})
    assert states_of(record(query, course_of(XS), conditions=conditions)) == (None, None, "none", 1)
    assert states_of(record(query, course_of(XS))) == (None,) * 4


def corridor_at(second: int, **other: object) -> Row:
    """Return a corridor whose wall of 60 contracts begins five ticks past the level."""
    return {
        "level_id": LEVEL,
        "window_end_ts": at_second(second),
        "beyond_wall_ratio": 3.0,
        "beyond_wall_depth": 60,
        "beyond_wall_from_ticks": WALL[0],
        "beyond_wall_to_ticks": WALL[-1],
        **other,
    }


def book(
    depths: dict[int, int], fills: dict[int, int] | None = None, sense: int = 1, side: str = "A"
) -> list[Row]:
    """Return depth and fills by second, half at either end of the wall, and more around it."""
    return [
        {
            "window_end_ts": at_second(at),
            "side": one_side,
            "price_int": (LEVEL_TICK + sense * ticks) * TICK_INT,
            "depth_qty_end": depth // 2 if is_wall else 500,
            "fill_qty": (fills or {}).get(at, 0) // 2 if is_wall else 500,
        }
        for at, depth in depths.items()
        for one_side in "AB"
        for ticks in (WALL[0] - 1, WALL[0], WALL[-1], WALL[-1] + 1)
        for is_wall in [one_side == side and ticks in WALL]
    ]


@pytest.mark.parametrize(
    ("left", "taken", "fate"),
    [
        (60, 0, "held"),
        # half of it is left, whatever trades took
        (30, 200, "held"),
        (28, 16, "eaten"),
        (28, 14, "pulled"),
        (0, 30, "eaten"),
        (0, 28, "pulled"),
    ],
)
@pytest.mark.parametrize("direction", ["up", "down"])
def test_what_became_of_a_wall(
    query: str, direction: str, left: int, taken: int, fate: str
) -> None:
    sense, side = (1, "A") if direction == "up" else (-1, "B")
    # what trades take at the start they took before the wall was seen, and after the end it is over
    depths, fills = {0: 60, 7: 44, 15: left, 16: 60}, {0: 60, 7: taken, 16: 60}
    row = record(
        query,
        course_of(XS, direction=direction, last=BREAK),
        corridors=[corridor_at(0), corridor_at(5, beyond_wall_depth=900)],
        walls=book(depths, fills, sense, side),
    )
    assert (row["wall_price"], row["wall_qty"]) == (6750 + sense * 1.25, 60)
    assert (row["wall_ratio"], row["wall_fate"]) == (3.0, fate)


def test_a_wall_without_rows_at_the_end_is_gone(query: str) -> None:
    row = record(query, course_of(XS), corridors=[corridor_at(0)], walls=book({0: 60, 14: 60}))
    assert row["wall_fate"] == "pulled"


@pytest.mark.parametrize("n_seconds", [1, 8])
def test_a_second_that_is_not_known_says_nothing_of_a_wall(query: str, n_seconds: int) -> None:
    courses = course_of([*[-4] * n_seconds, None], last={"ended_by": "invalid_second"})
    depths = dict.fromkeys(range(n_seconds), 60) | {n_seconds: 0}
    walls = book(depths, {n_seconds: 60})
    assert record(query, courses, corridors=[corridor_at(0)], walls=walls)["wall_fate"] == "held"


@pytest.mark.parametrize(
    "corridor",
    [
        corridor_at(0, beyond_wall_ratio=2.99),
        corridor_at(0, beyond_wall_depth=19),
        corridor_at(0, beyond_wall_ratio=None),
        corridor_at(0, level_id=OTHER_LEVEL),
        corridor_at(1),
    ],
    ids=["ratio", "depth", "unknown", "level", "later"],
)
def test_no_wall_at_the_start(query: str, corridor: Row) -> None:
    row = record(query, course_of(XS), corridors=[corridor], walls=book({0: 60, 15: 60}))
    names = ("wall_price", "wall_qty", "wall_ratio", "wall_fate")
    assert [row[name] for name in names] == [None] * 4


def labelled(at: int, x0: int, exit_x: int | None, **other: object) -> dict[str, list[Row]]:
    """Return a decision whose barriers are of volatility, with its label and labels beside it."""
    place = {"level_id": LEVEL, "window_end_ts": at_second(at)}
    decision = place | {"approach_dir": "approach_up", "is_eligible": True, "barrier_mode": "vol"}
    label = place | {"barrier_kind": "vol", "horizon_id": "s240", "outcome_reached": "BREAK"}
    label |= {"x0_ticks": x0, "exit_x_ticks": exit_x} | other
    beside = {"outcome_reached": "REJECT", "x0_ticks": 0, "exit_x_ticks": 99}
    others: list[Row] = [
        label | beside | one
        for one in ({"barrier_kind": "fixed"}, {"horizon_id": "s120"}, {"level_id": OTHER_LEVEL})
    ]
    return {"decisions": [decision], "labels": [*others, label]}


def test_outcome_is_that_of_the_first_decision(query: str) -> None:
    first, later = labelled(0, -6, 8), labelled(5, 2, -8, outcome_reached="REJECT")
    both = {name: first[name] + later[name] for name in first}
    assert record(query, course_of(XS), **both)["outcome_reached"] == "BREAK"
    assert record(query, course_of(XS), **later)["outcome_reached"] is None


@pytest.mark.parametrize(
    ("odds", "result"),
    [
        # from two ticks before the level to eight past it, less 1.4
        ({"p_break": 0.5, "p_reject": 0.25}, 8.6),
        ({"p_break": 0.25, "p_reject": 0.5}, -11.4),
        ({"p_break": 0.4, "p_reject": 0.2}, None),
        ({"p_break": 0.2, "p_reject": 0.35}, None),
        # the larger is not above its base rate, the smaller is
        ({"p_break": 0.38, "p_reject": 0.36}, None),
        # neither is larger
        ({"p_break": 0.45, "p_reject": 0.45}, None),
        ({"p_break": None, "p_reject": None, "is_similar": False}, None),
    ],
)
def test_following_the_odds_that_held_at_the_touch(
    query: str, odds: Row, result: float | None
) -> None:
    answers = [answer_at(0, 0.7), answer_at(2) | odds, answer_at(4, 0.7)]
    labels = labelled(2, -2, 8)
    row = record(query, course_of(XS), answers, **labels)
    assert row["followed_ticks"] == (None if result is None else pytest.approx(result))


def test_nothing_to_follow(query: str) -> None:
    held = [answer_at(2, 0.7)]
    # the path ended before an exit, there is no label, price never touched
    assert record(query, course_of(XS), held, **labelled(2, -2, None))["followed_ticks"] is None
    assert record(query, course_of(XS), held, **labelled(0, -6, 8))["followed_ticks"] is None
    never = course_of([-6, -4, -2, -1, -5])
    assert record(query, never, held, **labelled(2, -2, 8))["followed_ticks"] is None


@pytest.mark.parametrize("seed", SEEDS)
def test_sql_agrees_with_the_twin_on_drawn_days(query: str, seed: int) -> None:
    assert len(records(query, drawn_inputs(seed))) > 10


def test_drawn_days_show_everything() -> None:
    rows = [row for seed in SEEDS for row in approaches(drawn_inputs(seed), APPROACH_RULES)]
    seen = {name: {row[name] for row in rows} for name in rows[0]}
    states = {"all_four", "ahead_only", "behind_only", "partial", "none", None}
    assert seen["approaching_state"] == states
    assert seen["at_state"] == states
    assert seen["wall_fate"] == {"held", "eaten", "pulled", None}
    assert seen["ended_by"] == {
        *("invalid_second", "recording_gap", "inactive_level", "level_moved", None),
    }
    for moment in MOMENTS:
        assert {"too_few", "nothing_like_it", None} < seen[f"{moment}_no_odds_reason"]
    assert min(seen["followed_ticks"] - {None}) < 0 < max(seen["followed_ticks"] - {None})


@pytest.mark.parametrize("seed", SEEDS)
def test_a_reflected_day_swaps_directions_and_nothing_else(query: str, seed: int) -> None:
    inputs = drawn_inputs(seed)
    rows = records(query, inputs)
    names = ("odds", "conditions", "walls", "decisions")
    other_way = replace(inputs, **{name: reflected(getattr(inputs, name)) for name in names})
    assert records(query, other_way) == reflected(rows)
