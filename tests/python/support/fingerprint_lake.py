"""A small lake with planted agents, a gap and a cleared book, for the twins of fingerprints."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from spymaster_ingest.lake import Lake
from spymaster_ingest.synthetic import SessionPlan, SyntheticMarket, write_day
from spymaster_ingest.synthetic.damage import Damage

from support import lakes
from support.synthetic_book import DAY, ES

# busy from 00:01 UTC for ten minutes; ten agents, one of each kind on each side
PLAN = SessionPlan(
    hours=1 / 6,
    scale=0.2,
    time_zone="UTC",
    premarket_open=dt.time(0),
    dense_open=dt.time(0, 1),
    cash_open=dt.time(0, 2),
    evening_seconds=0,
    tail_seconds=1,
)
MARKET = SyntheticMarket(
    ES,
    seed=3,
    plan=PLAN,
    damage=Damage(clear_at=dt.time(0, 5, 13), gap_start=dt.time(0, 10, 41), gap_seconds=3),
    agents=10,
)
# the orders of the minute before enter the first windows
SURFACE_WINDOW = ("00:02", "00:11")
VARIABLES = {
    "local_tz": "UTC",
    "surface_window": SURFACE_WINDOW,
    "premarket": ["00:00:30", "00:02:00"],
    "rth_start": "00:02",
    "rth_end": "00:11",
    "opening_range": ["00:02:00", "00:02:30"],
    # averages of so short bars come near to price
    "bar_lengths_s": [1, 10],
    "sma_bar_s": 1,
    "approach_over_s": 30,
    "approach_pause_s": 5,
    "approach_min_ticks": 1,
    "approach_sigma": 0.1,
    "sigma_lookback_s": 60,
    "sigma_min_changes": 20,
    "wall_max_ticks": 70,
    "level_max_k_ticks": 40,
    # a later label fits into the day
    "evaluation_horizons": ["s120", "s240"],
}
MODELS = ("+order_fingerprints_5s", "+iceberg_1s", "+level_fingerprints")


def fingerprint_lake(folder: Path) -> Lake:
    """Write, land and build the day; its symbol is the front contract of ES."""
    write_day(MARKET, DAY, folder / "raw")
    lake = Lake(folder / "lake")
    lakes.land_raw(lake, folder / "raw")
    lakes.run_models(lake, "--select", *MODELS, **VARIABLES)
    return lake
