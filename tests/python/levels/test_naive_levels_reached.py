"""Plain labels of reaching the level, recording gaps, and barriers in units of volatility."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from naive.first_hits import plain_reached
from naive.gaps import Gap, is_recorded
from naive.levels_episodes import Decision
from naive.levels_model import NS_PER_S, LevelRules, Row, Second
from naive.levels_outcomes import LABEL_COLUMNS, level_outcomes, outcome_row
from naive.levels_paths import Future
from support.levels_market import RULES, at, second, timestamp_of, trade

T = at("10:00:40")
LEVEL = 1000
HORIZON_S = 240
AT_LEVEL = ("reached", "reached_ts", "outcome_reached", "reached_hit_ts", "exit_ts", "exit_x_ticks")
OF_POSITION = ("exit_x_ticks", "mfe_to_exit_ticks", "mae_to_exit_ticks", "whipsaw_reached")
VOLATILE = replace(RULES, barrier_mode="vol")


def decision(x0: int = -4, sign: int = 1, sigma: float | None = 0.5) -> Decision:
    return Decision(
        end_s=T,
        level_id="pm_high",
        is_window_valid=True,
        is_active=True,
        is_primary=True,
        level_tick=LEVEL,
        k_ticks=-sign * x0,
        sigma_ticks=sigma,
        approach_dir="approach_up" if sign > 0 else "approach_down",
    )


def market(n_seconds: int = 3600) -> list[Second]:
    """Valid seconds from t on."""
    return [second(T + 1 + n, LEVEL) for n in range(n_seconds)]


def label(
    path: dict[int, int],
    x0: int = -4,
    *,
    sign: int = 1,
    n_seconds: int = 3600,
    gaps: tuple[Gap, ...] = (),
    kind: str = "fixed",
    sigma: float | None = 0.5,
    rules: LevelRules = RULES,
) -> Row:
    """Label of trades given by seconds after t and signed distance in the approach direction."""
    window = decision(x0, sign, sigma)
    prints = [trade(T + after, LEVEL + sign * x) for after, x in path.items()]
    future = Future(market(n_seconds), prints, rules, gaps)
    return outcome_row(window, kind, T + HORIZON_S, future, rules)


def at_level(path: dict[int, int], x0: int = -4, **settings: object) -> tuple[object, ...]:
    """A label's values from the level on, times in seconds after t, and its end."""
    row = label(path, x0, **settings)
    seconds = [
        (row[name] - T * NS_PER_S) / NS_PER_S if name.endswith("_ts") and row[name] else row[name]
        for name in AT_LEVEL
    ]
    [end] = [after for after in range(600) if timestamp_of(T + after) == row["label_end_ts"]]
    assert row["label_end_ts"] == row["available_from_ts"]
    return (*seconds, end)


def of_kernel(
    path: dict[int, int], x0: int, sign: int, n_seconds: int
) -> tuple[list[tuple[int, int]], dict[str, object]]:
    """Trades in the kernel's form, and the result of its plain twin."""
    trades = [(T + after, LEVEL + sign * x) for after, x in path.items()]
    row = {
        "start_s": T,
        "direction": sign,
        "level_tick": LEVEL,
        "x0_ticks": x0,
        "barrier_ticks": 8,
        "horizon_end_s": T + HORIZON_S,
        "path_end_s": T + n_seconds,
    }
    return trades, plain_reached(trades, row, RULES.reach_ticks)


def by_numbers(path: dict[int, int], x0: int, sign: int, n_seconds: int) -> tuple[object, ...]:
    """The values of `at_level` from the plain twin of the kernel."""
    trades, found = of_kernel(path, x0, sign, n_seconds)
    seconds = [
        None if found[f"{name}_trade"] is None else trades[found[f"{name}_trade"]][0] - T + 0.5
        for name in ("reached", "hit", "exit")
    ]
    if found["reached"] and seconds[0] is None:
        seconds[0] = 0
    if found["exit_x_ticks"] is not None and seconds[2] is None:
        seconds[2] = 0
    reached = None if found["reached"] is None else bool(found["reached"])
    outcome, end = found["outcome_reached"], found["label_end_s"] - T
    return (reached, seconds[0], outcome, seconds[1], seconds[2], found["exit_x_ticks"], end)


