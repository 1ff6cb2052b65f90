"""Plain labels on scripted paths, on random walks, and with a missing future."""

from __future__ import annotations

from dataclasses import replace
from math import sqrt

import numpy as np
import pytest
from naive.levels_episodes import Decision, barrier
from naive.levels_model import NS_PER_S, LevelRules, Row, Second, Trade
from naive.levels_outcomes import (
    LABEL_COLUMNS,
    horizon_ends_s,
    level_outcomes,
    outcome_row,
)
from naive.levels_paths import Future
from support.levels_market import RULES, TICK_INT, at, second, timestamp_of, trade

T = at("10:00:40")
LEVEL = 1000
HORIZON_S = 240


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
    """Valid seconds from ten minutes before T on."""
    return [second(T + 1 + n, LEVEL) for n in range(-600, n_seconds)]


def prints(path: dict[int, int], sign: int = 1) -> list[Trade]:
    """Trades by seconds after T and place in the approach sense."""
    return [trade(T + after, LEVEL + sign * x) for after, x in path.items()]


def label(
    path: dict[int, int],
    *,
    window: Decision | None = None,
    seconds: list[Second] | None = None,
    kind: str = "fixed",
    horizon_s: int = HORIZON_S,
    rules: LevelRules = RULES,
) -> Row:
    window = window or decision()
    seconds = market() if seconds is None else seconds
    future = Future(seconds, prints(path, window.sign), rules)
    return outcome_row(window, kind, T + horizon_s, future, rules)


def ns(after: int) -> int:
    """Time of the trade in a second after T."""
    return (T + after) * NS_PER_S + NS_PER_S // 2


# ---------------------------------------------------------------- by hand


@pytest.mark.parametrize("sign", [1, -1])
def test_label_by_hand(sign: int) -> None:
    """From -4: down to -6, touch at 20 s, +8 at 30 s, on to +11, back to -8 at 100 s."""
    path = {-1: 50, 0: -4, 10: -6, 20: 0, 25: -2, 30: 8, 40: 11, 100: -8, 239: -9, 240: 60}
    row = label(path, window=decision(sign=sign))
    assert row == {
        "outcome": "BREAK",
        "outcome_dir": "BREAK_UP" if sign > 0 else "BREAK_DOWN",
        "barrier_ticks": 8,
        "horizon_s": 240,
        "x0_ticks": -4,
        "label_reason": None,
        "touched": True,
        "touch_ts": ns(20),
        "outcome_after_touch": "BREAK",
        "reached": True,
        "reached_ts": ns(20),
        "outcome_reached": "BREAK",
        "reached_hit_ts": ns(30),
        "exit_ts": ns(30),
        "exit_x_ticks": 8,
        "mfe_to_exit_ticks": 12,
        "mae_to_exit_ticks": -2,
        "whipsaw_reached": True,
        "first_hit_ts": ns(30),
        "time_to_hit_s": 30.5,
        "second_hit_ts": ns(100),
        "whipsaw_flag": True,
        "mfe_ticks": 15,
        "mae_ticks": -5,
        "adverse_before_hit_ticks": 2,
        "label_end_ts": timestamp_of(T + 260),
        "available_from_ts": timestamp_of(T + 260),
    }


def test_reject_then_touch_and_break() -> None:
    """Rejected first, from -4 after a rise to -1; the later touch breaks."""
    row = label({5: -1, 10: -8, 20: 0, 30: 9})
    assert (row["outcome"], row["outcome_dir"]) == ("REJECT", "REJECT_DOWN")
    assert row["adverse_before_hit_ticks"] == 3
    assert (row["touch_ts"], row["outcome_after_touch"]) == (ns(20), "BREAK")
    assert (row["first_hit_ts"], row["second_hit_ts"]) == (ns(10), ns(30))
    assert (row["mfe_ticks"], row["mae_ticks"]) == (13, -4)


def test_a_trade_that_jumps_the_barrier_touches_and_breaks() -> None:
    row = label({3: 14})
    assert (row["outcome"], row["outcome_after_touch"], row["touch_ts"]) == (
        "BREAK",
        "BREAK",
        ns(3),
    )
    assert row["adverse_before_hit_ticks"] == 0
    assert row["whipsaw_flag"] is False


