"""Lakes whose market relations are compared with the plain ones.

The kernels' seconds, the trades and the walls are tables, so that only the models after them are
built.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import duckdb
import numpy as np
import pyarrow as pa
from naive.book import replay
from naive.levels_model import Trade
from naive.market_by_price import (
    MarketDay,
    market_by_price_10_bar5s,
    market_features_1s,
    top10_1s,
)
from naive.market_states import State, mbo_states, mbo_trades, mbp10_states, second_range
from naive.model import NS_PER_S, BookConfig
from naive.surfaces import Row, timestamp_of
from spymaster_engine.kernels.book import Records
from spymaster_engine.kernels.market.level_rows import LevelRows
from spymaster_engine.kernels.market.market_day import (
    MarketSettings,
    market_arrays,
    seconds_of_levels,
    seconds_of_orders,
)
from spymaster_engine.market_columns import LEVEL_NAMES, SIDES
from spymaster_ingest.lake import Lake
from spymaster_warehouse.project_vars import project_vars

from support import surface_lakes
from support.market_days import mbp10_records
from support.schemas import with_schema
from support.strategies.mbo import MarketCase

MODELS = ("market_by_price_10_bar5s", "market_features_1s", "top10_1s")
# key columns within a contract-day
RELATIONS = {
    "silver.market_by_price_10_bar5s": ("bar_end_ts",),
    "silver.market_features_1s": ("window_end_ts",),
    "silver.top10_1s": ("source", "window_end_ts"),
}

_TABLES = """
create schema silver;
create schema steps;
create schema meta;
create table silver.contract_days (
    symbol varchar, dt date, root varchar, tick_int bigint,
    surface_windows struct(start_ts timestamp, end_ts timestamp)[]
);
create table steps.contract_trades (
    symbol varchar, dt date, trade_no bigint, window_start_ts timestamp, price_int bigint,
    size bigint, side varchar
);
create table silver.wall_surface_1s (
    symbol varchar, dt date, window_start_ts timestamp, side varchar, price_int bigint,
    add_qty bigint, pull_qty_total bigint
);
create table meta.partition_state (
    relation varchar, owner varchar, dt date, input_fingerprint varchar,
    model_checksum varchar, primary key (relation, owner, dt)
);
"""
_SECONDS = """
select
    $symbol as symbol, $dt::date as dt, make_timestamp(window_s * 1000000) as window_start_ts,
    window_start_ts + interval 1 second as window_end_ts, source, source = $in_use as is_in_use,
    * exclude (window_s, source)
