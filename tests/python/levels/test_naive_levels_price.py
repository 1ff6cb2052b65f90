"""Plain bars and levels against hand-computed numbers."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, datetime

import pytest
from naive.levels_model import CANDLE_S, LEVEL_IDS, Trade, candle_id
from naive.levels_price import bars, levels_1s
from support.levels_market import (
    DAY,
    RULES,
    TICK_INT,
    at,
    trade,
    values_at,
)

DAY_S = 86_400


def closes(last_end_s: int, ticks: list[int], **fields: object) -> list[Trade]:
    """A trade in the middle of each bar of 120 s; the last bar ends at an instant."""
    first_s = last_end_s - CANDLE_S * len(ticks)
    return [trade(first_s + CANDLE_S * n + 60, t, **fields) for n, t in enumerate(ticks)]


# ---------------------------------------------------------------- bars


def test_bar_by_hand() -> None:
    """In file order 100, 104, 98, 101; sizes 1, 2, 3, 4, of which 2 + 4 bought and 3 sold."""
    start = at("10:00:05")
    rows = bars(
        [
            trade(start + 4, 101, 9, size=4, side="B"),
            trade(start, 100, 1, size=1, side="N"),
            trade(start, 104, 2, size=2, side="B"),
            trade(start + 2, 250, 4, size=0),
            trade(start, 98, 3, size=3, side="A"),
        ]
    )
    row = rows["ESZ5", 5, start]
    assert [row[f"{name}_price_int"] // TICK_INT for name in ("open", "high", "low", "close")] == [
        100,
        104,
        98,
        101,
    ]
    assert (row["open_price"], row["close_price"]) == (25.0, 25.25)
    assert (row["volume"], row["buy_volume"], row["sell_volume"], row["trade_count"]) == (
        10,
        6,
        3,
        4,
    )
    # 100 + 2 x 104 + 3 x 98 + 4 x 101 = 1006 ticks over 10 contracts
    assert row["vwap"] == 1006 / 10 * 0.25
    assert row["bar_end_ts"] == datetime(2025, 10, 1, 14, 0, 10)
    assert row["session_date"] == DAY
    assert set(rows) == {
        ("ESZ5", 5, start),
        ("ESZ5", 60, at("10:00:00")),
        ("ESZ5", 120, at("10:00:00")),
    }


def test_bars_use_the_window_of_the_group_not_the_time_of_the_event() -> None:
    """A trade of a group that began in the last second of a bar may be stamped after it."""
    late = trade(at("09:59:59"), 100, late_ns=700_000_000)
    assert late.ts_event_ns // 10**9 == at("10:00:00")
    assert ("ESZ5", 120, at("09:58:00")) in bars([late])


@pytest.mark.parametrize("day", [date(2025, 3, 7), date(2025, 3, 10), date(2025, 11, 3)])
def test_candles_count_from_the_open_on_both_sides_of_a_clock_change(day: date) -> None:
    expected = {"09:30:00": 0, "09:31:59": 0, "09:32:00": 1, "09:29:59": -1, "09:20:00": -5}
    assert {clock: candle_id(at(clock, day)) for clock in expected} == expected
    assert at("09:30:00", day) % CANDLE_S == 0


# ---------------------------------------------------------------- premarket, opening range


def test_premarket_runs_and_is_final_at_the_open() -> None:
    trades = [
        trade(at("03:59:59"), 500),
        trade(at("04:00:00"), 110),
        trade(at("08:00:00"), 90),
        trade(at("09:29:59"), 120),
        trade(at("09:30:00"), 300),
    ]
    clocks = ["04:00:00", "04:00:01", "08:00:00", "09:29:59", "09:30:00", "09:30:01", "16:00:00"]
    rows = levels_1s(trades, map(at, clocks), RULES)
    seen = [(rows[at(c), "pm_high"], rows[at(c), "pm_low"]) for c in clocks]
    assert [(high["level_tick"], low["level_tick"]) for high, low in seen] == [
        (None, None),
        (110, 110),
        (110, 110),
        (110, 90),
        (120, 90),
        (120, 90),
        (120, 90),
    ]
    assert [high["is_active"] for high, _ in seen] == [False] * 4 + [True] * 3
    assert [high["is_provisional"] for high, _ in seen] == [False] + [True] * 3 + [False] * 3
    assert {high["available_from_ts"] for high, _ in seen} == {datetime(2025, 10, 1, 13, 30)}
    assert seen[-1][0]["level_price"] == 30.0


def test_opening_range_is_unknown_until_a_quarter_to_ten() -> None:
    trades = [
        trade(at("09:29:59"), 500),
        trade(at("09:30:00"), 101),
        trade(at("09:44:59"), 107),
        trade(at("09:45:00"), 400),
    ]
    rows = levels_1s(trades, map(at, ("09:44:59", "09:45:00", "09:45:01")), RULES)
    before, after = rows[at("09:44:59"), "or_high"], rows[at("09:45:00"), "or_high"]
    assert (before["level_price"], before["level_tick"], before["is_active"]) == (None, None, False)
    assert before["is_provisional"] is False
    assert (after["level_tick"], after["is_active"], after["is_provisional"]) == (107, True, False)
    assert rows[at("09:45:01"), "or_high"]["level_tick"] == 107
    assert rows[at("09:45:00"), "or_low"]["level_tick"] == 101


def test_ranges_ignore_the_evening_before() -> None:
    """00:30 UTC is 20:30 of the day before: its premarket is in another partition."""
    evening, day_before = at("00:00:00") - 3 * 3600, date(2025, 9, 30)
    trades = [trade(at("08:00:00", day_before), 100, day=day_before), trade(evening, 90)]
    rows = levels_1s(trades, [evening + 1800], RULES)
    assert set(values_at(rows, evening + 1800, "level_tick").values()) == {None}


def test_zero_size_and_other_contracts_make_no_level() -> None:
    trades = [
        trade(at("09:00:00"), 100),
        trade(at("09:00:01"), 130, size=0),
        trade(at("09:00:02"), 140, symbol="ESH6"),
    ]
    rows = levels_1s(trades, [at("09:30:00")], RULES)
    assert rows[at("09:30:00"), "pm_high"]["level_tick"] == 100


# ---------------------------------------------------------------- moving averages


def test_moving_average_waits_for_its_bars_and_ignores_the_open_bar() -> None:
    """89 closes at 100 and a close at 190: 101; the next bar replaces a 100 with 280: 103."""
    end = at("10:00:00")
    trades = [*closes(end, [100] * 89 + [190]), trade(end + 60, 280)]
    ends = [end - 1, end, end + 1, end + 119, end + 120]
    rows = levels_1s(trades, ends, RULES)
    assert [rows[e, "sma_90"]["level_tick"] for e in ends] == [None, 101, 101, 101, 103]
    assert [rows[e, "sma_90"]["is_active"] for e in ends] == [False, True, True, True, True]
    assert rows[end - 1, "sma_90"]["available_from_ts"] is None
    assert rows[end + 119, "sma_90"]["available_from_ts"] == datetime(2025, 10, 1, 14, 0)
    assert rows[end + 120, "sma_90"]["available_from_ts"] == datetime(2025, 10, 1, 14, 2)
    assert rows[end, "sma_200"]["level_tick"] is None


@pytest.mark.parametrize(
    ("total", "tick", "resid"),
    [
        (45, 100, 0.5),
        (135, 102, -0.5),
        (46, 101, 46 / 90 - 1),
        (44, 100, 44 / 90),
        (-45, 100, -0.5),
    ],
)
def test_moving_average_is_rounded_half_to_even(total: int, tick: int, resid: float) -> None:
    """Mean 100 + total / 90."""
    end = at("10:00:00")
    rows = levels_1s(closes(end, [100] * 89 + [100 + total]), [end], RULES)
    row = rows[end, "sma_90"]
    assert (row["level_tick"], row["level_price_int"]) == (tick, tick * TICK_INT)
    assert row["level_resid_ticks"] == pytest.approx(resid, abs=1e-12)
    assert row["level_price"] == pytest.approx((100 + total / 90) * 0.25, abs=1e-12)


def test_moving_average_uses_earlier_days_but_no_other_contract() -> None:
    end, day_before = at("04:00:00"), date(2025, 9, 30)
    before = closes(at("16:00:00", day_before), [100] * 60, day=day_before)
    other = closes(at("20:00:00", day_before), [500] * 60, day=day_before, symbol="ESH6")
    own = closes(end, [130] * 30)
    rows = levels_1s(before + other + own, [end], RULES)
    assert rows[end, "sma_90"]["level_tick"] == 110
    rows = levels_1s(other + own, [end], RULES)
    assert rows[end, "sma_90"]["level_tick"] is None


def test_bars_older_than_seven_days_do_not_count() -> None:
    """The oldest of 90 bars ended exactly 7 days before `end`; a second later it is too old."""
    end, week_before = at("10:00:00"), date(2025, 9, 24)
    old = closes(end - 7 * DAY_S, [100], day=week_before)
    trades = [*old, *closes(end - CANDLE_S, [100] * 89)]
    rows = levels_1s(trades, [end, end + 1], RULES)
    assert rows[end, "sma_90"]["level_tick"] == 100
    assert rows[end + 1, "sma_90"]["level_tick"] is None
    assert rows[end + 1, "sma_90"]["is_active"] is False


# ---------------------------------------------------------------- stacks


def test_stacks_are_transitive_and_led_by_priority() -> None:
    """or_low 101 and sma_90 102 and pm_low 100 stack through each other; pm_high 104 does not."""
    end = at("10:00:00")
    trades = [
        *closes(at("09:30:00"), [102] * 90),
        trade(at("09:00:05"), 104),
        trade(at("09:00:06"), 100),
        trade(at("09:31:58"), 101),
        trade(at("09:31:59"), 102),
        trade(at("09:33:00"), 110),
        trade(at("09:33:01"), 102),
    ]
    rows = levels_1s(trades, [at("09:32:00"), end], RULES)
    assert values_at(rows, end, "level_tick") == {
        "pm_high": 104,
        "pm_low": 100,
        "or_high": 110,
        "or_low": 101,
        "sma_400": None,
        "sma_200": None,
        "sma_90": 102,
    }
    assert rows[end, "pm_low"]["stacked_with"] == ["or_low", "sma_90"]
    assert rows[end, "or_low"]["stacked_with"] == ["pm_low", "sma_90"]
    assert rows[end, "sma_90"]["stacked_with"] == ["pm_low", "or_low"]
    assert rows[end, "pm_high"]["stacked_with"] == []
    primary = [level for level, is_first in values_at(rows, end, "is_primary").items() if is_first]
    assert primary == ["pm_high", "pm_low", "or_high"]
    # without the opening range no level links 100 and 102
    assert rows[at("09:32:00"), "sma_90"]["stacked_with"] == []
    assert rows[at("09:32:00"), "sma_90"]["is_primary"] is True


# ---------------------------------------------------------------- identities


def random_trades(seed: int, n: int = 3000) -> list[Trade]:
    rng = random.Random(seed)
    first, last, ticks = at("04:00:00"), at("10:30:00"), 27_000
    trades = []
    for ordinal, window_s in enumerate(sorted(rng.randrange(first, last) for _ in range(n))):
        ticks += rng.choice((-1, 0, 1))
        trades.append(trade(window_s, ticks, ordinal, side=rng.choice("ABN")))
    return trades


MOMENTS = ("09:00:01", "09:30:00", "09:44:59", "09:45:00", "10:10:07")


def test_nothing_at_or_after_an_instant_changes_its_levels() -> None:
    trades = random_trades(1)
    for clock in MOMENTS:
        end = at(clock)
        other = [
            trade
            if trade.window_s < end
            else replace(trade, price_int=trade.price_int + 900 * TICK_INT)
            for trade in trades
        ]
        assert levels_1s(other, [end], RULES) == levels_1s(trades, [end], RULES)


def test_translation_moves_levels_and_nothing_else() -> None:
    trades = random_trades(2)
    higher = [replace(trade, price_int=trade.price_int + 40 * TICK_INT) for trade in trades]
    ends = [at(clock) for clock in MOMENTS]
    rows, moved = levels_1s(trades, ends, RULES), levels_1s(higher, ends, RULES)
    for key, row in rows.items():
        tick = row["level_tick"]
        assert moved[key]["level_tick"] == (None if tick is None else tick + 40)
        for column in ("is_active", "is_primary", "stacked_with", "level_resid_ticks"):
            assert moved[key][column] == row[column]


def test_mirror_swaps_high_and_low() -> None:
    trades = random_trades(3)
    mirrored = [replace(trade, price_int=60_000 * TICK_INT - trade.price_int) for trade in trades]
    end = at("10:10:07")
    ticks = values_at(levels_1s(trades, [end], RULES), end, "level_tick")
    twins = values_at(levels_1s(mirrored, [end], RULES), end, "level_tick")
    names = {"pm_high": "pm_low", "pm_low": "pm_high", "or_high": "or_low", "or_low": "or_high"}
    for level in LEVEL_IDS:
        if level in names:
            assert twins[names[level]] == 60_000 - ticks[level]
