"""``spymaster replay``: a built day again, second by second, by the SQL of its build."""

from __future__ import annotations

import datetime as dt
import json
import sys
from pathlib import Path

import click
from rich.table import Table
from spymaster_ingest.console import err
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake
from spymaster_ingest.units import NS_PER_S

from spymaster.clock import clock_of_lake
from spymaster.commands.options import ClockTime

_SIGNALS = "gold.level_signals"
_EXAMPLE = """\b
Examples:
  spymaster replay --symbol ESZ5 --dt 2025-10-16 --start 09:45:00 --end 09:46:00
  spymaster replay --symbol ESZ5 --dt 2025-10-16 --start 09:45:00 --end 09:46:00 --speed 10 --check
"""


@click.command(name="replay", epilog=_EXAMPLE)
@click.option("--symbol", required=True, help="Raw symbol of the contract, e.g. ESZ5.")
@click.option(
    "--dt",
    "day",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    required=True,
    help="UTC date of the partition.",
)
@click.option("--start", type=ClockTime(), required=True, help="First second, local time.")
@click.option("--end", type=ClockTime(), required=True, help="End of the last second.")
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
@click.option("--capture", type=click.Path(path_type=Path), help="Folder to keep the records in.")
@click.option(
    "--check", is_flag=True, help="Compare every live relation with the build's rows at the end."
)
def command(
    symbol: str,
    day: dt.datetime,
    start: dt.time,
    end: dt.time,
    speed: float,
    relation: str,
    capture: Path | None,
    check: bool,
) -> None:
    """Replay a built day with orders, and print a line of JSON for each row of a relation.

    The records of the day run through the kernels of the build, and the SQL that the build compiled
    runs over the last seconds. Rows of options, calibrations, levels of earlier sessions and
    answers of retrieval are those of the build. Rows before the first second are made, not printed.

    With --check the exit status is 1 when a row differs from the build's.
    """
    # imported late: they load the kernels
    from spymaster.live.capture import Capture
    from spymaster.live.compared import compare
    from spymaster.live.feeds import SystemClock
    from spymaster.live.replay import Replay
    from spymaster.live.seconds import replayed_seconds
    from spymaster.live.session import Session

    lake = Lake.from_environment()
    local = clock_of_lake(lake)
    first, last = (local.utc_of(day.date(), time).replace(tzinfo=None) for time in (start, end))
    if last <= first:
        raise SpymasterError(f"{start} to {end}", "the end is not after the start")
    clock = SystemClock()
    keep_s = int((last - first).total_seconds()) if check else 0
    wanted = None if check else [relation]
    with Session(lake, symbol, day.date(), wanted=wanted, keep_s=keep_s) as session:
        if relation not in {model.relation for model in session.tables.models}:
            raise SpymasterError(relation, "is not live", "see meta.live_models")
        feed = Replay([session.landed()], clock, span_ns=NS_PER_S // 4)
        kept = None if capture is None else Capture(capture, clock)
        began_ns, before = None, first
        first_s = int(first.replace(tzinfo=dt.UTC).timestamp())
        ended = replayed_seconds(feed, kept, session.engines, first_s)
        for at in session.steps(ended, first, last):
            if at > first:
                _print(session.tables.rows(relation, before, at).to_pylist(), relation)
            before = at
            if began_ns is None:
                began_ns = clock.now_ns()
            if speed:
                clock.wait_until(began_ns + int((at - first).total_seconds() * NS_PER_S / speed))
        if check:
            report(compare(lake, session.tables, (symbol, day.date()), (first, before)))


def _print(rows: list[dict], relation: str) -> None:
    for row in rows:
        click.echo(row["payload"] if relation == _SIGNALS else json.dumps(row, default=str))


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
