"""Plain offsets from spot, speeds and approach against numbers worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from math import sqrt

import numpy as np
import pytest
from levels_market import RULES, at, level_rows, second, seconds
from naive.levels_model import Second
from naive.levels_price import level_offset_1s


def offset(spots: list[Second], tick: int | None, **fields: object) -> dict[str, object]:
    """Offset of one level at the last of some seconds."""
    end = spots[-1].end_s
    return level_offset_1s(spots, level_rows({end: tick}, **fields), RULES)[end, "pm_high"]


def test_offset_by_hand() -> None:
    """Spot rises from 100 to 115 in 15 s, the last 3 of them 2 ticks each; the level is at 120."""
    spots = [100, *range(101, 110), 109, 109, 109, 111, 113, 115]
    row = offset(seconds(at("10:00:00"), spots), 120)
    assert row["k_ticks"] == 5
    assert row["speed_3s"] == 2.0
    assert row["speed_15s"] == row["closing_speed_15s"] == 1.0
    assert row["secs_to_touch"] == 5.0
    assert row["approach_dir"] == "approach_up"
    assert (row["sigma_1s_ticks"], row["k_vol"]) == (None, None)
    away = offset(seconds(at("10:00:00"), spots), 110)
    assert (away["k_ticks"], away["closing_speed_15s"]) == (-5, -1.0)
    assert (away["secs_to_touch"], away["approach_dir"]) == (None, "approach_none")
    on_it = offset(seconds(at("10:00:00"), spots), 115)
    assert (on_it["k_ticks"], on_it["closing_speed_15s"]) == (0, 0.0)
    assert (on_it["secs_to_touch"], on_it["approach_dir"]) == (None, "approach_none")


@pytest.mark.parametrize(
    ("k", "moved", "expected"),
    [
        (1, 1, "approach_up"),
        (20, 1, "approach_up"),
        (21, 1, "approach_none"),
        (1, 0, "approach_none"),
        (1, -1, "approach_none"),
        (-1, -1, "approach_down"),
        (-20, -9, "approach_down"),
        (-21, -9, "approach_none"),
        (-1, 1, "approach_none"),
        (0, 1, "approach_none"),
    ],
)
def test_approach(k: int, moved: int, expected: str) -> None:
    spots = [200] * 15 + [200 + moved]
    assert offset(seconds(at("10:00:00"), spots), 200 + moved + k)["approach_dir"] == expected


@pytest.mark.parametrize("bad", [0, 7, 15])
@pytest.mark.parametrize("kind", ["invalid", "no spot", "missing"])
def test_only_both_ends_of_the_lookback_must_be_valid(kind: str, bad: int) -> None:
    market = seconds(at("10:00:00"), range(100, 116))
    if kind == "missing" and bad == 15:
        market[15] = replace(market[15], spot_price_int=None)
    elif kind == "missing":
        del market[bad]
    else:
        change = {"invalid_flags": 8} if kind == "invalid" else {"spot_price_int": None}
        market[bad] = replace(market[bad], **change)
    row = offset(market, 120)
    assert row["approach_dir"] == ("approach_up" if bad == 7 else "approach_none")
    assert (row["closing_speed_15s"] is None) == (bad != 7)
    assert (row["k_ticks"] is None) == (bad == 15 and kind != "invalid")


def test_sigma_against_numpy_with_half_ticks() -> None:
    """301 seconds give 300 differences; the one before them does not count."""
    rng = np.random.default_rng(5)
    halves = 400 + np.cumsum(rng.integers(-3, 4, 400))
    end = at("11:00:00")
    market = [second(end - 399 + n, 100, half_ticks=int(h)) for n, h in enumerate(halves)]
    expected = float(np.std(np.diff(halves[-301:]) / 2, ddof=1))
    row = offset(market, 107)
    assert row["sigma_1s_ticks"] == pytest.approx(expected, rel=1e-13)
    assert row["k_vol"] == pytest.approx(7 / (expected * sqrt(300)), rel=1e-13)


def test_sigma_needs_two_minutes_of_valid_differences() -> None:
    halves = [200 + n % 2 for n in range(121)]
    market = [second(at("11:00:00") + n, 100, half_ticks=h) for n, h in enumerate(halves)]
    # 120 differences of +-1 half tick, 60 of each sign: variance 120 / 119 half ticks squared
    assert offset(market, 107)["sigma_1s_ticks"] == pytest.approx(sqrt(120 / 119) / 2, rel=1e-13)
    assert offset(market[1:], 107)["sigma_1s_ticks"] is None
    # an invalid second takes two differences with it
    market[60] = replace(market[60], invalid_flags=8)
    assert offset(market, 107)["sigma_1s_ticks"] is None


def test_quiet_market_has_no_distance_in_volatility() -> None:
    row = offset(seconds(at("10:00:00"), [100] * 301), 107)
    assert (row["sigma_1s_ticks"], row["k_vol"], row["k_ticks"]) == (0.0, None, 7)


def test_spot_without_level_has_no_offset() -> None:
    row = offset(seconds(at("10:00:00"), range(100, 116)), None)
    assert (row["k_ticks"], row["closing_speed_15s"], row["approach_dir"]) == (
        None,
        None,
        "approach_none",
    )
    assert row["speed_15s"] == 1.0
