"""Plain vectors and outcomes around spot, with answers counted by hand."""

from __future__ import annotations

from math import log

import numpy as np
import pytest
from naive.gaps import Gap
from naive.levels_episodes import Decision
from naive.levels_model import NS_PER_S, Row, Second
from naive.levels_paths import Future
from naive.spot_vectors import (
    LABEL_COLUMNS,
    radar_5s,
    spot_decisions,
    spot_outcome,
    spot_vector,
    spot_vector_names,
)
from naive.surfaces_radar import FEATURES
from support.levels_market import (
    RULES,
    at,
    book_day,
    resting,
    second,
    timestamp_of,
    trade,
)

T = at("10:00:00")
SPOT = 1000


# ---------------------------------------------------------------- vectors


def history(n: int = 28) -> tuple[dict[int, Row], np.ndarray]:
    """Rows of random features up to T, and the same as array (row, derivative, feature)."""
    values = np.random.default_rng(11).normal(size=(n, 4, len(FEATURES)))
    rows = {}
    for i in range(n):
        row: Row = {"window_valid": True}
        for d, prefix in enumerate(("", "d1_", "d2_", "d3_")):
            row |= {f"{prefix}{name}": float(values[i, d, f]) for f, name in enumerate(FEATURES)}
        rows[T - 5 * (n - 1 - i)] = row
    return rows, values


def test_vector_against_numpy_by_index() -> None:
    rows, values = history()
    blocks = [values[-1]]
    for n in (3, 9, 24):
        blocks += [values[-n:].mean(axis=0), (values[-1] - values[-n]) / (n - 1)]
    # block-major, then feature, then derivative
    expected = np.stack(blocks).transpose(0, 2, 1).ravel()
    elements = spot_vector(rows, T)
    assert elements is not None
    assert list(elements) == spot_vector_names()
    assert len(elements) == len(expected) == 1372
    np.testing.assert_allclose(list(elements.values()), expected, rtol=1e-12, atol=1e-15)


def test_names_by_index() -> None:
    names = spot_vector_names()
    assert (len(names), len(set(names))) == (1372, 1372)
    assert names[:2] == ["w0__f1_ask_com_disp_log", "w0__d1_f1_ask_com_disp_log"]
    # block 2 (w3_delta), first feature from below, second difference
    assert names[2 * 196 + 4 * 25 + 2] == "w3_delta__d2_u1_ask_com_disp_log"
    assert names[-1] == "w24_delta__d3_u19_bid_bbo_dist_ticks"


@pytest.mark.parametrize("missing", [0, 1, 13, 26, 27])
def test_27_valid_windows_in_a_row_are_needed(missing: int) -> None:
    for kind in ("invalid", "missing"):
        rows, _ = history()
        if kind == "invalid":
            rows[T - 5 * missing]["window_valid"] = False
        else:
            del rows[T - 5 * missing]
        assert (spot_vector(rows, T) is not None) == (missing == 27)


@pytest.mark.parametrize(
    ("start", "end", "is_there"),
    [(-140, -135, True), (-140, -134, False), (-3, -1, False), (-3, 0, True), (-3, 1, True)],
)
def test_no_vector_over_a_known_gap(start: int, end: int, *, is_there: bool) -> None:
    gap = Gap((T + start) * NS_PER_S, (T + end) * NS_PER_S, "silent")
    assert (spot_vector(history()[0], T, [gap]) is not None) == is_there


