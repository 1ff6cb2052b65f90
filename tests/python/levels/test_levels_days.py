"""Levels on special days: a change of the clocks, a roll, a short session, no premarket.

And when a level is published: the opening range at its end, an average when a bar has ended.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from support.surface_lakes import ask
from support.trade_lakes import TICK_INT, TradeDay, build, new_york, timestamp, walk

FRIDAY_SUMMER, MONDAY_WINTER = date(2025, 10, 31), date(2025, 11, 3)
FRIDAY_WINTER, MONDAY_SUMMER = date(2025, 3, 7), date(2025, 3, 10)
CLOCKS = {FRIDAY_SUMMER: 13, MONDAY_WINTER: 14, FRIDAY_WINTER: 14, MONDAY_SUMMER: 13}
ROLL, AFTER_ROLL, SHORT, LATE = (
    date(2025, 9, 11),
    date(2025, 9, 12),
    date(2025, 11, 28),
    date(2025, 10, 8),
)
# copy of a day whose trades differ from a moment on
BASE, MOMENTS = "BASEZ5", ("09:29:00", "09:44:50", "09:45:00", "09:53:30")
DIFFERENCE = 400
ROLLED_TICKS = 400
RANGE_LEVELS, AVERAGES = ("or_high", "or_low", "pm_high", "pm_low"), (90, 200, 400)
BAR_S = 120


def base() -> TradeDay:
    return walk(BASE, FRIDAY_SUMMER, "05:00", "10:00", seed=1)


def short_day() -> TradeDay:
    """A session that ends at 13:00, in the middle of a random walk."""
    return walk("SHRTZ5", SHORT, "09:00", "13:00", seed=2, most_ticks=1)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    short = short_day()
    silent = TradeDay(
        "SHUTZ5", SHORT, short.second, short.tick, short.end_s + 1200, closed_from_s=short.end_s
    )
    days = [
        base(),
        *(
            base().changed_from(new_york(FRIDAY_SUMMER, moment), DIFFERENCE).renamed(f"M{n}Z5")
            for n, moment in enumerate(MOMENTS)
        ),
        *(
            walk(f"DST{day:%m}", day, "06:00", "10:00", seed=day.day)
            for day in (FRIDAY_SUMMER, FRIDAY_WINTER)
        ),
        walk(f"DST{FRIDAY_SUMMER:%m}", MONDAY_WINTER, "06:00", "10:00", seed=3),
        walk(f"DST{FRIDAY_WINTER:%m}", MONDAY_SUMMER, "06:00", "10:00", seed=4),
        # the old contract, and the new contract with some of its own bars before the roll
        walk("OLDU5", ROLL, "06:00", "10:00", seed=5),
        walk("NEWZ5", ROLL, "08:00", "09:00", seed=6, first_tick=26_000 + ROLLED_TICKS),
        walk("NEWZ5", AFTER_ROLL, "07:00", "10:00", seed=7, first_tick=26_000 + ROLLED_TICKS),
        short,
        silent,
        walk("LATEZ5", LATE, "09:30", "11:00", seed=8),
    ]
    return build(tmp_path_factory.mktemp("days"), days)


def closes(*days: TradeDay) -> list[tuple[int, int]]:
    """End of every two-minute bar in seconds and its close in ticks."""
    found: dict[int, int] = {}
    for day in days:
        for second, tick in zip(day.second.tolist(), day.tick.tolist(), strict=True):
            found[second - second % BAR_S + BAR_S] = tick
    return sorted(found.items())


def average_at(bars: list[tuple[int, int]], second: int, count: int) -> float | None:
    ended = [close for end, close in bars if end <= second]
    return sum(ended[-count:]) / count if len(ended) >= count else None


def test_the_opening_range_is_published_when_it_is_over(database: Path) -> None:
    day = base()
    begin, end = (new_york(day.dt, clock) for clock in ("09:30", "09:45"))
    inside = day.tick[(day.second >= begin) & (day.second < end)]
    rows = ask(
        database,
        "select window_end_ts, level_id, level_tick, is_active from silver.levels_1s "
        f"where symbol = '{BASE}' and level_id like 'or_%' "
        f"and window_end_ts between timestamp '{timestamp(end - 1)}' and '{timestamp(end)}' "
        "order by window_end_ts, level_id",
    )
    assert rows == [
        (timestamp(end - 1), "or_high", None, False),
        (timestamp(end - 1), "or_low", None, False),
        (timestamp(end), "or_high", inside.max(), True),
        (timestamp(end), "or_low", inside.min(), True),
    ]


def test_an_average_ignores_the_open_bar(database: Path) -> None:
    """Constant through the seconds of two bars with moving trades; updated when they end."""
    day = base()
    bars = closes(day)
    begin = new_york(day.dt, "09:50")
    found = dict(
        ask(
            database,
            "select cast(epoch(window_end_ts) as bigint), level_price * 4 from silver.levels_1s "
            f"where symbol = '{BASE}' and level_id = 'sma_90' order by window_end_ts",
        )
    )
    values = [found[second] for second in range(begin, begin + 2 * BAR_S)]
    assert (
        values
        == [average_at(bars, begin, 90)] * BAR_S + [average_at(bars, begin + BAR_S, 90)] * BAR_S
    )
    assert values[0] != values[-1]
    first = bars[89][0]
    assert found[first - 1] is None
    assert found[first] == average_at(bars, first, 90)


@pytest.mark.parametrize("n", range(len(MOMENTS)), ids=MOMENTS)
def test_later_trades_change_no_published_level(database: Path, n: int) -> None:
    moment = timestamp(new_york(FRIDAY_SUMMER, MOMENTS[n]))
    columns = "window_end_ts, level_id, level_price, is_active, is_provisional, is_primary"
    past, later = (
        [
            set(
                ask(
                    database,
                    f"select {columns}, stacked_with::varchar from silver.levels_1s "
                    f"where symbol = '{symbol}' and window_end_ts {comparison} '{moment}'",
                )
            )
            for symbol in (BASE, f"M{n}Z5")
        ]
        for comparison in ("<=", ">")
    )
    assert len(past[0]) > 7 * 3600
    assert past[0] == past[1]
    prices = [{row[:3] for row in rows} for rows in later]
    changed = {level_id for _, level_id, _ in prices[0] ^ prices[1]}
    # a finished range stays; an open range and averages change
    assert "sma_90" in changed
    assert ("pm_high" in changed) == (MOMENTS[n] < "09:30")
    assert ("or_high" in changed) == (MOMENTS[n] < "09:45")


@pytest.mark.parametrize("day", CLOCKS)
def test_levels_follow_the_clock_of_new_york(database: Path, day: date) -> None:
    symbol = f"DST{(day if day.weekday() == 4 else day - timedelta(days=3)):%m}"
    symbol = f"DST{FRIDAY_SUMMER:%m}" if day == MONDAY_WINTER else symbol
    found = ask(
        database,
        "select level_id, min(window_end_ts) filter (is_active), any_value(available_from_ts) "
        f"from silver.levels_1s where symbol = '{symbol}' and dt = '{day}' "
        "and level_id not like 'sma%' group by level_id order by level_id",
    )
    begins = {
        "or": timestamp(new_york(day, "09:45")),
        "pm": timestamp(new_york(day, "09:30")),
    }
    assert (begins["pm"].hour, begins["or"].minute) == (CLOCKS[day], 45)
    assert found == [(name, begins[name[:2]], begins[name[:2]]) for name in RANGE_LEVELS]


def test_averages_continue_across_a_change_of_the_clocks(database: Path) -> None:
    days = [
        walk("", FRIDAY_SUMMER, "06:00", "10:00", seed=FRIDAY_SUMMER.day),
        walk("", MONDAY_WINTER, "06:00", "10:00", seed=3),
    ]
    assert_averages(database, f"DST{FRIDAY_SUMMER:%m}", days)


def test_averages_do_not_cross_a_roll(database: Path) -> None:
    """The new contract uses its own bars from before the roll, not the old contract's."""
    days = [
        walk("", ROLL, "08:00", "09:00", seed=6, first_tick=26_000 + ROLLED_TICKS),
        walk("", AFTER_ROLL, "07:00", "10:00", seed=7, first_tick=26_000 + ROLLED_TICKS),
    ]
    assert_averages(database, "NEWZ5", days)
    old = closes(walk("", ROLL, "06:00", "10:00", seed=5))
    # with the old contract's bars there would have been enough from the start
    assert len(old) > 90
    [(first,)] = ask(
        database,
        "select min(window_end_ts) from silver.levels_1s "
        f"where symbol = 'NEWZ5' and dt = '{AFTER_ROLL}' and level_id = 'sma_90' and is_active",
    )
    own = closes(*days)
    assert first == timestamp(own[89][0])


