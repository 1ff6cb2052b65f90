"""Build and publish as one step that nothing else of ours can interleave with."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from spymaster_ingest.lake import Lake

from spymaster_warehouse.access import build_lock
from spymaster_warehouse.dbt_run import run_dbt
from spymaster_warehouse.publish import publish


def build_and_publish(lake: Lake, arguments: Sequence[str], *, command: str) -> Path:
    """Run ``dbt build``, publish the result and return the path of the published file.

    Args:
        lake: the lake, made when it is not there.
        arguments: for dbt.
        command: what is at work, told to a second process that wants to build or publish.

    Raises:
        SpymasterError: The lake cannot be written or is being built, or a step failed.
    """
    lake.make_root()
    with build_lock(lake, command):
        run_dbt(lake, "build", arguments)
        return publish(lake)
