"""Products that the project does not know, from the settings of a lake to a card.

One is a crude oil by order; the other trades in 32nds of a point, by price, and rests at noon.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np
import pytest
from click.testing import CliRunner
from spymaster.cli import cli
from spymaster_ingest.dbn.reader import DbnFile
from spymaster_ingest.lake import LAKE_VARIABLE, Lake
from spymaster_ingest.synthetic import (
    SessionPlan,
    SyntheticMarket,
    load_product,
    write_day,
)
from spymaster_ingest.synthetic.products_and_contracts import ProductSpec
from spymaster_warehouse.settings.file import read_settings
from support import dbn_files, lakes

DAY = dt.date(2025, 10, 1)
MIDNIGHT = dt.datetime(2025, 10, 1)
OIL, BOND = "QO", "ZZT"
SYMBOLS = {OIL: "QOX5", BOND: "ZZTZ5"}
# the bond's break, which the generated market does not keep: its records are left out
BREAK = MIDNIGHT + dt.timedelta(minutes=8), MIDNIGHT + dt.timedelta(minutes=10)
PLAN = SessionPlan(
    hours=0.25,
    scale=0.4,
    time_zone="UTC",
    premarket_open=dt.time(0),
    dense_open=dt.time(0, 1),
    cash_open=dt.time(0, 4),
    study_open=dt.time(0, 4),
    study_close=dt.time(0, 15),
    evening_seconds=0,
)
SETTINGS = f"""
[study]
local_tz = "UTC"
trade_date_tz = "UTC"
premarket = ["00:01", "00:04"]
opening_range = ["00:04", "00:06"]
window = ["00:04", "00:20"]
surface_window = ["00:04", "00:15"]

[products.{OIL}]
tick_size = 0.01
point_value = 1000.0
sessions = [["00:00", "23:00"]]
time_zone = "UTC"
definitions = "none"

[products.{BOND}]
tick_size = "1/32"
point_value = 1000.0
currency = "EUR"
sessions = [["00:00", "00:08"], ["00:10", "23:00"]]
time_zone = "UTC"
definitions = "none"
"""


def write(folder: Path, product: ProductSpec, root: str, schema: str) -> Path:
    """Write the day of a product of the synthetic market under another root."""
    write_day(SyntheticMarket(product, 1, PLAN), DAY, folder / product.root, schemas=(schema,))
    (source,) = (folder / product.root).rglob("*.dbn.zst")
    records = np.concatenate(list(DbnFile(source).chunks(1_000_000)))
    if root == BOND:
        begin, end = (np.datetime64(moment, "ns").astype(np.uint64) for moment in BREAK)
        records = records[(records["ts_recv"] < begin) | (records["ts_recv"] >= end)]
    start = int(np.datetime64(DAY, "ns").astype(np.int64))
    return dbn_files.plain(
        folder / f"{root}.{schema}.dbn",
        records,
        schema,
        symbols={int(records["instrument_id"][0]): SYMBOLS[root]},
        day=DAY,
        start=start,
        end=start + dbn_files.DAY_NS,
    )


def run(*arguments: str) -> str:
    result = CliRunner().invoke(cli, list(arguments))
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    """Files, `init` and a few lines in its file, `land`, and a build with every check."""
    folder = tmp_path_factory.mktemp("unknown")
    lake = Lake(folder / "lake")
    bond = replace(load_product("ES"), tick_int=31_250_000, start_price_int=110 * 10**9)
    files = [
        str(write(folder, replace(load_product("CL"), has_snapshot=True), OIL, "mbo")),
        str(write(folder, bond, BOND, "mbp-10")),
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(LAKE_VARIABLE, str(lake.root))
        run("init")
        lake.settings.write_text(SETTINGS, encoding="utf-8")
        run("land", *files)
        lakes.build_models(lake, **read_settings(lake).vars)
        yield lake


@pytest.fixture(scope="module")
def database(lake: Lake) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(lake.published), read_only=True) as connection:
        yield connection


@pytest.mark.parametrize("root", SYMBOLS)
def test_its_approaches_levels_and_conditions_are_known(
    database: duckdb.DuckDBPyConnection, root: str
) -> None:
    for relation in (
        "silver.levels_1s",
        "gold.approach_episodes",
        "gold.level_outcomes",
        "gold.conditions_in_use_1s",
        "gold.placebo_outcomes",
        "gold.retrieval_vectors",
    ):
        [(n_rows,)] = database.execute(
            f"select count(*) from {relation} where symbol = ?", [SYMBOLS[root]]
        ).fetchall()
        assert n_rows > 0, relation


def test_levels_and_a_card_answer(lake: Lake) -> None:
    """In the zone of the lake; rungs and prices are those of the product's ticks."""
    words = {
        OIL: ("with or_high", "+0.04   59.35", "the four conditions: "),
        BOND: ("119.9375", "ladder is not shown", "No market-by-order file is landed"),
    }
    for root, symbol in SYMBOLS.items():
        moment = ["--symbol", symbol, "--dt", str(DAY), "--at", "00:07:00"]
        levels = run("levels", *moment)
        assert levels.startswith(f"{symbol} 2025-10-01 00:07:00 UTC, spot ")
        for word in words[root]:
            assert word in levels
        card = run("setups", *moment, "--level", "pm_high")
        assert card.startswith(f"{symbol} 2025-10-01 00:07:00 UTC, pm_high ")
        assert "on 0 earlier days" in card


def test_nothing_runs_across_a_break(database: duckdb.DuckDBPyConnection) -> None:
    """Approaches end when the session does, and so do the labels of what came before."""
    for relation, first, last in (
        ("gold.approach_episodes", "first_window_end_ts", "available_from_ts"),
        ("gold.level_outcomes", "window_end_ts", "label_end_ts"),
        ("gold.placebo_outcomes", "window_end_ts", "label_end_ts"),
    ):
        [(before, after, across)] = database.execute(
            f"""
            select
                count(*) filter ({last} <= $begin),
                count(*) filter ({first} >= $end),
                count(*) filter ({first} <= $begin and {last} > $begin)
            from {relation} where symbol = $symbol
            """,
            {"begin": BREAK[0], "end": BREAK[1], "symbol": SYMBOLS[BOND]},
        ).fetchall()
        assert (before > 0, after > 0, across) == (True, True, 0), relation
    [(n_approaches,)] = database.execute(
        "select count(*) from silver.level_decisions where symbol = ? and is_eligible "
        "and window_end_ts > ? and window_end_ts <= ?",
        [SYMBOLS[BOND], *BREAK],
    ).fetchall()
    assert n_approaches == 0
