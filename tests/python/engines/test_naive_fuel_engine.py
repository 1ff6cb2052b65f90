"""The plain fuel engine on option trades made by hand."""

from __future__ import annotations

from typing import Any

import pytest
from naive.engine_rows import KEY_COLUMNS
from naive.fuel_engine_1s import COLUMNS, effect_of, fuel_engine_1s
from naive.levels_model import clock_s
from naive.surfaces import Row
from support.engine_market import (
    CONSTANTS,
    DAY,
    EXPIRATION_NS,
    START_S,
    TICK_INT,
    gex_row,
    gex_summary_row,
    iv_row,
    level_rows,
    offset_rows,
    option_row,
    option_trade_row,
    quiet_seconds,
    snapshot_row,
)

# strikes are 20 ticks apart
SPOT, LEVEL = 2003, 2010
N = 90
T = START_S + N
NS = 10**9


def inputs(
    trades: list[Row] | None,
    *,
    gamma: float | None = 0.01,
    strikes: tuple[int, ...] = (1940, 1960, 2000, 2020, 2060, 2080),
    surface: list[Row] | None = None,
    flip: float | None = None,
) -> tuple[Any, ...]:
    """A quiet market in which every strike has one gamma, and one option per strike and right."""
    snapshot, levels, offsets = quiet_seconds(N, SPOT, LEVEL)
    contracts = [option_row(strike, right) for strike in strikes for right in "CP"]
    iv = [iv_row(START_S + n, strike, gamma) for n in range(1, N + 1) for strike in strikes]
    summary = [gex_summary_row(T, flip=flip)]
    return snapshot, levels, offsets, trades, contracts, iv, surface or [], summary


def last_row(*day: Any, **constants: Any) -> Row:
    row = fuel_engine_1s(*day, CONSTANTS | constants)[-1]
    assert list(row) == [*KEY_COLUMNS, *COLUMNS]
    return row


def trade(before_s: float, strike: int = 2020, size: int = 1, aggressor: int = 1, right: str = "C"):
    """A trade some seconds before T."""
    return option_trade_row(T * NS - round(before_s * NS), strike, right, size, aggressor)


def test_sum_by_hand() -> None:
    """Minus aggressor times size times gamma times multiplier, calls and puts alike."""
    trades = [trade(10, size=3), trade(5, 2000, 10, -1, "P"), trade(4, 2000, 99, 0)]
    row = last_row(*inputs(trades))
    assert row["net_dealer_gamma"] == pytest.approx(-3 * 0.01 * 50 + 10 * 0.01 * 50, rel=1e-15)
    assert (row["fuel_available"], row["effect"]) == (True, "NEUTRAL")


def test_each_trade_has_its_own_gamma() -> None:
    """The gamma of the last complete second, weighed with its own size: no product of sums."""
    day = list(inputs([trade(10.5, size=2), trade(10, size=3)]))
    # the first trade lies in second T - 11 ... T - 10; the last complete second ends at T - 11
    day[5] = [iv_row(T - 11, 2020, 0.1), iv_row(T - 10, 2020, 0.2), iv_row(T - 9, 2020, 9.0)]
    assert last_row(*day)["net_dealer_gamma"] == pytest.approx(-50 * (2 * 0.1 + 3 * 0.2), rel=1e-15)


@pytest.mark.parametrize(
    ("before_s", "is_inside"), [(60, True), (60.001, False), (0.001, True), (0, False)]
)
def test_window_is_sixty_seconds(before_s: float, is_inside: bool) -> None:
    """Trades from t - 60 on count; nothing earlier, and nothing since the opening."""
    row = last_row(*inputs([trade(before_s)]))
    assert row["net_dealer_gamma"] == (-0.5 if is_inside else 0.0)


@pytest.mark.parametrize(("level", "is_near"), [(2020, True), (2019, False), (2140, True)])
def test_strikes_within_three_steps(level: int, is_near: bool) -> None:
    """60 ticks from the level are three steps, 61 are too far."""
    day = list(inputs([trade(5, strike=2080)]))
    day[1] = level_rows({START_S + n: {"pm_high": level} for n in range(1, N + 1)})
    for row in day[0]:
        row["spot_ref_price_int"] = (level - 5) * TICK_INT
    day[2] = offset_rows(day[0], day[1])
    assert last_row(*day)["net_dealer_gamma"] == (-0.5 if is_near else 0.0)


def test_unknown_gamma_makes_the_sum_unknown() -> None:
    """One trade without gamma hides the sum, unless it has no aggressor or is far away."""
    row = last_row(*inputs([trade(5)], gamma=None))
    assert (row["fuel_available"], row["net_dealer_gamma"], row["effect"]) == (False, None, None)
    day = list(inputs([trade(5), trade(6, strike=2000)]))
    day[5] = [row for row in day[5] if row["strike_price_int"] != 2000 * TICK_INT]
    assert last_row(*day)["fuel_available"] is False
    assert last_row(*inputs([trade(5, aggressor=0)], gamma=None))["net_dealer_gamma"] == 0.0
    assert last_row(*inputs([trade(5, strike=1940)], gamma=None))["net_dealer_gamma"] == 0.0


