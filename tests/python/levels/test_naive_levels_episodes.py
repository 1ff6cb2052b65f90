"""Plain decisions and episodes on scripted decisions."""

from __future__ import annotations

from dataclasses import replace

import pytest
from naive.levels_episodes import Decision, approach_episodes, decisions, episode_ids, episodes
from naive.levels_model import LevelKey
from naive.levels_price import level_offset_1s
from support.levels_market import (
    RULES,
    TICK_INT,
    at,
    level_rows,
    second,
    seconds,
    timestamp_of,
    trade,
)

START = at("10:00:00")
TICK = 1000


def decision(window: int, k: int = 4, level: str = "pm_high", **fields: object) -> Decision:
    """An eligible decision of the window that ends 5 s times a number after 10:00."""
    approach = "approach_none" if k == 0 else "approach_up" if k > 0 else "approach_down"
    values = {
        "end_s": START + 5 * window,
        "level_id": level,
        "is_window_valid": True,
        "is_active": True,
        "is_primary": True,
        "level_tick": TICK,
        "k_ticks": k,
        "sigma_ticks": 0.5,
        "approach_dir": approach,
    }
    return Decision(**values | fields)


def keyed(*found: Decision) -> dict[LevelKey, Decision]:
    return {(window.end_s, window.level_id): window for window in found}