def test_radar_of_five_seconds_by_hand() -> None:
    """Spot rises by a tick in the last second; depth of the asks moves from 10 to 20 past it.

    Asks at 1002 (first second only) and 1005 (last second only), 12 contracts pulled in three
    seconds and 6 added. From 1001 they lie 1 and 4 ticks away.
    """
    ask = ("A", SPOT + 2, {"depth_qty_start": 10})
    gone = ("A", SPOT + 5, {"depth_qty_end": 20})
    pulls = ("A", SPOT + 3, {"pull_qty_rest": 4, "pull_qty_total": 4, "add_qty": 2})
    inner = ("A", SPOT + 5, {"depth_qty_start": 999, "depth_qty_end": 999})
    bid = resting("B", SPOT - 1, 7)
    cells = [[ask, pulls, bid], [pulls, bid], [inner, bid], [pulls, bid], [gone, bid]]
    books = {T - 4 + n: (SPOT + (n == 4), inside, []) for n, inside in enumerate(cells)}
    row = radar_5s(book_day(books), RULES)[T]
    assert row["window_valid"]
    assert row["f1_ask_com_disp_log"] == pytest.approx(log((4 + 1) / (1 + 1)))
    assert row["f2_ask_pull_add_log_rest"] == pytest.approx(log((12 + 1) / (6 + 1)))
    assert (row["f8_ask_bbo_dist_ticks"], row["f9_bid_bbo_dist_ticks"]) == (4.0, 2.0)
    assert row["d1_f8_ask_bbo_dist_ticks"] is None
    # a single invalid second leaves nothing known
    row = radar_5s(book_day(books, (T - 3,)), RULES)[T]
    assert (row["window_valid"], row["f8_ask_bbo_dist_ticks"]) == (False, None)


