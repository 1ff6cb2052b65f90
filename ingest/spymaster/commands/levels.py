"""``spymaster levels``: what waits at the levels of a moment."""

from __future__ import annotations

import datetime as dt
import json

import click
from rich.table import Table

from spymaster.commands.plot import ClockTime
from spymaster.console import out
from spymaster.lake import Lake
from spymaster.levels import sentences
from spymaster.levels.read import LevelView, MomentView, Row, read_levels
from spymaster.plot.time_range import NEW_YORK, utc_of_clock

_EXAMPLE = """\b
Example:
  spymaster levels --symbol ESZ5 --dt 2025-10-16 --at 09:49:30
"""


@click.command(name="levels", epilog=_EXAMPLE)
@click.option("--symbol", required=True, help="Raw symbol of the contract, e.g. ESZ5.")
@click.option(
    "--dt",
    "day",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    required=True,
    help="UTC date of the partition.",
)
@click.option(
    "--at",
    "clock",
    type=ClockTime(),
    help="End of the second, New York time.  [default: the day's last second with an approach]",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
def command(symbol: str, day: dt.datetime, clock: dt.time | None, as_json: bool) -> None:
    """Print the levels of a moment, the nearest first, and what waits at each.

    For every level: how far it is, whether price is coming, what lies before and beyond it, and
    point by point, from four points above to four below, what rests, what was added, pulled and
    filled in the last five seconds, and which way that leans. Long above zero: buyers add and
    sellers pull; short is the same with the other sign.
    """
    at = None if clock is None else utc_of_clock(day.date(), clock)
    view = read_levels(Lake.from_environment(), symbol, day.date(), at)
    if as_json:
        click.echo(json.dumps(_document(view), indent=2, default=str))
        return
    _print(view)


def _document(view: MomentView) -> Row:
    return {
        "symbol": view.symbol,
        "window_end_ts": view.at,
        "spot_ref_price_int": view.spot_price_int,
        "window_valid": view.is_valid,
        "levels": [level.facts | {"ladder": level.rungs} for level in view.levels],
    }


def _print(view: MomentView) -> None:
    local = view.at.replace(tzinfo=dt.UTC).astimezone(NEW_YORK)
    spot = (
        "no spot" if view.spot_price_int is None else f"spot {sentences.price(view.spot_price_int)}"
    )
    out.print(f"{view.symbol} {local:%Y-%m-%d %H:%M:%S} New York, {spot}", style="bold")
    if not view.is_valid:
        out.print("the book of this second is not valid: what follows cannot be trusted")
    if not view.levels:
        out.print("no level is active or provisional at this moment")
    for level in view.levels:
        _print_level(view, level)


def _print_level(view: MomentView, level: LevelView) -> None:
    facts = level.facts
    out.print()
    out.print(f"{facts['level_id']} {sentences.price(facts['level_price_int'])}", style="bold")
    for line in (
        sentences.where(view, facts),
        sentences.standing(facts),
        sentences.beyond(facts) if facts["is_active"] else "",
    ):
        if line:
            out.print(line, markup=False)
    if not level.rungs:
        out.print("its ladder is not shown")
        return
    table = Table()
    for name in ("point", "bids", "added", "pulled", "filled"):
        table.add_column(name, justify="right")
    for name in ("asks", "added", "pulled", "filled", "long", "short", "wall", ""):
        table.add_column(name, justify="right" if name else "left")
    for row in level.rungs:
        counts = [
            row[f"{side}_{what}"]
            for side in ("bid", "ask")
            for what in ("depth", "add", "pull", "fill")
        ]
        ratios = [row[name] for name in ("long_physics", "short_physics", "wall_ratio")]
        table.add_row(
            f"{row['point_offset']:+d}" if row["point_offset"] else "level",
            *("" if value is None else f"{value:,}" for value in counts),
            *("" if value is None else f"{value:.2f}" for value in ratios),
            sentences.rung(row),
        )
    out.print(table)
