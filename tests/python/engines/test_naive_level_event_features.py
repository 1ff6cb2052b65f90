"""Plain features and labels of level events, by hand."""

from __future__ import annotations

from math import log1p
from typing import Any

import numpy as np
import pytest
from naive.engine_rows import Wall
from naive.least_squares import cubic_derivatives
from naive.level_event_features import (
    approach_features,
    barrier_features,
    distance_features,
    gamma_features,
    kinematic_features,
    order_flow_features,
    proxy_features,
    quote_flow,
)
from naive.level_event_labels import event_labels
from naive.levels_episodes import Decision
from naive.levels_model import LevelRules, Second, Trade
from naive.levels_paths import Future
from naive.surfaces import Row, timestamp_of
from support.engine_market import (
    CONSTANTS,
    DAY,
    NS_PER_S,
    START_S,
    SYMBOL,
    TICK_INT,
    gex_row,
    gex_summary_row,
    snapshot_row,
    trade_row,
    wall_row,
)

LEVEL = 1010
LEVEL_INT = LEVEL * TICK_INT
T = START_S + 1300
# ticks per minute to the power of 0 ... 3: every mid of the path is whole in 1e-9 points
CUBIC = (-7.0, 0.6, 0.36, 0.216)


def path_seconds(
    sign: int, coefficients: tuple[float, ...] = CUBIC, *, n: int = 1300, missing: int = 0
) -> dict[int, Row]:
    """Seconds up to T whose mid follows a polynomial in minutes; the latest may be invalid."""
    seconds = {}
    for back in range(n):
        minutes = -back / 60
        ticks = sum(value * minutes**power for power, value in enumerate(coefficients))
        row = snapshot_row(T - back, LEVEL, flags=8 if 0 < back <= missing else 0)
        seconds[T - back] = row | {"mid_price_int": LEVEL_INT + sign * round(ticks * TICK_INT)}
    return seconds


@pytest.mark.parametrize("sign", [1, -1])
def test_cubic_path_has_its_own_derivatives(sign: int) -> None:
    """Velocity, acceleration and jerk of a cubic, whatever the window and the direction."""
    found = kinematic_features(path_seconds(sign), T, sign, LEVEL_INT, CONSTANTS)
    for minutes in (1, 3, 5, 10, 20):
        assert found[f"velocity_{minutes}min"] == pytest.approx(0.6, rel=1e-7)
        assert found[f"acceleration_{minutes}min"] == pytest.approx(0.72, rel=1e-6)
        assert found[f"jerk_{minutes}min"] == pytest.approx(1.296, rel=1e-5)


def test_trend_of_a_parabola_is_its_acceleration() -> None:
    """The 30 s velocity of a parabola grows by its second derivative."""
    found = kinematic_features(path_seconds(1, (0, 3, 0.36)), T, 1, LEVEL_INT, CONSTANTS)
    for minutes in (3, 5, 10, 20):
        assert found[f"momentum_trend_{minutes}min"] == pytest.approx(0.72, rel=1e-9)


@pytest.mark.parametrize(("missing", "is_known"), [(12, True), (13, False)])
def test_kinematics_need_four_fifths(missing: int, is_known: bool) -> None:
    """48 of 60 seconds are enough."""
    seconds = path_seconds(1, missing=missing)
    found = kinematic_features(seconds, T, 1, LEVEL_INT, CONSTANTS)
    assert (found["jerk_1min"] is not None) == is_known
    assert found["jerk_3min"] is not None
    short = kinematic_features(path_seconds(1, n=958), T, 1, LEVEL_INT, CONSTANTS)
    assert (short["velocity_10min"] is None, short["velocity_20min"]) == (False, None)


def test_trend_reaches_thirty_seconds_further_back() -> None:
    """A velocity at the start of the window needs the mid before it."""
    # 144 of 180 seconds have a mid 30 s earlier when the path has 174
    for n, is_known in ((174, True), (173, False)):
        found = kinematic_features(path_seconds(1, n=n), T, 1, LEVEL_INT, CONSTANTS)
        assert (found["momentum_trend_3min"] is not None) == is_known


