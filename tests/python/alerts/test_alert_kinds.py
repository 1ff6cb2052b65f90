"""What a trader would expect of each kind of rule, on hand-made seconds.

Cases of a kind are levels of one day, so that rules run once for all of them: ten seconds in all.
"""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from spymaster.levels.conditions import state_of
from spymaster_ingest.units import PRICE_SCALE
from support.alert_rows import (
    LEVEL_INT,
    TICK_INT,
    GivenRows,
    levels_at,
    own_levels,
    rules,
    said,
    seconds_by_level,
    seconds_of,
)

NEAR = {"kind": "near", "ticks": 4, "margin": 2}
FAR = 9


# distances of a level, second after second, and the seconds in which it is said
COMES_NEAR: dict[str, tuple[list[int | None], list[int]]] = {
    "from below": ([FAR, 6, 4, 2, 1], [3]),
    "from above": ([-FAR, -6, -4, -2], [3]),
    "a quiet market": ([FAR, 8, 9, 10, 20], []),
    "chatter at the threshold": ([FAR, 4, 5, 4, 5, 4, 6, 4], [2]),
    "it leaves and comes again": ([FAR, 4, 7, 4], [2, 4]),
    "through to the other side": ([4, 0, -4, -7, -4], [1, 5]),
    "a second without a spot": ([FAR, 4, None, 4], [2]),
}
FOR_THREE_SECONDS: dict[str, tuple[list[int | None], list[int]]] = {
    "it left for too short": ([4, 7, 7, 4, 4], [1]),
    "it left for long enough": ([4, 7, 7, 7, 4], [1, 5]),
    "it was never near before": ([FAR, 4], [2]),
}


@pytest.mark.parametrize(("cases", "rearm_s"), [(COMES_NEAR, 0), (FOR_THREE_SECONDS, 3)])
def test_a_level_comes_near(
    cases: dict[str, tuple[list[int | None], list[int]]], rearm_s: int
) -> None:
    given = GivenRows()
    for name, (k_ticks, _) in cases.items():
        for second, ticks in enumerate(k_ticks, 1):
            given.add_level(second, ticks, name)
    settings = rules(a={**NEAR, "rearm_s": rearm_s})
    found = seconds_by_level(settings, given, 8, list(cases))
    assert found == {name: seconds for name, (_, seconds) in cases.items()}


def test_a_rule_may_name_levels_kinds_and_products() -> None:
    settings = rules(
        other={**NEAR, "levels": ["sma_90"]},
        its={**NEAR, "levels": ["pm_high"]},
        kind={**NEAR, "level_kinds": ["pm"]},
        other_kind={**NEAR, "level_kinds": ["sma"]},
        product={**NEAR, "products": ["ES"]},
        other_product={**NEAR, "products": ["CL"]},
    )
    alerts = said(settings, levels_at([4, 4]), 2)
    assert [alert.rule for alert in alerts] == ["its", "kind", "product"]
    assert {alert.distance_ticks for alert in alerts} == {4}


def test_a_level_that_is_not_active_or_not_first_of_its_stack_is_not_said() -> None:
    settings = rules(any=NEAR, named={**NEAR, "levels": ["pm_high"]})
    assert not said(settings, levels_at([4, 4], is_active=False), 2)
    assert [alert.rule for alert in said(settings, levels_at([4, 4], is_primary=False), 2)] == [
        "named"
    ]


def test_rules_are_said_in_their_order_and_each_by_itself() -> None:
    settings = rules(wide=NEAR, close={**NEAR, "ticks": 1})
    alerts = said(settings, levels_at([FAR, 4, 1, 1]), 4)
    assert [
        (alert.rule, second) for alert, second in zip(alerts, seconds_of(alerts), strict=True)
    ] == [
        ("wide", 2),
        ("close", 3),
    ]


