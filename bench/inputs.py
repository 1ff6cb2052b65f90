"""The input files, made once with the synthetic market and kept in ``bench/out``."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from spymaster_engine.kernels.book import BookConfig
from spymaster_ingest.lake import PROJECT_ROOT, Lake
from spymaster_ingest.landing.land import land
from spymaster_ingest.synthetic import SessionPlan, SyntheticMarket, load_product, write_day
from spymaster_ingest.synthetic.schedule import pace_of
from spymaster_ingest.units import NS_PER_S
from spymaster_warehouse.project_vars import project_vars

OUT = PROJECT_ROOT / "bench" / "out"
REAL_FILE = (
    PROJECT_ROOT.parent / "shared" / "data" / "es_mbo" / "esh4-glbx-mdp3-20231225.mbo.dbn.zst"
)

SMALL_RECORDS = 2_000_000
WARM_UP_RECORDS = 20_000

_SEED = 1
FIRST_DAY = dt.date(2025, 10, 1)
_DENSE_HOURS = 3.0
# Share of the records of its rates that the market really makes.
_YIELD = 0.9
_CLOSE_S, _REOPEN_S, _MIDNIGHT_S = 21 * 3600, 22 * 3600, 24 * 3600


@dataclass(frozen=True)
class Input:
    """One contract-day.

    Attributes:
        key: name of its folder below ``bench/out/days``.
        mbo: the vendor's file, ``.dbn.zst``.
        folder: folder to land: the file and its definitions.
        records: records in the file.
        part: the landed Parquet file, None if not landed in advance.
    """

    key: str
    mbo: Path
    folder: Path
    records: int
    part: Path | None = None


def synthetic_day(records: int) -> Input:
    """Return a day of about ``records`` records; make and land it if missing."""
    key = f"{FIRST_DAY:%Y%m%d}-{records}"
    home = OUT / "days" / key
    marker = home / "day.json"
    if not marker.exists():
        shutil.rmtree(home, ignore_errors=True)
        files = write_day(
            market_of(records), FIRST_DAY, home / "raw", schemas=("mbo", "definition")
        )
        report = land([home / "raw"], Lake(home / "lake"))
        if not report.ok:
            raise report.errors[0]
        marker.write_text(json.dumps({"records": files[0].record_count}), encoding="utf-8")
    return Input(
        key=key,
        mbo=next((home / "raw").rglob("*.mbo.dbn.zst")),
        folder=home / "raw",
        records=json.loads(marker.read_text(encoding="utf-8"))["records"],
        part=next((home / "lake" / "bronze").rglob("table=mbo/*/part-00000.parquet")),
    )


def book_config(*, with_surfaces: bool) -> BookConfig:
    """Return the engine's parameters: surfaces for the whole dense period, or none at all."""
    pace = pace_of(FIRST_DAY, SessionPlan(hours=_DENSE_HOURS))
    midnight_ns = pace.midnight_ns

    def moment_ns(second: int) -> int:
        return midnight_ns + second * NS_PER_S

    dense = (moment_ns(pace.dense_start_s), moment_ns(pace.dense_end_s))
    return BookConfig(
        tick_int=load_product("ES").tick_int,
        day_start_ns=midnight_ns,
        trading_intervals=(
            (midnight_ns, moment_ns(_CLOSE_S), True),
            (moment_ns(_REOPEN_S), moment_ns(_MIDNIGHT_S), False),
        ),
        surface_windows_ns=(dense,) if with_surfaces else (),
    )


def fingerprint_settings(**of_day: object) -> dict[str, object]:
    """Return the fingerprints' parameters: the project's own, and those of the day."""
    return {**project_vars()["fingerprints"], **of_day}


def market_of(records: int) -> SyntheticMarket:
    """Return a market with about the given records a day, busy for three hours."""
    product = load_product("ES")
    expected = pace_of(FIRST_DAY, SessionPlan(hours=_DENSE_HOURS)).record_rate.sum() * _YIELD
    plan = SessionPlan(hours=_DENSE_HOURS, scale=records / float(expected))
    return SyntheticMarket(product, seed=_SEED, plan=plan)
