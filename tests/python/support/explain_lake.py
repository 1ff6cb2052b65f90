"""A lake of one synthetic day with options, built up to the surfaces that are explained."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from spymaster.explain.rerun import rows_of
from spymaster.published import open_published
from spymaster_ingest.lake import Lake
from spymaster_ingest.units import epoch_ns

from support import lakes
from support.engine_lakes import change_constants
from support.made_once import made_once
from support.option_lakes import landed_lake, write_options
from support.relations_of_models import create_relation
from support.synthetic_book import DAY
from support.synthetic_options import PLAN

SYMBOL = "ESZ5"
Row = dict[str, Any]

SELECTED = (
    "--select",
    "+break_score_1s",
    "level_signals",
    "course_odds_1s",
    "+wall_fates_1s",
    "+iceberg_1s",
    "+order_fingerprints_5s",
    "+conditions_in_use_1s",
    "+gex_surface_1s",
    "level_corridor_1s",
    "+level_ladder_1s",
    "+mbo_level_vacuum_5s",
    "+physics_bands_1s",
    "+market_feature_vectors",
    "+physics_surface_1s",
    "+radar_vacuum_1s",
    "word_settings",
)
# scales are known from the second of two minutes on
VARIABLES = {
    "surface_window": ("09:30", "09:32"),
    "calibration_warm_up_s": 20,
    "condition_min_seconds": 20,
    "condition_min_contracts": 2,
}

CONSTANTS = {
    "w_barrier_s": 40,
    "w_wall_s": 50,
    "tape_band_ticks": 15,
    "monitor_band_ticks": 15,
}


@pytest.fixture(scope="session")
def explained(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """The day, written, landed and built; tests must not change it."""
    return made_once(tmp_path_factory, "explained", build_explained)


def build_explained(folder: Path) -> Lake:
    """Write, land and build the day."""
    return build_landed(landed_lake(write_options(folder / "raw", PLAN), folder / "lake"))


def build_landed(lake: Lake, **variables: object) -> Lake:
    """Build a landed day; variables take the place of its own."""
    # windows that fit into two minutes, and bands that reach the levels
    change_constants(lake.warehouse, **CONSTANTS)
    with duckdb.connect(str(lake.warehouse)) as connection:
        # which a library of earlier days answers from
        create_relation(connection, "gold.retrieval_answers")
        create_relation(connection, "gold.retrieval_outcomes")
    lakes.build_models(lake, *SELECTED, **{**VARIABLES, **variables})
    return lake


@pytest.fixture(scope="session")
def explained_connection(explained: Lake) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_published(explained) as opened:
        yield opened


def rows(connection: duckdb.DuckDBPyConnection, query: str, *values: object) -> list[Row]:
    return rows_of(connection.execute(query, list(values)).to_arrow_table())


def request(relation: str, column: str, row: Row, **more: object) -> dict[str, object]:
    end = row.get("window_end_ts") or row["ts_end"]
    keys = ("side", "price_int", "level_id", "strike_price_int")
    found = {name: str(row[name]) for name in keys if row.get(name) is not None}
    return {
        "symbol": SYMBOL,
        "dt": str(DAY),
        "relation": relation,
        "column": column,
        "window_end_ts_ns": str(epoch_ns(end)),
        **found,
        **more,
    }
