"""``spymaster live``: today's contract-day, second by second, as its records come."""

from __future__ import annotations

import datetime as dt
import signal
import sys
from contextlib import ExitStack
from typing import Any

import click
from spymaster_ingest.console import err
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake
from spymaster_ingest.units import NS_PER_S

from spymaster.commands.run_options import run_options, shown, wishes_of

_EXAMPLE = """\b
Examples:
  spymaster live --symbol ESZ5 --source dbn --open FUTURE.dbn future_option=OPTIONS.dbn
  spymaster live --symbol ESZ5 --source databento --option dataset=GLBX.MDP3 \\
    definition:future:ESZ5:parent=ES.FUT mbo:future:ESZ5 trades:future:ESZ5
  spymaster live --symbol ESZ5 --source nats --nats nats://desk:4222 ESZ5-2025-10-16-live-1
"""


@click.command(name="live", epilog=_EXAMPLE)
@click.option("--symbol", required=True, help="Raw symbol of the contract, e.g. ESZ5.")
@click.option(
    "--source",
    type=click.Choice(["dbn", "databento", "nats"]),
    default="dbn",
    show_default=True,
    help="Growing DBN streams, the vendor's live service, whose key is in DATABENTO_API_KEY, or "
    "the records that another run publishes to NATS.",
)
@click.option(
    "--option",
    "options",
    multiple=True,
    metavar="NAME=VALUE",
    help="Of the source databento: dataset, start (ns UTC), gateway, port. May be given again.",
)
@click.argument("given", nargs=-1, required=True)
@run_options
def command(
    symbol: str, source: str, options: tuple[str, ...], given: tuple[str, ...], **wished: Any
) -> None:
    """Make today's rows as records come, by the kernels and the SQL of the build.

    GIVEN are streams of source dbn ([PRODUCT_TYPE=]PATH, or - for standard input), subscriptions
    of source databento (SCHEMA:PRODUCT_TYPE:PRODUCT[:STYPE=SYMBOL,...]), or of source nats the name
    of the run that publishes with --out nats. Records are on the disk before anything reads them. A
    day that no build knows is opened first: what has come is landed, and calibrations, levels of
    earlier sessions and definitions are built, which takes a minute.

    A run ends at midnight UTC, or with its source: then its files are sealed and landed like the
    vendor's. Ctrl-C stops it, and the next start goes on where it stood.
    """
    # imported late: they load the kernels
    from spymaster.live.attached import RunOf, attached
    from spymaster.live.captured_run import CapturedRun
    from spymaster.live.live_run import lived
    from spymaster.live.run_folder import new_run, runs_of
    from spymaster.live.sealed_run import land_run, seal_run
    from spymaster.live.sources import RunOfSource, open_source
    from spymaster.live.steady import SteadyClock

    lake = Lake.from_environment()
    lake.make_root()
    clock = SteadyClock(_say)
    day = dt.datetime.fromtimestamp(clock.now_ns() // NS_PER_S, dt.UTC).date()
    stopped = [run for run in runs_of(lake, symbol, day, "live") if not run.is_ended]
    folder = stopped[-1] if stopped else new_run(lake, symbol, day, "live")
    _say(f"run {folder.name}")
    # what stops a container stops a run like Ctrl-C
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    end_ns = int(dt.datetime.combine(day, dt.time(), dt.UTC).timestamp() + 86_400) * NS_PER_S
    feed = open_source(
        source,
        given,
        RunOfSource(
            symbol,
            clock,
            has_ended=lambda: clock.now_ns() >= end_ns,
            captured=[CapturedRun(part) for part in folder.whole_captures],
            say=_say,
            options=dict(_option(text) for text in options),
            folder=folder.path,
            nats_url=wished["nats_url"],
        ),
    )
    wishes = wishes_of(wished)
    show = shown(wished["open_browser"])
    run = RunOf(lake, symbol, day, folder.name, "direct_feed", "live", clock)
    try:
        with ExitStack() as stack:

            def attach(start: dt.datetime) -> Any:
                return stack.enter_context(attached(wishes, run, start, click.echo, show))

            lived(lake, (symbol, day), folder, feed, clock, attach, _say, feed.sources)
    except KeyboardInterrupt:
        seal_run(folder, "stopped by its user")
        _say("stopped: the next start goes on here")
        sys.exit(130)
    except BaseException as error:
        seal_run(folder, str(error))
        raise
    seal_run(folder, None)
    for line in land_run(lake, folder, day):
        _say(line)


def _option(text: str) -> tuple[str, str]:
    name, is_given, value = text.partition("=")
    if not is_given or not name or not value:
        raise SpymasterError(f"--option {text}", "is no NAME=VALUE")
    return name, value


def _say(line: str) -> None:
    err.print(line, markup=False, soft_wrap=True)