def gap(start: float, end: float, cause: str = "silent") -> Gap:
    return Gap(*(T * NS_PER_S + round(after * NS_PER_S) for after in (start, end)), cause)


# ---------------------------------------------------------------- by hand


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(
    ("path", "expected"),
    [
        # within two ticks at 30 s, turned, and at the lower barrier 200 s later
        ({10: -5, 30: -2, 60: 0, 230: -8}, (True, 30.5, "REJECT", 230.5, 230.5, -8, 270)),
        # the same after the first horizon, within the level's horizon
        ({30: -2, 269: -8}, (True, 30.5, "REJECT", 269.5, 269.5, -8, 270)),
        ({30: -2, 270: -8}, (True, 30.5, "CHOP", None, 30.5, -2, 270)),
        ({30: -1, 100: 5, 268: 3, 300: 9}, (True, 30.5, "CHOP", None, 268.5, 3, 270)),
        # never nearer than three ticks
        ({10: -3, 100: -7, 239: -6}, (False, None, "NOT_REACHED", None, 239.5, -6, 240)),
        ({10: -3, 100: -7, 239: -6, 240: 0}, (False, None, "NOT_REACHED", None, 239.5, -6, 240)),
        # to the far barrier first: never at the level, or at the level later
        ({20: -8, 40: -12}, (False, None, "NOT_REACHED", None, 20.5, -8, 240)),
        ({20: -8, 150: -2, 151: -8}, (True, 150.5, "REJECT", 151.5, 20.5, -8, 390)),
        ({20: -8, 150: -2, 389: 8}, (True, 150.5, "BREAK", 389.5, 20.5, -8, 390)),
        ({20: -8, 150: -2, 389: 7}, (True, 150.5, "CHOP", None, 20.5, -8, 390)),
        # one trade over the level, and over the barrier: both at once
        ({5: 3, 6: 8}, (True, 5.5, "BREAK", 6.5, 6.5, 8, 245)),
        ({5: 14}, (True, 5.5, "BREAK", 5.5, 5.5, 8, 245)),
        # no trades
        ({}, (False, None, "NOT_REACHED", None, 0, -4, 240)),
    ],
)
def test_price_at_the_level(path: dict[int, int], expected: tuple, sign: int) -> None:
    assert at_level(path, sign=sign) == expected
    assert by_numbers(path, -4, sign, 3600) == expected


@pytest.mark.parametrize(
    ("x0", "path", "expected"),
    [
        (-2, {10: -8}, (True, 0, "REJECT", 10.5, 10.5, -8, 240)),
        (-1, {239: 8}, (True, 0, "BREAK", 239.5, 239.5, 8, 240)),
        (-1, {240: 8}, (True, 0, "CHOP", None, 0, -1, 240)),
        (-2, {3: -7, 50: 6}, (True, 0, "CHOP", None, 50.5, 6, 240)),
        (-2, {}, (True, 0, "CHOP", None, 0, -2, 240)),
        (-3, {10: -8}, (False, None, "NOT_REACHED", None, 10.5, -8, 240)),
    ],
)
def test_a_decision_within_two_ticks_has_reached(
    x0: int, path: dict[int, int], expected: tuple
) -> None:
    assert at_level(path, x0) == expected
    assert by_numbers(path, x0, 1, 3600) == expected


def test_reach_ticks_is_a_setting() -> None:
    strict = replace(RULES, reach_ticks=0)
    assert at_level({3: -1, 9: 0}, -1, rules=strict)[:3] == (True, 9.5, "CHOP")
    assert at_level({3: -1}, -1, rules=strict)[:3] == (False, None, "NOT_REACHED")


def test_the_outcome_from_the_decision_stays_beside_it() -> None:
    """Rejected without reaching the level; and reached only after hitting the first barrier."""
    row = label({20: -8})
    assert (row["outcome"], row["outcome_reached"], row["touched"]) == (
        "REJECT",
        "NOT_REACHED",
        False,
    )
    row = label({20: -8, 40: -2, 60: 9, 241: -9})
    assert (row["outcome"], row["outcome_reached"]) == ("REJECT", "BREAK")
    # values of the first horizon end there
    assert (row["mae_ticks"], row["first_hit_ts"]) == (-4, T * NS_PER_S + 20_500_000_000)
    assert (row["second_hit_ts"] - T * NS_PER_S) / NS_PER_S == 60.5
    assert row["label_end_ts"] == timestamp_of(T + 280)
    # a position was stopped on the way
    assert [row[name] for name in OF_POSITION] == [-8, 0, -4, True]


