"""Build and publish as one step that nothing else of ours can interleave with."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from spymaster_ingest.console import err
from spymaster_ingest.lake import Lake

from spymaster_warehouse.access import build_lock
from spymaster_warehouse.build_vars import vars_of
from spymaster_warehouse.dbt_run import run_dbt
from spymaster_warehouse.overwrite import forget_partitions
from spymaster_warehouse.publish import publish
from spymaster_warehouse.whole_files import remove_damaged, require_landed


def build_and_publish(
    lake: Lake, arguments: Sequence[str], *, command: str, overwrite: bool = False
) -> Path:
    """Run ``dbt build``, publish the result and return the path of the published file.

    Args:
        lake: the lake, made when it is not there.
        arguments: for dbt.
        command: what is at work, told to a second process that wants to build or publish.
        overwrite: whether to build the selected partitions although nothing changed.

    Built files that cannot be read are removed first, so that they are built again.

    Raises:
        SpymasterError: A var is none, the lake cannot be written or is being built, a landed
            partition cannot be read, or a step failed.
    """
    vars_of(arguments)
    lake.make_root()
    with build_lock(lake, command):
        require_landed(lake)
        for path in remove_damaged(lake):
            err.print(f"{path} cannot be read and is made anew", markup=False)
        if overwrite:
            partitions = forget_partitions(lake, arguments)
            err.print(f"{partitions} partitions are built again")
        run_dbt(lake, "build", arguments)
        return publish(lake)