def test_trend_is_the_slope_of_all_velocities() -> None:
    """The trend of a cubic over 180 velocities, of which the first begin before the window."""
    found = kinematic_features(path_seconds(1), T, 1, LEVEL_INT, CONSTANTS)
    minutes = np.arange(-179, 1) / 60
    place = np.poly1d(CUBIC[::-1])
    velocities = (place(minutes) - place(minutes - 0.5)) / 0.5
    expected = np.polyfit(minutes, velocities, 1)[0]
    assert found["momentum_trend_3min"] == pytest.approx(expected, rel=1e-9)


def test_cubic_is_that_of_numpy() -> None:
    """Noise: derivatives of `numpy.polyfit` at 0."""
    random = np.random.default_rng(1)
    x = np.sort(random.uniform(-3, 0, 150))
    y = random.normal(size=150)
    fitted = np.poly1d(np.polyfit(x, y, 3))
    found = cubic_derivatives(list(zip(x.tolist(), y.tolist(), strict=True)))
    for order, value in enumerate(found, 1):
        assert value == pytest.approx(fitted.deriv(order)(0), rel=1e-8)


# ---------------------------------------------------------------- order flow


def quotes(bid: int, bid_qty: int, ask: int, ask_qty: int) -> Row:
    return snapshot_row(T, bid, bid=(bid, bid_qty), ask=(ask, ask_qty))


def test_quote_flow_of_five_steps() -> None:
    """Growing, lifted, falling and unchanged quotes by hand."""
    states = [
        quotes(100, 10, 101, 20),
        # both grow: 5 more bids, 3 more asks
        quotes(100, 15, 101, 23),
        # the bid rises, the ask is lifted: 7 + 23
        quotes(101, 7, 102, 9),
        # the bid falls, the ask comes back: -7 - 4
        quotes(100, 30, 101, 4),
        # nothing changes
        quotes(100, 30, 101, 4),
        # only the ask shrinks
        quotes(100, 30, 101, 1),
    ]
    flows = [quote_flow(*states[n : n + 2]) for n in range(5)]
    assert flows == [2, 30, -11, 0, 3]
    invalid = states[0] | {"window_valid": False}
    assert quote_flow(invalid, states[0]) is quote_flow(states[0], None) is None
    assert quote_flow(states[0], states[0] | {"best_ask_qty": None}) is None


def book_of(flows: dict[int, list[tuple[str, int, dict[str, int]]]], n: int = 330) -> Wall:
    """Valid seconds up to T at the level, with wall rows by seconds before T."""
    snapshot = [snapshot_row(T - back, LEVEL) for back in range(n)]
    rows = [
        wall_row(T - back, LEVEL, side, ticks, **counts)
        for back, cells in flows.items()
        for side, ticks, counts in cells
    ]
    return Wall(snapshot, rows, CONSTANTS)


def test_flow_near_the_level() -> None:
    """Net flow of bids less that of asks at the prices of the zone."""
    cells = {
        0: [("A", LEVEL, {"add_qty": 5, "fill_qty": 2}), ("B", LEVEL - 8, {"add_qty": 20})],
        29: [("B", LEVEL + 8, {"pull_qty_total": 4}), ("B", LEVEL - 9, {"add_qty": 99})],
        30: [("A", LEVEL + 1, {"pull_qty_total": 50})],
    }
    seconds = {T - back: snapshot_row(T - back, LEVEL) for back in range(40)}
    found = order_flow_features(seconds, book_of(cells), T, LEVEL_INT, CONSTANTS)
    assert found["ofi_near_level_30s"] == 20 - 4 - (5 - 2)
    assert found["ofi_near_level_60s"] == found["ofi_near_level_30s"] + 50
    assert (found["ofi_30s"], found["ofi_60s"], found["ofi_acceleration"]) == (0.0, None, None)


def test_flow_of_the_quotes() -> None:
    """A bid that grows by 2 a second; nine tenths of the seconds are enough."""
    seconds = {
        T - back: snapshot_row(T - back, LEVEL, bid=(LEVEL, 1000 - 2 * back)) for back in range(61)
    }
    found = order_flow_features(seconds, book_of({}), T, LEVEL_INT, CONSTANTS)
    assert (found["ofi_30s"], found["ofi_60s"], found["ofi_acceleration"]) == (60.0, 120.0, 0.0)
    # each invalid second hides two changes
    for back in (3, 7):
        seconds[T - back]["window_valid"] = False
    found = order_flow_features(seconds, book_of({}), T, LEVEL_INT, CONSTANTS)
    assert (found["ofi_30s"], found["ofi_60s"]) == (None, 112.0)
    assert found["ofi_acceleration"] is None


