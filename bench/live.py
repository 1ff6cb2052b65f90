"""``python -m bench.live``: seconds of a live step, by model, over minutes of a built day.

Feeds what the kernels wrote for a contract-day of the lake of `$SPYMASTER_LAKE`, and steps through
some of it second by second. Prints JSON: the seconds of a step and of each model, their median and
99 % quantile.
"""

from __future__ import annotations

import datetime as dt
import json
import time
from collections import defaultdict

import click
import duckdb
import numpy as np
from spymaster.live.models import KEPT, kept_rows
from spymaster.live.tables import LiveTables
from spymaster.published import open_published, relations_of
from spymaster_ingest.lake import Lake

from bench.machine import machine_line

# what the kernels write, and the feed
_KERNELS = ("book_snapshot_1s", "wall_surface_1s", "reprice_flow_1s")
_FED = (
    "steps.book_records",
    "steps.published_book_1s",
    "steps.market_book_1s",
    "bronze.option_trades",
    "bronze.option_mbo",
    "steps.option_quote_trades",
    "silver.option_book_1s",
    "silver.option_physics_1s",
)
_OF_DAY = "where symbol = $symbol and dt = cast($dt as date)"
_SECOND = dt.timedelta(seconds=1)


@click.command()
@click.option("--symbol", required=True)
@click.option("--dt", "day", required=True, type=click.DateTime(["%Y-%m-%d"]))
@click.option("--start", required=True, type=click.DateTime(), help="UTC, of the first second")
@click.option("--seconds", default=60, show_default=True)
def main(symbol: str, day: dt.datetime, start: dt.datetime, seconds: int) -> None:
    """Measure the steps of some seconds."""
    lake = Lake.from_environment()
    with open_published(lake) as published:
        fed = [name for name in _FED if name in relations_of(published)]
        kept = [f"{KEPT}.{name}" for name in _KERNELS]
        with LiveTables(lake, symbol, day.date(), fed=[*kept, *fed]) as tables:
            _feed(tables, published, {"symbol": symbol, "dt": str(day.date())}, [*kept, *fed])
            began = time.perf_counter()
            tables.advance(day, start)
            history_s = time.perf_counter() - began
            taken = _measured(tables, start, seconds)
    print(json.dumps({"machine": machine_line(1), "history_s": round(history_s, 2), **taken}))


def _feed(
    tables: LiveTables,
    published: duckdb.DuckDBPyConnection,
    of_day: dict[str, str],
    relations: list[str],
) -> None:
    for relation in relations:
        schema, _, name = relation.partition(".")
        source = kept_rows(name) if schema == KEPT else relation
        rows = published.execute(f"select * from {source} {_OF_DAY}", of_day)
        tables.append(relation, rows.to_arrow_table())


def _measured(tables: LiveTables, at: dt.datetime, seconds: int) -> dict[str, object]:
    """Step through seconds and return what they took."""
    taken: defaultdict[str, list[float]] = defaultdict(list)
    for _ in range(seconds):
        began = time.perf_counter()
        tables.begin(at, at + _SECOND)
        for model in tables.models:
            model_began = time.perf_counter()
            tables.run(model)
            taken[model.relation].append(time.perf_counter() - model_began)
        tables.finish()
        taken["step"].append(time.perf_counter() - began)
        at += _SECOND
    slowest = sorted(taken, key=lambda name: -float(np.median(taken[name])))
    return {
        name: [round(float(np.quantile(taken[name], share)), 4) for share in (0.5, 0.99)]
        for name in slowest
    }


if __name__ == "__main__":
    main()
