"""The kernels of the level engines: sweeps, smoothed scores and signals."""

from __future__ import annotations

import math

import numpy as np
import pytest
from naive.tape_engine_1s import notional_units, runs
from spymaster_engine.engine_columns import PRINTS, SIGNALS, SWEEPS
from spymaster_engine.kernels.engines import (
    largest_sweeps,
    no_prints,
    signal_states,
    unknown_levels,
)

WINDOW_S, GAP_NS = 7, 200_000_000
NS = 10**9
SIDES = {1: "B", -1: "A"}
LIMITS = {
    "tau_s": 2.0,
    "hold_s": 3,
    "break_min": 80.0,
    "reject_max": 20.0,
    "contested": (30.0, 70.0),
}
ALPHA = 1 - math.exp(-1 / 2)


def random_prints(seed: int, n_seconds: int = 60) -> dict[str, np.ndarray]:
    """Return prints with quiet seconds, equal times, times before their second, and long runs."""
    draw = np.random.default_rng(seed)
    rows, time_ns, aggressor = [], 0, 1
    for second in range(100, 100 + n_seconds):
        time_ns = max(time_ns, second * NS - int(draw.integers(0, NS)))
        for _ in range(int(draw.choice([0, 0, 1, 3, 12]))):
            time_ns += int(draw.choice([0, 1, GAP_NS, GAP_NS + 1, 3_000_000]))
            aggressor *= int(draw.choice([1, 1, 1, -1]))
            rows.append((second, time_ns, aggressor, int(draw.integers(90, 93)), 1))
    return dict(zip(PRINTS, np.array(rows, np.int64).reshape(-1, 5).T, strict=True))


def plain_sweep(prints: dict[str, np.ndarray], second: int) -> tuple[int, ...]:
    """Return the largest run of the window, plainly."""
    rows = [
        {"side": SIDES[aggressor], "ts_event": time_ns, "price_int": ticks, "size": size}
        for second_s, time_ns, aggressor, ticks, size in zip(
            *(prints[name].tolist() for name in PRINTS), strict=True
        )
        if second - WINDOW_S < second_s <= second
    ]
    found = runs(rows, GAP_NS)
    if not found:
        return (0,) * len(SWEEPS)
    largest = max(reversed(found), key=notional_units)
    times = largest[0]["ts_event"], largest[-1]["ts_event"]
    sign = 1 if largest[0]["side"] == "B" else -1
    return (sign, len(largest), *times, notional_units(largest))


@pytest.mark.parametrize("seed", range(20))
def test_sweeps_of_random_prints(seed: int) -> None:
    """All at once, and in pieces that pass the state on, against the plain runs."""
    prints = random_prints(seed)
    seconds = np.arange(100, 165)
    settings = {"window_s": WINDOW_S, "gap_ns": GAP_NS}
    _, found = largest_sweeps(no_prints(), prints, seconds, **settings)
    rows = list(zip(*(found[name].tolist() for name in SWEEPS), strict=True))
    expected = [plain_sweep(prints, second) for second in seconds]
    counts = [row[1] for row in expected]
    assert rows == expected
    assert max(counts) > 5
    held, pieces = no_prints(), []
    draw = np.random.default_rng(seed)
    for piece in np.split(seconds, np.sort(draw.integers(0, len(seconds), 20))):
        if not len(piece):
            continue
        inside = (prints["second_s"] >= piece[0]) & (prints["second_s"] <= piece[-1])
        new = {name: values[inside] for name, values in prints.items()}
        held, found = largest_sweeps(held, new, piece, **settings)
        pieces += zip(*(found[name].tolist() for name in SWEEPS), strict=True)
        assert len(held["second_s"]) <= (prints["second_s"] > piece[-1] - WINDOW_S).sum()
    assert pieces == rows


def test_no_prints_no_sweep() -> None:
    held, found = largest_sweeps(no_prints(), no_prints(), np.arange(3), window_s=2, gap_ns=1)
    assert [found[name].tolist() for name in SWEEPS] == [[0, 0, 0]] * len(SWEEPS)
    assert [len(values) for values in held.values()] == [0] * len(PRINTS)


def signals_of(raw: list[float], **fields: list[int]) -> tuple[list[float], list[str | None]]:
    """Return smoothed scores and signals of one level, a row per second."""
    n = len(raw)
    columns = {
        "second_s": range(n),
        "level_no": [0] * n,
        "direction": [1] * n,
        "is_touched": [0] * n,
        "can_contest": [0] * n,
        **fields,
    }
    scores = {name: np.array(values, np.int64) for name, values in columns.items()}
    scores["score_raw"] = np.array(raw, float)
    _, smoothed, signal = signal_states(unknown_levels(1), scores, **LIMITS)
    return smoothed.tolist(), [SIGNALS[code] if code >= 0 else None for code in signal.tolist()]


def test_a_break_needs_three_seconds() -> None:
    """Held for 2 s it does not fire, for 3 s it does, and one second below ends it."""
    _, signals = signals_of([100.0] * 6 + [0.0] + [100.0] * 9)
    assert signals[:6] == ["NEUTRAL"] * 3 + ["BREAK"] * 3
    smoothed, signals = signals_of([100.0] * 6 + [0.0] + [100.0] * 9)
    is_above = [score > 80 for score in smoothed]
    expected = [
        "BREAK" if all(is_above[max(t - 3, 0) : t + 1]) and t >= 3 else "NEUTRAL"
        for t in range(len(is_above))
    ]
    assert signals == expected
    assert expected[6:].count("BREAK") > 2
    assert not is_above[6]


