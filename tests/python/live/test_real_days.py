"""Whole days, real ones and the demonstration's last two: live rows are those of the build.

Each day goes by in steps, of a second around what its session begins and ends with; every row of
every second is compared.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import shutil
from pathlib import Path

import duckdb
import pytest
from spymaster.live.days import replayed_day
from spymaster_ingest.lake import PROJECT_ROOT, Lake
from spymaster_ingest.products import product_rows, read_seed
from spymaster_ingest.synthetic import standard_dates
from spymaster_warehouse.settings.file import read_settings
from support import lakes
from support.demonstration import Demonstration
from support.explain_lake import SELECTED
from support.live_days import SECOND, SYMBOL
from support.live_sessions import compared_session, each_second_of
from support.relations_of_models import create_relation

# a run as fast as possible steps as seldom
STEP_S = 30
PAYLOAD = "gold.level_signals"
CSCO, CSCO_SYMBOL, CSCO_DAY = (
    "nasdaq_csco/real-csco-20141103.mbo.dbn.zst",
    "CLZ4",
    dt.date(2014, 11, 3),
)
# New York, standard time
CSCO_OPEN, CSCO_CLOSE = (
    dt.datetime.combine(CSCO_DAY, dt.time(h, m)) for h, m in ((14, 30), (21, 0))
)
CSCO_SETTINGS = {
    "surface_window": ("09:30", "16:00"),
    "rth_end": "16:00",
    "wall_max_ticks": 150,
    "condition_min_contracts": 100,
}
STOCKS = "cn_a_shares/sym6"
STOCK, STOCK_DAYS = "CN6", (dt.date(2019, 1, 10), dt.date(2019, 1, 11))
# Shanghai, with the pause at noon
STOCK_OPEN, STOCK_CLOSE = (
    dt.datetime.combine(STOCK_DAYS[1], dt.time(h, m)) for h, m in ((1, 40), (7, 0))
)
STOCK_MODELS = ("+approaches", "+market_feature_vectors", "+conditions_in_use_1s")


def around(*moments: dt.datetime, seconds: int) -> list[tuple[dt.datetime, dt.datetime]]:
    """Return spans from moments on."""
    return [(at, at + seconds * SECOND) for at in moments]


@pytest.mark.long
def test_a_whole_day_of_nasdaq_by_order(shared_data: Path, tmp_path: Path) -> None:
    """318,958 records from an empty book on, second by second for two minutes of four hours."""
    lake = Lake(tmp_path / "lake")
    lakes.land_raw(lake, shared_data / CSCO, allow_missing_definitions=True)
    with duckdb.connect(str(lake.warehouse)) as connection:
        # of which no earlier day has any
        for relation in ("gold.retrieval_answers", "gold.retrieval_outcomes"):
            create_relation(connection, relation)
    # a stock's lot under a symbol of crude oil
    products = product_rows([dataclasses.replace(read_seed()["CL"], lot=100)])
    lakes.build_models(lake, *SELECTED, products=products, **CSCO_SETTINGS)
    hours = [CSCO_OPEN + n * dt.timedelta(hours=2) for n in range(3)]
    spans = around(*hours, CSCO_CLOSE - 120 * SECOND, seconds=120)
    is_due = each_second_of(spans, STEP_S)
    n_rows = compared_session(lake, (CSCO_SYMBOL, CSCO_DAY), (CSCO_OPEN, CSCO_CLOSE), is_due=is_due)
    n_seconds = (CSCO_CLOSE - CSCO_OPEN) // SECOND
    assert n_rows["silver.book_snapshot_1s"] >= n_seconds
    assert n_rows[PAYLOAD] >= n_seconds
    for relation in ("gold.turn_conditions_1s", "silver.levels_1s"):
        assert n_rows[relation] > n_seconds, relation
    assert n_rows["silver.approach_course_1s"] > 0


@pytest.mark.long
def test_a_whole_day_of_a_stock_by_price(shared_data: Path, tmp_path: Path) -> None:
    """Five levels every three seconds, with a session before it; trading pauses at noon."""
    lake = Lake(tmp_path / "lake")
    lake.root.mkdir()
    shutil.copyfile(PROJECT_ROOT / "bench" / "real_market.toml", lake.settings)
    files = [shared_data / STOCKS / f"cn6-{day:%Y%m%d}.mbp-10.dbn.zst" for day in STOCK_DAYS]
    lakes.land_raw(lake, *files)
    lakes.build_models(lake, "--select", *STOCK_MODELS, **read_settings(lake).vars)
    spans = around(STOCK_OPEN, STOCK_CLOSE - 120 * SECOND, seconds=120)
    n_rows = compared_session(
        lake,
        (STOCK, STOCK_DAYS[1]),
        (STOCK_OPEN, STOCK_CLOSE),
        is_due=each_second_of(spans, STEP_S),
    )
    for relation in ("steps.published_book_1s", "gold.turn_conditions_mbp_1s"):
        assert n_rows[relation] > 10_000, relation
    assert n_rows["gold.conditions_in_use_1s"] > 10_000


@pytest.mark.long
@pytest.mark.parametrize("day", standard_dates()[-2:])
def test_a_whole_day_of_the_demonstration(demonstration: Demonstration, day: dt.date) -> None:
    """With options, answers of ten days before, odds and signals."""
    lake = Lake(demonstration.unchanged_lake)
    found = replayed_day(lake, SYMBOL, day)
    spans = around(found.start, found.end - 120 * SECOND, seconds=120)
    is_due = each_second_of(spans, STEP_S)
    n_rows = compared_session(lake, (SYMBOL, day), (found.start, found.end), is_due=is_due)
    assert n_rows[PAYLOAD] >= (found.end - found.start) // SECOND
    for relation in ("gold.retrieval_answers", "gold.course_odds_1s", "silver.option_book_1s"):
        assert n_rows[relation] > 0, relation
    assert len([name for name, count in n_rows.items() if count]) > 40
