"""Plain decisions and episodes on scripted decisions."""

from __future__ import annotations

from dataclasses import replace

import pytest
from naive.levels_episodes import Decision, decisions, episodes
from naive.levels_price import level_offset_1s
from support.levels_market import RULES, TICK_INT, at, level_rows, second, seconds

START = at("10:00:00")


def test_decisions_are_made_at_the_ends_of_five_second_windows() -> None:
    market = seconds(START - 63, range(56, 126))
    levels = level_rows({second.end_s: 120 for second in market})
    found = decisions(market, levels, level_offset_1s(market, levels, RULES))
    # the first window's first second does not exist
    expected = [(after, after > -60) for after in range(-60, 10, 5)]
    assert [
        (end_s - START, window.is_window_valid) for (end_s, _), window in found.items()
    ] == expected
    assert found[START, "pm_high"] == Decision(
        end_s=START,
        level_id="pm_high",
        is_window_valid=True,
        is_active=True,
        is_primary=True,
        level_tick=120,
        k_ticks=1,
        sigma_ticks=None,
        approach_dir="approach_up",
    )
    # a minute before it there is no data
    assert found[START - 5, "pm_high"].approach_dir == "approach_none"


@pytest.mark.parametrize("bad", range(6))
def test_one_bad_second_invalidates_its_window(bad: int) -> None:
    market = seconds(START - 30, range(100, 131))
    market[-1 - bad] = replace(market[-1 - bad], invalid_flags=8)
    levels = level_rows({START: 133})
    [window] = decisions(market, levels, level_offset_1s(market, levels, RULES)).values()
    assert window.is_window_valid == (bad == 5)


def test_decisions_on_a_market_that_runs_into_a_level() -> None:
    """2 ticks a second from 60 below; only -8 < x < 0 counts, so the run has one or two windows."""
    market = [second(START + n, 940 + 2 * n) for n in range(-60, 60)]
    levels = level_rows({second.end_s: 1001 for second in market})
    found = decisions(market, levels, level_offset_1s(market, levels, RULES))
    [run] = episodes(found, RULES)
    # spot is 1000 at 30 s and 990 at 25 s, 11 ticks away
    assert [window.end_s - START for window in run.windows] == [30]
    assert market[90].spot_price_int == 1000 * TICK_INT
