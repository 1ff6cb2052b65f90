"""What tests of options share: a small synthetic day, landed, and looks at what was built."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
from spymaster.lake import Lake
from spymaster.synthetic import SessionPlan, SyntheticMarket, write_day
from synthetic_book import DAY, ES

from pipeline import lakes

MULTIPLIER = 50
TICK = 0.25
STRIKES = 25
SCHEMAS = ("mbo", "definition", "option-mbo", "option-trades", "option-bbo-1s", "option-statistics")
SELECTED = (
    "--select",
    "+gex_summary_1s",
    "+option_market_5s",
    "path:models/silver/options",
    "path:models/gold/options",
)
OPTION_MODELS = (
    "option_contracts",
    "option_open_interest",
    "option_book_1s",
    "option_iv_1s",
    "gex_surface_1s",
    "gex_profile_1s",
    "gex_summary_1s",
    "option_physics_1s",
    "option_market_5s",
    "option_trades_clean",
    "option_nbbo_clean",
    "option_statistics_clean",
    "gex_metric_counts",
)


def write_options(folder: Path, plan: SessionPlan) -> Path:
    """Write the files of a synthetic day with options, and its truth, and return the folder."""
    market = SyntheticMarket(ES, seed=17, plan=plan)
    write_day(market, DAY, folder, schemas=SCHEMAS, truth=True)
    return folder


def landed_lake(raw: Path, root: Path) -> Lake:
    """Return a lake in which the files of a day are landed."""
    lake = Lake(root)
    lakes.land_raw(lake, raw / "source=databento")
    return lake


def table(connection: duckdb.DuckDBPyConnection, query: str) -> pa.Table:
    return connection.execute(query).to_arrow_table()


def numbers(found: pa.Table, name: str) -> np.ndarray:
    return found[name].cast(pa.float64()).to_numpy()
