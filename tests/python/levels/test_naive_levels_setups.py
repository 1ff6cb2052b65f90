"""Plain two-minute setups on scripted candles."""

from __future__ import annotations

from dataclasses import replace

import pytest
from naive.levels_model import CANDLE_S, Row, Trade
from naive.levels_price import BarKey, bars, levels_1s
from naive.levels_setups import SetupKey, setup_events
from support.levels_market import RULES, at, level_rows, timestamp_of, trade

LEVEL = 1000
OPEN_S = at("09:30:00")
DAY_END_S = at("12:00:00")

Candle = tuple[int, int, int, int]
BELOW: Candle = (995, 996, 994, 995)
CROSS: Candle = (996, 1003, 995, 1002)
AROUND: Candle = (1002, 1004, 998, 999)


def prints(candles: dict[int, Candle], *, sign: int = 1) -> list[Trade]:
    """Four trades per candle: open, high, low, close; mirrored at the level with sign -1."""
    return [
        trade(OPEN_S + CANDLE_S * number + 20 * n, LEVEL + sign * (ticks - LEVEL))
        for number, candle in sorted(candles.items())
        for n, ticks in enumerate(candle)
    ]


def day(special: dict[int, Candle], first: int = -6, last: int = 35) -> dict[int, Candle]:
    return {number: special.get(number, BELOW) for number in range(first, last + 1)}


def setups(candles: dict[int, Candle], sign: int = 1) -> dict[SetupKey, Row]:
    """Setups at a level that is active at every bar start of the day."""
    rows = bars(prints(candles, sign=sign))
    return setup_events(rows, level_rows(ticks_of(rows)), DAY_END_S, RULES)


def ticks_of(rows: dict[BarKey, Row], tick: int = LEVEL) -> dict[int, int | None]:
    return {start_s: tick for _, _, start_s in rows}


def triggers(candles: dict[int, Candle], sign: int = 1) -> list[int]:
    return [key[2] for key in setups(candles, sign)]


def one_setup(special: dict[int, Candle], last: int = 35) -> Row:
    [row] = setups(day(special, last=last)).values()
    return row


# ---------------------------------------------------------------- the fixture day


def test_day_with_triggers_at_candles_0_12_and_26() -> None:
    """From trades alone: premarket high 1000, crossed three times by three ticks."""
    special = dict.fromkeys((0, 12, 26), CROSS) | dict.fromkeys((1, 13, 27), AROUND)
    trades = [trade(at("08:00:00"), LEVEL), *prints(day(special))]
    rows = bars(trades)
    starts_s = {start_s for _, bar_s, start_s in rows if bar_s == CANDLE_S}
    levels = levels_1s(trades, starts_s, RULES)
    found = setup_events(rows, levels, DAY_END_S, RULES)
    of_level = {key: row for key, row in found.items() if key[0] == "pm_high"}
    assert [(direction, trigger) for _, direction, trigger in of_level] == [
        ("up", 0),
        ("up", 12),
        ("up", 26),
    ]
    assert [row["confirm_candle_id"] for row in of_level.values()] == [1, 13, 27]
    assert [row["lookback_start_candle_id"] for row in of_level.values()] == [-4, 8, 22]
    assert [row["infer_ts"] for row in of_level.values()] == [
        timestamp_of(at(clock)) for clock in ("09:34:00", "09:58:00", "10:26:00")
    ]


def test_setup_by_hand() -> None:
    """Then closes of -5, -5, -5 ticks: no barrier of 8 is reached."""
    row = one_setup({3: CROSS, 4: AROUND})
    assert row == {
        "symbol": "ESZ5",
        "dt": RULES.dt,
        "level_id": "pm_high",
        "direction": "up",
        "trigger_candle_id": 3,
        "confirm_candle_id": 4,
        "infer_ts": timestamp_of(at("09:40:00")),
        "lookback_start_candle_id": -1,
        "level_price_int": LEVEL * RULES.tick_int,
        "trigger_open_ticks": -4,
        "trigger_high_ticks": 3,
        "trigger_low_ticks": -5,
        "trigger_close_ticks": 2,
        "confirm_open_ticks": 2,
        "confirm_high_ticks": 4,
        "confirm_low_ticks": -2,
        "confirm_close_ticks": -1,
        "outcome": "CHOP",
        "label_end_ts": timestamp_of(at("09:46:00")),
    }


def test_setups_from_above_are_mirrored() -> None:
    special = {3: CROSS, 4: AROUND, 20: CROSS}
    up, down = setups(day(special)), setups(day(special), sign=-1)
    assert [key[1:] for key in down] == [("down", 3), ("down", 20)]
    twin = {"high": "low", "low": "high"}
    for one, other in zip(up.values(), down.values(), strict=True):
        for name, value in one.items():
            role, *part = name.removesuffix("_ticks").split("_")
            if name.endswith("_ticks") and part[0] in twin:
                name = f"{role}_{twin[part[0]]}_ticks"
            assert name == "direction" or other[name] == value


# ---------------------------------------------------------------- trigger


def test_touching_is_not_crossing() -> None:
    assert triggers(day({5: (996, 1000, 995, 998)})) == []
    assert triggers(day({5: (996, 1001, 995, 998)})) == [5]


@pytest.mark.parametrize("late", [3, 4])
def test_both_closes_before_must_lie_on_the_approach_side(late: int) -> None:
    """A close at the level, one or two bars before, is not on it."""
    at_level = (996, 1000, 995, 1000)
    assert triggers(day({late: at_level, 5: CROSS})) == []
    assert triggers(day({2: at_level, 5: CROSS})) == [5]


