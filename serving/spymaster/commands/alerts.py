"""``spymaster alerts``: what the rules of alerts would have said on a past day."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace

import click
from spymaster_ingest.console import err, out
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake

from spymaster.clock import clock_of_lake
from spymaster.commands.options import ClockTime

_EXAMPLE = """\b
Examples:
  spymaster alerts --symbol ESZ5 --dt 2025-10-16
  spymaster alerts --symbol ESZ5 --dt 2025-10-16 --start 09:30:00 --end 10:30:00 --rule near --json
"""
_DAY = dt.timedelta(days=1)


@click.command(name="alerts", epilog=_EXAMPLE)
@click.option("--symbol", required=True, help="Raw symbol of the contract, e.g. ESZ5.")
@click.option(
    "--dt",
    "day",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    required=True,
    help="UTC date of the partition.",
)
@click.option("--start", type=ClockTime(), help="First second, local time.  [default: the day's]")
@click.option("--end", type=ClockTime(), help="End of the last second.  [default: the day's]")
@click.option("--rule", "names", multiple=True, help="Only this rule; may be given again.")
@click.option("--json", "as_json", is_flag=True, help="Print a line of JSON for each alert.")
def command(
    symbol: str,
    day: dt.datetime,
    start: dt.time | None,
    end: dt.time | None,
    names: tuple[str, ...],
    as_json: bool,
) -> None:
    """List the alerts that the rules of the lake would have given on a past day.

    Rules stand in section [alerts] of spymaster.toml; without it a level that comes near, a touch
    of the premarket's extremes, and a state of the four conditions that holds are said. An alert is
    said once for an event. It carries base rate, odds, support and verdict; where the base rate is
    not known it says so.

    An event that is on at the start is said there: begin earlier to see when it began.
    """
    # imported late: they load the reader of Arrow tables
    from spymaster_warehouse.settings.in_force import alerts_in_force

    from spymaster.alerts.kinds import rule_named
    from spymaster.alerts.past import past_alerts

    lake = Lake.from_environment()
    settings = alerts_in_force(lake)
    if names:
        chosen = tuple(rule_named(settings.rules, name) for name in dict.fromkeys(names))
        settings = replace(settings, rules=chosen)
    date = day.date()
    local = clock_of_lake(lake)
    from_ts = dt.datetime.combine(date, dt.time())
    to_ts = from_ts + _DAY
    if start is not None:
        from_ts = local.utc_of(date, start, "--start").replace(tzinfo=None)
    if end is not None:
        to_ts = local.utc_of(date, end, "--end").replace(tzinfo=None)
    if to_ts <= from_ts:
        raise SpymasterError(f"{start} to {end}", "the end is not after the start")
    n_alerts = n_evaluated = 0
    for alert in past_alerts(
        lake, symbol, (from_ts, to_ts), date, settings, lambda line: err.print(line, markup=False)
    ):
        n_alerts += 1
        n_evaluated += alert.is_evaluated
        if as_json:
            click.echo(json.dumps(alert.as_json()))
        else:
            out.print(f"[{alert.rule}] {alert.text}", markup=False, soft_wrap=True)
    rules = ", ".join(rule.name for rule in settings.rules) or "no rule is on"
    err.print(
        f"{n_alerts:,} alerts ({rules}), {n_evaluated:,} of them with a base rate", markup=False
    )
