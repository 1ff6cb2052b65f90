"""``spymaster catalogue``: what the book shows in the seconds before key movements."""

from __future__ import annotations

import json
from pathlib import Path

import click
from spymaster_ingest.console import out
from spymaster_ingest.lake import Lake

_EXAMPLE = """\b
Examples:
  spymaster catalogue
  spymaster catalogue --symbol ESZ5 --direction up --plot catalogue.png
"""


@click.command(name="catalogue", epilog=_EXAMPLE)
@click.option("--symbol", help="Contract, e.g. ESZ5, whose product is wanted.  [default: all]")
@click.option(
    "--direction",
    type=click.Choice(["up", "down"]),
    help="Only moves up, or down.  [default: both]",
)
@click.option(
    "--limit", type=click.IntRange(1), default=12, show_default=True, help="Most readings to print."
)
@click.option(
    "--plot",
    "picture",
    type=click.Path(dir_okay=False, path_type=Path),
    help="PNG file to draw the strongest readings into.",
)
@click.option(
    "--format",
    "layout",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="Print a table or JSON.",
)
def command(
    symbol: str | None, direction: str | None, limit: int, picture: Path | None, layout: str
) -> None:
    """Print what the book does in the seconds before price moves far.

    Strongest first: what the book does, how many seconds before the move, and by how much it
    differs from turns of price in the same half-hour, of like volatility and spread, without a
    move, in their standard deviations. "not shown" means that chance does as much among so many
    readings. Run `spymaster evaluate` first: it judges the readings.
    """
    from spymaster.patterns.catalogue import read_catalogue
    from spymaster.patterns.table import print_catalogue

    catalogue = read_catalogue(Lake.from_environment(), symbol, direction)
    if picture is not None:
        from spymaster.patterns.picture import draw_catalogue

        draw_catalogue(catalogue, picture)
    if layout == "json":
        document = {"summaries": catalogue.summaries(), "readings": catalogue.rows(limit)}
        click.echo(json.dumps(document, indent=2))
        return
    print_catalogue(catalogue, limit)
    if picture is not None:
        out.print(f"picture: {picture}", markup=False)