# ---------------------------------------------------------------- barrier, fuel, distances


SCORE = {"level_id": "pm_high", "level_price_int": LEVEL_INT, "k_ticks": 1}
SCORE |= {"direction": "RESISTANCE", "break_direction": "UP"}


def test_change_of_depth() -> None:
    """Depth of the same zone a minute, three and five minutes ago."""
    cells = {
        60: [("A", LEVEL + 8, {"depth_qty_end": 40}), ("B", LEVEL, {"depth_qty_end": 9})],
        180: [("A", LEVEL, {"depth_qty_end": 80})],
    }
    barrier = {"depth_in_zone": 60, "delta_liq": -20, "wall_ratio": 0.0}
    found = barrier_features(book_of(cells), T, SCORE, barrier, CONSTANTS)
    deltas = [found[f"barrier_depth_delta_{m}min"] for m in (1, 3, 5)]
    percents = [found[f"barrier_depth_pct_change_{m}min"] for m in (1, 3, 5)]
    assert (deltas, percents) == ([20, -20, 60], [50.0, -25.0, None])
    assert found["barrier_delta_liq_log"] == -log1p(20)
    assert (found["wall_ratio_log"], found["wall_ratio_nonzero"]) == (0.0, False)
    assert found["barrier_delta_liq_nonzero"] is True
    unknown = barrier_features(book_of(cells, n=100), T, SCORE, barrier, CONSTANTS)
    assert [unknown[f"barrier_depth_delta_{m}min"] for m in (1, 3, 5)] == [20, None, None]
    nothing = barrier_features(book_of(cells), T, SCORE, dict.fromkeys(barrier), CONSTANTS)
    assert set(nothing.values()) == {None}


def test_gamma_of_the_nearest_strikes() -> None:
    """One to three strikes on either side of the level; the one at it counts for neither."""
    strikes = [
        gex_row(T, LEVEL, LEVEL + 20 * n, gex=float(gex), call=float(call), put=float(put))
        for n, gex, call, put in (
            (-4, 999, 999, 999),
            (-3, -8, 1, 9),
            (-2, 4, 5, 1),
            (-1, -2, 1, 3),
            (0, 777, 777, 777),
            (1, 10, 30, 20),
            (2, 20, 40, 20),
            (3, -60, 50, 110),
            (4, 999, 999, 999),
        )
    ]
    found = gamma_features(strikes, gex_summary_row(T, gex=12.5), LEVEL_INT)
    assert found["gamma_exposure"] == 12.5
    assert [found[f"gex_above_{n}strike"] for n in (1, 2, 3)] == [10.0, 30.0, -30.0]
    assert [found[f"gex_below_{n}strike"] for n in (1, 2, 3)] == [-2.0, 2.0, -6.0]
    assert [found[f"call_gex_above_{n}strike"] for n in (1, 2, 3)] == [30.0, 70.0, 120.0]
    assert [found[f"put_gex_below_{n}strike"] for n in (1, 2, 3)] == [3.0, 4.0, 13.0]
    assert found["gex_asymmetry"] == pytest.approx(-24 / (36 + 1e-6), rel=1e-15)
    assert found["gex_ratio"] == 120 / 13
    assert found["net_gex_2strike"] == 32.0
    # between two strikes, one of which is unknown
    strikes[6] |= {"gex": None, "gex_call_abs": None, "gex_put_abs": None}
    found = gamma_features(strikes, None, LEVEL_INT + TICK_INT)
    assert (found["gamma_exposure"], found["gex_below_1strike"]) == (None, 777.0)
    assert [found[f"gex_above_{n}strike"] for n in (1, 2, 3)] == [10.0, None, None]
    assert found["gex_asymmetry"] is found["gex_ratio"] is found["net_gex_2strike"] is None
    assert set(gamma_features([], None, LEVEL_INT).values()) == {None}


def test_ratio_without_puts() -> None:
    """Calls against no puts have no ratio."""
    strikes = [
        gex_row(T, LEVEL, LEVEL + 20 * n, gex=1.0, call=1.0, put=0.0) for n in (-3, -2, -1, 1, 2, 3)
    ]
    assert gamma_features(strikes, None, LEVEL_INT)["gex_ratio"] is None


