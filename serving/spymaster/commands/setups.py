"""``spymaster setups``: the odds from the most similar past approaches."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import click
from spymaster_ingest.console import out
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake

from spymaster.clock import clock_of_lake
from spymaster.commands.options import ClockTime

_EXAMPLE = """\b
Examples:
  spymaster setups --symbol ESZ5 --dt 2025-10-16 --level pm_high --at 09:47:30
  spymaster setups --symbol ESZ5 --dt 2025-10-16 --pattern retest --at 10:30:00
  spymaster setups --symbol ESZ5 --dt 2025-10-16 --at 09:47:30
"""
_RETEST = "retest"


@click.command(name="setups", epilog=_EXAMPLE)
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
    "--level",
    "level_id",
    help="Name of the level, e.g. pm_high.  [default: none, only the book around spot]",
)
@click.option(
    "--at",
    "clock",
    type=ClockTime(),
    help="Time, the lake's local one; what is known later is not shown.  [default: the day's last "
    "decision between the barriers; with --pattern the whole day]",
)
@click.option("--k", type=click.IntRange(1), help="Most neighbors.  [default: var retrieval_k]")
@click.option("--horizon", help="Horizon of the odds.  [default: var learned_horizon]")
@click.option(
    "--plot",
    "picture",
    type=click.Path(dir_okay=False, path_type=Path),
    help="PNG file to draw the neighbors' paths into.",
)
@click.option(
    "--pattern",
    type=click.Choice([_RETEST]),
    help="Print breaks of levels, their retests and what followed: a list, or with --level a card "
    "of the last one.",
)
@click.option(
    "--basis",
    type=click.Choice(["seconds", "bars"]),
    help="With --pattern: trades, or closes of two-minute bars.  [default: seconds]",
)
@click.option(
    "--verbose", is_flag=True, help="Print intervals, horizons, neighbors and what trees weigh too."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of the card.")
def command(
    symbol: str,
    day: dt.datetime,
    level_id: str | None,
    clock: dt.time | None,
    k: int | None,
    horizon: str | None,
    picture: Path | None,
    pattern: str | None,
    basis: str | None,
    verbose: bool,
    as_json: bool,
) -> None:
    """Print what price does at a level, and the odds from the most similar past approaches.

    Prints the odds that price reaches the level and of each outcome there, from earlier days,
    beside the base rate of this distance; then their support and the verdict of the evaluation.
    There are no odds if similar approaches are too few, or too different from the moment. Without
    --level it compares the book around spot: does price go on as in the last minute, or turn back?

    With --pattern retest it prints the breaks that held, when and how far price came back, what the
    book did then, how retests of earlier days ended, and the verdict of the evaluation.
    """
    lake = Lake.from_environment()
    at = None if clock is None else clock_of_lake(lake).utc_of(day.date(), clock)
    if pattern == _RETEST:
        for option, given in (("--k", k), ("--horizon", horizon), ("--plot", picture)):
            if given is not None:
                raise SpymasterError(option, "is of similar approaches", "leave out --pattern")
        _print_retests(lake, symbol, day.date(), level_id, at, basis or "seconds", as_json=as_json)
        return
    if basis is not None:
        raise SpymasterError("--basis", "is of a pattern", f"give --pattern {_RETEST} too")
    from spymaster.setups.approach import approach_sentences
    from spymaster.setups.card import card_document, print_card
    from spymaster.setups.read_answer import read_answer

    lists_neighbors = verbose or as_json or picture is not None
    answer = read_answer(
        lake, symbol, day.date(), level_id, at, k, horizon, with_neighbors=lists_neighbors
    )
    if picture is not None:
        from spymaster.setups.picture import draw_neighbors

        draw_neighbors(lake, answer, picture)
    if as_json:
        click.echo(json.dumps(card_document(answer), indent=2, default=str))
        return
    approach = [] if level_id is None else approach_sentences(lake, answer)
    contributions: list[str] = []
    if verbose and level_id is not None:
        from spymaster.setups.contributions import contribution_sentences

        contributions = contribution_sentences(lake, answer.moment, answer.horizon)
    print_card(answer, out, approach, contributions, verbose=verbose)
    if picture is not None:
        out.print(f"picture: {picture}", markup=False)


def _print_retests(
    lake: Lake,
    symbol: str,
    day: dt.date,
    level_id: str | None,
    at: dt.datetime | None,
    basis: str,
    *,
    as_json: bool,
) -> None:
    from spymaster.patterns.retest_card import print_retests, retests_document
    from spymaster.patterns.retests import read_retests

    view = read_retests(lake, symbol, day, level_id=level_id, at=at, basis=basis)
    if as_json:
        click.echo(json.dumps(retests_document(view), indent=2, default=str))
        return
    print_retests(view, out)
