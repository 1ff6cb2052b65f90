"""Levels of the session before, VWAP and round levels against their plain twin."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence

import pytest
from naive.further_levels import Deal, prior_levels, round_levels, vwap_levels
from support.model_over_tables import model_rows

SYMBOL, TICK_INT = "CN6", 10_000_000
BEFORE, DAY = dt.date(2019, 1, 10), dt.date(2019, 1, 11)
# Shanghai: the session opens at 01:30 UTC
OPEN_S = 5400
FURTHER = ["prior_high", "prior_low", "prior_close", "vwap", "vwap_1sd_up", "vwap_1sd_down"]
SETTINGS = {
    "levels_in_use": [*FURTHER, "round_0.1", "round_1"],
    "local_tz": "Asia/Shanghai",
    "rth_start": "09:30",
    "rth_end": "15:00",
    "premarket": ["09:15", "09:30"],
    "opening_range": ["09:30", "09:45"],
    "stack_max_ticks": 0,
}
WEIGHTS = """
    select * from (values
        ('prior_high', 'prior', 'high', 1), ('prior_low', 'prior', 'low', 2),
        ('prior_close', 'prior', 'close', 3), ('vwap', 'vwap', 'mean', 4),
        ('vwap_1sd_up', 'vwap', 'up', 5), ('vwap_1sd_down', 'vwap', 'down', 6),
        ('round_0p1_even', 'round', 'even', 100), ('round_0p1_odd', 'round', 'odd', 101),
        ('round_1_even', 'round', 'even', 102), ('round_1_odd', 'round', 'odd', 103)
    ) as levels (level_id, level_kind, edge, priority)
"""


def deals_of(session: dt.date, seed: int) -> list[Deal]:
    """Return some trades of a session, two parts with a break between them."""
    chance = random.Random(seed)
    seconds = sorted(
        chance.choice((OPEN_S, OPEN_S + 12_600)) + chance.randrange(40) for _ in range(30)
    )
    return [
        Deal(session, second, chance.randrange(1010, 1040), chance.randrange(1, 9) * 100)
        for second in seconds
    ]


def at(day: dt.date, second: int) -> str:
    """Return a second of a day as SQL."""
    moment = dt.datetime.combine(day, dt.time()) + dt.timedelta(seconds=second)
    return f"timestamp '{moment}'"


def bars_of(deals: Sequence[Deal]) -> str:
    """Return bars of a second each: a bar per trade would repeat keys."""
    rows = [
        f"('{SYMBOL}', date '{deal.session}', 5, {at(deal.session, deal.second)}, "
        f"{deal.tick * TICK_INT}, {number})"
        for number, deal in enumerate(deals)
    ]
    return f"""
        select symbol, dt, bar_s, bar_start_ts, bar_start_ts + interval 5 second as bar_end_ts,
            max(price_int) as high_price_int, min(price_int) as low_price_int,
            arg_max(price_int, trade_no) as close_price_int
        from (values {", ".join(rows)})
            as trades (symbol, dt, bar_s, bar_start_ts, price_int, trade_no)
        group by all
    """


def rows_of_levels(
    earlier: Sequence[Deal], deals: Sequence[Deal], spots: dict[int, int]
) -> dict[tuple[str, str], dict[str, object]]:
    """Return the rows of the model by window end and level."""
    trades = [
        f"('{SYMBOL}', date '{DAY}', {at(DAY, deal.second)}, {deal.tick * TICK_INT}, {deal.size})"
        for deal in deals
    ]
    seconds = [
        f"('{SYMBOL}', date '{DAY}', {at(DAY, end)}, {spot * TICK_INT})"
        for end, spot in spots.items()
    ]
    given = {
        "steps.level_settings": f"select '{SYMBOL}' as symbol, date '{DAY}' as dt, "
        f"[date '{BEFORE}'] as earlier_dts",
        "steps.contract_days": f"select '{SYMBOL}' as symbol, date '{DAY}' as dt, "
        f"{TICK_INT} as tick_int, time '09:30' as session_open_local, "
        "time '15:00' as session_close_local, 'Asia/Shanghai' as session_tz",
        "reference.level_weights": WEIGHTS,
        "silver.book_snapshot_1s": "select * from (values "
        + ", ".join(seconds)
        + ") as seconds (symbol, dt, window_end_ts, spot_ref_price_int)",
        "steps.contract_trades": "select * from (values "
        + ", ".join(trades)
        + ") as trades (symbol, dt, window_start_ts, price_int, size)",
        "silver.bars": bars_of([*earlier, *deals]),
    }
    partition = {"symbol": SYMBOL, "dt": str(DAY)}
    rows = model_rows("levels_1s", given, partition, **SETTINGS)
    return {(str(row["window_end_ts"]), row["level_id"]): row for row in rows}


@pytest.mark.parametrize("seed", [1, 2])
def test_further_levels_are_those_of_their_twin(seed: int) -> None:
    earlier, deals = deals_of(BEFORE, seed), deals_of(DAY, seed + 10)
    chance = random.Random(seed)
    ends = [OPEN_S - 60, *range(OPEN_S, OPEN_S + 45), *range(OPEN_S + 12_590, OPEN_S + 12_650)]
    spots = {end: chance.randrange(1005, 1045) for end in ends}
    spots |= {OPEN_S + 3: 1020, OPEN_S + 4: 1030, OPEN_S + 5: 1025}
    rows = rows_of_levels(earlier, deals, spots)
    for end, spot in spots.items():
        wanted: dict[str, float] = dict(round_levels(spot, {"round_0p1": 10, "round_1": 100}))
        wanted |= vwap_levels(deals, OPEN_S, end)
        if end > OPEN_S - 1:
            wanted |= prior_levels([*earlier, *deals], DAY)
        moment = str(dt.datetime.combine(DAY, dt.time()) + dt.timedelta(seconds=end))
        found = {level: row for (time, level), row in rows.items() if time == moment}
        assert len(found) == 10
        active = {level: row for level, row in found.items() if row["is_active"]}
        assert active.keys() == wanted.keys(), end
        for level, ticks in wanted.items():
            row = active[level]
            value = row["level_tick"] + row["level_resid_ticks"]
            assert value == pytest.approx(ticks, rel=1e-12), (end, level)
            assert row["level_tick"] == round(value)
            assert row["available_from_ts"] <= row["window_end_ts"]


def test_further_levels_know_nothing_of_later_trades() -> None:
    earlier, deals = deals_of(BEFORE, 3), deals_of(DAY, 13)
    spots = {end: 1000 + end % 37 for end in range(OPEN_S, OPEN_S + 45)}
    cut = OPEN_S + 20
    whole = rows_of_levels(earlier, deals, spots)
    part = rows_of_levels(
        earlier,
        [deal for deal in deals if deal.second < cut],
        {end: spot for end, spot in spots.items() if end <= cut},
    )
    assert part == {key: whole[key] for key in part}
    assert len(part) == 10 * 21


def test_a_round_level_stays_while_price_goes_through_it() -> None:
    spots = {OPEN_S + number: 1011 + number for number in range(19)}
    rows = rows_of_levels(deals_of(BEFORE, 4), deals_of(DAY, 5), spots)
    even = [row["level_tick"] for (_, level), row in rows.items() if level == "round_0p1_even"]
    assert even == [1020] * 19
