"""``spymaster publish``: the second half of a build, alone."""

from __future__ import annotations

import click

from spymaster.console import out
from spymaster.lake import Lake
from spymaster.warehouse.publish import publish


@click.command(name="publish")
def command() -> None:
    """Copy the warehouse to the file analysts open, after a plain `dbt build`."""
    out.print(f"published {publish(Lake.from_environment())}", markup=False)
