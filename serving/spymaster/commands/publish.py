"""``spymaster publish``: publish the warehouse without a build."""

from __future__ import annotations

import click
from spymaster_ingest.console import out
from spymaster_ingest.lake import Lake
from spymaster_warehouse.access import build_lock
from spymaster_warehouse.publish import publish, require_warehouse


@click.command(name="publish")
def command() -> None:
    """Copy the warehouse to the file that analysts open, after a plain `dbt build`."""
    lake = Lake.from_environment()
    # check first: the lock creates a file wherever the variable points
    require_warehouse(lake)
    lake.make_root()
    with build_lock(lake, "spymaster publish"):
        published = publish(lake)
    out.print(f"published {published}", markup=False)
