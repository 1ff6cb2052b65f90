"""Lakes in which trades and spot are tables, so that only the models of prices are built."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import pyarrow as pa
from spymaster_ingest.lake import Lake

from support import surface_lakes
from support.lakes import LEVEL_MODELS

TICK_INT = 250_000_000
NEW_YORK = ZoneInfo("America/New_York")
# a bit of invalid_flags: the venue does not trade
NOT_TRADING = 16
MODELS = (
    "bars",
    *LEVEL_MODELS,
    "levels_1s",
    "level_offset_1s",
    "approach_windows_5s",
    "approach_course_1s",
    "level_decisions",
    "approach_episodes",
    "level_labels",
    "level_outcomes",
    "setup_events",
)

_TABLES = """
create schema silver;
create schema steps;
create schema meta;
create table steps.contract_trades (
    symbol varchar, dt date, trade_no bigint, rec_ordinal bigint, ts_event timestamp_ns,
    window_start_ts timestamp, price_int bigint, size bigint, side varchar
);
create table silver.book_snapshot_1s (
    symbol varchar, dt date, window_start_ts timestamp, window_end_ts timestamp,
    window_valid boolean, invalid_flags utinyint, trade_count bigint,
    spot_ref_price_int bigint, mid_price_int bigint
);
create table silver.contract_days (symbol varchar, dt date, root varchar, tick_int bigint);
create table silver.recording_gaps (
    symbol varchar, dt date, gap_start_ts timestamp_ns, gap_end_ts timestamp_ns,
    known_at_ts timestamp_ns
);
create table meta.partition_state (
    relation varchar, owner varchar, dt date, input_fingerprint varchar,
    model_checksum varchar, primary key (relation, owner, dt)
);
"""


@dataclass(frozen=True)
class TradeDay:
    """Trades of a contract-day, at most one a second; spot is the last trade.

    Attributes:
        symbol: the contract.
        dt: UTC date.
        second: (n,) int64, seconds since the epoch, rising.
        tick: (n,) int64, prices in ticks.
        end_s: end of the last second of the book.
        closed_from_s: start of a closure that lasts to the end; None without one.
    """

    symbol: str
    dt: date
    second: np.ndarray
    tick: np.ndarray
    end_s: int
    closed_from_s: int | None = None

    def renamed(self, symbol: str) -> TradeDay:
        """Return the same day of another contract."""
        return replace(self, symbol=symbol)

    def changed_from(self, second: int, ticks: int) -> TradeDay:
        """Return the day with all prices moved from a second on."""
        return replace(self, tick=self.tick + np.where(self.second >= second, ticks, 0))


def new_york(day: date, clock: str) -> int:
    """Return a New York time of a day, `HH:MM` or `HH:MM:SS`, in seconds since the epoch."""
    return int(datetime.combine(day, time.fromisoformat(clock), NEW_YORK).timestamp())


def timestamp(second: int) -> datetime:
    """Return seconds since the epoch as a UTC time without zone."""
    return datetime(1970, 1, 1) + timedelta(seconds=second)


def walk(
    symbol: str,
    day: date,
    begin: str,
    end: str,
    *,
    seed: int,
    first_tick: int = 26_000,
    most_ticks: int = 2,
) -> TradeDay:
    """Return a random walk, a trade every 5 seconds between two New York times."""
    second = np.arange(new_york(day, begin), new_york(day, end), 5)
    steps = np.random.default_rng(seed).integers(
        -most_ticks, most_ticks, second.size, endpoint=True
    )
    tick = first_tick + np.cumsum(steps)
    return TradeDay(symbol, day, second, tick, new_york(day, end))


def build(folder: Path, days: Iterable[TradeDay], **variables: object) -> Path:
    """Build the price relations of days and return the database that holds them."""
    return surface_lakes.run_models(write_days(folder, days), MODELS, **variables)


def write_days(folder: Path, days: Iterable[TradeDay]) -> Lake:
    """Return a lake whose warehouse holds trades and spot of days."""
    lake = Lake(folder / "lake")
    lake.make_root()
    with duckdb.connect(str(lake.warehouse)) as connection:
        connection.execute(_TABLES)
        for day in days:
            _write(connection, day)
    return lake


def _write(connection: duckdb.DuckDBPyConnection, day: TradeDay) -> None:
    key = [day.symbol, day.dt]
    rows = pa.table({"second": day.second, "tick": day.tick})
    connection.register("trades", rows)
    connection.execute(
        """
        insert into steps.contract_trades
        select
            ?, ?, row_number() over (order by second), second,
            make_timestamp_ns(second * 1000000000 + 500000000),
            make_timestamp(second * 1000000), tick * ?, 1, if(tick % 2 = 0, 'B', 'A')
        from trades
        """,
        [*key, TICK_INT],
    )
    closed_from_s = day.end_s if day.closed_from_s is None else day.closed_from_s
    connection.execute(
        """
        insert into silver.book_snapshot_1s
        select
            ?, ?, make_timestamp(s * 1000000), make_timestamp((s + 1) * 1000000),
            s < ?, if(s < ?, 0, ?), (trades.second = s)::bigint, tick * ?, tick * ?
        from range(?, ?) as seconds (s)
        asof inner join trades on s >= trades.second
        """,
        [*key, *[closed_from_s] * 2, NOT_TRADING, *[TICK_INT] * 2, int(day.second[0]), day.end_s],
    )
    connection.unregister("trades")
    connection.execute("insert into silver.contract_days values (?, ?, 'ES', ?)", [*key, TICK_INT])
    for relation in ("contract_trades", "book_snapshot_1s", "recording_gaps"):
        connection.execute(
            "insert into meta.partition_state values (?, ?, ?, 'trades', '')",
            [relation, *key],
        )