def assert_averages(database: Path, symbol: str, days: list[TradeDay]) -> None:
    """Assert that all averages of the last day use the contract's own bars, in every second."""
    bars = closes(*days)
    last = days[-1]
    rows = ask(
        database,
        "select cast(epoch(window_end_ts) as bigint), level_id, level_price * 4, is_active "
        f"from silver.levels_1s where symbol = '{symbol}' and dt = '{last.dt}' "
        "and level_id like 'sma_%'",
    )
    expected = {
        (moment, count): average_at(bars, moment, count)
        for moment in range(last.second[0] // BAR_S * BAR_S, last.end_s + BAR_S, BAR_S)
        for count in AVERAGES
    }
    for second, level_id, value, is_active in rows:
        average = expected[second - second % BAR_S, int(level_id[4:])]
        assert is_active == (average is not None)
        assert value == (average if average is None else pytest.approx(average, rel=1e-12))
    known = Counter(level_id for _, level_id, value, _ in rows if value is not None)
    assert known["sma_90"] > 1000
    assert len(rows) == 3 * (last.end_s - last.second[0])


@pytest.mark.parametrize("symbol", ["SHRTZ5", "SHUTZ5"], ids=["nothing follows", "not trading"])
def test_a_session_that_ends_early_censors(database: Path, symbol: str) -> None:
    """Whether the book ends with the session, or continues without trading."""
    day = short_day()
    close = timestamp(day.end_s)
    labels = ask(
        database,
        "select window_end_ts, horizon_s, outcome, label_end_ts from gold.level_outcomes "
        f"where symbol = '{symbol}' and outcome is not null",
    )
    cut = [row for row in labels if row[0] + timedelta(seconds=row[1]) > close]
    whole = [row for row in labels if row[0] + timedelta(seconds=row[1]) <= close]
    outcomes = Counter(outcome for _, _, outcome, _ in cut)
    assert set(outcomes) == {"BREAK", "CENSORED", "REJECT"}
    assert outcomes["CENSORED"] >= 20
    assert {end for *_, end in cut} == {close}
    assert Counter(outcome for _, _, outcome, _ in whole)["CHOP"] >= 20
    assert "CENSORED" not in {outcome for _, _, outcome, _ in whole}
    setups = ask(
        database,
        f"select outcome, label_end_ts, infer_ts from gold.setup_events where symbol = '{symbol}'",
    )
    for outcome, _, infer_ts in setups:
        if infer_ts + timedelta(seconds=3 * BAR_S) > close:
            assert outcome != "CHOP"


def test_without_premarket_trades_there_is_no_premarket_range(database: Path) -> None:
    rows = ask(
        database,
        "select level_id[:3], count(level_price), count(*) filter (is_active or is_provisional), "
        "count(*) from silver.levels_1s where symbol = 'LATEZ5' and level_id not like 'sma%' "
        "group by all order by all",
    )
    seconds = 90 * 60
    after_range = 75 * 60 + 1
    assert rows == [
        ("or_", 2 * after_range, 2 * after_range, 2 * seconds),
        ("pm_", 0, 0, 2 * seconds),
    ]
    found = ask(
        database,
        "select level_id[:3], count(*) filter (outcome is not null) > 0, "
        "list(distinct label_reason) filter (label_reason is not null) "
        "from gold.level_outcomes where symbol = 'LATEZ5' and level_id not like 'sma%' "
        "group by all order by all",
    )
    assert found[0][:2] == ("or_", True)
    assert found[1] == ("pm_", False, ["inactive_level"])


def test_no_level_is_on_half_a_tick(database: Path) -> None:
    """On all these days a level is a whole tick plus the residue of an average."""
    [(rows, wrong)] = ask(
        database,
        f"select count(*), count(*) filter (level_price_int != level_tick * {TICK_INT} "
        "or abs(level_resid_ticks) > 0.5 or level_price * 4 != level_tick + level_resid_ticks) "
        "from silver.levels_1s where level_price is not null",
    )
    assert rows > 100_000
    assert np.isclose(wrong, 0)
