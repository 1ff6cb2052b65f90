"""Every product of the synthetic market builds with all checks.

A check must not refuse what a market may do: some products get a market of which every state is
allowed and few are usual. One lake holds a short day of each product, so that a single build tests
them all.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np
import pytest
from spymaster_ingest.lake import Lake
from spymaster_ingest.synthetic import (
    SessionPlan,
    SyntheticMarket,
    contracts_of,
    load_product,
    write_day,
)
from spymaster_ingest.synthetic.products_and_contracts import MARKETS_FILE
from spymaster_warehouse.project_vars import project_vars
from support import dbn_files, lakes
from support.strange_market import StrangeMarket
from support.strategies.mbo_records import StreamOptions

with MARKETS_FILE.open(newline="") as lines:
    # products that the synthetic market makes
    ROOTS = [row["root"] for row in csv.DictReader(lines)]
DAY = dbn_files.DAY
# prices of futures may be negative
STRANGE_BASE_TICKS = {"ES": 19_200, "CL": -3}
ORDINARY_S = 150
# busy from 00:00:30 to 00:06:30 UTC
PLAN = SessionPlan(
    hours=0.1,
    scale=0.06,
    time_zone="UTC",
    premarket_open=dt.time(0),
    dense_open=dt.time(0, 0, 30),
    cash_open=dt.time(0, 2),
    tail_seconds=1,
    evening_seconds=0,
)
VARIABLES = {
    "local_tz": "UTC",
    "premarket": ["00:00", "00:02"],
    "opening_range": ["00:02", "00:03"],
    "rth_start": "00:02",
    "rth_end": "00:20",
    "surface_window": ["00:00", "00:20"],
    "wall_max_ticks": 60,
    "level_max_k_ticks": 30,
    "calibration_warm_up_s": 20,
}


def write_strange_day(folder: Path, root: str) -> None:
    midnight = int(np.datetime64(DAY, "ns").astype(np.int64))
    product = load_product(root)
    options = StreamOptions(
        tick_int=product.tick_int,
        base_ticks=STRANGE_BASE_TICKS[root],
        day_start_ns=midnight,
        snapshot_size=40,
    )
    dbn_files.plain(
        folder / f"{root}.mbo.dbn",
        StrangeMarket(options, seed=1).write(ORDINARY_S),
        symbols={dbn_files.ESH4: contracts_of(product, DAY)["front"].symbol},
        start=midnight,
        end=midnight + dbn_files.DAY_NS,
    )


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published file of a build whose tests all passed."""
    raw = tmp_path_factory.mktemp("raw")
    for root in ROOTS:
        if root in STRANGE_BASE_TICKS:
            write_strange_day(raw, root)
        else:
            product = replace(load_product(root), has_snapshot=True)
            write_day(SyntheticMarket(product, 1, PLAN), DAY, raw)
    lake = Lake(tmp_path_factory.mktemp("products") / "lake")
    lakes.land_raw(lake, raw, allow_missing_definitions=True)
    # engines, patterns and retrieval have tests of their own
    lakes.build(lake, *lakes.WITHOUT_RETRIEVAL, **VARIABLES)
    with duckdb.connect(str(lake.published), read_only=True) as connection:
        yield connection


@pytest.mark.parametrize("root", ROOTS)
def test_a_product_builds_up_to_its_episodes(
    database: duckdb.DuckDBPyConnection, root: str
) -> None:
    symbol = contracts_of(load_product(root), DAY)["front"].symbol
    for relation in (
        "silver.radar_vacuum_1s",
        "silver.level_vacuum_1s",
        "silver.market_features_1s",
        "gold.approach_episodes",
        "gold.level_outcomes",
    ):
        [(n_rows,)] = database.execute(
            f"select count(*) from {relation} where symbol = ? and dt = ?", [symbol, DAY]
        ).fetchall()
        assert n_rows > 0, relation


def test_some_episode_lies_beyond_the_fixed_barrier(database: duckdb.DuckDBPyConnection) -> None:
    """Else the bound of barriers by volatility is not tested."""
    [(farthest,)] = database.execute("select max(min_abs_k) from gold.approach_episodes").fetchall()
    assert farthest >= project_vars()["barrier_ticks"]


@pytest.mark.parametrize("root", STRANGE_BASE_TICKS)
def test_a_very_wide_book_is_valid_and_has_no_radar(
    database: duckdb.DuckDBPyConnection, root: str
) -> None:
    symbol = contracts_of(load_product(root), DAY)["front"].symbol
    [(valid, known)] = database.execute(
        "select count(*), count(radar.f7_vacuum_total_log) from silver.radar_vacuum_1s as radar "
        "inner join silver.book_snapshot_1s as book using (symbol, dt, window_end_ts) "
        "where radar.symbol = ? and radar.dt = ? and radar.window_valid and not exists ("
        "from silver.wall_surface_1s as wall where wall.symbol = radar.symbol "
        "and wall.dt = radar.dt and wall.window_end_ts = radar.window_end_ts)",
        [symbol, DAY],
    ).fetchall()
    assert valid > 10
    assert known == 0
