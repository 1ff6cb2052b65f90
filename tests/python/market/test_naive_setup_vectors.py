"""The plain setup vectors: operators, signals and terms computed by hand."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import atanh, log1p, sqrt, tanh

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from naive.setup_vectors import (
    BARS,
    DISTANCE_OPERATORS,
    OPERATORS,
    distance_operators,
    operators,
    pressure_of,
    pressure_terms,
    setup_columns,
    setup_signals,
    signed_distance,
    window_ends,
    z_score,
)
from naive.surfaces import Row, second_of

TICK_INT = 250_000_000
INFER = datetime(2024, 1, 2, 15, 0)
INFER_S = second_of(INFER)


def setup(direction: str = "up", **fields: object) -> Row:
    """Trigger candle 13, confirmation 14, look-back from candle 9; the level is tick 400."""
    row = {"level_id": "or_high", "direction": direction, "level_price_int": 400 * TICK_INT}
    row |= {"trigger_candle_id": 13, "confirm_candle_id": 14, "lookback_start_candle_id": 9}
    return row | {"infer_ts": INFER} | fields


def market_bar(close_ticks: float = 400, **fields: object) -> Row:
    """A valid bar whose only known features are the last trade and those given."""
    imbalances = ("book_imbalance_l1", "book_imbalance_l10", "depth_imbalance_0_4")
    row: Row = {f"{name}_eob": None for name in imbalances}
    row |= dict.fromkeys(
        (
            "trade_imbalance_sum",
            "ofi_l10_sum",
            "wall_bid_max_z",
            "wall_ask_max_z",
            "spread_ticks_eob",
        )
    )
    row |= {"trade_last_price_int": round(close_ticks * TICK_INT)}
    row |= {"is_valid": True, "is_carried": False}
    return row | fields


# Operators


def test_operators_of_known_values() -> None:
    """Steps 2, 3, 4, 0, 1: the largest of five carries 4 of 10."""
    row = operators([1, 3, 0, -4, -4, -3])
    assert list(row) == list(OPERATORS)
    ends = [row[name] for name in ("start", "end", "min", "max")]
    assert ends == [1, -3, -4, 3]
    mean = -7 / 6
    assert row["mean"] == pytest.approx(mean, rel=1e-15)
    squares = 1 + 9 + 0 + 16 + 16 + 9
    assert row["std"] == pytest.approx(sqrt(squares / 6 - mean**2), rel=1e-12)
    # 0, 5, .. 25 s: offsets -12.5 .. 12.5, sum of squares 437.5
    moved = -12.5 * 1 - 7.5 * 3 - 2.5 * 0 + 2.5 * -4 + 7.5 * -4 + 12.5 * -3
    assert row["slope"] == pytest.approx(moved / 437.5, rel=1e-12)
    assert row["energy"] == log1p(10)
    assert row["sign_flips"] == 1
    assert row["burst_fraction"] == 0.4
    thirds = [row[f"{name}_mean"] for name in ("early", "mid", "late")]
    assert thirds == [2, -2, -3.5]


def test_unknown_values_are_left_out() -> None:
    """Known at bars 1, 2 and 5 of 6: one step, of 2; the gap has none."""
    row = operators([None, 4, 6, None, None, -2])
    ends = [row[name] for name in ("start", "end", "min", "max", "mean")]
    assert ends == [4, -2, -2, 6, pytest.approx(8 / 3)]
    assert (row["energy"], row["burst_fraction"], row["sign_flips"]) == (log1p(2), 1, 1)
    assert [row[f"{name}_mean"] for name in ("early", "mid", "late")] == [4, 6, -2]
    # 5, 10, 25 s: mean 40 / 3, offsets -25/3, -10/3, 35/3
    moved = (-25 * 4 - 10 * 6 + 35 * -2) / 3
    assert row["slope"] == pytest.approx(moved / ((625 + 100 + 1225) / 9), rel=1e-12)
    late = operators([1, 2, None, None, None, None])
    assert (late["mid_mean"], late["late_mean"]) == (None, None)


def test_zeros_are_no_change_of_sign() -> None:
    flips = [([1, 0, 2], 0), ([1, 0, -2], 1), ([0, 0], 0), ([-1, None, 1, 0, None, -1], 2)]
    assert [operators(values)["sign_flips"] for values, _ in flips] == [n for _, n in flips]


def test_nothing_known() -> None:
    for values in ([], [None, None]):
        assert operators(values) == dict.fromkeys(OPERATORS)
        assert distance_operators(values) == dict.fromkeys(DISTANCE_OPERATORS)


def test_values_that_do_not_move() -> None:
    row = operators([0.1] * 7)
    assert (row["std"], row["energy"], row["burst_fraction"]) == (0, 0, None)
    assert row["slope"] == pytest.approx(0, abs=1e-15)


@pytest.mark.parametrize(("n_steps", "n_largest"), [(9, 1), (10, 1), (11, 2), (23, 3)])
def test_the_burst_is_a_tenth_of_the_steps_rounded_up(n_steps: int, n_largest: int) -> None:
    """Steps 1, 2, .. n: of a whole of n (n + 1) / 2 the largest carry n + (n - 1) + .. ."""
    values = [n * (n + 1) // 2 for n in range(n_steps + 1)]
    largest = sum(range(n_steps - n_largest + 1, n_steps + 1))
    assert operators(values)["burst_fraction"] == largest / (n_steps * (n_steps + 1) // 2)


# Signals


def test_distance_is_exact_at_a_hundredth() -> None:
    bar = market_bar(trade_last_price_int=78_140_000_000)
    assert signed_distance(bar, 78_110_000_000, 1, 10_000_000) == 3


TERMS = {
    "book_imbalance_l1_eob": 0.5,
    "book_imbalance_l10_eob": -1.0,
    "depth_imbalance_0_4_eob": 0.1,
    "trade_imbalance_sum": -0.25,
    "wall_bid_max_z": 2.5,
    "wall_ask_max_z": 1.0,
    "spread_ticks_eob": 3,
}


def test_seven_terms_of_pressure() -> None:
    bar = market_bar(**TERMS)
    expected = {
        "book_imbalance_l1": atanh(0.4995) / 2,
        "book_imbalance_l10": -1.0,
        "depth_imbalance_0_4": atanh(0.0999) / 2,
        "trade_imbalance": -0.25,
        "ofi_l10": tanh(2),
        "wall": 0.25,
        "spread": -tanh(1),
    }
    assert pressure_terms(bar, 1, 2.0) == pytest.approx(expected, rel=1e-12)
    assert pressure_of(bar, 1, 2.0) == pytest.approx(sum(expected.values()) / 7, rel=1e-12)
    down = {name: x if name == "spread" else -x for name, x in expected.items()}
    assert pressure_terms(bar, -1, 2.0) == pytest.approx(down, rel=1e-12)


@given(
    imbalances=st.lists(st.floats(-1, 1) | st.none(), min_size=4, max_size=4),
    walls=st.lists(st.floats(-3, 3) | st.none(), min_size=2, max_size=2),
    spread=st.integers(1, 50) | st.none(),
    z=st.floats(-20, 20) | st.none(),
)
@settings(max_examples=100, deadline=None, derandomize=True, database=None)
def test_terms_lie_between_minus_one_and_one(
    imbalances: list, walls: list, spread: int | None, z: float | None
) -> None:
    """And turn with the direction, but for the spread."""
    bar = market_bar(**dict(zip(TERMS, [*imbalances, *walls, spread], strict=True)))
    up, down = (pressure_terms(bar, sign, z) for sign in (1, -1))
    assert len(up) == 7
    assert all(-1 <= x <= 1 for x in up.values() if x is not None)
    for name, x in up.items():
        assert down[name] == (x if name == "spread" or x is None else -x)


def test_z_is_over_the_known_values() -> None:
    assert z_score(3.0, [1.0, None, 3.0]) == 1
    assert z_score(None, [1.0, 3.0]) is None
    assert z_score(2.0, [2.0, 2.0, None]) is None
    assert z_score(2.0, [2.0]) is None


# The vector


def test_windows_end_with_the_confirmation() -> None:
    ends = window_ends(setup())
    assert {name: (len(x), x[0] - INFER_S, x[-1] - INFER_S) for name, x in ends.items()} == {
        "trigger": (24, -235, -120),
        "confirm": (24, -115, 0),
        "lookback": (144, -715, 0),
    }
    later = window_ends(setup(trigger_candle_id=11))
    assert (later["trigger"][0] - INFER_S, later["trigger"][-1] - INFER_S) == (-475, -360)


def day_of_bars() -> dict[int, Row]:
    """Price rises half a tick a bar, from 72 ticks below the level to half a tick below."""
    return {
        INFER_S - 5 * n: market_bar(400 - (n + 1) / 2, spread_ticks_eob=1, ofi_l10_sum=float(n % 2))
        for n in range(144)
    }


def test_columns_of_a_setup() -> None:
    row = setup_columns(setup(), day_of_bars(), TICK_INT)
    names = [
        f"or_high_{signal}_{operator}_{bar}"
        for signal, more in (("signed_distance", DISTANCE_OPERATORS), ("pressure", ()))
        for bar in BARS
        for operator in (*OPERATORS, *more, "n")
    ]
    assert list(row) == names
    distance = {name.removeprefix("or_high_signed_distance_"): x for name, x in row.items()}
    assert (distance["start_trigger"], distance["end_trigger"]) == (-24, -12.5)
    assert (distance["min_confirm"], distance["max_confirm"]) == (-12, -0.5)
    assert distance["mean_lookback"] == -36.25
    assert distance["slope_lookback"] == pytest.approx(0.1, rel=1e-12)
    assert distance["early_mean_confirm"] == (-12 - 8.5) / 2
    assert distance["burst_fraction_trigger"] == pytest.approx(3 / 23, rel=1e-12)
    assert distance["energy_trigger"] == log1p(23 / 2)
    assert (distance["n_trigger"], distance["n_lookback"]) == (24, 144)
    assert distance["time_fraction_zone_confirm"] == 8 / 24
    assert distance["time_fraction_far_side_lookback"] == 0
    # OFI z is 1 and -1 in turn, the spread term 0: pressure is half of tanh
    assert row["or_high_pressure_max_lookback"] == pytest.approx(tanh(1) / 2, rel=1e-12)
    assert row["or_high_pressure_sign_flips_trigger"] == 23
    down = setup_columns(setup("down"), day_of_bars(), TICK_INT)
    assert down["or_high_signed_distance_time_fraction_far_side_lookback"] == 1
    assert down["or_high_pressure_end_confirm"] == -row["or_high_pressure_end_confirm"]


def test_bars_that_are_missing_or_not_valid_are_unknown() -> None:
    bars = day_of_bars()
    del bars[INFER_S]
    bars[INFER_S - 5] |= {"is_valid": False, "trade_imbalance_sum": 1.0}
    row = setup_columns(setup(), bars, TICK_INT)
    for signal in ("signed_distance", "pressure"):
        assert row[f"or_high_{signal}_n_confirm"] == 22
    assert row["or_high_signed_distance_end_confirm"] == -1.5
    signals = setup_signals(setup(), bars, TICK_INT)
    assert signals["pressure"][INFER_S - 5] is None
    none = setup_columns(setup(infer_ts=INFER + timedelta(hours=1)), bars, TICK_INT)
    known = {name for name, x in none.items() if x is not None}
    assert known == {f"or_high_{s}_n_{b}" for s in ("signed_distance", "pressure") for b in BARS}
    assert {none[name] for name in known} == {0}