# states of a level, second after second, "-" is no row, and the seconds in which one is said
HOLDS: dict[str, tuple[list[str | None], list[int]]] = {
    "held": (["none", "all_four", "all_four", "all_four"], [3]),
    "held for less than it takes": (["none", "all_four", "none", "all_four", "none"], []),
    "a quiet market": (["none", "none", "partial", "partial"], []),
    "another state": (["none", "behind_only", "behind_only"], []),
    "over and again": (["all_four", "all_four", "none", "all_four", "all_four"], [2, 5]),
    "unknown is not over": (["all_four", "all_four", None, "all_four", "all_four"], [2]),
    "without a row it is not over": (["all_four", "all_four", "-", "all_four", "all_four"], [2]),
    "from one named state to the other": (
        ["ahead_only", "ahead_only", "all_four", "all_four"],
        [2],
    ),
}


def test_a_state_holds() -> None:
    given = GivenRows()
    for name, (states, _) in HOLDS.items():
        held_s, before = 0, None
        for second, state in enumerate(states, 1):
            given.add_level(second, 4, name)
            held_s = held_s + 1 if state == before else 1
            before = state
            if state != "-":
                given.add(
                    "gold.conditions_in_use_1s",
                    second,
                    level_id=name,
                    state=state,
                    level_side=1,
                    held_s=held_s if state else None,
                )
    found = seconds_by_level(rules(a={"kind": "held", "held_s": 2}), given, 5, list(HOLDS))
    assert found == {name: seconds for name, (_, seconds) in HOLDS.items()}


def test_a_state_is_seen_in_the_direction_of_the_course() -> None:
    """As the sentences see it, for every state, side and direction, each at a level of its own."""
    states = ("all_four", "ahead_only", "behind_only", "partial", "none")
    cases = {
        f"own:{number}": case
        for number, case in enumerate(
            itertools.product(states, (1, -1, None), ("up", "down", None))
        )
    }
    given = GivenRows()
    for level_id, (state, side, way) in cases.items():
        given.add_level(1, 4, level_id)
        given.add(
            "gold.conditions_in_use_1s",
            1,
            level_id=level_id,
            state=state,
            level_side=side,
            held_s=1,
        )
        if way:
            given.add("silver.approach_course_1s", 1, level_id=level_id, direction=way, phase="at")
    settings = rules(a={"kind": "held", "held_s": 1, "states": ["ahead_only"]})
    expected = {
        level_id
        for level_id, (state, side, way) in cases.items()
        if state_of({"state": state, "level_side": side}, way) == "ahead_only"
    }
    alerts = said(settings, given, 1, own_levels(list(cases)))
    assert {alert.level_id for alert in alerts} == expected
    assert 0 < len(expected) < len(cases)


# signals and scores of a level, second after second, None is no row
OF_SIGNAL: dict[str, tuple[list[Any], list[int]]] = {
    "begins": ([("NEUTRAL", 50), ("BREAK", 80), ("BREAK", 82)], [2]),
    "another signal": ([("REJECT", 10), ("NEUTRAL", 50)], []),
    "over and again": ([("BREAK", 80), ("NEUTRAL", 60), ("BREAK", 80)], [1, 3]),
    "unknown is not over": ([("BREAK", 80), (None, None), ("BREAK", 80)], [1]),
    "no longer scored is over": ([("BREAK", 80), None, ("BREAK", 80)], [1, 3]),
}
OF_SCORE: dict[str, tuple[list[Any], list[int]]] = {
    "chatter at the threshold": ([("BREAK", 70), ("BREAK", 66), ("BREAK", 70)], [1]),
    "beyond the margin": ([("BREAK", 70), ("BREAK", 64), ("BREAK", 70)], [1, 3]),
    "rises": ([("BREAK", 60), ("BREAK", 70)], [2]),
}
OF_BOTH: dict[str, tuple[list[Any], list[int]]] = {
    "both": ([("BREAK", 70)], [1]),
    "the score alone": ([("CONTESTED", 80)], []),
    "the signal alone": ([("BREAK", 60)], []),
}


