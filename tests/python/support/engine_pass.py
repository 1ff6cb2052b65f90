"""The book engine's results and the truth of a synthetic day, in comparable arrays."""

from __future__ import annotations

import datetime as dt
from itertools import chain
from pathlib import Path

import duckdb
import numpy as np
from spymaster_engine.kernels.book import BookConfig, BookEngine, Records
from spymaster_engine.kernels.book.surface_files import wall_columns
from spymaster_ingest.synthetic import SyntheticMarket, write_day
from spymaster_ingest.synthetic.truth_files import attach_truth

WIDEST_TICKS = 4_000
FLOWS = (
    "add_qty",
    "pull_qty_total",
    "pull_qty_rest",
    "fill_qty",
    "reprice_in_qty",
    "reprice_out_qty",
    "reset_qty",
)
_HOUR_NS = 3_600_000_000_000


def engine_pass(
    market: SyntheticMarket, day: dt.date, records: np.ndarray
) -> tuple[dict[str, np.ndarray], np.ndarray, dict]:
    """Return the wall rows with flow, the rows of seconds, and the counters."""
    midnight = market.pace_of(day).midnight_ns
    close, reopen, end = (midnight + h * _HOUR_NS for h in (21, 22, 24))
    engine = BookEngine(
        BookConfig(
            tick_int=market.product.tick_int,
            day_start_ns=midnight,
            trading_intervals=((midnight, close, True), (reopen, end, False)),
            wall_max_ticks=WIDEST_TICKS,
        )
    )
    walls, seconds = [], []
    # one by one: all walls of a night are gigabytes
    for output in chain(engine.feed(Records.from_vendor(records)), engine.finish()):
        columns = wall_columns(output)
        moved = np.any([columns[name] != 0 for name in FLOWS], axis=0)
        walls.append({name: column[moved] for name, column in columns.items()})
        seconds.append(output.snapshot[: output.counts[0]].copy())
    engine.check_day()
    wall = {name: np.concatenate([w[name] for w in walls]) for name in walls[0]}
    return wall, np.concatenate(seconds), engine.summary()


def truth_of(
    market: SyntheticMarket, day: dt.date, folder: Path
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Write a day's truth and return flows within the engine's reach, and the seconds."""
    write_day(market, day, folder, schemas=(), truth=True)
    connection = duckdb.connect()
    attach_truth(connection, folder)
    return flows_in_reach(connection, market.product.tick_int), seconds_in_order(connection)


def flows_in_reach(connection: duckdb.DuckDBPyConnection, tick_int: int) -> dict[str, np.ndarray]:
    """Return the flows of the truth at prices within the engine's wall."""
    names = ", ".join(f"f.{name}" for name in (*FLOWS, "depth_qty_end"))
    return connection.execute(
        f"""
        select epoch_us(f.window_start_ts) as window_start_ts, f.side, f.price_int, {names}
        from truth.truth_flows_1s as f
        inner join truth.truth_book_1s as b using (symbol, dt, window_start_ts)
        where abs(f.price_int - b.spot_ref_price_int) <= {WIDEST_TICKS * tick_int}
          and greatest({", ".join(f"abs(f.{name})" for name in FLOWS)}) > 0
        """
    ).fetchnumpy()


def seconds_in_order(connection: duckdb.DuckDBPyConnection) -> dict[str, np.ndarray]:
    """Return ``truth_book_1s`` by time."""
    return connection.execute(
        "select * from truth.truth_book_1s order by window_start_ts"
    ).fetchnumpy()