def test_distances_and_stacking() -> None:
    """Signed offsets of active levels, and how many lie near the tested one."""
    ticks = {"pm_high": 1010, "or_high": 1018, "sma_90": 1001, "pm_low": 970, "or_low": 1030}
    levels = {
        (T, level): {"level_price_int": tick * TICK_INT, "is_active": level != "or_low"}
        for level, tick in ticks.items()
    }
    offsets = {
        (T, level): {"k_ticks": tick - 1009, "k_vol": (tick - 1009) / 4}
        for level, tick in ticks.items()
    }
    found = distance_features(levels, offsets, T, SCORE, CONSTANTS)
    assert found == {
        "dist_to_tested_level_ticks": 1,
        "dist_to_pm_high_ticks": 1,
        "dist_to_pm_high_vol": 0.25,
        "dist_to_pm_low_ticks": -39,
        "dist_to_pm_low_vol": -9.75,
        "dist_to_or_high_ticks": 9,
        "dist_to_or_high_vol": 2.25,
        "dist_to_or_low_ticks": None,
        "dist_to_or_low_vol": None,
        "dist_to_sma_400_ticks": None,
        "dist_to_sma_400_vol": None,
        "dist_to_sma_200_ticks": None,
        "dist_to_sma_200_vol": None,
        "dist_to_sma_90_ticks": -8,
        "dist_to_sma_90_vol": -2.0,
        "level_stacking_8ticks": 1,
        "level_stacking_20ticks": 2,
        "level_stacking_40ticks": 3,
    }


def test_force_against_mass() -> None:
    """Contracts per second towards the break against the mean depth of the zone."""
    depth = {back: [("A", LEVEL, {"depth_qty_end": 29})] for back in range(60)}
    trades = [trade_row(1, T - 5, LEVEL, size=90), trade_row(2, T - 4, LEVEL, size=30, side="A")]
    trades.append(trade_row(3, T - 3, LEVEL, size=999, side="N"))
    beta = CONSTANTS | {"accel_beta": 0.5}
    found = proxy_features(book_of(depth), trades, T, 1, SCORE, 2.0, beta)
    assert found == {
        "force_mass_ratio": pytest.approx(1 / 30),
        "predicted_accel": pytest.approx(1 / 60),
        "accel_residual": pytest.approx(2 - 1 / 60),
    }
    down = proxy_features(book_of(depth), trades, T, -1, SCORE, None, beta)
    assert down["force_mass_ratio"] == pytest.approx(-1 / 30)
    assert down["accel_residual"] is None
    few = proxy_features(book_of(depth, n=53), trades, T, 1, SCORE, 2.0, beta)
    assert set(few.values()) == {None}


def test_approach_by_hand() -> None:
    """Bars that closed nearer to the break; speed and distance in its direction."""
    bars = [
        {"bar_end_ts": timestamp_of(START_S + 120 * n), "close_price_int": close}
        for n, close in enumerate((7, 5, 3, 4, 6, 6, 8, 9), 1)
    ]
    offset = {"speed_15s": -0.5, "approach_move_ticks": 6.0, "sigma_1s_ticks": 0.5}
    up = approach_features(offset, bars, 1, 60)
    assert up == {
        "approach_velocity": -0.5,
        "approach_bars": 2,
        "approach_distance_ticks": 6.0,
        "approach_distance_vol": pytest.approx(6 / (0.5 * 60**0.5)),
    }
    down = approach_features(offset | {"sigma_1s_ticks": 0.0}, bars[:3], -1, 60)
    assert (down["approach_velocity"], down["approach_bars"]) == (0.5, 2)
    assert (down["approach_distance_ticks"], down["approach_distance_vol"]) == (-6.0, None)
    assert set(approach_features(dict.fromkeys(offset), [], 1, 60).values()) == {None, 0}


# ---------------------------------------------------------------- labels


def labels(
    moves: list[tuple[float, int]], *, x0: int = -1, sign: int = 1, until_s: int = 600
) -> Row:
    """Labels of trades at (seconds after T, x)."""
    trades = [
        Trade(
            SYMBOL,
            DAY,
            number,
            T * NS_PER_S + round(after_s * NS_PER_S),
            T + int(after_s),
            LEVEL_INT + sign * x * TICK_INT,
            1,
            "B",
        )
        for number, (after_s, x) in enumerate(moves, 1)
    ]
    seconds = [Second(T + n, LEVEL_INT, LEVEL_INT) for n in range(-5, until_s)]
    future = Future(seconds, trades, LevelRules(SYMBOL, DAY, TICK_INT))
    decision = Decision(
        T,
        "pm_high",
        is_window_valid=True,
        is_active=True,
        is_primary=True,
        level_tick=LEVEL,
        k_ticks=-sign * x0,
        sigma_ticks=None,
        approach_dir="approach_up" if sign > 0 else "approach_down",
    )
    spots: dict[int, Any] = {T + n: float(n) for n in range(-5, until_s + 1)}
    return event_labels(future, decision, LEVEL / 4, 252.0, spots, CONSTANTS)


