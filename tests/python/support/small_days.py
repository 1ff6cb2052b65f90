"""Days of a few thousand records under artificial product roots, and lakes of them."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import duckdb
import numpy as np
import yaml
from spymaster_ingest.lake import PROJECT_ROOT, Lake
from spymaster_ingest.synthetic import (
    FlowSettings,
    SessionPlan,
    SyntheticMarket,
    generate_day,
    load_product,
    trading_days,
)
from spymaster_ingest.synthetic.event_records import FLAG_LAST, FLAG_SNAPSHOT

from support import dbn_files, lakes

# Busy from 00:00:30 to 00:03:30 UTC; some four thousand live records around a thin book.
PLAN = SessionPlan(
    hours=0.05,
    scale=0.06,
    time_zone="UTC",
    premarket_open=dt.time(0),
    dense_open=dt.time(0, 0, 30),
    cash_open=dt.time(0, 1),
    tail_seconds=1,
)
FLOW = FlowSettings(depth_orders=8.0)
DAYS = trading_days(dbn_files.DAY, 6)
MONTH = "H4"
# local time is UTC, and the study window begins in the middle of the busy minutes
VARIABLES = {
    "local_tz": "UTC",
    "surface_window": ["00:00", "00:04"],
    "rth_start": "00:02",
    "rth_end": "00:04",
    "wall_max_ticks": 30,
    "level_max_k_ticks": 10,
    "calibration_warm_up_s": 20,
    "calibration_min_sessions": 2,
    "calibration_lookback": 2,
}


def symbol_of(root: str) -> str:
    """Return the one contract of a root."""
    return f"{root}{MONTH}"


def small_day(day: dt.date, seed: int = 1) -> np.ndarray:
    """Return the records of a day of ES, shape (records,)."""
    return generate_day(SyntheticMarket(load_product("ES"), seed, PLAN, FLOW), day)


def seconds_of(records: np.ndarray) -> np.ndarray:
    """Return the event time of each record in seconds of its UTC day, shape (records,)."""
    return records["ts_event"].astype(np.int64) % dbn_files.DAY_NS / dbn_files.SECOND_NS


def group_starts(records: np.ndarray) -> np.ndarray:
    """Return the positions at which event groups outside the snapshot begin."""
    begins = np.concatenate([[True], (records["flags"][:-1] & FLAG_LAST) != 0])
    return np.flatnonzero(begins & ((records["flags"] & FLAG_SNAPSHOT) == 0))


def drop_groups(records: np.ndarray, start: int, rng: np.random.Generator) -> np.ndarray:
    """Return the records without a third of the event groups from a position on."""
    starts = group_starts(records)
    group = np.searchsorted(starts, np.arange(start, len(records)), side="right")
    is_kept = (rng.random(len(starts) + 1) > 1 / 3)[group]
    return np.concatenate([records[:start], records[start:][is_kept]])


def write_small_day(folder: Path, root: str, day: dt.date, records: np.ndarray) -> Path:
    """Write the market-by-order file of a day under a root and return it."""
    records = records.copy()
    records["instrument_id"] = dbn_files.ESH4
    midnight = int(np.datetime64(day, "ns").astype(np.int64))
    return dbn_files.plain(
        folder / f"{root}-{day}.mbo.dbn",
        records,
        symbols={dbn_files.ESH4: symbol_of(root)},
        start=midnight,
        end=midnight + dbn_files.DAY_NS,
    )


class SmallLake:
    """A lake whose products are clones of ES, one per root.

    Attributes:
        lake: the lake.
        folder: folder of the raw files and of the seed of the products.
    """

    def __init__(self, folder: Path, roots: list[str]) -> None:
        self.folder = folder
        self.lake = Lake(folder / "lake")
        self._seed = folder / "instruments.csv"
        with (PROJECT_ROOT / "seeds" / "instruments.csv").open(newline="") as lines:
            products = list(csv.DictReader(lines))
        [es] = [product for product in products if product["root"] == "ES"]
        folder.mkdir(parents=True, exist_ok=True)
        with self._seed.open("w", newline="") as lines:
            writer = csv.DictWriter(lines, es.keys())
            writer.writeheader()
            writer.writerows([*products, *({**es, "root": root} for root in roots)])
        self.lake.make_root()
        self._store_products()

    def _store_products(self) -> None:
        """Store the seed as a table, because a run loads only missing seeds."""
        settings = yaml.safe_load((PROJECT_ROOT / "seeds" / "instruments.yml").read_text())
        [seed] = settings["seeds"]
        with duckdb.connect(str(self.lake.warehouse)) as connection:
            connection.execute("create schema reference")
            connection.execute(
                "create table reference.instruments as "
                f"from read_csv('{self._seed}', header = true, "
                f"columns = {seed['config']['column_types']})"
            )

    def land(self, days: Mapping[tuple[str, dt.date], np.ndarray]) -> None:
        """Land days and replace landed ones; keys are root and date."""
        paths = [write_small_day(self.folder, *key, records) for key, records in days.items()]
        lakes.land_raw(
            self.lake,
            *paths,
            allow_missing_definitions=True,
            overwrite=True,
            instruments_seed=self._seed,
        )

    def run(self, *arguments: str, **variables: object) -> None:
        """Run the models, without data tests and without publishing."""
        lakes.run_models(self.lake, *arguments, **{**VARIABLES, **variables})

    def ask(self, query: str) -> list[tuple]:
        """Return the rows of a query against the warehouse."""
        with duckdb.connect(str(self.lake.warehouse), read_only=True) as connection:
            return connection.execute(query).fetchall()
