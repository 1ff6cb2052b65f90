"""Plain bars and levels against hand-computed numbers."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date

import pytest
from naive.levels_model import CANDLE_S, LEVEL_IDS, Trade, candle_id
from naive.levels_price import bars, levels_1s
from support.levels_market import RULES, TICK_INT, at, trade, values_at


def closes(last_end_s: int, ticks: list[int], **fields: object) -> list[Trade]:
    """A trade in the middle of each bar of 120 s; the last bar ends at an instant."""
    first_s = last_end_s - CANDLE_S * len(ticks)
    return [trade(first_s + CANDLE_S * n + 60, t, **fields) for n, t in enumerate(ticks)]


# ---------------------------------------------------------------- bars


def test_a_trade_without_size_makes_no_bar() -> None:
    assert bars([trade(at("10:00:05"), 250, size=0)]) == {}


@pytest.mark.parametrize("day", [date(2025, 3, 7), date(2025, 3, 10), date(2025, 11, 3)])
def test_candles_count_from_the_open_on_both_sides_of_a_clock_change(day: date) -> None:
    expected = {"09:30:00": 0, "09:31:59": 0, "09:32:00": 1, "09:29:59": -1, "09:20:00": -5}
    assert {clock: candle_id(at(clock, day)) for clock in expected} == expected
    assert at("09:30:00", day) % CANDLE_S == 0


# ---------------------------------------------------------------- premarket, opening range


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


def test_moving_average_uses_earlier_days_but_no_other_contract() -> None:
    end, day_before = at("04:00:00"), date(2025, 9, 30)
    before = closes(at("16:00:00", day_before), [100] * 60, day=day_before)
    other = closes(at("20:00:00", day_before), [500] * 60, day=day_before, symbol="ESH6")
    own = closes(end, [130] * 30)
    rows = levels_1s(before + other + own, [end], RULES)
    assert rows[end, "sma_90"]["level_tick"] == 110
    rows = levels_1s(other + own, [end], RULES)
    assert rows[end, "sma_90"]["level_tick"] is None


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
