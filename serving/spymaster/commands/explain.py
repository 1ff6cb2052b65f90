"""``spymaster explain``: what a value is made of."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal, InvalidOperation

import click
from spymaster_ingest.console import out
from spymaster_ingest.lake import Lake
from spymaster_ingest.units import PRICE_SCALE, epoch_ns

from spymaster.clock import clock_of_lake
from spymaster.commands.options import ClockTime

_EXAMPLE = """\b
Examples:
  spymaster explain --symbol ESZ5 --dt 2025-10-16 --at 09:50:00 --relation wall \\
    --column depth_qty_end --side A --price 6720.25
  spymaster explain --symbol ESZ5 --dt 2025-10-16 --at 09:50:00 --relation physics \\
    --column above_score
"""


class Price(click.ParamType):
    """A price in points; as an integer of 1e-9 points."""

    name = "points"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        """Return the price in 1e-9 points."""
        if isinstance(value, int):
            return value
        try:
            price = Decimal(str(value)) * PRICE_SCALE
        except InvalidOperation:
            self.fail(f"{value!r} is not a price such as 6720.25", param, ctx)
        if not price.is_finite() or price != price.to_integral_value() or abs(price) >= 2**63:
            self.fail(f"{value!r} is not a price such as 6720.25", param, ctx)
        return int(price)


class Key(click.ParamType):
    """A column and its value."""

    name = "column=value"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        """Return both."""
        if isinstance(value, tuple):
            return value
        name, sign, text = str(value).partition("=")
        if not name or not sign or not text:
            self.fail(f"{value!r} is not a column and its value such as level_tick=26880", param)
        return name, text


@click.command(name="explain", epilog=_EXAMPLE)
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
    required=True,
    help="End of the second, the lake's local time.",
)
@click.option(
    "--relation",
    required=True,
    help="A relation, e.g. silver.vacuum_surface_1s, or a surface: snap, wall, vacuum, radar, "
    "physics, physics_surface, gex, levels, pressure, turns, odds.",
)
@click.option("--column", required=True, help="Column of the value.")
@click.option("--price", "price_int", type=Price(), help="Price of the row, in points.")
@click.option("--side", type=click.Choice(["A", "B"]), help="Side of the book: A asks, B bids.")
@click.option("--level", "level_id", help="Level of the row, e.g. pm_high.")
@click.option("--strike", "strike_price_int", type=Price(), help="Strike of the row, in points.")
@click.option("--horizon", "horizon_id", help="Horizon of odds.  [default: var learned_horizon]")
@click.option(
    "--key",
    "keys",
    type=Key(),
    multiple=True,
    help="Any other column of the row's key, e.g. level_tick=26880; may be given several times.",
)
@click.option("--verbose", is_flag=True, help="Print the SQL, and all rows of all steps.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
def command(
    symbol: str,
    day: dt.datetime,
    clock: dt.time,
    relation: str,
    column: str,
    price_int: int | None,
    side: str | None,
    level_id: str | None,
    strike_price_int: int | None,
    horizon_id: str | None,
    keys: tuple[tuple[str, str], ...],
    verbose: bool,
    as_json: bool,
) -> None:
    """Say what a value of a published relation is made of, and check it.

    Prints what the value means, the rows that its SQL reads and whether the SQL, run over these
    rows alone, gives the value again; and so on back to the counts of the engine. A count of the
    engine is shown as a sum over the vendor's records. Odds are shown with their neighbors.
    """
    from spymaster.explain import explain_cell
    from spymaster.explain.request import SURFACES
    from spymaster.explain.terminal import print_explanation
    from spymaster.published import open_published

    lake = Lake.from_environment()
    local = clock_of_lake(lake)
    request = {
        "symbol": symbol,
        "dt": day.date(),
        "surface" if relation in SURFACES else "relation": relation,
        "column": column,
        "window_end_ts_ns": epoch_ns(local.utc_of(day.date(), clock)),
        "price_int": price_int,
        "side": side,
        "level_id": level_id,
        "strike_price_int": strike_price_int,
        "horizon_id": horizon_id,
    }
    for name, value in keys:
        if name in request:
            raise click.UsageError(f"--key {name}: has an option of its own, or is given twice")
        request[name] = value
    with open_published(lake) as connection:
        found = explain_cell(connection, request)
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    print_explanation(found, out, local, verbose=verbose)
