"""``spymaster flags``: count the actions and flags of a DBN file."""

from __future__ import annotations

import json
from pathlib import Path

import click
from rich.table import Table
from spymaster_ingest.console import out
from spymaster_ingest.dbn.census import Census, iso, take_census
from spymaster_ingest.dbn.layouts import flag_words


@click.command("flags")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
@click.argument("file", type=click.Path(path_type=Path))
def command(file: Path, as_json: bool) -> None:
    """Print the census of actions and flags of FILE, an mbo or trades DBN file."""
    census = take_census(file)
    if as_json:
        click.echo(json.dumps(census.as_json(), indent=1))
        return
    header = census.file.header
    out.print(
        f"{file}: {header.dataset} {header.schema}, DBN version {header.version}, "
        f"{census.records:,} records",
        markup=False,
    )
    out.print(f"ts_recv  {iso(census.first_recv_ns)} to {iso(census.last_recv_ns)} UTC")
    out.print(f"ts_event {iso(census.first_event_ns)} to {iso(census.last_event_ns)} UTC")
    for number, count in sorted(census.instruments.items()):
        symbol = census.symbol(number) or "not named in the header"
        out.print(f"instrument {number} ({symbol}): {count:,} records", markup=False)
    out.print(_table(census))


def _table(census: Census) -> Table:
    """Return the table of flags by action, with totals."""
    actions = census.actions
    table = Table(title="Records per flags value and action")
    table.add_column("flags", justify="right")
    table.add_column("meaning", overflow="fold")
    for action in actions:
        table.add_column(action, justify="right")
    table.add_column("all", justify="right")
    for value, count in census.flags.items():
        cells = [census.actions_flags[ord(action), value] for action in actions]
        table.add_row(str(value), flag_words(value), *(f"{cell:,}" for cell in cells), f"{count:,}")
    table.add_section()
    table.add_row("all", "", *(f"{count:,}" for count in actions.values()), f"{census.records:,}")
    return table
