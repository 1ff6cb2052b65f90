"""``python -m bench.market``: from MBP-10 records to the market features, beside pandas.

Makes one synthetic day of MBP-10 per size, lands it and builds the models of the market features.
Beside it a process reads the same file with the vendor's `to_df` and makes bars of spread,
imbalance, time-weighted means and order flow imbalance.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import click
from spymaster_ingest.lake import PROJECT_ROOT, Lake
from spymaster_ingest.landing.land import land
from spymaster_ingest.synthetic import write_day

from bench.builds import BuildRun, Row, build, report
from bench.inputs import FIRST_DAY, OUT, market_of
from bench.machine import machine_line
from bench.measure import CORES, thread_environment

MODELS = (
    "market_by_price_10_clean",
    "top10_1s",
    "market_by_price_10_bar5s",
    "market_features_1s",
)
# records of orders that the synthetic market makes for one ten-level update
_ORDER_RECORDS_PER_UPDATE = 1.13
_BYTES_PER_MB = 1 << 20


@click.command()
@click.option(
    "--records",
    default="2000000,10000000",
    show_default=True,
    help="About so many MBP-10 records; sizes are separated by commas.",
)
@click.option("--keep", is_flag=True, help="Keep days and lakes.")
def main(records: str, keep: bool) -> None:
    """Build the market features of a day of MBP-10 of each size; print speed and memory."""
    machine = machine_line(CORES)
    homes = [OUT / f"market-{size}" for size in sorted(int(size) for size in records.split(","))]
    files = [_day_of(home) for home in homes]
    # ascending, and before any other child: the memory of a build is the largest so far
    builds = [_land_and_build(home) for home in homes]
    rows: list[Row] = []
    facts = []
    for file, (land_s, built) in zip(files, builds, strict=True):
        pandas = _pandas(file)
        facts.append({"land_s": land_s, "models": built.seconds, "pandas": pandas})
        rows += _rows(land_s, built, pandas)
    small, large = builds[0][1], builds[-1][1]
    if len(builds) > 1:
        rows.append(
            ("memory of the build, largest over smallest", large.peak_mb / small.peak_mb, "", None)
        )
    report("MBP-10 to market features", machine, rows, "market.json", sizes=facts)
    if not keep:
        for home in homes:
            shutil.rmtree(home)


def _day_of(home: Path) -> Path:
    """Return the vendor's file of a day of the size that the folder names; make it if missing."""
    raw = home / "raw"
    if not raw.exists():
        making = home / "making"
        shutil.rmtree(making, ignore_errors=True)
        size = int(home.name.rpartition("-")[2])
        market = market_of(int(size * _ORDER_RECORDS_PER_UPDATE))
        write_day(market, FIRST_DAY, making, schemas=("mbp-10", "definition"))
        making.rename(raw)
    [file] = raw.rglob("*.mbp-10.dbn.zst")
    return file


def _land_and_build(home: Path) -> tuple[float, BuildRun]:
    """Return the seconds of landing, and the build of the models with all that they read."""
    lake = Lake(home / "lake")
    shutil.rmtree(lake.root, ignore_errors=True)
    started = time.perf_counter()
    landed = land([home / "raw"], lake)
    land_s = time.perf_counter() - started
    if not landed.ok:
        raise landed.errors[0]
    return land_s, build(lake, home.name, "--select", *(f"+{name}" for name in MODELS))


def _pandas(file: Path) -> dict[str, Any]:
    """Return what the process of pandas reports about itself."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.market_pandas", str(file)],
        cwd=PROJECT_ROOT,
        env={**os.environ, **thread_environment()},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise click.ClickException(f"pandas:\n{done.stderr[-3000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def _rows(land_s: float, built: BuildRun, pandas: dict[str, Any]) -> list[Row]:
    """Return the rows of a size: seconds and memory of both ways, and their ratios."""
    records = pandas["records"]
    models_s = sum(built.seconds.values())
    pandas_s = sum(pandas["seconds"].values())
    pandas_mb = pandas["peak_bytes"] / _BYTES_PER_MB
    size = f"{records:,} records: "
    values = {
        "land, s": land_s,
        **{f"{name}, s": built.seconds[name] for name in MODELS},
        "all models with what they read, s": models_s,
        "all models, records/s": records / models_s,
        "land and models, records/s": records / (land_s + models_s),
        "peak memory of the build, MB": built.peak_mb,
        "pandas, to_df, s": pandas["seconds"]["to_df"],
        "pandas, features, s": pandas["seconds"]["features"],
        "pandas, records/s": records / pandas_s,
        "peak memory of pandas, MB": pandas_mb,
        "land and models over pandas, seconds": (land_s + models_s) / pandas_s,
        "build over pandas, peak memory": built.peak_mb / pandas_mb,
    }
    return [(size + what, value, "", None) for what, value in values.items()]


if __name__ == "__main__":
    main()
