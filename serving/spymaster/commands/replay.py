"""``spymaster replay``: a built day again, second by second, by the SQL of its build."""

from __future__ import annotations

import datetime as dt
import sys

import click
from rich.table import Table
from spymaster_ingest.console import err
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake

from spymaster.clock import clock_of_lake
from spymaster.commands.options import ClockTime

_SIGNALS = "gold.level_signals"
_EXAMPLE = """\b
Examples:
  spymaster replay --day 2025-10-16 --start 09:45:00 --end 09:46:00
  spymaster replay --day 2025-10-16 --start 09:45:00 --end 09:46:00 --speed 10 --check
"""


@click.command(name="replay", epilog=_EXAMPLE)
@click.option("--symbol", help="Contract.  [default: the only one of the day]")
@click.option(
    "--day",
    "--dt",
    "day",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    help="UTC date.  [default: the newest]",
)
@click.option(
    "--start",
    type=ClockTime(),
    help="First second, local time.  [default: the first one with surfaces]",
)
@click.option(
    "--end",
    type=ClockTime(),
    help="End of the last second.  [default: the last one with surfaces]",
)
@click.option(
    "--speed",
    type=click.FloatRange(min=0),
    default=0.0,
    show_default=True,
    help="Event time by wall time from the first second on; 0 is as fast as possible.",
)
@click.option(
    "--relation",
    default=_SIGNALS,
    show_default=True,
    help="Whose rows are printed; of level_signals the payload.",
)
@click.option(
    "--resume", is_flag=True, help="Go on with the newest run of the day that did not end."
)
@click.option(
    "--check", is_flag=True, help="Compare every live relation with the build's rows at the end."
)
def command(
    symbol: str | None,
    day: dt.datetime | None,
    start: dt.time | None,
    end: dt.time | None,
    speed: float,
    relation: str,
    resume: bool,
    check: bool,
) -> None:
    """Replay a built day with orders, and print a line of JSON for each row of a relation.

    The records of the day run through the kernels of the build, and the SQL that the build compiled
    runs over the last seconds. Calibrations, levels of earlier sessions and answers of retrieval
    are those of the build. Rows before the first second are made, not printed. Records and rows are
    kept in live/ of the lake.

    With --check the exit status is 1 when a row differs from the build's.
    """
    # imported late: they load the kernels
    from spymaster.live.compared import compare
    from spymaster.live.days import replayed_day
    from spymaster.live.feeds import SystemClock
    from spymaster.live.lines import Lines
    from spymaster.live.replayed_run import replayed
    from spymaster.live.run import HISTORY_S
    from spymaster.live.run_folder import new_run, runs_of
    from spymaster.live.session import Session

    lake = Lake.from_environment()
    of = replayed_day(lake, symbol, day and day.date())
    local = clock_of_lake(lake)

    def utc_of(time: dt.time) -> dt.datetime:
        return local.utc_of(of.day, time).replace(tzinfo=None)

    first = of.start if start is None else utc_of(start)
    last = of.end if end is None else utc_of(end)
    if last <= first:
        raise SpymasterError(f"{start} to {end}", "the end is not after the start")
    keep_s = max(HISTORY_S, int((last - first).total_seconds()) if check else 0)
    wanted = None if check else [relation]
    with Session(lake, of.symbol, of.day, wanted=wanted, keep_s=keep_s) as session:
        if relation not in {model.relation for model in session.tables.models}:
            raise SpymasterError(relation, "is not live", "see meta.live_models")
        killed = [run for run in runs_of(lake, of.symbol, of.day, "replay") if not run.is_ended]
        if resume and not killed:
            raise SpymasterError("--resume", f"no run of {of.symbol} {of.day} stopped early")
        folder = killed[-1] if resume else new_run(lake, of.symbol, of.day, "replay")
        err.print(f"run {folder.name}", markup=False)
        outlets = [Lines(relation, first, click.echo)]
        at = replayed(session, folder, outlets, SystemClock(), (first, last), speed)
        if check:
            report(compare(lake, session.tables, (of.symbol, of.day), (first, at)))


def report(compared: list) -> None:
    """Print what differs from the build; the exit status says whether anything does."""
    table = Table("relation", "rows of the build", "different")
    for one in compared:
        table.add_row(one.relation, f"{one.n_rows:,}", f"{one.n_different:,}")
    err.print(table)
    n_different = sum(one.n_different for one in compared)
    n_rows = sum(one.n_rows for one in compared)
    if not n_rows:
        raise SpymasterError("--check", "the build has no rows of these seconds", "name others")
    err.print(
        f"{n_rows:,} rows of {len(compared)} relations: {n_different:,} differ from the build"
    )
    if n_different:
        sys.exit(1)
