"""Plain offsets from spot, speeds and approach against hand-computed numbers."""

from __future__ import annotations

from dataclasses import replace
from math import sqrt

import numpy as np
import pytest
from naive.levels_model import Second
from naive.levels_price import approach_dir, least_approach_ticks, level_offset_1s
from support.levels_market import RULES, at, level_rows, second


def offset(spots: list[Second], tick: int) -> dict[str, object]:
    """Offset of a level at the last of some seconds."""
    end = spots[-1].end_s
    return level_offset_1s(spots, level_rows({end: tick}), RULES)[end, "pm_high"]


def minute(moved: float, paused: float) -> list[Second]:
    """61 seconds with given moves of the mid over 60 s and over 15 s; spot stands still."""
    marks = [(45, 400 - round(2 * moved)), (15, 400 - round(2 * paused)), (1, 400)]
    mids = [half for count, half in marks for _ in range(count)]
    first_s = at("10:00:00")
    return [second(first_s + n, 200, half_ticks=half) for n, half in enumerate(mids)]


@pytest.mark.parametrize(
    ("k", "moved", "paused", "expected"),
    [
        (1, 3, 0, "approach_up"),
        (20, 3, 0, "approach_up"),
        (21, 3, 0, "approach_none"),
        (1, 2.5, 0, "approach_none"),
        (1, 3, -0.5, "approach_none"),
        (1, 9, 12, "approach_up"),
        (1, 2, 5, "approach_none"),
        (1, -3, 0, "approach_none"),
        (-1, -3, 0, "approach_down"),
        (-20, -9, -4, "approach_down"),
        (-21, -9, -4, "approach_none"),
        (-1, -2.5, -2, "approach_none"),
        (-1, -3, 0.5, "approach_none"),
        (-1, 3, 0, "approach_none"),
        (0, 3, 0, "approach_none"),
    ],
)
def test_approach(k: int, moved: float, paused: float, expected: str) -> None:
    assert offset(minute(moved, paused), 200 + k)["approach_dir"] == expected


@pytest.mark.parametrize(
    ("sigma", "least"), [(None, 3), (0.0, 3), (0.7745, 3), (0.8, 0.4 * sqrt(60)), (2.0, sqrt(60))]
)
def test_least_move_grows_with_volatility(sigma: float | None, least: float) -> None:
    assert least_approach_ticks(sigma, RULES) == pytest.approx(least, rel=1e-15)
    for move, expected in ((least + 1e-9, "approach_up"), (least - 1e-9, "approach_none")):
        assert approach_dir(5, move, 0.0, sigma, RULES) == expected


@pytest.mark.parametrize(("bad", "is_needed"), [(0, True), (20, False), (45, True), (60, True)])
@pytest.mark.parametrize("kind", ["invalid", "no mid", "missing"])
def test_approach_needs_only_its_three_instants(kind: str, bad: int, *, is_needed: bool) -> None:
    market = minute(6, 2)
    if kind == "missing" and bad < 60:
        del market[bad]
    else:
        change = {"invalid_flags": 8} if kind == "invalid" else {"mid_price_int": None}
        market[bad] = replace(market[bad], **change)
    row = offset(market, 205)
    assert row["approach_dir"] == ("approach_none" if is_needed else "approach_up")
    assert row["approach_move_ticks"] == (6.0 if bad in (20, 45) else None)
    assert (row["closing_speed_15s"] is None) == (bad in (45, 60))
    assert (row["speed_3s"] is None) == (bad == 60)
    assert row["k_ticks"] == 5


def test_mirror_of_an_approach() -> None:
    rng = np.random.default_rng(8)
    names = {"approach_up": "approach_down", "approach_down": "approach_up"}
    seen = set()
    for _ in range(60):
        halves = 400 + np.cumsum(rng.integers(-2, 3, 361))
        k = int(rng.integers(-22, 23))
        rows = []
        for sign in (1, -1):
            market = [
                second(at("10:00:00") + n, 200, half_ticks=400 + sign * (int(h) - 400))
                for n, h in enumerate(halves)
            ]
            rows.append(offset(market, 200 + sign * k))
        row, other = rows
        seen.add(row["approach_dir"])
        assert other["approach_dir"] == names.get(row["approach_dir"], "approach_none")
        for name in ("k_ticks", "speed_3s", "speed_15s", "approach_move_ticks"):
            assert other[name] == -row[name]
        for name in ("sigma_1s_ticks", "closing_speed_15s", "secs_to_touch"):
            assert other[name] == row[name]
    assert seen == {*names, "approach_none"}


def test_sigma_against_numpy_with_half_ticks() -> None:
    """301 seconds give 300 differences; earlier seconds do not count."""
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
    # an invalid second removes two differences
    market[60] = replace(market[60], invalid_flags=8)
    assert offset(market, 107)["sigma_1s_ticks"] is None
