"""``spymaster replay``: a built day again, second by second, by the SQL of its build."""

from __future__ import annotations

import datetime as dt
import threading
from contextlib import suppress
from typing import Any

import click
from spymaster_ingest.console import err
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake

from spymaster.clock import clock_of_lake
from spymaster.commands.compare_live import compare_and_say
from spymaster.commands.options import ClockTime
from spymaster.commands.run_options import run_options, shown, wishes_of

_EXAMPLE = """\b
Examples:
  spymaster replay --day 2025-10-16 --speed 10 --open
  spymaster replay --start 09:45:00 --end 09:46:00 --check
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
    "--resume", is_flag=True, help="Go on with the newest run of the day that did not end."
)
@click.option(
    "--check",
    is_flag=True,
    help="Make every live relation, and compare it with the build's rows at the end.",
)
@run_options
def command(
    symbol: str | None,
    day: dt.datetime | None,
    start: dt.time | None,
    end: dt.time | None,
    speed: float,
    resume: bool,
    check: bool,
    **given: Any,
) -> None:
    """Replay a built day as if it were live.

    The records of the day run through the kernels of the build, and the SQL that the build compiled
    runs over the last seconds. Calibrations, levels of earlier sessions and answers of retrieval
    are those of the build. Rows before the first second are made, not printed. Records and rows are
    kept in live/ of the lake, where `spymaster compare-live` finds them.

    With --check the exit status is 1 when a row differs from the build's. A screen stays after the
    last second, until Ctrl-C.
    """
    # imported late: they load the kernels
    from spymaster.live.attached import SCREEN, RunOf, attached
    from spymaster.live.days import replayed_day
    from spymaster.live.feeds import SystemClock
    from spymaster.live.replayed_run import replayed
    from spymaster.live.run import HISTORY_S
    from spymaster.live.run_folder import new_run, runs_of
    from spymaster.live.session import Session

    lake = Lake.from_environment()
    of = replayed_day(lake, symbol, day and day.date())
    local = clock_of_lake(lake)
    first, last = (
        edge if time is None else local.utc_of(of.day, time).replace(tzinfo=None)
        for time, edge in ((start, of.start), (end, of.end))
    )
    if last <= first:
        raise SpymasterError(f"{start} to {end}", "the end is not after the start")
    wishes = wishes_of(given | {"has_all": given["has_all"] or check})
    killed = [run for run in runs_of(lake, of.symbol, of.day, "replay") if not run.is_ended]
    if resume and not killed:
        raise SpymasterError("--resume", f"no run of {of.symbol} {of.day} stopped early")
    folder = killed[-1] if resume else new_run(lake, of.symbol, of.day, "replay")
    err.print(f"run {folder.name}", markup=False)
    words = f"replay {speed:g}x" if speed else "replay"
    run = RunOf(lake, of.symbol, of.day, folder.name, "replay", words, None)
    show = shown(given["open_browser"])
    with attached(wishes, run, first, click.echo, show) as (wanted, outlets):
        with Session(lake, of.symbol, of.day, wanted=wanted, keep_s=HISTORY_S) as session:
            replayed(session, folder, outlets, SystemClock(), (first, last), speed)
        if check:
            compare_and_say(lake, of.day, of.symbol, folder.name)
        if SCREEN in wishes.outs:
            with suppress(KeyboardInterrupt):
                threading.Event().wait()
