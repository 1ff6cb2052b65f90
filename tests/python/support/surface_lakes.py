"""Lakes whose one-second surfaces are compared with the plain implementation.

Either the engine's relations are tables of random books, so that only the surface models are built,
or the lake is an ordinary lake and the plain surfaces start from its published relations.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from naive.surfaces import Row, SurfaceConfig, SurfaceDay, second_of
from naive.surfaces_calibration import CalibrationConfig, calibrate, calibration_lookup
from naive.surfaces_result import surfaces
from naive.surfaces_vacuum import vacuum_metrics
from spymaster_ingest.lake import Lake

from support import lakes
from support.schemas import with_schema
from support.strategies.surface_books import Books, as_tables

TOLERANCE = 1e-12
CALIBRATION = "gold.physics_norm_calibration"
GRID_KEY = ("window_start_ts", "side", "price_int")
SECOND_KEY = ("window_start_ts",)
# key columns within a contract-day, and the number of columns
SURFACES = {
    "wall_derivatives_1s": (GRID_KEY, 12),
    "vacuum_metrics_1s": (GRID_KEY, 19),
    "vacuum_surface_1s": (GRID_KEY, 21),
    "physics_bands_1s": (SECOND_KEY, 36),
    "physics_surface_1s": (GRID_KEY, 13),
    "radar_vacuum_1s": (SECOND_KEY, 209),
}
CALIBRATION_KEY = ("root", "dt", "valid_from_ts", "metric_name")
SURFACE_MODELS = ("vacuum_cells_1s+", "wall_derivatives_1s+", *lakes.WITHOUT_LEVELS)
ENGINE_MODELS = (
    "+book_snapshot_1s",
    "+wall_surface_1s",
    "+reprice_flow_1s",
    "+mbo_contract_day_selection",
)

# of books without trades, in which spot alone moves price
NO_TRADES = """
create table steps.contract_trades (
    symbol varchar, dt date, trade_no bigint, ts_event timestamp_ns, window_start_ts timestamp,
    price_int bigint
)
"""
_SCHEMA = """
create schema silver;
create schema steps;
create schema meta;
create table silver.contract_days (
    symbol varchar, dt date, root varchar, tick_int bigint,
    surface_windows struct(start_ts timestamp, end_ts timestamp)[],
    option_windows struct(start_ts timestamp, end_ts timestamp)[]
);
create table silver.book_engine_manifest (symbol varchar, dt date);
create table silver.mbo_contract_day_selection (
    root varchar, session_date date, selected_symbol varchar
);
create table meta.partition_state (
    relation varchar, owner varchar, dt date, input_fingerprint varchar,
    model_checksum varchar, primary key (relation, owner, dt)
);
-- what the levels read of days whose bars and records are not there
create table steps.level_settings (
    symbol varchar, dt date, barrier_mode varchar, approach_min_ticks double,
    barrier_min_ticks integer
);
create table silver.recording_gaps (
    symbol varchar, dt date, gap_start_ts timestamp_ns, gap_end_ts timestamp_ns,
    known_at_ts timestamp_ns, cause varchar
);
"""

# what the levels read of the options, which these lakes do not have
OPTION_TABLES = """
create table silver.gex_surface_1s (
    symbol varchar, dt date, window_start_ts timestamp, window_end_ts timestamp,
    strike_price_int bigint, n_options integer, gex_imbalance_ratio double,
    gex_call_abs double, gex_put_abs double, gex_abs double
);
create table silver.gex_summary_1s (
    symbol varchar, dt date, window_end_ts timestamp, call_wall_ticks integer,
    put_wall_ticks integer, gamma_flip_ticks double
);
create table silver.option_physics_1s (
    symbol varchar, dt date, window_start_ts timestamp, strike_price_int bigint,
    call_physics double, put_physics double,
    call_net_aggressive_qty bigint, put_net_aggressive_qty bigint,
    call_net_resting_qty bigint, put_net_resting_qty bigint
);
"""


@dataclass(frozen=True)
class BookDay:
    """Random books as a contract-day of a lake.

    Attributes:
        root: Product root; any name.
        books: Rows of the engine's relations.
        surface_window: Half-open range of window starts that have a surface; None is all.
    """

    root: str
    books: Books
    surface_window: tuple[datetime, datetime] | None = None


@dataclass(frozen=True)
class Inputs:
    """Inputs of the surfaces of a lake.

    Attributes:
        days: Engine's rows by (symbol, dt).
        roots: Product root by symbol.
        selection: Selected symbol by (root, dt).
    """

    days: dict[tuple[str, date], SurfaceDay]
    roots: dict[str, str]
    selection: dict[tuple[str, date], str | None]


@dataclass(frozen=True)
class Plain:
    """The plain surfaces of a lake: rows by relation and (symbol, dt), and the calibration."""

    relations: dict[str, dict[tuple[str, date], list[Row]]]
    calibration: list[Row]


def write_engine_tables(
    lake: Lake, days: Iterable[BookDay], selection: Mapping[tuple[str, date], str | None]
) -> None:
    """Make a warehouse in which the inputs of the surfaces are tables of random books."""
    lake.make_root()
    with duckdb.connect(str(lake.warehouse)) as connection:
        connection.execute(_SCHEMA)
        connection.execute(OPTION_TABLES)
        for (root, dt), symbol in selection.items():
            connection.execute(
                "insert into silver.mbo_contract_day_selection values (?, ?, ?)", [root, dt, symbol]
            )
        for day in days:
            _write_day(connection, day)


def _write_day(connection: duckdb.DuckDBPyConnection, day: BookDay) -> None:
    books = day.books
    window = day.surface_window
    windows = None if window is None else [{"start_ts": window[0], "end_ts": window[1]}]
    key = [books.symbol, books.dt]
    connection.execute(
        "insert into silver.contract_days values (?, ?, ?, ?, ?, ?)",
        [*key, day.root, books.tick_int, windows, windows],
    )
    connection.execute("insert into silver.book_engine_manifest values (?, ?)", key)
    connection.execute("insert into steps.level_settings values (?, ?, 'fixed', 1, 4)", key)
    connection.execute(
        "insert into meta.partition_state values "
        "('book_engine_manifest', ?, ?, 'books', ''), ('wall_surface_1s', ?, ?, 'books', ''), "
        "('recording_gaps', ?, ?, 'none', '')",
        key * 3,
    )
    for name, table in as_tables(books).items():
        connection.register("rows", table)
        connection.execute(
            f"create table if not exists silver.{name} as select * from rows where false"
        )
        connection.execute(f"insert into silver.{name} by name select * from rows")
        connection.unregister("rows")


def run_models(lake: Lake, models: Sequence[str], **variables: object) -> Path:
    """Run models without their data tests and return the database that holds them."""
    lakes.run_models(lake, "--select", *models, **variables)
    return lake.warehouse


def ask(database: Path, query: str) -> list[tuple]:
    """Return the rows of a query against a database of a lake."""
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(query).fetchall()


def inputs_of(database: Path, wall_max_ticks: int) -> Inputs:
    """Inputs of the surfaces of a built lake."""
    selection = {
        (root, dt): symbol
        for root, dt, symbol in ask(
            database,
            "select root, session_date, selected_symbol from silver.mbo_contract_day_selection",
        )
    }
    days, roots = {}, {}
    for symbol, dt, root, tick_int, windows in ask(
        database, "select symbol, dt, root, tick_int, surface_windows from silver.contract_days"
    ):
        window_s = None
        if windows is not None:
            [window] = windows
            window_s = second_of(window["start_ts"]), second_of(window["end_ts"])
        config = SurfaceConfig(tick_int, wall_max_ticks, surface_window_s=window_s)
        rows = [
            _rows_of(database, f"silver.{name}", symbol, dt)
            for name in ("book_snapshot_1s", "wall_surface_1s", "reprice_flow_1s")
        ]
        days[symbol, dt] = SurfaceDay(symbol, dt, *rows, config)
        roots[symbol] = root
    for symbol, dt in days:
        # the evening of a date without a session of its own belongs to the next
        next_session = (roots[symbol], dt + timedelta(days=1))
        selection.setdefault((roots[symbol], dt), selection.get(next_session))
    return Inputs(days, roots, selection)


def _rows_of(database: Path, relation: str, symbol: str, dt: date) -> list[Row]:
    return _table(database, relation, f"symbol = '{symbol}' and dt = '{dt}'", ()).to_pylist()


def _table(database: Path, relation: str, condition: str, key: Sequence[str]) -> pa.Table:
    order = f"order by {', '.join(key)}" if key else ""
    with duckdb.connect(str(database), read_only=True) as connection:
        query = f"select * from {relation} where {condition} {order}"
        return connection.execute(query).to_arrow_table()


def plain_surfaces(inputs: Inputs, config: CalibrationConfig) -> Plain:
    """Compute every surface of a lake plainly, with the calibration of the roots."""
    metrics = {key: list(vacuum_metrics(day).values()) for key, day in inputs.days.items()}
    plain = Plain({name: {} for name in SURFACES}, [])
    for root in sorted(set(inputs.roots.values())):
        keys = [key for key in inputs.days if inputs.roots[key[0]] == root]
        dates = sorted({dt for _, dt in keys})
        calibration = calibrate(root, dates, metrics, inputs.selection, config)
        plain.calibration.extend(calibration)
        plain.calibration.extend(without_options(calibration))
        lookup = calibration_lookup(calibration)
        for key in keys:
            found = surfaces(inputs.days[key], lookup)
            for name in SURFACES:
                plain.relations[name][key] = list(getattr(found, name).values())
    return plain


def without_options(calibration: Sequence[Row]) -> list[Row]:
    """Return the rows of the exposure of options; these lakes have no options."""
    unknown = {"metric_name": "gex_abs", "q05": None, "q95": None, "n_rows": 0}
    return [{**row, **unknown} for row in calibration if row["metric_name"] == "pull_add_log"]


def assert_plain(database: Path, plain: Plain) -> int:
    """Assert that every relation equals the plain rows; return the compared values."""
    compared = 0
    for name, (key, n_columns) in SURFACES.items():
        relation = with_schema(name)
        expected = plain.relations[name]
        symbols = {symbol for symbol, _ in expected}
        stored = {
            (symbol, dt)
            for symbol, dt in ask(database, f"select distinct symbol, dt from {relation}")
            if symbol in symbols
        }
        assert stored == {day for day, rows in expected.items() if rows}
        for (symbol, dt), rows in expected.items():
            table = _table(database, relation, f"symbol = '{symbol}' and dt = '{dt}'", key)
            assert table.num_columns == n_columns, name
            compared += assert_same(f"{name} {symbol} {dt}", table, rows, key)
    table = _table(database, CALIBRATION, "true", CALIBRATION_KEY)
    return compared + assert_same(CALIBRATION, table, plain.calibration, CALIBRATION_KEY)


def assert_same(what: str, table: pa.Table, rows: Sequence[Row], key: Sequence[str]) -> int:
    """Assert that a table in key order equals some rows; return the compared values."""
    assert table.num_rows == len(rows), what
    if not rows:
        return 0
    assert set(table.column_names) == set(rows[0]), what
    ordered = sorted(rows, key=lambda row: tuple(row[name] for name in key))
    for name in table.column_names:
        expected = pa.array([row[name] for row in ordered])
        _assert_same_column(f"{what}: {name}", table[name].combine_chunks(), expected)
    return table.num_rows * table.num_columns


def _assert_same_column(what: str, found: pa.Array, expected: pa.Array) -> None:
    known = np.asarray(found.is_valid())
    assert np.array_equal(known, np.asarray(expected.is_valid())), f"{what}: NULLs differ"
    if not known.any():
        return
    assert _kind(found.type) == _kind(expected.type), what
    one, other = (array.filter(pa.array(known)) for array in (found, expected))
    if not pa.types.is_floating(found.type):
        assert pc.all(pc.equal(one, other.cast(one.type))).as_py(), what
        return
    one, other = np.asarray(one), np.asarray(other)
    scale = np.maximum(1, np.maximum(abs(one), abs(other)))
    worst = np.max(abs(one - other) / scale)
    assert worst <= TOLERANCE, f"{what}: differs by {worst}"


def _kind(kind: pa.DataType) -> str:
    checks: Mapping[str, Any] = {
        "double": pa.types.is_float64,
        "integer": pa.types.is_integer,
        "boolean": pa.types.is_boolean,
        "text": pa.types.is_string,
        "date": pa.types.is_date,
        "timestamp": pa.types.is_timestamp,
    }
    [found] = [name for name, is_kind in checks.items() if is_kind(kind)]
    return found
