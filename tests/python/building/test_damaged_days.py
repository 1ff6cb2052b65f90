"""Damaged days through the whole of silver: known values are right, the others are NULL."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest
from spymaster_ingest.lake import Lake
from spymaster_ingest.synthetic import (
    SessionPlan,
    SyntheticMarket,
    contracts_of,
    load_product,
    trading_days,
    write_day,
)
from spymaster_ingest.synthetic.damage import Damage
from spymaster_ingest.synthetic.truth_files import attach_truth
from support import lakes

# A dense quarter of an hour around the opening; the night is almost silent.
PLAN = SessionPlan(hours=0.2, overnight_rate=0.02, premarket_rate=0.05, evening_seconds=0)
MARKET = SyntheticMarket(load_product("ES"), seed=17, plan=PLAN)
GAP = replace(MARKET, damage=Damage(gap_start=dt.time(9, 33), gap_seconds=20))
CLEARED = replace(MARKET, damage=Damage(clear_at=dt.time(9, 33)))
HALTED = replace(
    MARKET, damage=Damage(halt_start=dt.time(9, 32), halt_seconds=90, gathering_seconds=30)
)
# summer time ends in the night to 2 November
DAYS = {
    "gap": (dt.date(2025, 10, 29), GAP),
    "clear": (dt.date(2025, 10, 30), CLEARED),
    "summer": (dt.date(2025, 10, 31), MARKET),
    "winter": (dt.date(2025, 11, 3), MARKET),
    "halt": (dt.date(2025, 11, 4), HALTED),
    "no snapshot": (dt.date(2025, 11, 5), replace(MARKET, snapshot="none")),
    "no last": (dt.date(2025, 11, 6), replace(MARKET, snapshot="adds_without_last")),
    "early close": (dt.date(2025, 11, 27), MARKET),
}
# A gap can be noticed only at the first record after it.
IN_GAP = (
    f"window_start_ts between timestamp '{DAYS['gap'][0]} 13:33:00' "
    f"and timestamp '{DAYS['gap'][0]} 13:33:20'"
)
NO_BOOK, RESET, BAD_BOOK, NOT_OPEN = 1, 2, 4, 16
SCORED = {
    "vacuum_metrics_1s": "d1_pull_add_log",
    "vacuum_surface_1s": "vacuum_score",
    "physics_surface_1s": "ease",
    "physics_bands_1s": "above_score",
    "radar_vacuum_1s": "f7_vacuum_total_log",
    "wall_derivatives_1s": "d1_depth_qty",
}


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("raw")
    for day, market in DAYS.values():
        schemas = ("mbo", "definition", "status")
        write_day(market, day, folder, schemas=schemas, truth=True)
    return folder


@pytest.fixture(scope="module")
def lake(raw: Path, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """A lake of these days that passed every data test of silver up to the surfaces."""
    lake = Lake(tmp_path_factory.mktemp("lake") / "lake")
    lakes.land_raw(lake, raw / "source=databento")
    selected = ("--select", "silver", *lakes.WITHOUT_LEVELS)
    lakes.build(lake, *selected, surface_window=("09:28", "12:30"))
    return lake


@pytest.fixture(scope="module")
def connection(lake: Lake, raw: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The lake and, in schema ``truth``, the truth."""
    with duckdb.connect() as connection:
        attach_truth(connection, raw)
        connection.execute(f"attach '{lake.published}' as lake (read_only)")
        yield connection


def flags(lake: Lake, name: str, start: dt.time, end: dt.time) -> list[int]:
    """Return the flags of a day's seconds, by New York time."""
    rows = lakes.ask(
        lake,
        f"""
        select invalid_flags from silver.book_snapshot_1s
        where
            dt = date '{DAYS[name][0]}'
            and cast(timezone('America/New_York', timezone('UTC', window_start_ts)) as time)
            between time '{start}' and time '{end}' - interval 1 second
        order by window_start_ts
        """,
    )
    return [row[0] for row in rows]


def test_known_seconds_equal_the_truth(connection: duckdb.DuckDBPyConnection) -> None:
    compared = dict(
        connection.execute(
            """
            select book.dt, count(*)
            from lake.silver.book_snapshot_1s as book
            inner join truth.truth_book_1s as truth using (symbol, dt, window_start_ts)
            where book.book_valid
            group by book.dt
            """
        ).fetchall()
    )
    assert set(compared) == {day for name, (day, _) in DAYS.items() if name != "no snapshot"}
    assert min(compared.values()) > 400
    for column in (
        "best_bid_price_int",
        "best_ask_price_int",
        "best_bid_qty",
        "best_ask_qty",
        "bid_depth_total",
        "ask_order_count",
    ):
        differing = connection.execute(
            f"""
            select book.dt, count(*)
            from lake.silver.book_snapshot_1s as book
            inner join truth.truth_book_1s as truth using (symbol, dt, window_start_ts)
            where
                book.book_valid
                and book.{column} is distinct from truth.{column}
                and not ({IN_GAP})
            group by book.dt
            """
        ).fetchall()
        assert differing == [], column


