"""``spymaster book``: the ladder of a contract at a moment."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict

import click
from rich.table import Table
from spymaster_ingest.console import out
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake
from spymaster_ingest.landing.manifest import (
    MANIFEST_NAME,
    PART_NAME,
    SUCCESS_NAME,
    read_manifest,
)
from spymaster_ingest.units import PRICE_SCALE, epoch_ns, price_text

from spymaster.book_source import without_orders
from spymaster.clock import clock_of_lake
from spymaster.commands.options import UtcMoment
from spymaster.contracts import instead
from spymaster.remote_records import where_records_lie


@click.command(name="book")
@click.option("--symbol", required=True, help="Raw symbol of the contract, e.g. ESZ5.")
@click.option(
    "--at",
    "moment",
    type=UtcMoment(),
    required=True,
    help="Moment, ISO 8601: UTC, unless an offset or a zone follows ('2025-10-01T09:45:00 New "
    "York'); events up to and including it count.",
)
@click.option(
    "--depth", type=click.IntRange(1), default=10, show_default=True, help="Levels per side."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def command(symbol: str, moment: dt.datetime, depth: int, as_json: bool) -> None:
    """Print the order book of a contract at a moment, rebuilt from its landed records."""
    from spymaster_engine.kernels.book import BookConfig, BookEngine
    from spymaster_engine.kernels.book.bronze_records import read_records
    from spymaster_engine.kernels.book.ladder_view import replay_for_view, top_levels

    lake = Lake.from_environment()
    partition = lake.bronze_partition("future", symbol, "mbo", moment.date())
    manifest = read_manifest(partition)
    if manifest is None:
        if elsewhere := where_records_lie(lake, partition):
            raise SpymasterError(
                f"{symbol} {moment.date()}",
                elsewhere,
                f"copy the folder {lake.relative(partition)} from there into the lake",
            )
        landed = _landed_days(lake)
        if (symbol, moment.date()) in landed:
            raise SpymasterError(
                partition / MANIFEST_NAME,
                "is no manifest of this version",
                "land its files again with `spymaster land --overwrite`",
            )
        by_price = lake.bronze_partition("future", symbol, "market_by_price_10", moment.date())
        if read_manifest(by_price) is not None:
            raise SpymasterError(
                f"{symbol} {moment.date()}", "there are no orders to rebuild", without_orders()
            )
        raise SpymasterError(
            f"{symbol} {moment.date()}",
            "no market-by-order records are landed for this contract and UTC day",
            instead(landed, symbol, "landed"),
        )
    midnight = dt.datetime.combine(moment.date(), dt.time(), dt.UTC)
    engine = BookEngine(
        BookConfig(
            tick_int=manifest["tick_int"],
            day_start_ns=epoch_ns(midnight),
            surface_windows_ns=(),
            stop_ns=epoch_ns(moment),
        )
    )
    replay_for_view(engine, read_records(partition / PART_NAME))
    levels = top_levels(engine, depth)
    if as_json:
        rows = [{**asdict(level), "price": level.price_int / PRICE_SCALE} for level in levels]
        out.print_json(json.dumps({"symbol": symbol, "at": moment.isoformat(), "levels": rows}))
        return
    times = clock_of_lake(lake).both_times(moment)
    if not levels:
        out.print(f"{symbol} {times}: the book is empty", markup=False)
        return
    table = Table(title=f"{symbol} {times}")
    for name in ("bid orders", "bid qty", "price", "ask qty", "ask orders"):
        table.add_column(name, justify="right")
    for level in levels:
        quantity = (str(level.orders), str(level.qty)), ("", "")
        bid, ask = quantity if level.side == "B" else quantity[::-1]
        price = price_text(level.price_int)
        table.add_row(bid[0], bid[1], price, ask[1], ask[0])
    out.print(table)


def _landed_days(lake: Lake) -> list[tuple[str, dt.date]]:
    """Return contract and UTC date of each landed partition of records."""
    found = lake.bronze.glob(f"product_type=future/symbol=*/table=mbo/dt=*/{SUCCESS_NAME}")
    return [
        (
            path.parents[2].name.removeprefix("symbol="),
            dt.date.fromisoformat(path.parent.name.removeprefix("dt=")),
        )
        for path in found
    ]