def test_no_trigger_before_the_open_nor_without_level() -> None:
    assert triggers(day({-1: CROSS})) == []
    rows = bars(prints(day({3: CROSS})))
    assert setup_events(rows, {}, DAY_END_S, RULES) == {}
    only_after = level_rows({OPEN_S + CANDLE_S * 4: LEVEL})
    assert setup_events(rows, only_after, DAY_END_S, RULES) == {}
    behind_another = level_rows(ticks_of(rows), is_primary=False)
    assert setup_events(rows, behind_another, DAY_END_S, RULES) == {}


def test_level_of_a_setup_is_taken_at_the_start_of_its_trigger_bar() -> None:
    rows = bars(prints(day({3: CROSS})))
    ticks = ticks_of(rows, LEVEL + 50) | {OPEN_S + CANDLE_S * 3: LEVEL - 2}
    [row] = setup_events(rows, level_rows(ticks, "sma_90"), DAY_END_S, RULES).values()
    assert row["level_price_int"] == (LEVEL - 2) * RULES.tick_int
    assert row["trigger_high_ticks"] == 5


def test_confirmation_is_needed() -> None:
    assert triggers(day({35: CROSS})) == []
    assert triggers(day({34: CROSS})) == [34]


def test_stretches_without_a_trade_have_no_bar() -> None:
    candles = day({5: CROSS})
    del candles[6], candles[3]
    [row] = setups(candles).values()
    assert (row["trigger_candle_id"], row["confirm_candle_id"]) == (5, 7)
    assert row["lookback_start_candle_id"] == 2
    assert row["infer_ts"] == timestamp_of(OPEN_S + CANDLE_S * 8)


# ---------------------------------------------------------------- re-arm


@pytest.mark.parametrize(("after", "armed"), [(3, False), (4, True)])
def test_three_bars_between_touches(after: int, armed: bool) -> None:
    assert triggers(day({5: CROSS, 5 + after: CROSS})) == ([5, 5 + after] if armed else [5])


@pytest.mark.parametrize(("low", "armed"), [(997, False), (996, True)])
def test_retreat_of_four_ticks(low: int, armed: bool) -> None:
    quiet = {n: (998, 999, low if n == 8 else 997, 998) for n in range(6, 12)}
    assert triggers(day(quiet | {5: CROSS, 11: (998, 1003, 990, 1002)})) == (
        [5, 11] if armed else [5]
    )


def test_retreat_is_measured_from_the_level_at_that_time() -> None:
    """Also while another level of its stack is primary, but not while it is inactive."""
    quiet = dict.fromkeys(range(6, 11), (998, 999, 997, 998))
    rows = bars(prints(day(quiet | {5: CROSS, 11: CROSS})))
    start_8_s = OPEN_S + CANDLE_S * 8
    moved = level_rows(ticks_of(rows) | {start_8_s: LEVEL + 1}, "sma_90")
    found = []
    for fields in ({}, {"is_primary": False}, {"is_active": False}):
        moved[start_8_s, "sma_90"] |= fields
        found.append([key[2] for key in setup_events(rows, moved, DAY_END_S, RULES)])
    assert found == [[5, 11], [5, 11], [5]]


def test_at_most_ten_per_level_and_day() -> None:
    assert triggers(day(dict.fromkeys(range(0, 60, 4), CROSS), last=65)) == list(range(0, 40, 4))


# ---------------------------------------------------------------- outcome


@pytest.mark.parametrize(
    ("closes", "outcome", "label_end"),
    [
        ((1007, 1008, 990), "BREAK", "09:44:00"),
        ((993, 1007, 992), "REJECT", "09:46:00"),
        ((1007, 993, 1007), "CHOP", "09:46:00"),
        ((992,), "REJECT", "09:42:00"),
        ((1007, 993), "CENSORED", "12:00:00"),
        ((), "CENSORED", "12:00:00"),
    ],
)
def test_first_close_past_eight_ticks(
    closes: tuple[int, ...], outcome: str, label_end: str
) -> None:
    """Highs and lows beyond the closes do not decide."""
    forward = {5 + n: (1000, 1020, 980, close) for n, close in enumerate(closes)}
    row = one_setup({3: CROSS, 4: AROUND} | forward, last=4 + len(closes))
    assert (row["outcome"], row["label_end_ts"]) == (outcome, timestamp_of(at(label_end)))


def test_the_confirmation_close_is_not_part_of_the_label() -> None:
    candles = day({3: CROSS, 4: (1002, 1020, 1001, 1015)})
    found = setups(candles)
    assert found["pm_high", "up", 3]["outcome"] == "CHOP"
    # two closes above and a fall through the level are a setup of the other direction
    assert set(found) == {("pm_high", "up", 3), ("pm_high", "down", 5)}


def test_bars_after_the_inference_change_only_the_label() -> None:
    first = one_setup({3: CROSS, 4: AROUND})
    other = one_setup({3: CROSS, 4: AROUND, 5: (1000, 1030, 1000, 1030)})
    changed = {name for name in first if first[name] != other[name]}
    assert changed == {"outcome", "label_end_ts"}


def test_look_forward_of_six_bars() -> None:
    rules = replace(RULES, look_forward=6)
    rows = bars(prints(day({3: CROSS, 4: AROUND, 9: (1000, 1010, 1000, 1009)})))
    first, *_ = setup_events(rows, level_rows(ticks_of(rows)), DAY_END_S, rules).values()
    assert (first["outcome"], first["label_end_ts"]) == ("BREAK", timestamp_of(at("09:50:00")))
