"""Lakes whose level engines are compared with the plain ones.

The book, the trades, the levels, the options and the answers of retrieval are tables, so that only
the models after them are built. The plain engines read the same tables.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from naive import barrier_engine_1s, break_score_1s, fuel_engine_1s, level_signals, tape_engine_1s
from naive.surfaces import Row, second_of
from spymaster_ingest.lake import Lake

from support import level_lakes, surface_lakes
from support.drawn_courses import COLUMNS, drawn_courses
from support.level_days import TICK_INT, Day

ENGINES = ("barrier_engine_1s", "tape_engine_1s", "fuel_engine_1s", "break_score_1s")
RELATIONS = {
    **{name: f"silver.{name}" for name in ENGINES[:3]},
    **{name: f"gold.{name}" for name in (ENGINES[3], "level_signals")},
}
MODELS = (
    "own_levels",
    "level_definitions",
    "level_offset_1s",
    "level_anchors_1s",
    "usual_depth_1s",
    "level_book_1s",
    "level_side_changes",
    "engine_levels_1s",
    *RELATIONS,
)
HORIZON = "s240"
KEY = ("window_end_ts", "level_id")
STRIKE_STEP_TICKS = 8

_ANSWERS = """
create schema if not exists gold;
create table gold.retrieval_answers (
    symbol varchar, dt date, level_id varchar, window_end_ts timestamp, horizon_id varchar,
    p_break double, p_reject double, p_chop double, base_break double, base_reject double,
    base_chop double, n_eff double, neighbors_ok boolean
);
"""
_COURSES = """
create table silver.approach_course_1s (
    symbol varchar, dt date, window_end_ts timestamp, level_id varchar, direction varchar
);
"""
_TABLES = """
alter table silver.gex_surface_1s add column spot_ref_price_int bigint;
alter table silver.gex_surface_1s add column rel_ticks integer;
alter table silver.gex_surface_1s add column gex double;
alter table silver.gex_summary_1s add column window_start_ts timestamp;
alter table silver.gex_summary_1s add column gamma_flip_price double;
create table steps.gex_settings (
    symbol varchar, dt date, strike_step_int bigint, trade_source varchar
);
create table silver.option_contracts (
    symbol varchar, dt date, option_symbol varchar, strike_price_int bigint, expiration timestamp,
    days_to_expiry integer, multiplier double
);
create table silver.option_iv_1s (
    symbol varchar, dt date, window_end_ts timestamp, expiration timestamp,
    strike_price_int bigint, gamma double
);
"""


def write_days(
    lake: Lake, days: Sequence[Day], levels: Mapping[date, Mapping[tuple, Row]], **constants: float
) -> None:
    """Make a warehouse of days with given levels, with other constants than the seed's.

    No approach is under way; `write_courses` adds some.
    """
    level_lakes.write_days(lake, days, levels)
    with duckdb.connect(str(lake.warehouse)) as connection:
        connection.execute(_TABLES)
        connection.execute(_COURSES)
        for day in days:
            connection.execute(
                "insert into meta.partition_state values "
                "('approach_course_1s', ?, ?, 'courses', '')",
                [day.symbol, day.dt],
            )
    write_no_answers(lake.warehouse)
    change_constants(lake.warehouse, **constants)


def write_courses(database: Path, day: Day, levels: Iterable[Row], *, seed: int) -> None:
    """Add drawn courses of approaches to a day's levels."""
    spots = {row["window_end_ts"]: row["spot_ref_price_int"] for row in day.snapshot}
    rows = drawn_courses(levels, spots, seed)
    with duckdb.connect(str(database)) as connection:
        values = [[row[name] for name in COLUMNS] for row in rows]
        _insert(connection, "silver.approach_course_1s values (?, ?, ?, ?, ?)", values)


def write_no_options(database: Path) -> None:
    """Make empty tables of what the engines read of options."""
    with duckdb.connect(str(database)) as connection:
        connection.execute("create schema if not exists silver; create schema if not exists steps")
        connection.execute(surface_lakes.OPTION_TABLES)
        connection.execute(_TABLES)