def test_file_order_decides_within_a_second() -> None:
    for xs, outcome in (((9, -9), "BREAK"), ((-9, 9), "REJECT")):
        both = [trade(T, LEVEL + x, ordinal) for ordinal, x in enumerate(xs)]
        future = Future(market(), reversed(both), RULES)
        assert outcome_row(decision(), "fixed", T + 240, future, RULES)["outcome"] == outcome


def test_trades_without_size_do_not_touch() -> None:
    empty = [trade(T, LEVEL + 9, size=0)]
    row = outcome_row(decision(), "fixed", T + 240, Future(market(), empty, RULES), RULES)
    assert row["outcome"] == "CHOP"


# ---------------------------------------------------------------- missing future


@pytest.mark.parametrize("flags", [1, 2, 4, 16, 8, 32, 64])
def test_some_invalid_seconds_censor(flags: int) -> None:
    """A bad second 60 s after t; the path has reached 5 before and breaks after."""
    seconds = market()
    at_60 = next(i for i, second in enumerate(seconds) if second.window_s == T + 60)
    seconds[at_60] = replace(seconds[at_60], invalid_flags=flags)
    row = label({10: 1, 20: -6, 60: 9}, seconds=seconds)
    if flags in (8, 32, 64):
        # the level was reached ten seconds after t
        assert (row["outcome"], row["label_end_ts"]) == ("BREAK", timestamp_of(T + 250))
        return
    assert (row["outcome"], row["outcome_dir"]) == ("CENSORED", "CENSORED")
    assert (row["touched"], row["outcome_after_touch"]) == (True, "CENSORED")
    assert (row["mfe_ticks"], row["mae_ticks"], row["first_hit_ts"]) == (5, -2, None)
    assert row["label_end_ts"] == row["available_from_ts"] == timestamp_of(T + 60)


def test_a_hit_before_the_end_of_the_data_counts() -> None:
    seconds = market(60)
    hit = label({59: 8}, seconds=seconds)
    assert (hit["outcome"], hit["label_end_ts"]) == ("BREAK", timestamp_of(T + 60))
    assert label({60: 8}, seconds=seconds)["outcome"] == "CENSORED"
    assert label({59: 7}, seconds=seconds)["outcome"] == "CENSORED"


@pytest.mark.parametrize(("n_seconds", "outcome"), [(239, "CENSORED"), (240, "CHOP")])
def test_data_that_end_with_the_horizon_censor_nothing(n_seconds: int, outcome: str) -> None:
    assert label({1: 3}, seconds=market(n_seconds))["outcome"] == outcome


# ---------------------------------------------------------------- barriers, horizons, reasons


def test_horizons_of_the_clock_end_with_bars() -> None:
    ends = {name: end_s - T for name, end_s in horizon_ends_s(T, RULES).items()}
    assert ends == {
        "s120": 120,
        "s240": 240,
        "s480": 480,
        # 10:00:40 lies in the bar that ends at 10:02:00
        **{f"h{n}": 80 + 120 * n for n in range(7)},
    }
    assert horizon_ends_s(at("10:02:00"), RULES)["h0"] == at("10:04:00")
    assert horizon_ends_s(at("10:01:55"), RULES)["h0"] == at("10:02:00")


@pytest.mark.parametrize(
    ("sigma", "horizon_s", "ticks"),
    [
        (0.5, 100, 5),
        (0.45, 100, 5),
        (0.449, 100, 4),
        (0.65, 100, 7),
        (0.0, 100, 4),
        (0.25, 100, 4),
        (9.0, 100, 40),
        (None, 100, None),
    ],
)
def test_barrier_of_volatility_rounds_half_up(
    sigma: float | None, horizon_s: int, ticks: int | None
) -> None:
    assert barrier("vol", sigma, horizon_s, RULES) == ticks
    assert barrier("fixed", sigma, horizon_s, RULES) == 8


def test_barrier_of_volatility_in_the_label() -> None:
    """0.5 x root of 240 is 7.7: 8 ticks at s240, but at 120 s 5.5 rounds down to 5."""
    assert 0.5 * sqrt(120) < 5.5
    row = label({1: 5}, kind="vol", horizon_s=120)
    assert (row["barrier_ticks"], row["outcome"]) == (5, "BREAK")
    assert label({1: 5}, kind="vol", horizon_s=240)["outcome"] == "CHOP"


