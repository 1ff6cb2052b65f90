"""``spymaster level``: add, list and remove own levels."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict

import click
from spymaster_ingest.console import out
from spymaster_ingest.lake import Lake

from spymaster.commands.options import UtcMoment
from spymaster.levels.own import add_level, own_level, read_levels, remove_level

_EXAMPLE = """\b
Example:
  spymaster level add ESZ5 weekly_low 6712.25 --from '2025-10-16T10:05:00 New York'
"""


@click.group("level")
def command() -> None:
    """Add, list or remove own levels: prices by hand, in levels.csv of the lake.

    The next build reads the file. It makes the days that a level touches anew, and no others.
    """


@command.command("add", epilog=_EXAMPLE, short_help="Add a price.")
@click.argument("symbol_or_root")
@click.argument("name")
@click.argument("price")
@click.option(
    "--from",
    "known_from",
    type=UtcMoment(),
    help="Moment from which the level is there.  [default: now]",
)
@click.option("--until", type=UtcMoment(), help="Moment at which it ends.  [default: never]")
@click.option("--note", default="", help="What you want to remember of it.")
def add_command(
    symbol_or_root: str,
    name: str,
    price: str,
    known_from: dt.datetime | None,
    until: dt.datetime | None,
    note: str,
) -> None:
    """Add a level of a contract, or of all contracts of a product, at a PRICE in points.

    Relations name it own:NAME. It has no rows before the moment from which it is there. For a price
    below 0 write -- before SYMBOL_OR_ROOT.
    """
    start = known_from or dt.datetime.now(dt.UTC).replace(microsecond=0)
    level = own_level(Lake.from_environment(), symbol_or_root, name, price, start, until, note)
    add_level(Lake.from_environment(), level)
    out.print(
        f"own:{level.name} of {level.symbol_or_root} at {level.price} from {level.known_from}; "
        "the next build has it",
        markup=False,
    )


@command.command("list", short_help="Print the own levels.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of lines.")
def list_command(as_json: bool) -> None:
    """Print the own levels of the lake, those too that the last build has not seen."""
    levels = read_levels(Lake.from_environment())
    if as_json:
        click.echo(json.dumps([asdict(level) for level in levels], indent=2))
        return
    for level in levels:
        until = f" until {level.until}" if level.until else ""
        note = f": {level.note}" if level.note else ""
        line = f"own:{level.name} of {level.symbol_or_root} at {level.price} from "
        out.print(f"{line}{level.known_from}{until}{note}", markup=False)
    if not levels:
        out.print("no own levels (spymaster level add)", markup=False)


@command.command("remove", short_help="Remove a price.")
@click.argument("symbol_or_root")
@click.argument("name")
def remove_command(symbol_or_root: str, name: str) -> None:
    """Remove a level; after the next build no relation has it."""
    remove_level(Lake.from_environment(), symbol_or_root, name)
    removed = f"own:{name.removeprefix('own:')} of {symbol_or_root}"
    out.print(f"{removed} removed; the next build is without it", markup=False)