def write_no_answers(database: Path) -> None:
    """Make an empty table of what the signals read of retrieval."""
    with duckdb.connect(str(database)) as connection:
        connection.execute(_ANSWERS)


def change_constants(database: Path, **constants: float) -> None:
    """Change rows of the seed in the warehouse alone."""
    seed = Path(__file__).parents[3] / "seeds" / "engine_constants.csv"
    with duckdb.connect(str(database)) as connection:
        connection.execute("create schema if not exists reference")
        connection.execute(
            "create table if not exists reference.engine_constants as "
            f"select name, value::double as value, unit, description from read_csv('{seed}')"
        )
        for name, value in constants.items():
            changed = connection.execute(
                "update reference.engine_constants set value = ? where name = ?", [value, name]
            ).fetchone()
            assert changed == (1,), name


def write_options(lake: Lake, day: Day, *, seed: int) -> None:
    """Add drawn options: trades, gammas of which some are unknown, exposures and a flip."""
    random = Random(seed)
    key = [day.symbol, day.dt]
    expiration = day.snapshot[-1]["window_end_ts"] + timedelta(hours=1)
    spots = [row["spot_ref_price_int"] // TICK_INT for row in day.snapshot]
    step_int = STRIKE_STEP_TICKS * TICK_INT
    first, last = min(spots) // STRIKE_STEP_TICKS - 6, max(spots) // STRIKE_STEP_TICKS + 6
    strikes = [number * step_int for number in range(first, last + 1)]
    contracts, volatilities, trades, exposures, flips = [], [], [], [], []
    for strike in strikes:
        for right, days_to_expiry in (("C", 0), ("P", 0), ("late", 7)):
            contracts.append([*key, f"{right}{strike}", strike, expiration, days_to_expiry, 50.0])
    for row, spot in zip(day.snapshot, spots, strict=True):
        end = row["window_end_ts"]
        start_ns = second_of(row["window_start_ts"]) * 1_000_000_000
        for strike in strikes:
            gamma = None if random.random() < 0.002 else random.uniform(0.001, 0.02)
            volatilities.append([*key, end, expiration, strike, gamma])
            gex = None if random.random() < 0.1 else random.choice((-1, 1, 2)) * 30_000.0
            start, place = row["window_start_ts"], strike // TICK_INT - spot
            exposures.append([*key, start, end, strike, spot * TICK_INT, place, gex])
        for _ in range(random.choice((0, 0, 1, 3))):
            option = f"{random.choice(('C', 'P', 'late'))}{random.choice(strikes)}"
            size, side = random.randint(1, 400), random.choice("AABBN")
            trades.append((option, start_ns + random.randrange(10**9), size, side))
        flips.append([*key, row["window_start_ts"], end, random.choice((None, 1234.5))])
    land_option_trades(lake, day.symbol, day.dt, trades)
    with duckdb.connect(str(lake.warehouse)) as connection:
        connection.execute(
            "insert into steps.gex_settings values (?, ?, ?, 'trades')", [*key, step_int]
        )
        for relation, columns, rows in (
            ("option_contracts", "?, ?, ?, ?, ?, ?, ?", contracts),
            ("option_iv_1s", "?, ?, ?, ?, ?, ?", volatilities),
        ):
            _insert(connection, f"silver.{relation} values ({columns})", rows)
        _insert(
            connection,
            "silver.gex_surface_1s (symbol, dt, window_start_ts, window_end_ts, strike_price_int, "
            "spot_ref_price_int, rel_ticks, gex) values (?, ?, ?, ?, ?, ?, ?, ?)",
            exposures,
        )
        _insert(
            connection,
            "silver.gex_summary_1s (symbol, dt, window_start_ts, window_end_ts, gamma_flip_price) "
            "values (?, ?, ?, ?, ?)",
            flips,
        )
        connection.execute(
            "insert into meta.partition_state values ('gex_summary_1s', ?, ?, 'gex', '')", key
        )


def land_option_trades(
    lake: Lake, symbol: str, dt: date, trades: Sequence[tuple[str, int, int, str]]
) -> None:
    """Write the landed partition of option trades: option, ts_event in ns, size and side."""
    folder = lake.bronze_partition("future_option", symbol, "trades", dt)
    folder.mkdir(parents=True)
    options, times, sizes, sides = zip(*trades, strict=True)
    nothing = dict.fromkeys(
        (
            *("rec_ordinal", "instrument_id", "flags", "sequence", "strike_price_int"),
            *("price_int", "bid_px_int", "ask_px_int"),
        ),
        pa.array([0] * len(trades), pa.int64()),
    )
    at = pa.array(times, pa.timestamp("ns"))
    pq.write_table(
        pa.table(
            {
                **{
                    "ts_event": at,
                    "ts_recv": at,
                    "expiration": at.cast(pa.timestamp("us"), safe=False),
                },
                **{"option_symbol": options, "right": ["C"] * len(trades)},
                **{"size": sizes, "side": sides, **nothing},
            }
        ),
        folder / "part-00000.parquet",
    )
    (folder / "_SUCCESS").touch()


def _insert(connection: duckdb.DuckDBPyConnection, target: str, rows: list[list]) -> None:
    connection.execute("begin")
    connection.executemany(f"insert into {target}", rows)
    connection.execute("commit")


def write_answers(database: Path, day: Day, levels: Sequence[str], *, seed: int) -> None:
    """Add drawn answers of retrieval at some decisions, also of another horizon."""
    random = Random(seed)
    rows = [
        [
            *(day.symbol, day.dt, level, row["window_end_ts"], horizon),
            *(random.choice((None, random.random())) for _ in range(7)),
            random.random() < 0.5,
        ]
        for row in day.snapshot
        for level in levels
        for horizon in (HORIZON, "s120")
        if second_of(row["window_end_ts"]) % 5 == 0 and random.random() < 0.5
    ]
    with duckdb.connect(str(database)) as connection:
        values = ", ".join("?" * 13)
        _insert(connection, f"gold.retrieval_answers values ({values})", rows)


def rows_of(
    database: Path, relation: str, symbol: str, dt: date, columns: str = "*", where: str = "true"
) -> list[Row]:
    """Rows of a contract-day; TIMESTAMP_NS columns are ns if ``columns`` says so."""
    with duckdb.connect(str(database), read_only=True) as connection:
        return (
            connection.execute(
                f"select {columns} from {relation} "
                f"where symbol = '{symbol}' and dt = '{dt}' and {where} order by all"
            )
            .to_arrow_table()
            .to_pylist()
        )


def constants_of(
    database: Path, symbol: str, dt: date, *, wall_max_ticks: int = 400
) -> dict[str, Any]:
    """Constants of the plain engines: those of the lake's seed, product and book."""
    with duckdb.connect(str(database), read_only=True) as connection:
        found = dict(
            connection.execute("select name, value from reference.engine_constants").fetchall()
        )
        [[tick_int, point_value, windows]] = connection.execute(
            "select tick_int, point_value, surface_windows from silver.contract_days as input "
            "inner join reference.instruments using (root, tick_int) "
            f"where symbol = '{symbol}' and dt = '{dt}'"
        ).fetchall()
        steps = connection.execute(
            "select strike_step_int from steps.gex_settings "
            f"where symbol = '{symbol}' and dt = '{dt}'"
        ).fetchall()
    window_s = None
    if windows is not None:
        [window] = windows
        window_s = second_of(window["start_ts"]), second_of(window["end_ts"])
    whole = {name: int(value) if value.is_integer() else value for name, value in found.items()}
    return whole | {
        "level_max_k_ticks": whole["engine_max_k_ticks"],
        "runway_reach_ticks": 20,
        "tick_int": tick_int,
        "point_value": point_value,
        "strike_step_int": steps[0][0] if steps else None,
        "wall_max_ticks": wall_max_ticks,
        "surface_window_s": window_s,
        "gex_max_dte": 0,
    }


def plain_engines(database: Path, symbol: str, dt: date, constants: Mapping) -> dict[str, list]:
    """Rows of the plain engines and the payloads by relation, from the tables of a lake."""

    def read(relation: str, columns: str = "*", where: str = "true") -> list[Row]:
        return rows_of(database, relation, symbol, dt, columns, where)

    exact = "* replace (epoch_ns(ts_event) as ts_event)"
    snapshot = read("silver.book_snapshot_1s")
    wall, levels = read("silver.wall_surface_1s"), read("silver.levels_1s")
    offsets, courses = read("silver.level_offset_1s"), read("silver.approach_course_1s")
    sources = {row["trade_source"] for row in read("steps.gex_settings")} - {"none"}
    options = None
    if sources:
        [source] = sources
        options = read(*_option_trades(source))
    found = {
        "barrier_engine_1s": barrier_engine_1s.barrier_engine_1s(
            snapshot, wall, levels, offsets, constants, courses
        ),
        "tape_engine_1s": tape_engine_1s.tape_engine_1s(
            snapshot, read("steps.contract_trades", exact), levels, offsets, constants, courses
        ),
        "fuel_engine_1s": fuel_engine_1s.fuel_engine_1s(
            snapshot,
            levels,
            offsets,
            options,
            read("silver.option_contracts"),
            read("silver.option_iv_1s"),
            read("silver.gex_surface_1s"),
            read("silver.gex_summary_1s"),
            constants,
            courses,
        ),
    }
    with duckdb.connect(str(database), read_only=True) as connection:
        weights = dict(
            connection.execute("select level_id, weight from silver.level_definitions").fetchall()
        )
    found["break_score_1s"] = break_score_1s.break_score_1s(
        snapshot, wall, levels, *found.values(), weights, constants
    )
    published = [read(RELATIONS[name]) for name in ("break_score_1s", *ENGINES[:3])]
    answers = read("gold.retrieval_answers", where=f"horizon_id = '{HORIZON}'")
    found["level_signals"] = level_signals.level_signals(snapshot, *published, answers, constants)
    return found


def _option_trades(source: str) -> tuple[str, str, str]:
    """Relation, columns and condition of the option trades of a source."""
    columns = "option_symbol, epoch_ns(ts_event) as ts_event, size, "
    if source == "mbo":
        side = "case side when 'B' then 1 when 'A' then -1 else 0 end as aggressor"
        return "bronze.option_mbo", columns + side, "action = 'T'"
    relation = {"trades": "bronze.option_trades", "mbp-1": "steps.option_quote_trades"}[source]
    return relation, columns + "aggressor", "true"


def assert_engines(
    database: Path, symbol: str, dt: date, plain: Mapping[str, Sequence[Row]]
) -> None:
    """Assert that the relations of a contract-day equal the plain ones, value by value."""
    for name in ENGINES:
        table = level_lakes.table_of(database, RELATIONS[name], symbol, dt, KEY)
        expected = [dict(row) for row in plain[name]]
        if "confluence_levels" in table.column_names:
            table = _with_text(table, "confluence_levels")
            expected = [
                row | {"confluence_levels": ",".join(row["confluence_levels"])} for row in expected
            ]
        surface_lakes.assert_same(f"{name} {symbol} {dt}", table, expected, KEY)
    stored = rows_of(database, RELATIONS["level_signals"], symbol, dt)
    assert len(stored) == len(plain["level_signals"])
    for row, expected in zip(stored, plain["level_signals"], strict=True):
        # in the order of the keys
        assert _pairs(row["payload"]) == _pairs(json.dumps(expected["payload"]))
        assert row["window_end_ts"] == expected["window_end_ts"]


def _with_text(table: pa.Table, name: str) -> pa.Table:
    texts = pa.array([",".join(value) for value in table[name].to_pylist()])
    return table.set_column(table.column_names.index(name), name, texts)


def _pairs(payload: str) -> list:
    return json.loads(payload, object_pairs_hook=list)