@pytest.mark.parametrize("sign", [1, -1])
def test_labels_of_a_break(sign: int) -> None:
    """Down to -3, then past +8, and back: by hand, in both directions."""
    found = labels([(10.5, -3), (60.25, 4), (130, 8), (200, -8), (239, 1), (300, 0)], sign=sign)
    assert {name: found[f"{name}_4min"] for name in ("outcome", "future_price")} == {
        "outcome": "BREAK",
        "future_price": LEVEL / 4 + sign * 0.25,
    }
    assert (found["excursion_max_ticks_4min"], found["excursion_min_ticks_4min"]) == (9, -7)
    assert (found["strength_signed_4min"], found["strength_abs_4min"]) == (2, 2)
    assert (found["time_to_break_1_4min"], found["time_to_bounce_1_4min"]) == (60.25, 10.5)
    assert (found["time_to_break_2_4min"], found["time_to_bounce_2_4min"]) == (130.0, 200.0)
    assert (found["time_to_threshold_1_4min"], found["time_to_threshold_2_4min"]) == (10.5, 130.0)
    assert (found["tradeable_1_4min"], found["tradeable_2_4min"]) == (True, True)
    # the trade that hits lies in the second that ends 131 s after the event
    assert (found["confirm_ts"], found["anchor_spot"]) == ((T + 130) * NS_PER_S, 131.0)
    # after two minutes it had only risen to 4
    assert (found["outcome_2min"], found["tradeable_1_2min"]) == ("CHOP", True)
    assert (found["tradeable_2_2min"], found["time_to_break_2_2min"]) == (False, None)
    assert found["future_price_2min"] == LEVEL / 4 + sign * 1.0
    assert found["future_price_8min"] == LEVEL / 4
    assert {name: found[name] for name in found if name.endswith("_4min")} == {
        f"{name}_4min": found[name]
        for name in found
        if not name.endswith("min") and name not in ("confirm_ts", "anchor_spot")
    }


def test_labels_without_a_move() -> None:
    """No trade at all: CHOP at the entry price."""
    found = labels([])
    assert (found["outcome"], found["future_price"]) == ("CHOP", 252.0)
    assert (found["excursion_max_ticks"], found["strength_abs"]) == (0, 0)
    assert (found["tradeable_1"], found["confirm_ts"], found["anchor_spot"]) == (False, None, None)


def test_labels_of_a_cut_path() -> None:
    """What was reached before the cut stays; the rest is unknown."""
    found = labels([(10, -3), (90, -9)], until_s=100)
    assert (found["outcome_2min"], found["outcome"]) == ("REJECT", "REJECT")
    assert (found["tradeable_2"], found["future_price"]) == (True, None)
    found = labels([(10, -3)], until_s=100)
    assert (found["outcome"], found["tradeable_1"], found["tradeable_2"]) == (
        "CENSORED",
        True,
        None,
    )
    assert (found["excursion_min_ticks"], found["time_to_threshold_2"]) == (-2, None)


@pytest.mark.parametrize(
    ("x", "outcome"), [(7, "CHOP"), (8, "BREAK"), (-7, "CHOP"), (-8, "REJECT")]
)
def test_barriers_are_eight_ticks(x: int, outcome: str) -> None:
    """Eight ticks from the level, wherever price starts; three for the nearer threshold."""
    for x0 in (-1, 0, 1):
        assert labels([(5, x)], x0=x0)["outcome"] == outcome
    assert labels([(5, 3 if x > 0 else -3)])["tradeable_1"] is True
    assert labels([(5, 2 if x > 0 else -2)])["tradeable_1"] is False


def test_horizon_is_exclusive() -> None:
    """A trade in the last second counts, one at the horizon's end does not."""
    assert labels([(119.9, 8)])["outcome_2min"] == "BREAK"
    assert labels([(120, 8)])["outcome_2min"] == "CHOP"