def test_reasons_and_values_of_a_row_without_label() -> None:
    empty = dict.fromkeys(LABEL_COLUMNS)
    assert label({}, window=decision(-8)) == {
        **empty,
        "barrier_ticks": 8,
        "horizon_s": 240,
        "x0_ticks": -8,
        "label_reason": "beyond_barrier",
    }
    none = replace(decision(), approach_dir="approach_none")
    assert label({}, window=none) == {
        **empty,
        "barrier_ticks": 8,
        "horizon_s": 240,
        "x0_ticks": None,
        "label_reason": "no_approach",
    }
    unknown = decision(sigma=None)
    assert label({}, window=unknown, kind="vol")["label_reason"] == "no_sigma"
    assert label({}, window=unknown, kind="vol")["barrier_ticks"] is None
    assert label({}, window=unknown)["outcome"] == "CHOP"


def test_labels_of_another_barrier_need_both_distances() -> None:
    """5 ticks at 120 s: -5 is beyond the barrier; a barrier of 40 ticks does not admit -9."""
    assert (
        label({}, window=decision(-5), kind="vol", horizon_s=120)["label_reason"]
        == "beyond_barrier"
    )
    assert label({}, window=decision(-4), kind="vol", horizon_s=120)["label_reason"] is None
    wide = decision(-9, sigma=9.0)
    assert label({}, window=wide, kind="vol")["label_reason"] == "beyond_barrier"


def test_table_of_labels() -> None:
    found = {
        (T, "pm_high"): decision(),
        (T, "or_high"): replace(decision(), level_id="or_high", is_active=False, is_primary=False),
        (T, "sma_90"): replace(decision(), level_id="sma_90", is_primary=False),
    }
    rows = level_outcomes(found, market(), prints({2: 9}), RULES)
    assert len(rows) == 2 * 2 * 10
    assert {key[1] for key in rows} == {"pm_high", "or_high"}
    assert {r["label_reason"] for k, r in rows.items() if k[1] == "or_high"} == {"inactive_level"}
    row = rows[T, "pm_high", "fixed", "s240"]
    assert row["episode_id"] == f"ESZ5_2025-10-01_pm_high_up_{T}"
    assert row["outcome"] == "BREAK"


# ---------------------------------------------------------------- identities


@pytest.mark.parametrize("x0", [-7, -4, -1])
def test_break_frequency_of_a_random_walk(x0: int) -> None:
    """P(BREAK) = (B + x) / (2B) of a fair walk, within four standard errors."""
    rng = np.random.default_rng(20 + x0)
    n = 1200
    breaks = 0
    seconds = market(900)
    for _ in range(n):
        walk = x0 + np.cumsum(rng.choice((-1, 1), 840))
        hits = np.flatnonzero(np.abs(walk) >= 8)
        shown = walk[: hits[0] + 1] if len(hits) else walk
        path = dict(enumerate(shown.tolist()))
        row = label(path, window=decision(x0), seconds=seconds, horizon_s=840)
        assert row["outcome"] in ("BREAK", "REJECT")
        breaks += row["outcome"] == "BREAK"
    expected = (8 + x0) / 16
    assert abs(breaks / n - expected) < 4 * sqrt(expected * (1 - expected) / n)


def test_translation_and_mirror_change_only_the_names() -> None:
    rng = np.random.default_rng(3)
    for _ in range(50):
        path = dict(enumerate((-4 + np.cumsum(rng.integers(-2, 3, 240))).tolist()))
        up, down = label(path), label(path, window=decision(sign=-1))
        assert up["outcome"] == down["outcome"]
        assert {k: v for k, v in up.items() if k != "outcome_dir"} == {
            k: v for k, v in down.items() if k != "outcome_dir"
        }
        higher = [replace(p, price_int=p.price_int + 40 * TICK_INT) for p in prints(path)]
        shifted = replace(decision(), level_tick=LEVEL + 40)
        future = Future(market(), higher, RULES)
        assert outcome_row(shifted, "fixed", T + HORIZON_S, future, RULES) == up


def test_nothing_at_or_after_its_end_changes_a_label() -> None:
    """The level is reached in the second after t, so the label covers 121 seconds."""
    path = {1: -2, 50: 3, 119: 6, 120: -4}
    for kind in ("fixed", "vol"):
        row = label(path, kind=kind, horizon_s=120)
        assert row["label_end_ts"] == timestamp_of(T + 121)
        assert label(path | {121: 90, 200: -90}, kind=kind, horizon_s=120) == row
        assert label(path, kind=kind, horizon_s=120, seconds=market(121)) == row