@pytest.mark.parametrize(
    ("cases", "more"),
    [
        (OF_SIGNAL, {"signals": ["BREAK"]}),
        (OF_SCORE, {"score_from": 70}),
        (OF_BOTH, {"signals": ["BREAK"], "score_from": 70}),
    ],
)
def test_a_score_or_its_signal(
    cases: dict[str, tuple[list[Any], list[int]]], more: dict[str, Any]
) -> None:
    given = GivenRows()
    for name, (scores, _) in cases.items():
        for second, score in enumerate(scores, 1):
            given.add_level(second, 4, name)
            if score is not None:
                signal, value = score
                given.add(
                    "gold.break_score_1s", second, level_id=name, signal=signal, score_smooth=value
                )
    found = seconds_by_level(rules(a={"kind": "score", **more}), given, 3, list(cases))
    assert found == {name: seconds for name, (_, seconds) in cases.items()}


def test_a_state_of_the_pressure_stream() -> None:
    given = levels_at([4] * 20)
    for second, state in ((5, "TRACK"), (10, "FIRE"), (15, "FIRE"), (20, "IDLE")):
        given.add(
            "gold.mbo_pressure_stream",
            second,
            level_id="pm_high",
            signal_state=state,
            signal="LONG",
        )
    [alert] = said(rules(a={"kind": "signal"}), given, 20)
    assert seconds_of([alert]) == [10]
    assert alert.values == {"signal_state": "FIRE", "signal": "LONG"}


WALL = {"kind": "wall", "ratio": 5, "margin": 1, "points": 2}
# ratios of a wall, second after second, None is no wall, its distance from the level in points
WALLS: dict[str, tuple[list[float | None], float, list[int]]] = {
    "appears": ([3, 6, 7, 6], 1, [2]),
    "a quiet market": ([3, 4, 4.9], 1, []),
    "chatter at the threshold": ([5, 4.5, 5, 4.1, 5], 1, [1]),
    "smaller by the margin and large again": ([5, 3.9, 5], 1, [1, 3]),
    "gone and back": ([6, None, 6, None, None, 6, 6], 1, [1, 3, 6]),
    "gone at the end of a step": ([6, 6, 6, None, 6], 1, [1, 5]),
    "as far as may be": ([6, 6], 2, [1]),
    "too far above": ([6, 6], 2.25, []),
    "too far below": ([6, 6], -2.25, []),
}


def add_wall(given: GivenRows, second: int, ratio: float, price_int: int) -> None:
    given.add(
        "silver.walls_1s",
        second,
        side="A",
        price_int=price_int,
        wall_ratio=ratio,
        depth_qty=180,
        age_s=second,
    )


def test_a_wall_appears() -> None:
    given = GivenRows()
    for number, (name, (ratios, points, _)) in enumerate(WALLS.items()):
        level_int = LEVEL_INT + 100 * number * PRICE_SCALE
        for second in range(1, 8):
            given.add_level(second, 4, name, level_price_int=level_int)
        for second, ratio in enumerate(ratios, 1):
            if ratio is not None:
                add_wall(given, second, ratio, level_int + round(points * PRICE_SCALE))
    found = seconds_by_level(rules(a=WALL), given, 7, list(WALLS))
    assert found == {name: seconds for name, (*_, seconds) in WALLS.items()}


def test_a_wall_is_told_at_its_nearest_level() -> None:
    given = levels_at([4])
    given.add_level(1, 8, "sma_90", level_price_int=LEVEL_INT + 4 * TICK_INT)
    add_wall(given, 1, 6, LEVEL_INT + 3 * TICK_INT)
    assert [alert.level_id for alert in said(rules(a=WALL), given, 1)] == ["sma_90"]