@pytest.mark.parametrize("limit", [80.0, 20.0])
def test_a_score_at_its_limit_is_no_signal(limit: float) -> None:
    _, signals = signals_of([limit] * 8, is_touched=[1] * 8)
    assert signals == ["NEUTRAL"] * 8


@pytest.mark.parametrize(
    ("touched_at", "expected"),
    [
        (None, ["NEUTRAL"] * 8),
        (0, ["NEUTRAL"] * 3 + ["REJECT"] * 5),
        (3, ["NEUTRAL"] * 3 + ["REJECT"] * 5),
        (5, ["NEUTRAL"] * 5 + ["REJECT"] * 3),
    ],
)
def test_a_reject_needs_a_touch(touched_at: int | None, expected: list[str]) -> None:
    _, signals = signals_of([10.0] * 8, is_touched=[int(t == touched_at) for t in range(8)])
    assert signals == expected


def test_a_touch_before_the_score_fell_does_not_reject() -> None:
    _, signals = signals_of([50.0] + [0.0] * 12, is_touched=[1] + [0] * 12)
    assert set(signals) == {"NEUTRAL"}


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        (29.999, "NEUTRAL"),
        (30.0, "CONTESTED"),
        (70.0, "CONTESTED"),
        (70.001, "NEUTRAL"),
    ],
)
def test_contested_lies_between_its_limits_at_once(score: float, expected: str) -> None:
    assert signals_of([score], can_contest=[1])[1] == [expected]
    assert signals_of([score])[1] == ["NEUTRAL"]


def test_smoothing_in_closed_form() -> None:
    """After a step the score is the target less the rest of the step, exp(-t / tau)."""
    smoothed, _ = signals_of([20.0] + [100.0] * 20)
    expected = [100 - 80 * math.exp(-t / 2) for t in range(21)]
    assert smoothed == pytest.approx(expected, rel=1e-12)


def test_smoothing_of_any_scores_in_closed_form() -> None:
    raw = np.random.default_rng(1).uniform(0, 100, 40)
    weights = [(1 - ALPHA) ** 39, *(ALPHA * (1 - ALPHA) ** (39 - n) for n in range(1, 40))]
    assert signals_of(raw.tolist())[0][-1] == pytest.approx(float(weights @ raw), rel=1e-12)


def test_a_gap_and_a_change_of_direction_begin_anew() -> None:
    nan = math.nan
    smoothed, signals = signals_of([100.0, 100.0, 100.0, nan, 10.0, 90.0])
    assert smoothed[4] == 10.0
    assert math.isnan(smoothed[3])
    assert signals[3] is None
    raw = [100.0, 100.0, 100.0, 90.0, 100.0]
    assert signals_of(raw, second_s=[0, 1, 2, 4, 5])[0][3] == 90.0
    assert signals_of(raw, second_s=[0, 1, 2, 4, 5])[1] == ["NEUTRAL"] * 5
    smoothed, signals = signals_of(raw, direction=[1, 1, 1, -1, -1])
    assert smoothed[3] == 90.0
    assert signals == ["NEUTRAL"] * 5
    assert signals_of(raw)[1] == ["NEUTRAL"] * 3 + ["BREAK"] * 2


def random_scores(seed: int) -> dict[str, np.ndarray]:
    draw = np.random.default_rng(seed)
    n, n_levels = 300, 3
    size = n * n_levels
    raw = draw.choice([0.0, 10.0, 50.0, 100.0], size, p=[0.35, 0.1, 0.1, 0.45])
    raw[draw.random(size) < 0.03] = math.nan
    scores = {
        "second_s": np.repeat(np.arange(n), n_levels),
        "level_no": np.tile(np.arange(n_levels), n),
        "direction": draw.choice([1, -1], size, p=[0.97, 0.03]),
        "is_touched": draw.integers(0, 2, size),
        "can_contest": draw.integers(0, 2, size),
        "score_raw": raw,
    }
    keep = draw.random(size) > 0.02
    return {name: values[keep] for name, values in scores.items()}


@pytest.mark.parametrize("seed", range(5))
def test_second_by_second_is_the_day_at_once(seed: int) -> None:
    scores = random_scores(seed)
    first = unknown_levels(3)
    _, smoothed, signal = signal_states(first, scores, **LIMITS)
    assert set(signal.tolist()) == {-1, 0, 1, 2, 3}
    state, pieces = unknown_levels(3), []
    for second in np.unique(scores["second_s"]):
        of_second = {name: values[scores["second_s"] == second] for name, values in scores.items()}
        state, *found = signal_states(state, of_second, **LIMITS)
        pieces.append(found)
    np.testing.assert_array_equal(np.concatenate([piece[0] for piece in pieces]), smoothed)
    np.testing.assert_array_equal(np.concatenate([piece[1] for piece in pieces]), signal)
    # the state that was passed in is still that before the first score
    np.testing.assert_array_equal(first[0], unknown_levels(3)[0])


def test_levels_do_not_touch_each_other() -> None:
    scores = random_scores(9)
    _, smoothed, signal = signal_states(unknown_levels(3), scores, **LIMITS)
    for level in range(3):
        own = scores["level_no"] == level
        alone = {name: values[own] for name, values in scores.items()}
        _, score, code = signal_states(unknown_levels(3), alone, **LIMITS)
        np.testing.assert_array_equal(score, smoothed[own])
        np.testing.assert_array_equal(code, signal[own])