def test_without_trades_and_without_options() -> None:
    """No trade is 0; no options, or no landed trades, is unknown."""
    row = last_row(*inputs([]))
    assert (row["fuel_available"], row["net_dealer_gamma"], row["effect"]) == (True, 0.0, "NEUTRAL")
    row = last_row(*inputs(None))
    assert (row["fuel_available"], row["net_dealer_gamma"], row["effect"]) == (False, None, None)


def test_later_expiries_do_not_count() -> None:
    """Options that expire another day have no part, valued or not."""
    day = list(inputs([trade(5)]))
    day[4] = [row | {"days_to_expiry": 1} for row in day[4]]
    assert last_row(*day)["net_dealer_gamma"] == 0.0
    assert last_row(*day, gex_max_dte=1)["net_dealer_gamma"] == -0.5
    day[4] = [row | {"days_to_expiry": -1} for row in day[4]]
    assert last_row(*day, gex_max_dte=1)["net_dealer_gamma"] == 0.0


def test_window_lies_within_the_date() -> None:
    """In the first minute of the UTC day nothing is known."""
    midnight_s = clock_s(DAY, "20:00") - 24 * 3600
    ends = (midnight_s + 59, midnight_s + 60)
    snapshot = [snapshot_row(end_s, SPOT) for end_s in ends]
    levels = level_rows({end_s: {"pm_high": LEVEL} for end_s in ends})
    offsets = offset_rows(snapshot, levels)
    rows = fuel_engine_1s(snapshot, levels, offsets, [], [], [], [], [], CONSTANTS)
    assert [row["fuel_available"] for row in rows] == [False, True]


@pytest.mark.parametrize(
    ("net", "expected"),
    [
        (-10_000.1, "AMPLIFY"),
        (-10_000, "NEUTRAL"),
        (10_000, "NEUTRAL"),
        (10_000.1, "DAMPEN"),
        (None, None),
    ],
)
def test_effect(net: float | None, expected: str | None) -> None:
    """Dealers short of gamma amplify; the bounds are exclusive."""
    assert effect_of(net, CONSTANTS) == expected


def test_effect_of_a_row() -> None:
    """Customers that buy 20,001 contracts of gamma 0.01 leave dealers short."""
    row = last_row(*inputs([trade(5, size=20_001)]))
    assert (row["net_dealer_gamma"], row["effect"]) == (pytest.approx(-10_000.5), "AMPLIFY")


def test_walls_by_hand() -> None:
    """The largest signed exposure on either side of spot, from 50,000 on."""
    surface = [
        gex_row(T, SPOT, 1960, gex=70_000.0),
        gex_row(T, SPOT, 1980, gex=70_000.0),
        gex_row(T, SPOT, 2000, gex=-90_000.0),
        gex_row(T, SPOT, 2020, gex=None),
        gex_row(T, SPOT, 2040, gex=50_000.0),
        gex_row(T, SPOT, 2060, gex=49_999.0),
        gex_row(T - 1, SPOT, 2080, gex=99_999.0),
    ]
    row = last_row(*inputs([], surface=surface, flip=512.25))
    assert row["call_wall_price_int"] == 2040 * TICK_INT
    # of equals the nearest to spot
    assert row["put_wall_price_int"] == 1980 * TICK_INT
    assert row["gamma_flip_price"] == 512.25
    none = last_row(*inputs([], surface=surface), gamma_wall_min=80_000)
    assert (none["call_wall_price_int"], none["put_wall_price_int"]) == (None, None)


def test_strike_at_spot_is_no_wall() -> None:
    """A wall lies above or below spot."""
    row = last_row(*inputs([], surface=[gex_row(T, SPOT, SPOT, gex=99_999.0)]))
    assert (row["call_wall_price_int"], row["put_wall_price_int"]) == (None, None)


@pytest.mark.parametrize(
    ("name", "value", "column"),
    [
        ("w_fuel_s", 5, "net_dealer_gamma"),
        ("fuel_strike_steps", 0, "net_dealer_gamma"),
        ("fuel_effect_gamma", 1, "effect"),
    ],
)
def test_constants_matter(name: str, value: float, column: str) -> None:
    """Every constant of the seed changes what it stands for."""
    day = inputs([trade(10, size=3), trade(2, size=4)])
    assert last_row(*day)[column] != last_row(*day, **{name: value})[column]


def test_rows_of_another_expiration_are_other_options() -> None:
    """The gamma is that of the trade's own expiration."""
    day = list(inputs([trade(5)]))
    day[5] = [row | {"expiration": EXPIRATION_NS + 1} for row in day[5]]
    assert last_row(*day)["fuel_available"] is False
