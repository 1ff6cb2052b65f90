"""``spymaster levels``: print the levels of a moment with the orders at each."""

from __future__ import annotations

import datetime as dt
import json

import click
from spymaster_ingest.lake import Lake

from spymaster.clock import clock_of_lake
from spymaster.commands.options import ClockTime
from spymaster.levels import sentences
from spymaster.levels.read import LevelView, MomentView, Row, read_levels
from spymaster.levels.table import print_levels

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
    help="End of the second, the lake's local time.  [default: the day's last second with an "
    "approach]",
)
@click.option("--level", "level_id", help="Only this level, e.g. pm_high.  [default: all]")
@click.option("--verbose", is_flag=True, help="Print every level in full, with all numbers.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
def command(
    symbol: str,
    day: dt.datetime,
    clock: dt.time | None,
    level_id: str | None,
    verbose: bool,
    as_json: bool,
) -> None:
    """Print the levels of a moment: the one in question in full, the others in a line each.

    That is the level with an approach under way nearest to spot, else the nearest active one. In
    this order: the price move of the last minute and the phase of the approach; the ladder, point
    by point from four points above the level to four below, with what holds and what gives; calls,
    puts and gamma at the nearest strikes; the four conditions of a turn; the odds from similar
    approaches of the same phase; how earlier approaches to the level ended, and how often it held
    against prices nearby (once `spymaster evaluate` has run); and as a rule of thumb
    barrier, tape, fuel and break score.

    A wall is three times the usual depth ahead of price; few is a third of it. Flows cover the
    last five seconds; fewer than twenty contracts get no words. Strikes lie further apart than
    points, so neighboring points share a strike.
    """
    lake = Lake.from_environment()
    at = None if clock is None else clock_of_lake(lake).utc_of(day.date(), clock)
    view = read_levels(lake, symbol, day.date(), at, level_id)
    if as_json:
        click.echo(json.dumps(_document(view), indent=2, default=str))
        return
    print_levels(view, verbose=verbose)


def _document(view: MomentView) -> Row:
    return {
        "symbol": view.symbol,
        "window_end_ts": view.at,
        "spot_ref_price_int": view.spot_price_int,
        "window_valid": view.is_valid,
        "orders_missing": view.orders_missing,
        "exposure": view.exposure,
        "score_verdict": view.score_verdict,
        "levels": [_level_document(view, level) for level in view.levels],
    }


def _level_document(view: MomentView, level: LevelView) -> Row:
    compared = sentences.compared_sentences(view, level)
    return level.facts | {
        "strikes": level.strikes,
        "ladder": [rung | {"words": sentences.rung(rung, view.settings)} for rung in level.rungs],
        "conditions": level.conditions,
        "engines": level.engines,
        **({"compared": " ".join(compared)} if compared else {}),
        "odds": level.odds,
        "course": level.course,
        "record": level.record,
        **({"placebo": level.placebo} if level.placebo else {}),
    }