def test_differences_of_five_second_rows() -> None:
    """The best ask lies 1, 2, 4 and 8 ticks from a spot that itself moves."""
    distances, books = (1, 2, 4, 8), {}
    for n in range(20):
        spot = SPOT + 3 * (n // 5)
        cells = [resting("A", spot + distances[n // 5], 5), resting("B", spot - 1, 5)]
        books[T - 19 + n] = (spot, cells, [])
    row = radar_5s(book_day(books), RULES)[T]
    name = "f8_ask_bbo_dist_ticks"
    assert [row[f"{d}{name}"] for d in ("", "d1_", "d2_", "d3_")] == [8.0, 4.0, 2.0, 1.0]


# ---------------------------------------------------------------- directions


def rising(move_ticks: float, **fields: int) -> list[Second]:
    """Seconds from T - 60 on, the mid higher at T, in between far away."""
    half = round(2 * move_ticks)
    return [
        second(
            T - 60 + n, SPOT, half_ticks=2 * SPOT + (half if n >= 60 else -40 if n else 0), **fields
        )
        for n in range(62)
    ]


@pytest.mark.parametrize(
    ("move", "expected"),
    [
        (3, "approach_up"),
        (2.5, "approach_none"),
        (0, "approach_none"),
        (-2.5, "approach_none"),
        (-3, "approach_down"),
    ],
)
def test_direction_of_the_last_minute(move: float, expected: str) -> None:
    decision = spot_decisions(rising(move), RULES)[T]
    assert (decision.approach_dir, decision.level_tick) == (expected, SPOT)
    assert decision.sigma_ticks is None


def test_the_least_move_grows_with_volatility() -> None:
    """A mid that alternates by 2 ticks: sigma 2.0, half of it times the root of 60 is 7.8."""

    def moved(ticks: int) -> str:
        mids = [SPOT + 2 * (n % 2) for n in range(301)]
        mids[-1] = mids[-61] + ticks
        first_s = T - len(mids) + 1
        seconds = [second(first_s + n, SPOT, half_ticks=2 * mid) for n, mid in enumerate(mids)]
        decision = spot_decisions(seconds, RULES)[T]
        assert decision.sigma_ticks == pytest.approx(2.0, abs=0.2)
        return decision.approach_dir

    assert (moved(7), moved(9), moved(-9)) == ("approach_none", "approach_up", "approach_down")


def test_direction_needs_both_ends_of_the_minute() -> None:
    for n in (0, 60):
        seconds = rising(5)
        seconds[n] = second(seconds[n].end_s, SPOT, flags=8)
        assert spot_decisions(seconds, RULES)[T].approach_dir == "approach_none"
    assert spot_decisions(rising(5)[1:], RULES)[T].approach_dir == "approach_none"


def test_decisions_lie_inside_the_study() -> None:
    first, last = at("09:30:00"), at("12:30:00")
    seconds = [second(end_s, SPOT) for end_s in (first, first + 5, first + 6, last, last + 5)]
    assert list(spot_decisions(seconds, RULES)) == [first + 5, last]


# ---------------------------------------------------------------- outcomes


def label(
    path: dict[int, int],
    *,
    approach: str = "approach_up",
    n_seconds: int = 3600,
    kind: str = "fixed",
    sigma: float | None = 0.5,
    valid: bool = True,
    gaps: tuple[Gap, ...] = (),
) -> Row:
    """Label at 240 s of trades by seconds after T and ticks from spot in the direction's sense."""
    sign = -1 if approach == "approach_down" else 1
    trades = [trade(T + after, SPOT + sign * x) for after, x in path.items()]
    seconds = [second(T + 1 + n, SPOT) for n in range(-10, n_seconds)]
    decision = Decision(T, "spot", valid, True, True, SPOT, 0, sigma, approach)
    return spot_outcome(decision, kind, T + 240, Future(seconds, trades, RULES, gaps), RULES)


@pytest.mark.parametrize("approach", ["approach_up", "approach_down"])
def test_outcome_by_hand(approach: str) -> None:
    path = {-1: 50, 0: 1, 20: -7, 30: 8, 40: -9, 239: 10, 240: 60}
    assert label(path, approach=approach) == {
        "barrier_ticks": 8,
        "horizon_s": 240,
        "label_reason": None,
        "outcome": "BREAK",
        "first_hit_ts": (T + 30) * NS_PER_S + NS_PER_S // 2,
        "time_to_hit_s": 30.5,
        "mfe_ticks": 10,
        "mae_ticks": -9,
        "label_end_ts": timestamp_of(T + 240),
        "available_from_ts": timestamp_of(T + 240),
    }


@pytest.mark.parametrize(
    ("path", "outcome"),
    [
        ({20: 7, 30: -8, 40: 9}, "REJECT"),
        ({20: 7, 30: -7}, "CHOP"),
        ({239: 8}, "BREAK"),
        ({240: 8}, "CHOP"),
        ({0: 8}, "BREAK"),
        ({-1: 8}, "CHOP"),
        ({}, "CHOP"),
    ],
)
def test_outcomes(path: dict[int, int], outcome: str) -> None:
    assert label(path)["outcome"] == outcome


def test_where_the_path_ends() -> None:
    assert label({30: 8}, n_seconds=31)["outcome"] == "BREAK"
    row = label({30: 8}, n_seconds=30)
    assert (row["outcome"], row["label_end_ts"]) == ("CENSORED", timestamp_of(T + 30))
    assert label({}, n_seconds=240)["outcome"] == "CHOP"
    assert label({}, n_seconds=239)["outcome"] == "CENSORED"
    gap = Gap((T + 20) * NS_PER_S, (T + 90) * NS_PER_S, "silent")
    row = label({20: 8, 95: 8}, gaps=(gap,))
    assert (row["outcome"], row["label_end_ts"]) == ("BREAK", timestamp_of(T + 90))
    assert label({21: 8}, gaps=(gap,))["outcome"] == "CENSORED"


def test_barriers_of_volatility_and_rows_without_outcome() -> None:
    """0.25 x root of 240 is 3.9, and the least barrier is 4; 0.75 makes 11.6."""
    assert label({1: 4}, kind="vol", sigma=0.25)["outcome"] == "BREAK"
    assert label({1: 11}, kind="vol", sigma=0.75)["outcome"] == "CHOP"
    assert label({1: 12}, kind="vol", sigma=0.75)["barrier_ticks"] == 12
    empty = dict.fromkeys(LABEL_COLUMNS)
    rows = {
        "no_sigma": label({1: 9}, kind="vol", sigma=None),
        "no_approach": label({1: 9}, approach="approach_none"),
        "invalid_window": label({1: 9}, valid=False),
    }
    for reason, row in rows.items():
        barrier_ticks = None if reason == "no_sigma" else 8
        own = {"label_reason": reason, "barrier_ticks": barrier_ticks, "horizon_s": 240}
        assert row == empty | own
