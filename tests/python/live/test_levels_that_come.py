"""Levels that begin while a day is live, as a run makes them second by second, and goes on.

The SQL is that of the build; what it must give stands here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import duckdb
import pytest
from spymaster.live.step_levels import StepLevels
from spymaster_ingest.lake import PROJECT_ROOT
from support.model_sql import model_connection, rendered
from support.relations_of_models import create_relation

BEFORE, DAY = dt.date(2025, 10, 1), dt.date(2025, 10, 2)
PARTITION = {"symbol": "ESZ5", "dt": str(DAY), "root": "ES"}
RELATIONS = {
    "contract_days": "silver.contract_days",
    "instruments": "reference.instruments",
    "level_definitions": "silver.level_definitions",
    "own_levels": "silver.own_levels",
    "session_prices": "steps.session_prices",
    "step_levels": "steps.step_levels",
    "contract_trades": "steps.contract_trades",
    "bars": "silver.bars",
    "future_statistics": "bronze.future_statistics",
}
MADE = ("step_levels", "session_prices")
SECOND = dt.timedelta(seconds=1)
# within a minute: nothing but a settlement or a restart brings a level
AT = dt.datetime.combine(DAY, dt.time(4, 0, 5))
# when the session of the day ends
EVENING = dt.datetime.combine(DAY, dt.time(22))


def published(connection: duckdb.DuckDBPyConnection, levels: list[str]) -> None:
    """Write what a build says of the models of a lake with some levels."""

    def sql_of(name: str) -> str:
        [path] = PROJECT_ROOT.glob(f"models/**/{name}.sql")
        replaced = {
            "ref": lambda ref: '"{}"."{}"'.format(*RELATIONS[ref].split(".")),
            "config": lambda **_: "",
            "partitioned_by": lambda *_, **__: "",
            "in_partition": lambda *_, **__: "true",
        }
        text = path.read_text(encoding="utf-8")
        return rendered(text, connection, {"levels_in_use": levels}, replaced)

    connection.execute("create schema meta")
    connection.execute("create table meta.model_sql (relation text, language text, sql text)")
    connection.executemany(
        "insert into meta.model_sql values (?, 'sql', ?)",
        [(RELATIONS[name], sql_of(name)) for name in MADE],
    )


@pytest.fixture
def tables() -> Iterator[duckdb.DuckDBPyConnection]:
    """The tables of a session of the day, with the session of the day before."""
    with model_connection() as connection:
        for relation in RELATIONS.values():
            create_relation(connection, relation)
        insert(connection, "contract_days", symbol="ESZ5", dt=DAY, root="ES")
        insert(
            connection,
            "instruments",
            root="ES",
            session_open_local=dt.time(18),
            session_close_local=dt.time(17),
            session_tz="America/New_York",
        )
        insert(
            connection,
            "session_prices",
            symbol="ESZ5",
            dt=BEFORE,
            session_date=BEFORE,
            open_price_int=3,
            high_price_int=9,
            low_price_int=1,
            close_price_int=5,
        )
        yield connection


def insert(connection: duckdb.DuckDBPyConnection, name: str, **row: object) -> None:
    values = ", ".join(f"${column} as {column}" for column in row)
    connection.execute(f"insert into {RELATIONS[name]} by name select {values}", row)


def settled(connection: duckdb.DuckDBPyConnection, number: int, at: str, price: int) -> None:
    """A settlement price of the session before comes."""
    insert(connection, "future_statistics", symbol="ESZ5", dt=DAY, rec_ordinal=number)
    connection.execute(
        "update bronze.future_statistics set ts_recv = $at::timestamp_ns, stat_type = 3, "
        "update_action = 1, price_int = $price, ts_ref = $day::timestamp_ns "
        "where rec_ordinal = $number",
        {"at": f"{DAY} {at}", "price": price, "day": str(BEFORE), "number": number},
    )


def with_levels(connection: duckdb.DuckDBPyConnection, *levels: str) -> StepLevels:
    for level in levels:
        insert(connection, "level_definitions", level_id=level)
    with model_connection() as of_build:
        published(of_build, list(levels))
        return StepLevels(of_build, PARTITION)


def stepped(
    levels: StepLevels, connection: duckdb.DuckDBPyConnection, to_ts: dt.datetime
) -> list[tuple] | None:
    """Return the session's levels after a second; None where none may have come in it."""
    if not levels.is_due(connection, to_ts - SECOND, to_ts):
        return None
    levels.renew(connection)
    return connection.execute(
        "select level_id, from_ts, until_ts, level_price_int from steps.step_levels "
        "where from_ts < $evening order by level_id, from_ts",
        {"evening": EVENING},
    ).fetchall()


def test_a_settlement_is_a_level_from_the_second_it_came_in(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    """And its correction takes its place from the second that that one came in."""
    levels = with_levels(tables, "prior_settlement")
    assert stepped(levels, tables, AT) == []
    assert stepped(levels, tables, AT + SECOND) is None
    settled(tables, 1, "04:00:06.000000001", 8)
    first = AT + 2 * SECOND
    assert stepped(levels, tables, first) == [("prior_settlement", first, EVENING, 8)]
    assert stepped(levels, tables, first + SECOND) is None
    settled(tables, 2, "04:00:10", 7)
    corrected = AT + 5 * SECOND
    assert stepped(levels, tables, corrected) == [
        ("prior_settlement", first, corrected, 8),
        ("prior_settlement", corrected, EVENING, 7),
    ]
    assert stepped(levels, tables, corrected + SECOND) is None


@pytest.mark.parametrize("level", ["week_open", "prior_settlement"])
def test_a_run_that_goes_on_has_the_levels_that_came_before(
    tables: duckdb.DuckDBPyConnection, level: str
) -> None:
    """The published file knows those of the opening, and the next minute is far."""
    prior = level == "prior_settlement"
    insert(
        tables,
        "contract_trades",
        symbol="ESZ5",
        dt=DAY,
        trade_no=1,
        window_start_ts=AT - dt.timedelta(hours=2),
        price_int=6,
        size=1,
    )
    if prior:
        settled(tables, 1, "03:00:00", 8)
    else:
        # of the first session of the week there are trades of today alone
        tables.execute("delete from steps.session_prices")
    levels = with_levels(tables, level)
    [(found, from_ts, _, price)] = stepped(levels, tables, AT) or []
    came = dt.time(3) if prior else (AT - dt.timedelta(hours=2) + SECOND).time()
    assert (found, from_ts, price) == (level, dt.datetime.combine(DAY, came), 8 if prior else 6)
    assert stepped(levels, tables, AT + SECOND) is None
