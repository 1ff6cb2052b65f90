"""``spymaster fetch``: download DBN files from the vendor into the raw store."""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Sequence

import click
from rich.table import Table
from spymaster_ingest.console import err, is_interactive, out, progress
from spymaster_ingest.dbn.layouts import LAYOUTS
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.fetch import (
    CostEstimate,
    Downloaded,
    FetchPlan,
    choose_instruments,
    connect_to_vendor,
    download_all,
    estimate_cost,
    plan_files,
)
from spymaster_ingest.lake import Lake
from spymaster_ingest.products import read_products

_DAY = click.DateTime(formats=["%Y-%m-%d"])


_EXAMPLES = """\b
Examples:
  spymaster fetch --symbol ESZ5 --start 2025-10-01 --end 2025-10-03
  spymaster fetch --root NQ --schema trades --start 2025-10-01
"""


@click.command("fetch", epilog=_EXAMPLES)
@click.option("--symbol", "symbols", multiple=True, help="Raw symbol, such as ESZ5; repeatable.")
@click.option(
    "--root",
    "roots",
    multiple=True,
    help="All futures of a product root, spreads too (parent symbol ES.FUT); repeatable.",
)
@click.option(
    "--schema",
    "schemas",
    multiple=True,
    type=click.Choice(sorted(LAYOUTS)),
    default=("mbo", "definition"),
    show_default=True,
    help="Schema; repeatable.",
)
@click.option("--start", type=_DAY, required=True, help="First UTC day.")
@click.option("--end", type=_DAY, help="Last UTC day, included.  [default: the first]")
@click.option("--dataset", default="GLBX.MDP3", show_default=True, help="The vendor's dataset.")
@click.option("--yes", is_flag=True, help="Download without asking, for scripts.")
@click.option("--json", "as_json", is_flag=True, help="Print the outcome as JSON; needs --yes.")
def command(
    symbols: tuple[str, ...],
    roots: tuple[str, ...],
    schemas: tuple[str, ...],
    start: dt.datetime,
    end: dt.datetime | None,
    dataset: str,
    yes: bool,
    as_json: bool,
) -> None:
    """Download DBN files from Databento into the raw store of the lake, a file per UTC day.

    Shows the vendor's price and asks before it downloads. Skips files that are there already.
    Reads the key from DATABENTO_API_KEY. The exit status is 1 if a day failed.
    """
    if as_json and not yes:
        raise click.UsageError("--json needs --yes")
    lake = Lake.from_environment()
    plan = plan_files(
        lake,
        dataset,
        choose_instruments(symbols, roots, list(read_products(lake.root))),
        schemas,
        start.date(),
        (end or start).date(),
    )
    estimates: list[CostEstimate] = []
    outcomes: list[Downloaded | SpymasterError] = []
    if plan.missing:
        client = connect_to_vendor()
        estimates = estimate_cost(client, dataset, plan.missing)
        if not as_json:
            _show(plan, estimates)
        if not yes:
            _confirm(len(plan.missing))
        with progress(unit="files") as bar:
            task = bar.add_task("downloading", total=len(plan.missing))
            for outcome in download_all(client, dataset, plan.missing):
                bar.advance(task)
                outcomes.append(outcome)
                _print_outcome(lake, outcome, quiet=as_json)
    elif not as_json:
        out.print(f"nothing to download: all {len(plan.present)} files are there")
    if as_json:
        click.echo(json.dumps(_as_json(lake, plan, estimates, outcomes), indent=1))
    if any(isinstance(outcome, SpymasterError) for outcome in outcomes):
        sys.exit(1)


def _show(plan: FetchPlan, estimates: Sequence[CostEstimate]) -> None:
    """Print the vendor's estimate of the missing files, with totals."""
    table = Table(title="To download, as estimated by the vendor")
    table.add_column("schema")
    for name in ("files", "size, MB", "cost, USD"):
        table.add_column(name, justify="right")
    for row in estimates:
        table.add_row(row.schema, *_cells(row.files, row.size_bytes, row.cost_usd))
    table.add_section()
    table.add_row(
        "total",
        *_cells(
            sum(row.files for row in estimates),
            sum(row.size_bytes for row in estimates),
            sum(row.cost_usd for row in estimates),
        ),
    )
    out.print(table)
    if plan.present:
        out.print(f"{len(plan.present)} files are there already and are skipped")


def _cells(files: int, size_bytes: int, cost_usd: float) -> tuple[str, str, str]:
    return f"{files:,}", f"{size_bytes / 1e6:,.1f}", f"{cost_usd:,.2f}"


def _confirm(files: int) -> None:
    if not is_interactive():
        raise SpymasterError(
            "fetch", "cannot ask for confirmation without a terminal", "pass --yes"
        )
    click.confirm(f"Download {files} files?", abort=True, err=True)


def _print_outcome(lake: Lake, outcome: Downloaded | SpymasterError, *, quiet: bool) -> None:
    if isinstance(outcome, SpymasterError):
        err.print(f"error: {outcome}", style="bold red", markup=False)
        return
    for note in outcome.notes:
        err.print(f"{outcome.file.path.name}: {note}", markup=False)
    if not quiet:
        size = (
            f"{outcome.size_bytes / 1e6:,.1f} MB" if outcome.size_bytes else "no records, skipped"
        )
        out.print(f"{lake.relative(outcome.file.path)} {size}", markup=False)


def _as_json(
    lake: Lake,
    plan: FetchPlan,
    estimates: Sequence[CostEstimate],
    outcomes: Sequence[Downloaded | SpymasterError],
) -> dict[str, object]:
    downloads = [outcome for outcome in outcomes if isinstance(outcome, Downloaded)]
    return {
        "estimates": [vars(row) for row in estimates],
        "total_cost_usd": sum(row.cost_usd for row in estimates),
        "present": [lake.relative(file.path) for file in plan.present],
        "downloaded": [
            {"path": lake.relative(download.file.path), "size_bytes": download.size_bytes}
            for download in downloads
            if download.size_bytes
        ],
        "empty": [
            lake.relative(download.file.path) for download in downloads if not download.size_bytes
        ],
        "errors": [str(outcome) for outcome in outcomes if isinstance(outcome, SpymasterError)],
    }
