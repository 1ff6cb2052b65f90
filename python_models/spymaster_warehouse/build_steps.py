"""The steps of a build, with dbt."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

from spymaster_ingest.console import err
from spymaster_ingest.lake import Lake

from spymaster_warehouse.build_times import Callback
from spymaster_warehouse.dbt_run import run_dbt
from spymaster_warehouse.overwrite import forget_partitions
from spymaster_warehouse.publish import publish
from spymaster_warehouse.settings.changes import changed_settings
from spymaster_warehouse.store.from_environment import store_of_environment, without_store
from spymaster_warehouse.whole_files import remove_damaged, require_landed


def build_all(
    lake: Lake,
    arguments: Sequence[str],
    skipped: Sequence[str],
    watchers: Sequence[Callback],
    *,
    overwrite: bool,
) -> Sequence[Any]:
    """Remove unreadable built files, run dbt, and publish.

    Args:
        lake: locked by the caller.
        arguments: for dbt.
        skipped: further arguments for dbt, of what has passed already.
        watchers: take each event of dbt.
        overwrite: whether to rebuild selected partitions that have not changed.

    Returns:
        dbt's results, one per node.

    Raises:
        SpymasterError: A landed partition or the store cannot be read, or a step failed.
    """
    require_landed(lake)
    for line in changed_settings(lake, arguments):
        err.print(line, markup=False)
    for path in remove_damaged(lake):
        err.print(f"{path} cannot be read and is made anew", markup=False)
    with without_store() if overwrite else nullcontext():
        store = store_of_environment()
        if store is not None:
            store.require_access()
        if overwrite:
            partitions = forget_partitions(lake, arguments)
            err.print(f"{partitions} partitions are built again")
        done: Any = run_dbt(lake, "build", (*arguments, *skipped), watchers=watchers)
    publish(lake)
    return done.result.results