def test_flows_of_valid_seconds_equal_the_agents_bookings(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    [(rows, differing)] = connection.execute(
        f"""
        select
            count(*),
            count(*) filter (where
                (wall.add_qty, wall.pull_qty_total, wall.fill_qty, wall.depth_qty_end)
                is distinct from (
                    coalesce(truth.add_qty, 0), coalesce(truth.pull_qty_total, 0),
                    coalesce(truth.fill_qty, 0),
                    coalesce(truth.depth_qty_end, wall.depth_qty_start)
                )
            )
        from lake.silver.wall_surface_1s as wall
        left join truth.truth_flows_1s as truth using (symbol, dt, window_start_ts, side, price_int)
        where wall.window_valid and not ({IN_GAP})
        """
    ).fetchall()
    assert rows > 1_000_000
    assert differing == 0


def test_after_a_gap_the_book_is_not_trusted(lake: Lake) -> None:
    before = flags(lake, "gap", dt.time(9, 31), dt.time(9, 33))
    assert set(before) == {0}
    after = flags(lake, "gap", dt.time(9, 33, 20), dt.time(9, 36))
    assert all(bits & BAD_BOOK for bits in after)


def test_a_cleared_book_invalidates_a_second(lake: Lake) -> None:
    around = flags(lake, "clear", dt.time(9, 32, 58), dt.time(9, 33, 3))
    assert [bool(bits & RESET) for bits in around] == [False, False, True, False, False]
    [(scored,)] = lakes.ask(
        lake,
        "select count(d1_depth_qty) from silver.wall_derivatives_1s "
        f"where dt = date '{DAYS['clear'][0]}' and window_start_ts = "
        f"timestamp '{DAYS['clear'][0]} 13:33:00'",
    )
    assert scored == 0


def test_a_halt_is_invalid_from_its_first_to_its_last_second(lake: Lake) -> None:
    halted = flags(lake, "halt", dt.time(9, 32), dt.time(9, 33, 30))
    assert all(bits & NOT_OPEN for bits in halted)
    assert len(halted) == 90
    assert not any(bits & NOT_OPEN for bits in flags(lake, "halt", dt.time(9, 30), dt.time(9, 32)))
    after = flags(lake, "halt", dt.time(9, 33, 32), dt.time(9, 36))
    assert not any(bits & NOT_OPEN for bits in after)


@pytest.mark.parametrize(("relation", "column"), SCORED.items())
def test_a_day_without_a_book_has_no_values(lake: Lake, relation: str, column: str) -> None:
    of_day = "select count(*), count({}) from silver.{} where dt = date '{}'"
    day = DAYS["no snapshot"][0]
    [(seconds, known)] = lakes.ask(lake, of_day.format(column, relation, day))
    assert seconds > 0
    assert known == 0
    [(_, known)] = lakes.ask(lake, of_day.format(column, relation, DAYS["winter"][0]))
    assert (known > 0) == (relation not in _NOT_CALIBRATED)


# scores begin ten minutes after the opening; these days are shorter
_NOT_CALIBRATED = ("vacuum_surface_1s", "physics_surface_1s", "physics_bands_1s")


def test_a_snapshot_is_complete_with_the_next_record(lake: Lake) -> None:
    assert all(
        bits & NO_BOOK for bits in flags(lake, "no snapshot", dt.time(9, 31), dt.time(9, 36))
    )
    assert set(flags(lake, "no last", dt.time(9, 31), dt.time(9, 36))) == {0}


def test_the_study_window_follows_the_clock_of_new_york(lake: Lake) -> None:
    rows = lakes.ask(
        lake,
        "select dt, strftime(min(window_start_ts), '%H:%M') from silver.radar_vacuum_1s "
        "group by dt order by dt",
    )
    first = dict(rows)
    assert first[DAYS["summer"][0]] == "13:28"
    assert first[DAYS["winter"][0]] == "14:28"
    hours = lakes.ask(
        lake,
        "select strftime(open_ts, '%H:%M'), strftime(close_ts, '%H:%M') from silver.trading_hours "
        f"where dt = date '{DAYS['early close'][0]}' order by open_ts",
    )
    # Thanksgiving: trading stops at 13:00 New York
    assert hours[0] == ("00:00", "18:00")


def test_the_selection_rolls_once_over_four_days(tmp_path: Path) -> None:
    days = trading_days(dt.date(2025, 12, 4), 9)
    plan = SessionPlan(hours=0.1, overnight_rate=0.05, premarket_rate=0.05, evening_seconds=0)
    market = replace(MARKET, plan=plan)
    for day in days:
        schemas = ("trades", "definition")
        write_day(market, day, tmp_path / "raw", schemas=schemas, contracts=("front", "next"))
    lake = Lake(tmp_path / "lake")
    lakes.land_raw(lake, tmp_path / "raw")
    lakes.build(lake, "--select", "+mbo_contract_day_selection")
    rows = lakes.ask(
        lake,
        "select session_date, selected_symbol from silver.mbo_contract_day_selection "
        "order by session_date",
    )
    selected = dict(rows)
    assert set(selected) == set(days)
    for before, day in pairwise(days):
        front = contracts_of(market.product, before)["front"].symbol
        leads = front if market.rolled_share(before) < 0.5 else "ESH6"
        assert selected[day] == leads, day
    # there is no data before the first session
    assert selected[days[0]] is None
    assert (selected[days[1]], selected[days[-1]]) == ("ESZ5", "ESH6")