def test_labels_with_another_barrier_have_their_own_exit() -> None:
    """Half a tick of volatility is 8 ticks in 240 s; a quarter is the smallest barrier."""
    row = label({5: 0, 9: 4}, -3, kind="vol", sigma=0.25)
    assert (row["barrier_ticks"], row["outcome_reached"], row["exit_x_ticks"]) == (4, "BREAK", 4)


# ---------------------------------------------------------------- missing future


@pytest.mark.parametrize(
    ("n_seconds", "path", "expected"),
    [
        # before it is reached
        (100, {50: -3}, (None, None, "CENSORED", None, None, None, 100)),
        (100, {50: -3, 100: 0}, (None, None, "CENSORED", None, None, None, 100)),
        # after
        (100, {50: -8}, (None, None, "CENSORED", None, 50.5, -8, 100)),
        (100, {50: -2}, (True, 50.5, "CENSORED", None, None, None, 100)),
        (100, {50: -2, 99: 8}, (True, 50.5, "BREAK", 99.5, 99.5, 8, 100)),
        # in the second horizon only
        (280, {50: -2}, (True, 50.5, "CENSORED", None, None, None, 280)),
        (280, {50: -2, 270: -8}, (True, 50.5, "REJECT", 270.5, 270.5, -8, 280)),
        (290, {50: -2}, (True, 50.5, "CHOP", None, 50.5, -2, 290)),
        # the first horizon is whole, and the level was not reached
        (240, {50: -3}, (False, None, "NOT_REACHED", None, 50.5, -3, 240)),
    ],
)
def test_data_that_end_censor(n_seconds: int, path: dict[int, int], expected: tuple) -> None:
    assert at_level(path, n_seconds=n_seconds) == expected
    assert by_numbers(path, -4, 1, n_seconds) == expected


def test_a_second_horizon_that_is_cut_does_not_censor_the_first() -> None:
    row = label({50: -2, 100: 3}, n_seconds=280)
    assert (row["outcome"], row["outcome_reached"]) == ("CHOP", "CENSORED")
    assert (row["mfe_ticks"], row["outcome_after_touch"]) == (7, "CHOP")


# ---------------------------------------------------------------- recording gaps


@pytest.mark.parametrize(
    ("start", "end", "cut"),
    [
        # the second in which the gap begins is still followed
        (60.2, 180.9, 61),
        (60.0, 61.0, 61),
        (59.999, 61.0, 60),
        # a gap that the decision lies in
        (-30.5, 12.0, 0),
        (-30.5, 0.001, 0),
        (-0.2, 0.4, 0),
        # over before the decision, or begun after the label
        (-30.5, 0.0, 250),
        (249.0, 300.0, 250),
        (248.9, 300.0, 249),
    ],
)
def test_a_gap_ends_the_path(start: float, end: float, cut: int) -> None:
    """Reached at 10 s; the barrier is never hit."""
    row = label({10: -2, 30: 3}, gaps=(gap(start, end),))
    # a gap is known when it is over
    assert row["label_end_ts"] == timestamp_of(T + (math.ceil(end) if cut < 250 else cut))
    assert row["outcome"] == ("CHOP" if cut >= 240 else "CENSORED")
    assert row["outcome_reached"] == ("CHOP" if cut == 250 else "CENSORED")
    assert row["reached"] is (True if cut > 10 else None)


@pytest.mark.parametrize("cause", ["bad_book", "silent", "status"])
def test_a_barrier_hit_before_a_gap_stays(cause: str) -> None:
    """Also in the second in which the gap begins."""
    for after, outcome in ((59, "BREAK"), (60, "BREAK"), (61, "CENSORED")):
        row = label({10: -2, after: 8}, gaps=(gap(60.7, 61.5, cause),))
        assert (row["outcome"], row["outcome_reached"]) == (outcome, outcome)


def test_the_first_of_several_gaps_counts() -> None:
    gaps = (gap(150.5, 170), gap(90.5, 95), gap(-9, -3))
    assert label({10: -2}, gaps=gaps)["label_end_ts"] == timestamp_of(T + 95)


