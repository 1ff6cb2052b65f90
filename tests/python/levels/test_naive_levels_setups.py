"""Plain two-minute setups on scripted candles."""

from __future__ import annotations

from dataclasses import replace

from naive.levels_model import CANDLE_S, Row, Trade
from naive.levels_price import BarKey, bars
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


def triggers(candles: dict[int, Candle]) -> list[int]:
    return [key[2] for key in setups(candles)]


def one_setup(special: dict[int, Candle]) -> Row:
    [row] = setups(day(special)).values()
    return row


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