from seconds
"""


@dataclass(frozen=True)
class DrawnDay:
    """A contract-day of a drawn stream.

    Attributes:
        symbol: Any name; two days of one stream differ in it.
        case: Records by order, and the configuration of the plain book.
        sources: Which sources are landed; the first one is in use.
        seed: Of the cuts of the records into chunks.
    """

    symbol: str
    case: MarketCase
    sources: tuple[str, ...] = ("mbo",)
    seed: int = 0

    @property
    def dt(self) -> date:
        """Date of the partition."""
        return datetime.fromtimestamp(self.case.config.day_start_ns // NS_PER_S, UTC).date()

    @property
    def key(self) -> tuple[str, date]:
        """The partition."""
        return self.symbol, self.dt

    def trades(self) -> list[Trade]:
        """Return the trades, which both sources tell alike."""
        return mbo_trades(self.case.records, self.case.config, *self.key)

    def states(self, source: str) -> list[State]:
        """Return the plain states of a source."""
        records, config = self.case.records, self.case.config
        if source == "mbo":
            return mbo_states(records, config)
        return mbp10_states(mbp10_records(records, config), config.day_start_ns)

    def walls(self) -> list[Row]:
        """Return the plain rows of the walls; without orders there are none."""
        if self.sources[0] != "mbo":
            return []
        return replay(self.case.records, self.case.config).wall


def on_date(case: MarketCase, days: int) -> MarketCase:
    """Return a stream of the following days."""
    shift_ns = days * 86_400 * NS_PER_S
    records = case.records.copy()
    for name in ("ts_event", "ts_recv"):
        records[name] += np.uint64(shift_ns)
    config = case.config
    window = config.surface_window_ns
    return MarketCase(
        records,
        replace(
            config,
            day_start_ns=config.day_start_ns + shift_ns,
            trading_intervals=[
                (open_ns + shift_ns, close_ns + shift_ns, is_open)
                for open_ns, close_ns, is_open in config.trading_intervals
            ],
            surface_window_ns=None if window is None else tuple(ns + shift_ns for ns in window),
        ),
    )


# What the kernels make of a day


def settings_of(config: BookConfig) -> MarketSettings:
    """Return the kernels' settings of a day, the project's where the day has none."""
    variables = project_vars()
    bands = variables["market_bands"]
    return MarketSettings(
        tick_int=config.tick_int,
        day_start_s=config.day_start_ns // NS_PER_S,
        bands=list(bands),
        edges_ticks=[upper for _, upper in bands.values()],
        reach_ticks=variables["ofi_price_reach_ticks"],
    )


def random_cuts(n: int, rng: np.random.Generator, parts: int = 12) -> list[slice]:
    """Cut n records into some chunks, also empty ones."""
    ends = [0, *sorted(rng.integers(0, n + 1, parts - 1).tolist()), n]
    return [slice(*pair) for pair in pairwise(ends)]


def level_rows(rows: Sequence[Row]) -> LevelRows:
    """Return rows of ten levels as the market kernel takes them; empty levels have any price."""

    def column(name: str, dtype: type[np.generic]) -> np.ndarray:
        return np.array([row[name] for row in rows], dtype)

    def levels(part: str, dtype: type[np.generic]) -> np.ndarray:
        names = [[f"{side}_{part.format(level)}" for level in LEVEL_NAMES] for side in SIDES]
        values = [[[row[name] for row in rows] for name in side] for side in names]
        filled = [[[-7 if x is None else x for x in level] for level in side] for side in values]
        return np.array(filled, dtype).reshape(len(SIDES), len(LEVEL_NAMES), len(rows))

    return LevelRows(
        ts_event=column("ts_event", np.int64),
        ts_recv=column("ts_recv", np.int64),
        flags=column("flags", np.uint8),
        action=np.array([ord(row["action"]) for row in rows], np.uint8),
        price=levels("px_{}_int", np.int64),
        qty=levels("sz_{}", np.uint32),
        count=levels("ct_{}", np.uint32),
    )


def kernel_seconds(day: DrawnDay, source: str) -> pa.Table:
    """Return the seconds of a source from its records in random chunks."""
    records, settings = day.case.records, settings_of(day.case.config)
    rng = np.random.default_rng(day.seed)
    if source == "mbo":
        cuts = random_cuts(len(records), rng)
        rows = seconds_of_orders((Records.from_vendor(records[cut]) for cut in cuts), settings)
    else:
        rows = seconds_of_levels(_level_chunks(day.case, rng), settings)
    arrays = market_arrays(rows, source, settings)
    # named as in market_book_1s
    arrays["ofi_price_10t"] = arrays.pop("ofi_price")
    return pa.table(arrays)


def _level_chunks(case: MarketCase, rng: np.random.Generator) -> Iterator[LevelRows]:
    published = mbp10_records(case.records, case.config)
    for cut in random_cuts(len(published), rng):
        yield level_rows(published[cut])


# The lake


def write_days(lake: Lake, days: Sequence[DrawnDay]) -> None:
    """Make a warehouse in which the inputs of the market relations are tables."""
    lake.make_root()
    with duckdb.connect(str(lake.warehouse)) as connection:
        connection.execute(_TABLES)
        for day in days:
            _write_day(connection, day)


def _write_day(connection: duckdb.DuckDBPyConnection, day: DrawnDay) -> None:
    config = day.case.config
    connection.execute(
        "insert into silver.contract_days values (?, ?, 'ES', ?, ?)",
        [*day.key, config.tick_int, surface_windows(config)],
    )
    for source in day.sources:
        connection.register("seconds", kernel_seconds(day, source))
        parameters = {"symbol": day.symbol, "dt": day.dt, "in_use": day.sources[0]}
        query = connection.execute(_SECONDS, parameters).to_arrow_table()
        connection.register("rows", query)
        connection.execute(
            "create table if not exists steps.market_book_1s as from rows where false"
        )
        connection.execute("insert into steps.market_book_1s by name from rows")
    trades = [
        [*day.key, x.ordinal, timestamp_of(x.window_s), x.price_int, x.size, x.side]
        for x in day.trades()
    ]
    _insert(connection, "contract_trades", trades)
    walls = day.walls()
    _insert(
        connection,
        "wall_surface_1s",
        [
            [
                *(*day.key, timestamp_of(row["window_start_s"]), row["side"], row["price_int"]),
                *(row["add_qty"], row["pull_qty_total"]),
            ]
            for row in walls
        ],
    )
    relations = ["market_book_1s", "contract_trades"] + ["wall_surface_1s"] * bool(walls)
    for relation in relations:
        connection.execute(
            "insert into meta.partition_state values (?, ?, ?, 'drawn', '')",
            [relation, *day.key],
        )


def surface_windows(config: BookConfig) -> list[dict[str, datetime]] | None:
    """Return when there are walls, as of `contract_days`."""
    if config.surface_window_ns is None:
        return None
    start_ns, end_ns = config.surface_window_ns
    origin = datetime(1970, 1, 1)
    microseconds = [timedelta(microseconds=ns // 1_000) for ns in (start_ns, end_ns)]
    return [{"start_ts": origin + microseconds[0], "end_ts": origin + microseconds[1]}]


def _insert(connection: duckdb.DuckDBPyConnection, relation: str, rows: list[list]) -> None:
    if not rows:
        return
    described = connection.execute(f"describe {with_schema(relation)}").fetchall()
    names = [name for name, *_ in described]
    table = pa.table(dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)))
    connection.register("rows", table)
    connection.execute(f"insert into {with_schema(relation)} by name from rows")


# Comparison


def plain_relations(day: DrawnDay) -> dict[str, list[Row]]:
    """Return the plain rows of a contract-day by relation."""
    source = day.sources[0]
    states = {name: day.states(name) for name in day.sources}
    trades, walls = day.trades(), day.walls() if source == "mbo" else None
    days = {name: market_day(day, name, states[name]) for name in day.sources}
    return {
        "silver.market_by_price_10_bar5s": market_by_price_10_bar5s(
            states[source], trades, days[source], walls
        ),
        "silver.market_features_1s": market_features_1s(states[source], trades, days[source]),
        "silver.top10_1s": [
            row for name in day.sources for row in top10_1s(states[name], days[name])
        ],
    }


def market_day(day: DrawnDay, source: str, states: Sequence[State]) -> MarketDay:
    """Return what the plain relations take of a contract-day."""
    window = day.case.config.surface_window_ns
    return MarketDay(
        *day.key,
        day.case.config.tick_int,
        source,
        *second_range(states),
        surface_window_s=None if window is None else tuple(ns // NS_PER_S for ns in window),
    )


def stored(lake: Lake, relation: str, day: DrawnDay) -> pa.Table:
    """Return the built rows of a contract-day in the order of their key."""
    order = ", ".join(RELATIONS[relation])
    with duckdb.connect(str(lake.warehouse), read_only=True) as connection:
        return connection.execute(
            f"select * from {relation} where symbol = ? and dt = ? order by {order}", [*day.key]
        ).to_arrow_table()


def assert_plain(lake: Lake, day: DrawnDay) -> int:
    """Assert that the relations of a contract-day are the plain ones; return the values."""
    compared = 0
    for relation, rows in plain_relations(day).items():
        table = stored(lake, relation, day)
        what = f"{relation} {day.symbol} {day.dt}"
        compared += surface_lakes.assert_same(what, table, rows, RELATIONS[relation])
    return compared
