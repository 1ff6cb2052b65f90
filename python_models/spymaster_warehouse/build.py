"""Build and publish as one step under the lock of the lake."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from spymaster_ingest.console import err
from spymaster_ingest.lake import Lake

from spymaster_warehouse.access import build_lock
from spymaster_warehouse.build_vars import build_vars_of
from spymaster_warehouse.dbt_run import run_dbt
from spymaster_warehouse.overwrite import forget_partitions
from spymaster_warehouse.publish import publish
from spymaster_warehouse.whole_files import remove_damaged, require_landed


def build_and_publish(
    lake: Lake, arguments: Sequence[str], *, command: str, overwrite: bool = False
) -> Path:
    """Run ``dbt build``, publish the result and return the path of the published file.

    Args:
        lake: created if missing.
        arguments: for dbt.
        command: name of the command, for the error of a second build or publication.
        overwrite: whether to rebuild selected partitions that have not changed.

    Removes unreadable built files first, so that dbt rebuilds them.

    Raises:
        SpymasterError: A var is invalid, the lake cannot be written or is being built, a landed
            partition cannot be read, or a step failed.
    """
    build_vars_of(arguments)
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