def test_a_wall_is_pulled_or_eaten() -> None:
    given = levels_at([4] * 9)
    ends = [
        (2, "pulled", 6, 0),
        # the same wall in its next bands
        (3, "pulled", 7, 0),
        (4, "eaten", 6, 1),
        (5, "pulled_late", 6, 2),
        (6, "held", 6, 3),
        (7, "censored", 6, 4),
        # it was not large
        (8, "eaten", 3, 5),
    ]
    for second, outcome, ratio, number in ends:
        given.add(
            "silver.wall_fates_1s",
            second,
            side="B",
            price_int=LEVEL_INT - TICK_INT * number,
            started_ts=None,
            outcome=outcome,
            wall_ratio=ratio,
            depth_qty=180,
            age_s=12,
        )
    for row in given.rows_of["silver.wall_fates_1s"]:
        row["started_ts"] = row["window_end_ts"].replace(second=0)
    both = said(rules(a={**WALL, "events": ["pulled", "eaten"]}), given, 9)
    assert [(alert.event, *seconds_of([alert])) for alert in both] == [
        ("pulled", 2),
        ("eaten", 4),
        ("pulled", 5),
    ]
    eaten = said(rules(a={**WALL, "events": ["eaten"]}), given, 9)
    assert [alert.event for alert in eaten] == ["eaten"]


def add_iceberg(given: GivenRows, second: int, contracts: int, **more: Any) -> None:
    row = {"refill_qty": contracts, "hidden_fill_qty": 0, "window_valid": True, "ticks": 0, **more}
    ticks = row.pop("ticks")
    price_int = LEVEL_INT + ticks * TICK_INT
    given.add("silver.iceberg_1s", second, side="A", price_int=price_int, refill_count=1, **row)


@pytest.mark.parametrize(
    ("seen", "rearm_s", "expected"),
    [
        ([(2, 25, {})], 0, [2]),
        ([(2, 10, {})], 0, []),
        # refills and hidden fills around the level count together
        ([(2, 10, {}), (2, 4, {"hidden_fill_qty": 8, "ticks": 2})], 0, [2]),
        ([(2, 25, {"ticks": 3})], 0, []),
        ([(2, 25, {"window_valid": False})], 0, []),
        ([(2, 25, {}), (3, 25, {}), (6, 25, {})], 0, [2, 6]),
        ([(2, 25, {}), (3, 25, {}), (6, 25, {})], 5, [2]),
    ],
)
def test_an_iceberg_at_a_level(
    seen: list[tuple[int, int, dict[str, Any]]], rearm_s: int, expected: list[int]
) -> None:
    given = levels_at([4] * 7)
    for second, contracts, more in seen:
        add_iceberg(given, second, contracts, **more)
    settings = rules(a={"kind": "iceberg", "contracts": 20, "ticks": 2, "rearm_s": rearm_s})
    alerts = said(settings, given, 7)
    assert seconds_of(alerts) == expected
    assert all(alert.values["contracts"] >= 20 for alert in alerts)


@pytest.mark.parametrize(
    ("calls", "walls", "expected"),
    [
        ([20, 9, 8, 7], ["call", "put"], [(3, "call")]),
        ([8, 10, 12, 8], ["call"], [(1, "call")]),
        ([8, 13, 8], ["call"], [(1, "call"), (3, "call")]),
        ([8, None, 8], ["call"], [(1, "call")]),
        ([8, 8], ["put"], []),
    ],
)
def test_a_gamma_wall_comes_near(
    calls: list[int | None], walls: list[str], expected: list[tuple[int, str]]
) -> None:
    given = GivenRows()
    for second, ticks in enumerate(calls, 1):
        given.add("silver.book_snapshot_1s", second, spot_ref_price_int=LEVEL_INT)
        given.add(
            "silver.gex_summary_1s",
            second,
            call_wall_price_int=None if ticks is None else LEVEL_INT + ticks * TICK_INT,
            call_wall_ticks=ticks,
            put_wall_price_int=LEVEL_INT - 80 * TICK_INT,
            put_wall_ticks=-80,
        )
    settings = rules(a={"kind": "gamma_wall", "ticks": 8, "margin": 4, "walls": walls})
    alerts = said(settings, given, len(calls))
    assert [(*seconds_of([alert]), alert.values["side"]) for alert in alerts] == expected
    assert all(alert.level_id is None and alert.distance_ticks == 8 for alert in alerts)
