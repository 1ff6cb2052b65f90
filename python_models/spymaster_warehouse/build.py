"""Build and publish as one step under the lock of the lake."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from spymaster_ingest.console import err
from spymaster_ingest.lake import Lake

from spymaster_warehouse.access import build_lock
from spymaster_warehouse.build_progress import Progress
from spymaster_warehouse.build_settings import BRONZE_VARIABLE
from spymaster_warehouse.build_times import BuildTimes
from spymaster_warehouse.files_in_use import read_files_in_use
from spymaster_warehouse.last_build import Build
from spymaster_warehouse.settings.in_force import environment_of_lake
from spymaster_warehouse.stopping import stopped_in_one_line


def build_and_publish(
    lake: Lake,
    arguments: Sequence[str],
    *,
    command: str,
    overwrite: bool = False,
    times: BuildTimes | None = None,
    progress: Progress | None = None,
) -> Path:
    """Run ``dbt build``, publish the result and return the path of the published file.

    Args:
        lake: created if missing.
        arguments: for dbt.
        command: name of the command, for the error of a second build or publication.
        overwrite: whether to rebuild selected partitions that have not changed.
        times: filled in with where the time went; empty when nothing had changed.
        progress: told of every finished node.

    Copies what is new in the bronze storage first. Does nothing when neither the lake nor the
    project has changed since the same build. Removes unreadable built files first, so that dbt
    rebuilds them.

    Raises:
        SpymasterError: A var or a setting is invalid, the lake cannot be written or is being built,
            the bronze storage, a landed partition or the record of the last publication cannot be
            read, a step failed, or the build was stopped.
    """
    lake.make_root()
    with (
        build_lock(lake, command),
        environment_of_lake(lake),
        stopped_in_one_line(command),
    ):
        # a publication needs it at the end, when the tests have run
        read_files_in_use(lake)
        if os.environ.get(BRONZE_VARIABLE):
            from spymaster_warehouse.remote.mirror import mirror_bronze

            mirror_bronze(lake)
        build = Build(lake, arguments)
        if build.is_done() and not overwrite:
            err.print("nothing has changed since the last build")
            return lake.published
        build.forget()
        # dbt takes longer to import than a build with nothing new
        from spymaster_warehouse.build_steps import build_all

        watchers = [watcher.watch for watcher in (times, progress) if watcher is not None]
        results = build_all(lake, arguments, build.skipped(), watchers, overwrite=overwrite)
        build.record(results)
        if times is not None:
            times.finish(lake, results)
        return lake.published
