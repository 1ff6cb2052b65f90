"""``spymaster plot``: draw a contract's book over some minutes."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click
from spymaster_ingest.console import err, out
from spymaster_ingest.lake import Lake

from spymaster.commands.options import ClockTime
from spymaster.plot.requests import MARKS, PANELS

_EXAMPLE = """\b
Example:
  spymaster plot --symbol ESZ5 --dt 2025-10-01 --start 09:30:00 --end 09:42:00 --out open.png
"""


@click.command(name="plot", epilog=_EXAMPLE)
@click.option("--symbol", required=True, help="Raw symbol of the contract, e.g. ESZ5.")
@click.option(
    "--dt",
    "day",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    required=True,
    help="UTC date of the partition in which the range starts. Every local time of day "
    "occurs once in a UTC day, some on the local date before or after.",
)
@click.option(
    "--start", type=ClockTime(), required=True, help="First second, the lake's local time."
)
@click.option(
    "--end",
    type=ClockTime(),
    required=True,
    help="End, exclusive, local time too; it may lie in the next partition.",
)
@click.option(
    "--out",
    "path",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="PNG file to write.",
)
@click.option(
    "--ticks",
    type=click.IntRange(1),
    help="Rows above and below the middle of spot's range.  [default: all prices traded or "
    "quoted best, and a margin]",
)
@click.option(
    "--second-pixels", type=click.IntRange(1), help="Width of a second.  [default: by the range]"
)
@click.option(
    "--tick-pixels", type=click.IntRange(1), help="Height of a tick.  [default: by the range]"
)
@click.option(
    "--panels",
    type=click.Choice(PANELS),
    multiple=True,
    help="Further panels below the picture; market: spread, order flow imbalance, book imbalance "
    "and realised volatility.",
)
@click.option(
    "--marks",
    type=click.Choice(MARKS),
    multiple=True,
    help="Further marks; retests: where levels broke and where price came back to them, in the "
    "colour of what followed.",
)
def command(
    symbol: str,
    day: dt.datetime,
    start: dt.time,
    end: dt.time,
    path: Path,
    ticks: int | None,
    second_pixels: int | None,
    tick_pixels: int | None,
    panels: tuple[str, ...],
    marks: tuple[str, ...],
) -> None:
    """Draw the book of a contract over some minutes.

    One column a second, one row a tick, each a whole number of pixels. The main panel shows
    resting depth (asks and bids in two hues, log scale) with best quotes, spot and trades. Below
    it are the scores and the cumulative volume delta, beside it the volume by price. Invalid
    seconds are hatched, missing seconds stay empty, NULL is transparent and zero is not.
    """
    from spymaster.clock import clock_of_lake
    from spymaster.plot import plot

    lake = Lake.from_environment()
    seconds = clock_of_lake(lake).time_range(day.date(), start, end)
    remarks = plot(
        lake,
        symbol,
        seconds,
        path,
        half_ticks=ticks,
        second_px=second_pixels,
        tick_px=tick_pixels,
        panels=panels,
        marks=marks,
    )
    for remark in remarks:
        err.print(remark, markup=False)
    out.print(
        f"{path}: {symbol} {seconds.local(0):%Y-%m-%d %H:%M:%S} to {seconds.clock(seconds.count)} "
        f"{seconds.city}",
        markup=False,
    )
