"""A lake of one synthetic day on which much happens to the market and to its recording.

The venue clears the book, trading halts, a mechanism works at a level, the opening range and a
moving average become known, and records are missing for a while.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest
from spymaster_ingest.lake import Lake
from spymaster_ingest.synthetic import SyntheticMarket, write_day
from spymaster_ingest.synthetic.damage import Damage
from spymaster_ingest.synthetic.flow_and_signature_settings import SignatureSettings

from support.explain_lake import build_landed
from support.made_once import made_once
from support.option_lakes import SCHEMAS, landed_lake
from support.synthetic_book import DAY, ES
from support.synthetic_options import PLAN

MIDNIGHT = dt.datetime.combine(DAY, dt.time())
# UTC, four hours after New York
SURFACES = tuple(MIDNIGHT + dt.timedelta(hours=13, minutes=minute) for minute in (30, 35))
CLEAR, HALT, REOPENED, RANGE_END, GAP = (
    MIDNIGHT + dt.timedelta(hours=13, minutes=minute, seconds=second)
    for minute, second in ((30, 50), (31, 30), (32, 20), (33, 0), (34, 0))
)
GAP_S = 30
# after it the book is in doubt until a snapshot
DAMAGE = Damage(
    clear_at=dt.time(9, 30, 50),
    halt_start=dt.time(9, 31, 30),
    halt_seconds=50,
    gathering_seconds=15,
    gap_start=dt.time(9, 34),
    gap_seconds=GAP_S,
)
# a mechanism works at a level from the end of the halt on
_PLAN = replace(PLAN, hours=0.35, scale=0.5, study_open=dt.time(9, 27))
# with bars of this length the 400th one with a trade ends with the opening range
AVERAGE, _BAR_S = "sma_400", 90
VARIABLES = {
    "surface_window": ("09:30", "09:35"),
    "opening_range": ("09:30", "09:33"),
    "sma_bar_s": _BAR_S,
    "bar_lengths_s": [5, 60, 120, _BAR_S],
}


@pytest.fixture(scope="session")
def damaged(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """The day, written, landed and built; tests must not change it."""
    return made_once(tmp_path_factory, "damaged", build_damaged)


def build_damaged(folder: Path) -> Lake:
    """Write, land and build the day."""
    market = SyntheticMarket(
        ES,
        seed=17,
        plan=_PLAN,
        damage=DAMAGE,
        signatures=SignatureSettings().with_mechanisms(1.0),
    )
    write_day(market, DAY, folder / "raw", schemas=(*SCHEMAS, "status"), truth=True)
    lake = landed_lake(folder / "raw", folder / "lake")
    return build_landed(lake, **VARIABLES)