def test_gaps_reach_the_table_of_labels() -> None:
    found = {(T, "pm_high"): decision()}
    whole = level_outcomes(found, market(), [], RULES)
    cut = level_outcomes(found, market(), [], RULES, gaps=[gap(130.5, 140)])
    ends = {"s120": 120, "s240": 140, "s480": 140, "h0": 80}
    for horizon, end in ends.items():
        key = (T, "pm_high", "fixed", horizon)
        assert cut[key]["label_end_ts"] == timestamp_of(T + end)
        assert (cut[key] == whole[key]) == (end != 140)


def test_a_look_back_over_a_known_gap() -> None:
    silence = [gap(-60, -50)]
    assert not is_recorded(silence, T - 135, T)
    assert not is_recorded(silence, T - 51, T)
    assert is_recorded(silence, T - 50, T)
    # the record that ends it makes it known, in the second that begins with it
    assert not is_recorded(silence, T - 135, T - 49)
    assert is_recorded(silence, T - 135, T - 50)
    assert not is_recorded([gap(-9, -0.001)], T - 135, T)
    assert is_recorded([gap(-9, 0.001)], T - 135, T)


# ---------------------------------------------------------------- barriers of volatility


def test_ineligible_decisions_have_no_label_of_either_kind() -> None:
    for kind in ("fixed", "vol"):
        row = label({}, -5, kind=kind, sigma=0.3, rules=VOLATILE)
        assert row["label_reason"] == "beyond_barrier"
        assert {row[name] for name in LABEL_COLUMNS} == {None}
        row = label({}, -5, kind=kind, sigma=None, rules=VOLATILE)
        assert row["label_reason"] == "no_sigma"
    # eligible by 14 ticks, but not for the fixed barrier
    assert label({}, -9, sigma=0.9, rules=VOLATILE)["label_reason"] == "beyond_barrier"
    assert label({}, -9, kind="vol", sigma=0.9, rules=VOLATILE)["label_reason"] is None


# ---------------------------------------------------------------- identities


def test_random_paths() -> None:
    """Invariants of every label on any path."""
    rng = np.random.default_rng(12)
    seen = set()
    for _ in range(400):
        x0 = int(rng.integers(-7, 0))
        steps = rng.integers(-2, 3, 500) * (rng.random(500) < 0.3)
        path = dict(enumerate((x0 + np.cumsum(steps)).tolist()))
        n_seconds = int(rng.choice([100, 300, 3600]))
        row, other = (label(path, x0, sign=sign, n_seconds=n_seconds) for sign in (1, -1))
        assert {**row, "outcome_dir": None} == {**other, "outcome_dir": None}
        said = at_level(path, x0, n_seconds=n_seconds)
        assert by_numbers(path, x0, 1, n_seconds) == said
        outcome = row["outcome_reached"]
        seen.add(outcome)
        if row["touched"]:
            assert row["reached"] is True and row["reached_ts"] <= row["touch_ts"]
        if outcome == "NOT_REACHED":
            assert row["reached"] is False and row["outcome"] != "BREAK"
        numbers = of_kernel(path, x0, 1, n_seconds)[1]
        assert {name: row[name] for name in OF_POSITION} == {
            name: numbers[name] for name in OF_POSITION
        }
        # a position's result is known if the label is, or after a stop
        is_stopped = row["first_hit_ts"] is not None
        assert (row["exit_ts"] is None) == (outcome == "CENSORED" and not is_stopped)
        if is_stopped:
            assert row["exit_ts"] == row["first_hit_ts"]
        assert (row["reached_hit_ts"] is not None) == (outcome in ("BREAK", "REJECT"))
        if row["outcome"] == "BREAK":
            # the path to the far side passes the level
            assert outcome == "BREAK" and row["reached_hit_ts"] == row["first_hit_ts"]
        if x0 >= -2:
            assert (outcome, row["reached_hit_ts"]) == (row["outcome"], row["first_hit_ts"])
        cut = [(s, x) for s, x in path.items() if timestamp_of(T + s) < row["label_end_ts"]]
        assert label(dict(cut), x0, n_seconds=n_seconds) == row
    assert seen == {"BREAK", "REJECT", "CHOP", "CENSORED", "NOT_REACHED"}
