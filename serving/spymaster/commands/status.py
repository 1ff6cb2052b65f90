"""``spymaster status``: report what the lake holds and what a build would do."""

from __future__ import annotations

import json
from dataclasses import asdict

import click
from spymaster_ingest.console import err
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake


@click.command(name="status")
@click.option("--all", "every_day", is_flag=True, help="List every contract-day.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
def command(every_day: bool, as_json: bool) -> None:
    """Print what the lake holds: landed days, usable seconds, approaches, library and evaluation.

    A second is usable if its book is known and trading is continuous (window_valid). A
    contract-day with less than half of its seconds usable is listed with the reason; without a
    usable second it is a warning with a remedy. Counts the partitions landed since the last build.
    """
    from spymaster_warehouse.files_in_use import read_files_in_use

    from spymaster.status.read import read_status
    from spymaster.status.table import orders_missing, print_status, warnings

    lake = Lake.from_environment()
    status = read_status(lake)
    try:
        read_files_in_use(lake)
    except SpymasterError as error:
        err.print(f"warning: {error}; no build starts until then", style="yellow", markup=False)
    if as_json:
        document = asdict(status) | {
            "warnings": warnings(status),
            "orders_missing": orders_missing(status),
        }
        click.echo(json.dumps(document, indent=2, default=str))
        return
    print_status(status, every_day=every_day)
