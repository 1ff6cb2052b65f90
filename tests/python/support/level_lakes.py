"""Lakes whose level relations are compared with the plain implementation.

The engine's relations and the trades are tables, so that only the models after them are built.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from naive.gaps import Gap
from naive.levels_book import level_surface_1s, level_vacuum_1s, mbo_level_vacuum_5s
from naive.levels_corridor import level_corridor_1s, wide_row
from naive.levels_episodes import Decision, approach_episodes, decisions
from naive.levels_ladder import Moments, beyond_walls, level_ladder_1s
from naive.levels_model import LEVEL_IDS, LevelKey, LevelRules, Second, Trade
from naive.levels_outcomes import level_outcomes
from naive.levels_phases import decisions_by_phase
from naive.levels_price import bars, level_offset_1s, levels_1s
from naive.levels_setups import setup_events
from naive.levels_vectors import mbo_trigger_vectors
from naive.surfaces import Row, SurfaceDay, second_of
from spymaster_ingest.lake import Lake

from support import surface_lakes
from support.level_days import TICK_INT, Day
from support.level_samples import Sample
from support.schemas import with_schema
from support.strategies.surface_books import TYPES

WINDOW_KEY = ("window_end_ts", "level_id")
# key columns within a contract-day
RELATIONS = {
    "silver.bars": ("bar_s", "bar_start_ts"),
    "silver.levels_1s": WINDOW_KEY,
    "silver.level_offset_1s": WINDOW_KEY,
    "silver.level_surface_1s": (*WINDOW_KEY, "side", "price_int"),
    "silver.level_vacuum_1s": WINDOW_KEY,
    "silver.mbo_level_vacuum_5s": WINDOW_KEY,
    "silver.level_corridor_1s": WINDOW_KEY,
    "silver.level_ladder_1s": (*WINDOW_KEY, "point_offset"),
    "silver.level_features_wide_1s": ("window_end_ts",),
    "gold.approach_episodes": ("episode_id",),
    "gold.level_outcomes": (*WINDOW_KEY, "barrier_kind", "horizon_id"),
    "gold.setup_events": ("level_id", "direction", "trigger_candle_id"),
    "gold.mbo_trigger_vectors": WINDOW_KEY,
}
# rounding of float32, and the residue of a difference of equal numbers
FLOAT32 = {"rtol": 1.001 * 2.0**-24, "atol": 1e-11}
VECTORS = ("vector_down", "vector_up", "context")
KEYS_OF_LEVELS = {
    *("symbol", "dt", "window_start_ts", "window_end_ts", "window_valid", "level_id"),
    *("level_price_int", "approach_dir"),
    # contracts that state names need; not features
    *("behind_add_qty", "behind_pull_qty", "beyond_wall_depth"),
    *("beyond_wall_from_ticks", "beyond_wall_to_ticks"),
}
OFFSET_FEATURES = ("k_ticks", "k_vol", "closing_speed_15s", "secs_to_touch")
SPEEDS = ("sigma_1s_ticks", "speed_3s", "speed_15s")
NOT_WIDE = {"spot_ref_price_int", "mid_price", "mid_price_int", "calibration_mode"}

Relations = Mapping[str, Sequence[Row]]

_TRADE_TYPES = {
    "symbol": pa.string(),
    "dt": pa.date32(),
    "trade_no": pa.int64(),
    "rec_ordinal": pa.int64(),
    "ts_event": pa.timestamp("ns"),
    "window_start_ts": pa.timestamp("us"),
    "price_int": pa.int64(),
    "size": pa.int64(),
    "side": pa.string(),
}


_LEVEL_TYPES = TYPES | {
    "level_id": pa.string(),
    "is_active": pa.bool_(),
    "is_primary": pa.bool_(),
}


def write_days(
    lake: Lake, days: Sequence[Day], levels: Mapping[date, Mapping[LevelKey, Row]] | None = None
) -> None:
    """Make a warehouse in which the engine's relations and the trades are tables.

    Rows of `levels_1s` by date, if given, become a table too.
    """
    book_days = [surface_lakes.BookDay("ES", day.books) for day in days if day.books]
    selection = {("ES", day.dt): day.symbol for day in days if day.books}
    surface_lakes.write_engine_tables(lake, book_days, selection)
    with duckdb.connect(str(lake.warehouse)) as connection:
        for day in days:
            if day.books is None:
                _write_without_books(connection, day)
            _insert(connection, "contract_trades", _trade_rows(day), _TRADE_TYPES)
            _write_gaps(connection, day)
            connection.execute(
                "insert into meta.partition_state values "
                "('contract_trades', ?, ?, 'trades', ''), "
                "('book_snapshot_1s', ?, ?, 'books', '')",
                [day.symbol, day.dt] * 2,
            )
            if levels is not None:
                _insert(connection, "levels_1s", list(levels[day.dt].values()), _LEVEL_TYPES)
                connection.execute(
                    "insert into meta.partition_state values ('levels_1s', ?, ?, 'levels', '')",
                    [day.symbol, day.dt],
                )


def _write_without_books(connection: duckdb.DuckDBPyConnection, day: Day) -> None:
    """A day without a second in the surface window."""
    start = day.snapshot[0]["window_start_ts"]
    no_second = [{"start_ts": start, "end_ts": start}]
    connection.execute(
        "insert into silver.contract_days values (?, ?, 'ES', ?, ?, ?)",
        [day.symbol, day.dt, TICK_INT, no_second, no_second],
    )
    connection.execute(
        "insert into meta.partition_state values ('recording_gaps', ?, ?, 'none', '')",
        [day.symbol, day.dt],
    )
    _insert(connection, "book_snapshot_1s", day.snapshot, TYPES)


def _write_gaps(connection: duckdb.DuckDBPyConnection, day: Day) -> None:
    for gap in day.gaps:
        connection.execute(
            "insert into silver.recording_gaps values "
            "($1, $2, make_timestamp_ns($3), make_timestamp_ns($4), make_timestamp_ns($4), $5)",
            [day.symbol, day.dt, gap.start_ns, gap.end_ns, gap.cause],
        )


def _insert(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    rows: Sequence[Row],
    types: Mapping[str, pa.DataType],
) -> None:
    schema = pa.schema([(name, types.get(name, pa.int64())) for name in rows[0]])
    connection.register("rows", pa.Table.from_pylist(list(rows), schema=schema))
    connection.execute(
        f"create table if not exists {with_schema(relation)} as select * from rows where false"
    )
    connection.execute(f"insert into {with_schema(relation)} by name select * from rows")
    connection.unregister("rows")


def _trade_rows(day: Day) -> list[Row]:
    starts = [row["window_start_ts"] for row in day.snapshot]
    first_s = second_of(starts[0])
    return [
        {
            "symbol": trade.symbol,
            "dt": trade.dt,
            "trade_no": number,
            "rec_ordinal": trade.ordinal,
            "ts_event": trade.ts_event_ns,
            "window_start_ts": starts[trade.window_s - first_s],
            "price_int": trade.price_int,
            "size": trade.size,
            "side": trade.side,
        }
        for number, trade in enumerate(day.trades, start=1)
    ]


def plain_levels(
    day: SurfaceDay,
    trades: Sequence[Trade],
    bands: Mapping[int, Row],
    rules: LevelRules,
    sample: Sample,
    gaps: Sequence[Gap] = (),
) -> Relations:
    """Compute every level relation of a contract-day plainly.

    Args:
        day: The engine's rows.
        trades: Trades of all contract-days.
        bands: Rows of `physics_bands_1s` by second, as published.
        rules: Symbol, date and settings.
        sample: Seconds and decisions to compare.
        gaps: Recording gaps of the contract-day.

    Returns:
        Rows by relation.
    """
    seconds = [Second.of_row(row) for row in day.snapshot.values()]
    # courses need the levels of every second
    wanted = [s.end_s for s in seconds if sample.has_decisions or sample.has_window(s.end_s)]
    every_level = levels_1s(trades, wanted, rules)
    every_offset = level_offset_1s(seconds, every_level, rules)
    levels, offsets = (
        {key: row for key, row in rows.items() if sample.has_window(key[0])}
        for rows in (every_level, every_offset)
    )
    bar_rows = bars(trades)
    of_day = (rules.symbol, rules.dt)
    day_end_s = max(second.end_s for second in seconds)
    setups = setup_events(bar_rows, levels, day_end_s, rules)
    relations = {
        "silver.bars": [r for r in bar_rows.values() if (r["symbol"], r["dt"]) == of_day],
        "silver.levels_1s": [_in_ticks(row) for row in levels.values()],
        "silver.level_offset_1s": list(offsets.values()),
        "gold.setup_events": list(setups.values()),
    }
    if not sample.has_decisions:
        return relations
    windows = decisions(seconds, levels, offsets)
    found = decisions_by_phase(windows, seconds, every_level, every_offset, trades, rules, gaps)

    def is_wanted(decision: Decision) -> bool:
        return sample.has_labels(decision.end_s, is_eligible=decision.phase(rules) is not None)

    books = level_books(day, levels, offsets, rules)
    vacuum, vacuum_5s = books["silver.level_vacuum_1s"], books["silver.mbo_level_vacuum_5s"]
    corridors = books["silver.level_corridor_1s"]
    by_key: dict[str, Mapping[Any, Row]] = {
        **books,
        "silver.level_features_wide_1s": wide_rows(bands, offsets, vacuum, corridors),
        "gold.approach_episodes": approach_episodes(windows, trades, rules),
        "gold.level_outcomes": level_outcomes(found, seconds, trades, rules, is_wanted, gaps),
        "gold.mbo_trigger_vectors": mbo_trigger_vectors(
            found, vacuum_5s, corridors, bands, offsets, rules, gaps
        ),
    }
    return relations | {name: list(rows.values()) for name, rows in by_key.items()}


def plain_from_levels(
    day: SurfaceDay,
    trades: Sequence[Trade],
    levels: Mapping[LevelKey, Row],
    rules: LevelRules,
    gaps: Sequence[Gap] = (),
) -> Relations:
    """Compute the relations after given levels of a contract-day, except vectors and setups."""
    seconds = [Second.of_row(row) for row in day.snapshot.values()]
    offsets = level_offset_1s(seconds, levels, rules)
    windows = decisions(seconds, levels, offsets)
    found = decisions_by_phase(windows, seconds, levels, offsets, trades, rules, gaps)
    by_key = {
        "silver.level_offset_1s": offsets,
        **level_books(day, levels, offsets, rules),
        "gold.approach_episodes": approach_episodes(windows, trades, rules),
        "gold.level_outcomes": level_outcomes(found, seconds, trades, rules, gaps=gaps),
    }
    return {name: list(rows.values()) for name, rows in by_key.items()}


def level_books(
    day: SurfaceDay,
    levels: Mapping[LevelKey, Row],
    offsets: Mapping[LevelKey, Row],
    rules: LevelRules,
) -> dict[str, Mapping[Any, Row]]:
    """Relations of the book around the levels, by relation and key."""
    relations = {
        "silver.level_surface_1s": level_surface_1s,
        "silver.level_vacuum_1s": level_vacuum_1s,
        "silver.mbo_level_vacuum_5s": mbo_level_vacuum_5s,
        "silver.level_corridor_1s": level_corridor_1s,
    }
    found = {name: rows_of(day, levels, offsets, rules) for name, rows_of in relations.items()}
    moments = Moments(day)
    found["silver.level_ladder_1s"] = level_ladder_1s(day, levels, offsets, rules, moments)
    corridors = found["silver.level_corridor_1s"]
    for key, wall in beyond_walls(day, levels, corridors, moments).items():
        corridors[key] |= wall
    return found


def _in_ticks(row: Row) -> Row:
    """The residue added back to its tick, because it carries the rounding of that price."""
    if row["level_tick"] is None:
        return row
    return row | {"level_resid_ticks": row["level_tick"] + row["level_resid_ticks"]}


def wide_rows(
    bands: Mapping[int, Row],
    offsets: Mapping[LevelKey, Row],
    vacuum: Mapping[LevelKey, Row],
    corridors: Mapping[LevelKey, Row],
) -> dict[int, Row]:
    """Rows of `silver.level_features_wide_1s` by second, for each second with bands."""
    nothing = {name: None for rows in (vacuum, corridors) for name in next(iter(rows.values()), {})}
    nothing = {name: None for name in nothing if name not in KEYS_OF_LEVELS}
    nothing |= dict.fromkeys(OFFSET_FEATURES)
    wide = {}
    for second, band in bands.items():
        end_s = second + 1
        by_level = {}
        for level in LEVEL_IDS:
            by_level[level] = dict(nothing)
            if (end_s, level) in vacuum:
                offset = {name: offsets[end_s, level][name] for name in OFFSET_FEATURES}
                found = vacuum[end_s, level] | corridors.get((end_s, level), {}) | offset
                by_level[level] |= {n: v for n, v in found.items() if n not in KEYS_OF_LEVELS}
        speeds = {name: offsets[end_s, LEVEL_IDS[0]][name] for name in SPEEDS}
        market = {name: value for name, value in band.items() if name not in NOT_WIDE}
        wide[second] = wide_row(by_level, market | speeds)
    return wide


def published_bands(database: Path, symbol: str, dt: date) -> dict[int, Row]:
    """Rows of `physics_bands_1s` of a contract-day by second."""
    rows = table_of(database, "silver.physics_bands_1s", symbol, dt).to_pylist()
    return {second_of(row["window_start_ts"]): row for row in rows}


def table_of(
    database: Path,
    relation: str,
    symbol: str,
    dt: date,
    key: Iterable[str] = (),
    condition: str = "true",
) -> pa.Table:
    """Rows of a contract-day in the order of a key."""
    columns = "*"
    if relation == "silver.levels_1s":
        columns = "* replace (level_tick + level_resid_ticks as level_resid_ticks)"
    order = ", ".join(key) or "all"
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(
            f"select {columns} from {relation} "
            f"where symbol = ? and dt = ? and {condition} order by {order}",
            [symbol, dt],
        ).to_arrow_table()


def assert_relation(
    database: Path, relation: str, plain: Relations, rules: LevelRules, sample: Sample
) -> int:
    """Assert that a relation of a contract-day equals the plain rows; return the compared count."""
    key = RELATIONS[relation]
    condition = sample.conditions.get(relation, "true")
    table = table_of(database, relation, rules.symbol, rules.dt, key, condition)
    rows = sorted(plain[relation], key=lambda row: tuple(row[name] for name in key))
    what = f"{relation} {rules.symbol} {rules.dt}"
    elements = 0
    if relation == "gold.mbo_trigger_vectors":
        elements = assert_same_vectors(what, table, rows)
        table = table.drop_columns(list(VECTORS))
        rows = [{n: v for n, v in row.items() if n not in VECTORS} for row in rows]
    table, rows = comparable(table, rows)
    return elements + surface_lakes.assert_same(what, table, rows, key)


def comparable(table: pa.Table, rows: Sequence[Row]) -> tuple[pa.Table, list[Row]]:
    """Convert nanoseconds to integers and lists of names to texts, in a table and in rows."""
    lists = []
    for index, field in enumerate(table.schema):
        column = table[field.name]
        if pa.types.is_timestamp(field.type) and field.type.unit == "ns":
            table = table.set_column(index, field.name, column.cast(pa.int64()))
        elif pa.types.is_list(field.type):
            lists.append(field.name)
            texts = pa.array(map(_text, column.to_pylist()), pa.string())
            table = table.set_column(index, field.name, texts)
    return table, [row | {name: _text(row[name]) for name in lists} for row in rows]


def _text(names: Sequence[str] | None) -> str | None:
    return None if names is None else " ".join(names)


def assert_same_vectors(what: str, table: pa.Table, rows: Sequence[Row]) -> int:
    """Assert that vectors and contexts equal those of rows in the same order, as float32.

    Returns the number of compared elements.
    """
    assert table.num_rows == len(rows), what
    elements = 0
    for name in VECTORS:
        for found, row in zip(table[name].to_pylist(), rows, strict=True):
            assert (found is None) == (row[name] is None), (what, name)
            if found is not None:
                one, other = (np.array(values, np.float64) for values in (found, row[name]))
                np.testing.assert_allclose(one, other, err_msg=f"{what}: {name}", **FLOAT32)
                elements += len(found)
    return elements
