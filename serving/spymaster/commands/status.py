"""``spymaster status``: what the lake holds, and what a build would do."""

from __future__ import annotations

import json
from dataclasses import asdict

import click
from spymaster_ingest.lake import Lake


@click.command(name="status")
@click.option("--all", "every_day", is_flag=True, help="List every contract-day.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
def command(every_day: bool, as_json: bool) -> None:
    """Say what the lake holds: landed days, usable seconds, approaches, library and evaluation.

    A second is usable when its book is known and trading is continuous (window_valid). A
    contract-day of which less than half can be used says why; one without a usable second is a
    warning with what to do. What was landed since the last build is counted.
    """
    from spymaster.status.read import read_status
    from spymaster.status.table import print_status, warnings

    status = read_status(Lake.from_environment())
    if as_json:
        document = asdict(status) | {"warnings": warnings(status)}
        click.echo(json.dumps(document, indent=2, default=str))
        return
    print_status(status, every_day=every_day)
