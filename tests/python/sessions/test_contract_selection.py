"""The contract selection against a plain implementation, on random trade counts."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterator, Sequence

import duckdb
import pytest
from naive.contract_selection import (
    NEW_YORK,
    Definition,
    Landed,
    Market,
    Row,
    Rules,
    SessionTrades,
    globex_session_date,
    select_contracts,
)
from spymaster_ingest.lake import LAKE_VARIABLE
from support.selection_tables import (
    DAY,
    FIRST_MONDAY,
    Compiler,
    midnight,
    perturbed,
    random_market,
    select_in_sql,
    together,
)

SEEDS = range(150)
DEFAULTS = Rules()
OVERRIDDEN = Rules(override={"ES": "ESH4"} | {f"R{seed}": f"R{seed}H4" for seed in SEEDS})
OTHER = Rules(override={"R1": "R1M4"}, dominance_min=0.6, trim=1, liquidity_min=0.9)
CAUSAL = (
    "selected_symbol",
    "selected_exp_date",
    "days_to_expiry",
    "prev_trading_date",
    "prev_volume_selected",
    "prev_volume_rank2",
    "roll_flag",
)
Select = Callable[[Market], list[Row]]


@pytest.fixture(scope="module")
def compiler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Compiler]:
    folder = tmp_path_factory.mktemp("selection")
    (folder / "lake").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(LAKE_VARIABLE, str(folder / "lake"))
        yield Compiler(folder)


@pytest.fixture(scope="module")
def default_query(compiler: Compiler) -> str:
    return compiler.selection(DEFAULTS)


@pytest.fixture(scope="module")
def overridden_query(compiler: Compiler) -> str:
    return compiler.selection(OVERRIDDEN)


@pytest.fixture(scope="module")
def select(default_query: str) -> Select:
    return lambda market: select_in_sql(market, default_query)


@pytest.mark.parametrize("rules", [DEFAULTS, OVERRIDDEN, OTHER], ids=["default", "named", "other"])
def test_random_markets_agree_with_the_oracle(compiler: Compiler, rules: Rules) -> None:
    markets = [random_market(seed) for seed in SEEDS]
    expected = sorted(
        (row for market in markets for row in select_contracts(market, rules)),
        key=lambda row: (row["root"], row["session_date"]),
    )
    found = select_in_sql(together(markets), compiler.selection(rules))
    for row, wanted in zip(found, expected, strict=True):
        assert list(row.items()) == list(wanted.items())
    # every compared case must occur
    assert {4, 5} <= {row["run_len"] for row in found}
    assert {row["include_flag"] for row in found} == {True, False}
    assert {row["roll_flag"] for row in found} == {True, False, None}
    later = [row for row in found if row["prev_trading_date"]]
    assert any(row["selected_symbol"] is None for row in later)
    assert any(row["selected_symbol"] and not row["selected_exp_date"] for row in later)
    assert any(row["selected_symbol"] != row["dominant_symbol"] for row in later)
    # kept against the volume
    assert any(
        (row["prev_volume_rank2"] or 0) > (row["prev_volume_selected"] or 0) for row in later
    )
    # chosen by the nearer expiry
    assert any(row["prev_volume_selected"] == row["prev_volume_rank2"] for row in later)


def test_trades_of_the_day_or_later_do_not_change_the_choice(overridden_query: str) -> None:
    markets, changed, dates = [], [], {}
    for seed in SEEDS:
        market = random_market(seed)
        # volume chooses no contract on the first date
        later = sorted({trade.session_date for trade in market.trades})[1:]
        if not later:
            continue
        date = random.Random(seed).choice(later)
        markets.append(market)
        changed.append(perturbed(market, date, seed))
        dates[f"R{seed}"] = date
    before, after = (
        [
            row
            for row in select_in_sql(together(some), overridden_query)
            if row["session_date"] <= dates[row["root"]]
        ]
        for some in (markets, changed)
    )
    for row, wanted in zip(after, before, strict=True):
        is_only_one = wanted["selected_symbol"] and not wanted["selected_exp_date"]
        if is_only_one and row["session_date"] == dates[row["root"]]:
            # of unknown expiration, and not the only contract
            assert row["selected_symbol"] is None
            continue
        assert causal(row) == causal(wanted)
    differing = {one["root"] for one, other in zip(before, after, strict=True) if one != other}
    assert len(differing) > len(SEEDS) / 2


def causal(row: Row) -> Row:
    return {name: row[name] for name in ("root", "session_date", *CAUSAL)}


def test_rolls_never_go_back_in_expiry(overridden_query: str) -> None:
    rows = select_in_sql(together(random_market(seed) for seed in SEEDS), overridden_query)
    expiries = {row["root"]: [] for row in rows}
    for row in rows:
        if row["selected_exp_date"]:
            expiries[row["root"]].append(row["selected_exp_date"])
    assert all(dates == sorted(dates) for dates in expiries.values())
    assert sum(len(set(dates)) > 1 for dates in expiries.values()) > len(SEEDS) / 4


def weekdays(count: int) -> list[dt.date]:
    days = [FIRST_MONDAY + n * DAY for n in range(2 * count + 7)]
    return [day for day in days if day.isoweekday() <= 5][:count]


def market_of(
    counts: dict[dt.date, dict[str, tuple[int, int]]],
    expiries: dict[str, dt.date],
    closures: Sequence[tuple[str, dt.datetime, dt.datetime]] = (),
) -> Market:
    """Return a market of ES from {date: {symbol: (volume, trades in the study window)}}."""
    trades = [
        SessionTrades("ES", symbol, date, *numbers)
        for date, contracts in counts.items()
        for symbol, numbers in contracts.items()
    ]
    landed = [Landed("ES", trade.symbol, trade.session_date) for trade in trades]
    first = midnight(min(counts))
    definitions = [
        Definition(symbol, midnight(date) + dt.timedelta(hours=14), first)
        for symbol, date in expiries.items()
    ]
    return Market(trades, landed, definitions, closures)


FAR = {"ESH4": dt.date(2024, 6, 1), "ESM4": dt.date(2024, 9, 1), "ESU4": dt.date(2024, 12, 1)}


def column(rows: list[Row], name: str) -> list[object]:
    return [row[name] for row in rows]


@pytest.mark.parametrize(
    ("length", "included"), [(4, [False] * 4), (5, [False, False, True, False, False])]
)
def test_only_the_middle_of_a_run_is_included(
    select: Select, length: int, included: list[bool]
) -> None:
    rows = select(market_of({date: {"ESH4": (9, 10)} for date in weekdays(length)}, FAR))
    assert column(rows, "include_flag") == included
    assert column(rows, "run_pos") == list(range(length))
    assert set(column(rows, "run_len")) == {length}


@pytest.mark.parametrize(
    ("closed", "run_ids"),
    [
        pytest.param(None, [1, 1, 2, 2], id="missing date"),
        pytest.param((dt.time(18), dt.time(18)), [1, 1, 1, 1], id="closed throughout"),
        pytest.param((dt.time(18), dt.time(13)), [1, 1, 2, 2], id="opened later"),
    ],
)
def test_a_missing_date_ends_a_run(
    select: Select, closed: tuple[dt.time, dt.time] | None, run_ids: list[int]
) -> None:
    # Thursday, Friday, then Tuesday: a weekend never ends a run, the Monday may
    thursday, friday, monday, tuesday, wednesday = weekdays(8)[3:]
    closures = []
    if closed:
        start, end = closed
        closures = [
            ("ES", dt.datetime.combine(monday - DAY, start), dt.datetime.combine(monday, end))
        ]
    counts = {date: {"ESH4": (9, 10)} for date in (thursday, friday, tuesday, wednesday)}
    assert column(select(market_of(counts, FAR, closures)), "run_id") == run_ids


def test_a_failing_date_or_another_contract_ends_a_run(select: Select) -> None:
    study = [(8, 2), (79, 21), (80, 20), (2, 8), (0, 0), (0, 1)]
    counts = {
        date: {"ESH4": (5, near), "ESM4": (4, far)}
        for date, (near, far) in zip(weekdays(6), study, strict=True)
    }
    rows = select(market_of(counts, FAR))
    assert column(rows, "run_id") == [1, None, 2, 3, None, 4]
    assert column(rows, "dominant_symbol") == ["ESH4", "ESH4", "ESH4", "ESM4", None, "ESM4"]
    assert column(rows, "dominance_ratio") == [0.8, 0.79, 0.8, 0.8, None, 1.0]
    assert column(rows, "total_trade_count") == [10, 100, 100, 10, 0, 1]


def test_a_quiet_date_inside_a_run_is_left_out(select: Select) -> None:
    counts = {date: {"ESH4": (5, 100)} for date in weekdays(7)}
    dates = list(counts)
    counts[dates[2]] = {"ESH4": (5, 49)}
    counts[dates[3]] = {"ESH4": (5, 50)}
    rows = select(market_of(counts, FAR))
    assert column(rows, "include_flag") == [False, False, False, True, True, False, False]
    assert column(rows, "trade_count_ratio")[2:5] == [0.49, 0.5, 1.0]


def test_the_volume_of_the_previous_date_decides(select: Select) -> None:
    volumes = [(9, 1), (5, 5), (4, 6), (9, 1), (9, 1)]
    dates = weekdays(5)
    counts = {
        date: {"ESH4": (near, 0), "ESM4": (far, 0)}
        for date, (near, far) in zip(dates, volumes, strict=True)
    }
    rows = select(market_of(counts, FAR))
    # a tie goes to the nearer expiry; after the roll the choice never returns
    assert column(rows, "selected_symbol") == [None, "ESH4", "ESH4", "ESM4", "ESM4"]
    assert column(rows, "roll_flag") == [None, False, False, True, False]
    assert column(rows, "prev_trading_date") == [None, *dates[:-1]]
    assert column(rows, "prev_volume_selected") == [None, 9, 5, 6, 1]
    assert column(rows, "prev_volume_rank2") == [None, 1, 5, 4, 1]


def test_a_contract_is_not_used_on_the_date_it_expires(select: Select) -> None:
    dates = weekdays(3)
    counts = {date: {"ESH4": (9, 1), "ESM4": (1, 1)} for date in dates}
    rows = select(market_of(counts, {**FAR, "ESH4": dates[2]}))
    assert column(rows, "selected_symbol") == [None, "ESH4", "ESM4"]
    assert column(rows, "days_to_expiry")[1] == 1
    alone = {date: {"ESH4": (9, 1)} for date in dates}
    rows = select(market_of(alone, {"ESH4": dates[2]}))
    assert column(rows, "selected_symbol") == ["ESH4", "ESH4", None]
    assert column(rows, "roll_flag") == [False, False, None]


def test_a_roll_shows_across_dates_without_a_contract(select: Select) -> None:
    dates = weekdays(5)
    counts = {date: {"ESH4": (9, 1)} for date in dates[:2]}
    # on the second date only contracts that expire that day traded
    counts[dates[2]] = {"ESM4": (9, 1)}
    counts |= {date: {"ESM4": (9, 1)} for date in dates[3:]}
    rows = select(market_of(counts, {**FAR, "ESH4": dates[2]}))
    assert column(rows, "selected_symbol") == ["ESH4", "ESH4", None, "ESM4", "ESM4"]
    assert column(rows, "roll_flag") == [False, False, None, True, False]


def test_the_first_date_chooses_nothing(select: Select, overridden_query: str) -> None:
    [date] = weekdays(1)
    both = market_of({date: {"ESH4": (1, 1), "ESM4": (9, 1)}}, FAR)
    alone = market_of({date: {"ESM4": (9, 1)}}, FAR)
    assert column(select(both), "selected_symbol") == [None]
    assert column(select(alone), "selected_symbol") == ["ESM4"]
    assert column(select(alone), "selected_exp_date") == [FAR["ESM4"]]
    # ESH4 is named; a root with a single landed contract needs no name
    assert column(select_in_sql(both, overridden_query), "selected_symbol") == ["ESH4"]
    assert column(select_in_sql(alone, overridden_query), "selected_symbol") == ["ESM4"]


def test_a_contract_of_unknown_expiration_counts_only_alone(select: Select) -> None:
    dates = weekdays(5)
    counts = {date: {"ESH4": (9, 1)} for date in dates}
    for date in dates[2:]:
        counts[date]["ESM4"] = (1, 1)
    rows = select(market_of(counts, {"ESM4": FAR["ESM4"]}))
    # on the third date ESM4 is landed, and has not traded on the date before
    assert column(rows, "selected_symbol") == ["ESH4", "ESH4", None, "ESM4", "ESM4"]
    assert column(rows, "selected_exp_date") == [None] * 3 + [FAR["ESM4"]] * 2
    assert column(rows, "prev_volume_rank2") == [None] * 5


def test_session_dates_agree_with_zoneinfo(compiler: Compiler) -> None:
    choose = random.Random(3)
    start = dt.datetime(2010, 1, 1, tzinfo=dt.UTC)
    instants = [
        start + dt.timedelta(microseconds=choose.randrange(20 * 365 * 86_400 * 10**6))
        for _ in range(500)
    ]
    for day in (dt.date(2025, 3, 9), dt.date(2025, 11, 2), dt.date(2025, 6, 13)):
        for hours in range(-12, 60):
            instant = dt.datetime.combine(day, dt.time(), tzinfo=NEW_YORK).astimezone(dt.UTC)
            instant += dt.timedelta(hours=hours)
            instants += [instant, instant - dt.timedelta(microseconds=1)]
    values = ", ".join(f"(timestamp '{instant:%Y-%m-%d %H:%M:%S.%f}')" for instant in instants)
    hours = '''"time '18:00'", "time '17:00'", "'America/New_York'"'''
    query = compiler.compile(
        "--inline",
        f"""
        select
            {{{{ globex_session_date('ts', {hours}) }}}} as session,
            {{{{ globex_session_date('cast(ts as timestamp_ns)', {hours}) }}}} as session_of_ns
        from (values {values}) as v (ts)
        """,
    )
    expected = [globex_session_date(instant) for instant in instants]
    assert duckdb.sql(query).fetchall() == [(date, date) for date in expected]
    friday = dt.datetime(2025, 6, 13, 17, 30, tzinfo=NEW_YORK)
    assert globex_session_date(friday) == friday.date()
    assert globex_session_date(friday + dt.timedelta(days=2, hours=1)) == dt.date(2025, 6, 16)
