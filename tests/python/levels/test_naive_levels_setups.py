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
    found = setups(day(dict.fromkeys(range(0, 60, 4), CROSS), last=65))
    assert [key[2] for key in found] == list(range(0, 40, 4))


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