def runs_of(*found: Decision) -> list[list[int]]:
    """Numbers of the windows of each episode."""
    return [
        [(window.end_s - START) // 5 for window in run.windows]
        for run in episodes(keyed(*found), RULES)
    ]


# ---------------------------------------------------------------- decisions


def test_decisions_are_made_at_the_ends_of_five_second_windows() -> None:
    market = seconds(START - 63, range(56, 126))
    levels = level_rows({second.end_s: 120 for second in market})
    found = decisions(market, levels, level_offset_1s(market, levels, RULES))
    # the first window's first second does not exist
    expected = [(after, after > -60) for after in range(-60, 10, 5)]
    assert [
        (end_s - START, window.is_window_valid) for (end_s, _), window in found.items()
    ] == expected
    assert found[START, "pm_high"] == decision(0, k=1, level_tick=120, sigma_ticks=None)
    # a minute before it there is no data
    assert found[START - 5, "pm_high"].approach_dir == "approach_none"


@pytest.mark.parametrize("bad", range(6))
def test_one_bad_second_invalidates_its_window(bad: int) -> None:
    market = seconds(START - 30, range(100, 131))
    market[-1 - bad] = replace(market[-1 - bad], invalid_flags=8)
    levels = level_rows({START: 133})
    [window] = decisions(market, levels, level_offset_1s(market, levels, RULES)).values()
    assert window.is_window_valid == (bad == 5)


@pytest.mark.parametrize("k", [0, 1, 7, 8, 9, -1, -7, -8])
def test_only_before_the_level_and_inside_the_barrier(k: int) -> None:
    window = decision(0, k)
    assert window.is_eligible(RULES) == (0 < abs(k) < 8)
    if k:
        assert window.x_ticks == -abs(k)


def test_position_is_the_negative_offset_in_the_approach_sense() -> None:
    assert (decision(0, 5).sign, decision(0, 5).x_ticks) == (1, -5)
    assert (decision(0, -5).sign, decision(0, -5).x_ticks) == (-1, -5)


def test_the_first_reason_that_holds_is_published() -> None:
    window = decision(
        0, 9, is_window_valid=False, is_active=False, is_primary=False, approach_dir="approach_none"
    )
    reasons = []
    for field, value in (
        ("is_window_valid", True),
        ("is_active", True),
        ("approach_dir", "approach_up"),
        ("k_ticks", 7),
    ):
        reasons.append(window.blocked_by(8))
        window = replace(window, **{field: value})
    assert [*reasons, window.blocked_by(8)] == [
        "invalid_window",
        "inactive_level",
        "no_approach",
        "beyond_barrier",
        None,
    ]


def test_levels_behind_another_of_their_stack_are_not_eligible() -> None:
    assert not decision(0, is_primary=False).is_eligible(RULES)


# ---------------------------------------------------------------- runs


def test_the_next_window_of_a_run_is_at_most_three_windows_later() -> None:
    assert runs_of(*(decision(n) for n in (0, 3, 7))) == [[0, 3], [7]]


def test_ineligible_windows_are_gaps() -> None:
    found = [decision(n, 4 if n in (0, 3) else 12) for n in range(5)]
    assert runs_of(*found) == [[0, 3]]


def test_directions_and_levels_have_their_own_runs() -> None:
    found = [decision(0), decision(1, -4), decision(2), decision(2, 4, "or_high")]
    assert sorted(runs_of(*found)) == [[0, 2], [1], [2]]


def test_level_that_moves_more_than_four_ticks_starts_a_new_run() -> None:
    """Measured from the run's first window: 1000, 1003, 1004 stay, 1005 does not."""
    ticks = (1000, 1003, 1004, 1005, 1009, 1010)
    found = [decision(n, level="sma_90", level_tick=tick) for n, tick in enumerate(ticks)]
    assert runs_of(*found) == [[0, 1, 2], [3, 4], [5]]


# ---------------------------------------------------------------- rows


def test_episode_by_hand() -> None:
    found = keyed(decision(0, 6), decision(1, 2), decision(2, 12), decision(3, 3))
    prints = [
        trade(START - 1, 1005),
        trade(START + 3, 999),
        trade(START + 29, 1000),
        trade(START + 30, 1001),
    ]
    episode_id = f"ESZ5_2025-10-01_pm_high_up_{START}"
    assert approach_episodes(found, prints, RULES) == {
        episode_id: {
            "symbol": "ESZ5",
            "dt": RULES.dt,
            "level_id": "pm_high",
            "approach_dir": "approach_up",
            "episode_id": episode_id,
            "first_window_end_ts": timestamp_of(START),
            "last_window_end_ts": timestamp_of(START + 15),
            "n_windows": 3,
            "touched": True,
            "touch_ts": (START + 29) * 10**9 + 500_000_000,
            "attempt_index": 1,
            "min_abs_k": 2,
            "level_tick_first": 1000,
            "available_from_ts": timestamp_of(START + 30),
        }
    }
    untouched = approach_episodes(found, [prints[0], prints[1], prints[3]], RULES)[episode_id]
    assert (untouched["touched"], untouched["touch_ts"]) == (False, None)
    ids = episode_ids(episodes(found, RULES), RULES)
    assert ids == dict.fromkeys(((START + 5 * n, "pm_high") for n in (0, 1, 3)), episode_id)


def test_attempts_count_touches_known_when_the_run_begins() -> None:
    """Runs begin at windows 0 (touches), 6 (does not), 14 (touches), 16 from above, 30."""
    found = keyed(
        decision(0), decision(6), decision(14), decision(16, -4), decision(30), decision(30, 4, "x")
    )
    prints = [trade(START + 1, 1000), trade(START + 71, 1000)]
    rows = approach_episodes(found, prints, RULES)
    attempts = [
        (row["level_id"], row["approach_dir"], row["attempt_index"]) for row in rows.values()
    ]
    assert attempts == [
        ("pm_high", "approach_up", 1),
        ("pm_high", "approach_up", 2),
        ("pm_high", "approach_up", 2),
        # the run at window 14 is over at window 17 only
        ("pm_high", "approach_down", 2),
        ("pm_high", "approach_up", 3),
        ("x", "approach_up", 1),
    ]


def test_touch_of_a_run_from_above_is_at_or_below_the_level() -> None:
    found = keyed(decision(0, -4))
    for ticks, touched in ((1001, False), (1000, True), (998, True)):
        [row] = approach_episodes(found, [trade(START, ticks)], RULES).values()
        assert row["touched"] is touched
        assert "_down_" in row["episode_id"]


def test_decisions_on_a_market_that_runs_into_a_level() -> None:
    """2 ticks a second from 60 below; only -8 < x < 0 counts, so the run has one or two windows."""
    market = [second(START + n, 940 + 2 * n) for n in range(-60, 60)]
    levels = level_rows({second.end_s: 1001 for second in market})
    found = decisions(market, levels, level_offset_1s(market, levels, RULES))
    [run] = episodes(found, RULES)
    # spot is 1000 at 30 s and 990 at 25 s, 11 ticks away
    assert [window.end_s - START for window in run.windows] == [30]
    assert market[90].spot_price_int == 1000 * TICK_INT
