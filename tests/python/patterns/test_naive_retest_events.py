"""Plain breaks and retests on scripted paths, with answers counted by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from naive.gaps import Gap
from naive.levels_model import NS_PER_S, Row, Second
from naive.retest_events import Print, bar_prints, retest_events, trade_prints
from support.levels_market import RULES, TICK_INT, at, level_rows, second, timestamp_of, trade

T = at("10:00:00")
LEVEL = 1000
# prints by seconds after T and places past the level; each is half a second into its window
Script = dict[int, int | list[int]]


def market(n_seconds: int = 3600) -> list[Second]:
    return [second(T + 1 + n, LEVEL) for n in range(-10, n_seconds)]


def ns(after: int) -> int:
    return (T + after) * NS_PER_S + NS_PER_S // 2


def prints(script: Script, sign: int = 1, level: int = LEVEL) -> list[Print]:
    """One print per place; those of one second follow each other by a millisecond."""
    trades = [
        trade(T + after, level + sign * x, 100 * (T + after) + n, late_ns=n * 1_000_000)
        for after, places in script.items()
        for n, x in enumerate(places if isinstance(places, list) else [places])
    ]
    return trade_prints(trades, RULES)


def events(
    script: Script,
    *,
    approached: tuple[int, ...] = (0,),
    sign: int = 1,
    seconds: list[Second] | None = None,
    moved: dict[int, int] | None = None,
    gaps: tuple[Gap, ...] = (),
    known: dict | None = None,
) -> list[Row]:
    """Events of basis `seconds`; the level is approached at the named seconds after T."""
    ticks = {T + n: LEVEL for n in range(-5, 3000)}
    for after, tick in (moved or {}).items():
        ticks |= {T + n: tick for n in range(after, 3000)}
    levels = level_rows(ticks)
    direction = "approach_up" if sign > 0 else "approach_down"
    offsets = {
        key: {"approach_dir": direction if key[0] - T in approached else "approach_none"}
        for key in levels
    }
    by_basis = {"seconds": prints(script, sign)}
    return retest_events(
        levels, offsets, seconds or market(), by_basis, RULES, gaps=gaps, known=known
    )


@pytest.mark.parametrize("sign", [1, -1])
def test_event_by_hand(sign: int) -> None:
    """Cross at 5 s, +7 at 9 s, broken at 15.5 s, back at 2 at 40 s, dip to -3, +8 at 70 s."""
    script = {2: -3, 5: 4, 9: 7, 12: 1, 20: 6, 40: [2, -1, 3], 50: -3, 60: 7, 70: 8, 80: -30}
    [row] = events(script, sign=sign)
    assert row == {
        "symbol": "ESZ5",
        "dt": RULES.dt,
        "level_id": "pm_high",
        "approach_dir": "approach_up" if sign > 0 else "approach_down",
        "basis": "seconds",
        "conditions_basis": "orders",
        "level_price_int": LEVEL * TICK_INT,
        "approach_ts": timestamp_of(T),
        "cross_ts": ns(5),
        "cross_price_int": (LEVEL + sign * 4) * TICK_INT,
        "broken_ts": ns(15),
        "broken_window_end_ts": timestamp_of(T + 16),
        "retest_ts": ns(40),
        "retest_price_int": (LEVEL + sign * 2) * TICK_INT,
        "retest_window_end_ts": timestamp_of(T + 41),
        "retest_wait_s": 25.0,
        "excursion_ticks": 7,
        "retest_x_ticks": -1,
        "deepest_x_ticks": -3,
        **dict.fromkeys(("c1", "c2", "c3", "c4", "turn_state", "recent_turn_state", "missing")),
        **dict.fromkeys(("held_s", "above_score", "below_score", "bid_states", "ask_states")),
        "outcome": "CONTINUES",
        "outcome_ts": ns(70),
        "label_end_ts": timestamp_of(T + 71),
        "available_from_ts": timestamp_of(T + 71),
    }


@pytest.mark.parametrize(
    ("after_retest", "outcome", "known_s"),
    [
        ({50: 7, 60: -7, 70: -8, 80: 9}, "FAILS", 71),
        ({50: 7, 60: -7}, "CHOP", 41 + 480),
        # the last second of the horizon counts, the one after it does not
        ({520: 8}, "CONTINUES", 521),
        ({521: 8}, "CHOP", 521),
        # the second of the retest is not part of the path
        ({40: [2, 9], 70: -9}, "FAILS", 71),
    ],
)
def test_outcomes(after_retest: Script, outcome: str, known_s: int) -> None:
    [row] = events({5: 5, 40: 2} | after_retest)
    assert (row["outcome"], row["label_end_ts"]) == (outcome, timestamp_of(T + known_s))
    assert (row["outcome_ts"] is None) == (outcome == "CHOP")


def test_three_ticks_are_no_break() -> None:
    assert events({5: 3, 40: 2}) == []


@pytest.mark.parametrize(
    ("script", "cross_s"),
    [
        ({5: 4, 6: 0}, 30),
        # the cross is at 5.5 s, so a print at 15.5 s still belongs to the hold
        ({5: 4, 15: 0}, 30),
        ({5: 4, 16: 0}, 5),
        ({5: 4, 6: 1}, 5),
    ],
)
def test_a_break_must_hold_for_ten_seconds(script: Script, cross_s: int) -> None:
    """Without a hold the cross at 30 s begins another break."""
    rows = events(script | {30: 6, 100: -9})
    assert [row["cross_ts"] for row in rows] == [ns(cross_s)]


def test_file_order_decides_within_the_second_of_a_cross() -> None:
    assert [row["outcome"] for row in events({5: [0, 4]})] == ["NO_RETEST"]
    assert events({5: [4, 0]}) == []


def test_a_break_that_does_not_hold_goes_back_to_the_approach() -> None:
    """Crosses at 5 and 12 s fall back; that of 20 s holds. The approach is still the first."""
    [row] = events({5: 4, 8: -2, 12: 5, 13: 0, 20: 4, 50: 1})
    assert (row["approach_ts"], row["cross_ts"]) == (timestamp_of(T), ns(20))
    assert (row["retest_ts"], row["excursion_ticks"], row["outcome"]) == (ns(50), 4, "CHOP")


@pytest.mark.parametrize(("x", "n_events"), [(-20, 1), (-21, 0)])
def test_an_approach_ends_too_far_from_the_level(x: int, n_events: int) -> None:
    assert len(events({3: x, 5: 5, 40: 2})) == n_events
    # also when it falls that far within the hold
    assert len(events({3: 5, 4: x, 6: 5, 40: 2})) == n_events
    # a later second begins another
    assert len(events({3: x, 5: 5, 40: 2}, approached=(0, 4))) == 1


def test_an_approach_takes_the_level_anew_until_the_cross() -> None:
    """The level rises by 2 at 3 s. It counts from the next second that is an approach."""
    moved = {3: LEVEL + 2}
    [row] = events({5: 4, 40: 2}, moved=moved)
    assert (row["level_price_int"], row["retest_x_ticks"]) == (LEVEL * TICK_INT, 2)
    assert events({5: 4, 40: 2}, moved=moved, approached=(0, 3)) == []
    [row] = events({5: 6, 40: 2}, moved=moved, approached=(0, 3))
    assert (row["level_price_int"], row["excursion_ticks"]) == ((LEVEL + 2) * TICK_INT, 4)
    assert row["approach_ts"] == timestamp_of(T)
    # a level that moves after the cross changes nothing
    [row] = events({2: 4, 40: 2}, moved=moved, approached=(0, 3, 8))
    assert row["level_price_int"] == LEVEL * TICK_INT


def test_a_print_of_the_second_before_the_approach_is_not_part_of_it() -> None:
    """The second of T - 1 ends at T."""
    assert events({-1: 4}) == []
    assert [row["outcome"] for row in events({0: 4})] == ["NO_RETEST"]


def test_through() -> None:
    """From 3 to 2 and then -2 in one second: no retest."""
    [row] = events({5: 5, 20: 9, 40: [3, 2, -2, -5], 50: -8})
    assert (row["outcome"], row["outcome_ts"]) == ("THROUGH", ns(40) + 2_000_000)
    assert row["label_end_ts"] == timestamp_of(T + 41)
    empty = ("retest_ts", "retest_price_int", "retest_window_end_ts", "retest_wait_s")
    assert [row[name] for name in (*empty, "retest_x_ticks", "deepest_x_ticks")] == [None] * 6
    assert row["excursion_ticks"] is None
    # one second later it is a retest that fails
    [row] = events({5: 5, 40: [3, 2], 41: [-2, -5], 50: -8})
    assert (row["outcome"], row["retest_x_ticks"], row["deepest_x_ticks"]) == ("FAILS", 2, -8)


def test_no_retest() -> None:
    [row] = events({5: 5, 40: 3, 3000: 30}, seconds=market(3100))
    assert (row["outcome"], row["label_end_ts"]) == ("NO_RETEST", timestamp_of(T + 3100))
    assert (row["retest_ts"], row["excursion_ticks"]) == (None, None)


@pytest.mark.parametrize(
    ("n_seconds", "outcomes"),
    [
        (15, []),
        (16, ["NO_RETEST"]),
        (40, ["NO_RETEST"]),
        (41, ["CENSORED"]),
        (70, ["CENSORED"]),
        (71, ["CONTINUES"]),
    ],
)
def test_where_the_path_ends(n_seconds: int, outcomes: list[str]) -> None:
    """Cross at 5.5, broken at 15.5, retest in second 40, continues in second 70."""
    script = {5: 5, 40: 2, 70: 8}
    rows = events(script, seconds=market(n_seconds))
    assert [row["outcome"] for row in rows] == outcomes
    assert all(row["label_end_ts"] == timestamp_of(T + n_seconds) for row in rows)
    # an unusable second ends it as the end of the recording does
    flagged = [replace(s, invalid_flags=4) if s.end_s == T + n_seconds + 1 else s for s in market()]
    assert [row["outcome"] for row in events(script, seconds=flagged)] == outcomes


def test_other_flags_and_ends_at_the_horizon_censor_nothing() -> None:
    flagged = [replace(s, invalid_flags=8) for s in market()]
    script = {5: 5, 40: 2}
    assert events(script, seconds=flagged) == events(script)
    assert events(script, seconds=market(41 + 480)) == events(script)
    assert events(script, seconds=market(40 + 480))[0]["outcome"] == "CENSORED"


def test_a_gap_ends_the_path_and_is_known_when_it_is_over() -> None:
    gap = Gap(ns(50), ns(90), "silent")
    [row] = events({5: 5, 40: 2, 95: 8}, gaps=(gap,))
    assert (row["outcome"], row["label_end_ts"]) == ("CENSORED", timestamp_of(T + 91))
    [row] = events({5: 5, 95: 2}, gaps=(gap,))
    assert (row["outcome"], row["label_end_ts"]) == ("NO_RETEST", timestamp_of(T + 91))


def test_the_next_approach_begins_after_the_event() -> None:
    """The first event ends with second 70; approaches at 30 and 70 are within it."""
    script = {5: 5, 40: 2, 70: -8, 75: 4, 100: 2, 120: 9}
    assert len(events(script, approached=(0, 30, 70))) == 1
    rows = events(script, approached=(0, 30, 70, 71))
    assert [row["approach_ts"] for row in rows] == [timestamp_of(T), timestamp_of(T + 71)]
    assert [row["outcome"] for row in rows] == ["FAILS", "CONTINUES"]


def test_what_is_known_at_the_retest() -> None:
    key = T + 41, "pm_high"
    state = {f"c{n}": n % 2 == 0 for n in range(1, 5)}
    state |= {"state": "partial", "recent_state": "none", "missing": ["asks_retreat"], "held_s": 3}
    rungs = {
        (*key, offset): {"bid_state": f"b{offset}", "ask_state": None} for offset in range(-4, 5)
    }
    known = {
        "conditions_in_use_1s": {key: state, (T + 40, "pm_high"): {"state": "all_four"}},
        "physics_bands_1s": {T + 41: {"above_score": 0.5, "below_score": 0.25}},
        "level_ladder_1s": rungs,
    }
    [row] = events({5: 5, 40: 2}, known=known)
    assert (row["turn_state"], row["recent_turn_state"], row["held_s"]) == ("partial", "none", 3)
    assert (row["c1"], row["c2"], row["missing"]) == (False, True, ["asks_retreat"])
    assert (row["above_score"], row["below_score"]) == (0.5, 0.25)
    assert row["bid_states"] == ["b-4", "b-3", "b-2", "b-1", "b0", "b1", "b2", "b3", "b4"]
    assert row["ask_states"] == [None] * 9


# ---------------------------------------------------------------- bars


def bar_events(closes: dict[int, int], sign: int = 1, n_seconds: int = 3600) -> list[Row]:
    """Events of closes by number of the bar after T, in places past the level."""
    bars = [
        {"start_s": T + 120 * n, "close_price_int": (LEVEL + sign * x) * TICK_INT}
        for n, x in closes.items()
    ]
    levels = level_rows({T + 120 * n: LEVEL for n in range(40)})
    return retest_events(levels, {}, market(n_seconds), {"bars": bar_prints(bars, RULES)}, RULES)


@pytest.mark.parametrize("sign", [1, -1])
def test_bars_by_hand(sign: int) -> None:
    """Approach at bar 0, break with bar 2, retest with bar 5, continues with bar 6."""
    closes = {0: -3, 1: 0, 2: 5, 3: 9, 4: 3, 5: -1, 6: 8}
    [row] = bar_events(closes, sign)
    assert row["approach_dir"] == ("approach_up" if sign > 0 else "approach_down")
    assert row["basis"] == "bars"
    assert row["approach_ts"] == timestamp_of(T + 120)
    assert row["cross_ts"] == row["broken_ts"] == (T + 360) * NS_PER_S
    assert row["broken_window_end_ts"] == timestamp_of(T + 360)
    assert row["retest_ts"] == (T + 720) * NS_PER_S
    assert row["retest_window_end_ts"] == timestamp_of(T + 720)
    assert row["retest_wait_s"] == 360.0
    assert (row["excursion_ticks"], row["retest_x_ticks"], row["deepest_x_ticks"]) == (9, -1, -1)
    assert (row["outcome"], row["outcome_ts"]) == ("CONTINUES", (T + 840) * NS_PER_S)
    assert row["label_end_ts"] == timestamp_of(T + 840)


@pytest.mark.parametrize(
    ("closes", "outcomes"),
    [
        # a close at or beyond the level, or too far from it, is no approach
        ({0: 0, 1: 5, 2: 2}, []),
        ({0: -21, 1: 5, 2: 2}, []),
        ({0: -20, 1: 5, 2: 2}, ["CHOP"]),
        ({0: -3, 1: -21, 2: 5}, []),
        ({0: -3, 1: 3, 2: 2}, []),
        ({0: -3, 1: 5, 2: -2}, ["THROUGH"]),
        ({0: -3, 1: 5, 2: -1, 3: -8}, ["FAILS"]),
        # four bars fit into the 480 s after the retest
        ({0: -3, 1: 5, 2: 2, 6: 8}, ["CONTINUES"]),
        ({0: -3, 1: 5, 2: 2, 7: 8}, ["CHOP"]),
        ({0: -3, 1: 5, 2: 3}, ["NO_RETEST"]),
        # the close that ends the event is a new approach
        ({0: -3, 1: 5, 2: 2, 3: -8, 4: 6, 5: 1, 6: 9}, ["FAILS", "CONTINUES"]),
    ],
)
def test_outcomes_of_bars(closes: dict[int, int], outcomes: list[str]) -> None:
    rows = [row for row in bar_events(closes) if row["approach_dir"] == "approach_up"]
    assert [row["outcome"] for row in rows] == outcomes


def test_bars_end_with_the_path() -> None:
    closes = {0: -3, 1: 5, 2: 2, 3: 8}
    outcomes = {n: [row["outcome"] for row in bar_events(closes, n_seconds=n)] for n in (479, 480)}
    assert outcomes == {479: ["CENSORED"], 480: ["CONTINUES"]}


# ---------------------------------------------------------------- identities


def test_mirror_and_nothing_after_its_end_changes_an_event() -> None:
    """Random walks around the level; the approach is at every fifth second."""
    rng = np.random.default_rng(22)
    approached = tuple(range(0, 1200, 5))
    outcomes = []
    for step in (2, 2, 4, 4):
        place, script = -3.0, {}
        for after in range(1200):
            # pulled back to the level, so that price crosses it often
            jump = -1 if rng.random() < 0.02 else 1
            place = jump * (0.98 * place + rng.integers(-step, step + 1))
            script[after] = round(place)
        rows, mirrored = (events(script, approached=approached, sign=sign) for sign in (1, -1))
        own = ("approach_dir", "cross_price_int", "retest_price_int")
        assert [{k: v for k, v in row.items() if k not in own} for row in rows] == [
            {k: v for k, v in row.items() if k not in own} for row in mirrored
        ]
        outcomes += [row["outcome"] for row in rows]
        for row in rows[:4]:
            end_s = int((row["label_end_ts"] - timestamp_of(T)).total_seconds())
            changed = {n: x if n < end_s else 500 - n for n, x in script.items()}
            if row["outcome"] != "NO_RETEST":
                assert row in events(changed, approached=approached)
    assert len(outcomes) >= 15
    assert set(outcomes) >= {"CONTINUES", "FAILS", "THROUGH"}
