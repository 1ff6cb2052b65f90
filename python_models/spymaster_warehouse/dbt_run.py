"""dbt, called in process with the project's own settings."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Sequence
from typing import Any

from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner, dbtRunnerResult
from dbt.contracts.graph.manifest import Manifest
from spymaster_ingest.errors import SpymasterError, one_line
from spymaster_ingest.lake import IS_INSTALLED, LAKE_VARIABLE, PROJECT_ROOT, Lake

from spymaster_warehouse.access import connect
from spymaster_warehouse.build_settings import MEMORY_VARIABLE, require_settings
from spymaster_warehouse.build_vars import build_vars_of
from spymaster_warehouse.collection import look_for_cycles_less
from spymaster_warehouse.jobs.handed import close_jobs, stops_noticed
from spymaster_warehouse.settings.file import read_settings
from spymaster_warehouse.stopping import quiet_output_of_dbt
from spymaster_warehouse.view_files import name_files_by_lake, other_root

# as the macro failed_checks says it
_FAILED_CHECKS = re.compile(r"^ *(.+) has rows that fail its checks: (.+)$", re.MULTILINE)
# as the functions of the store and of records say it
_STORE_FAILURE = re.compile(
    r"SpymasterError: (.+): (the (?:store|bronze storage) cannot be used: .+)$", re.MULTILINE
)


def run_dbt(
    lake: Lake,
    command: str,
    arguments: Sequence[str] = (),
    *,
    parsed: Manifest | None = None,
    watchers: Sequence[Callable[[Any], None]] = (),
) -> dbtRunnerResult:
    """Run one dbt command of this project against a lake.

    Args:
        lake: created if missing.
        command: of dbt.
        arguments: for dbt.
        parsed: the project parsed with the same vars; dbt then skips parsing and modifies it.
        watchers: take each event of dbt, in the thread in which it happens.

    Raises:
        KeyboardInterrupt: The run was stopped.
        SpymasterError: An environment variable or a var is invalid, the lake cannot be written, the
            warehouse is open elsewhere, dbt could not run, or a model or a test failed.
    """
    require_settings()
    build_vars_of(arguments)
    read_settings(lake)
    look_for_cycles_less()
    lake.make_root()
    if lake.warehouse.exists():
        with connect(lake) as connection:
            if other_root(connection, lake) is not None:
                name_files_by_lake(connection, lake)
    # spill files of a killed build; connecting above proved that no other build runs
    for scratch in (lake.spill, lake.inputs):
        shutil.rmtree(scratch, ignore_errors=True)
    os.environ[LAKE_VARIABLE] = str(lake.root)
    project = ["--project-dir", str(PROJECT_ROOT), "--profiles-dir", str(PROJECT_ROOT)]
    if IS_INSTALLED:
        project += ["--target-path", str(lake.dbt), "--log-path", str(lake.dbt)]
    try:
        with quiet_output_of_dbt(), stops_noticed():
            result = dbtRunner(parsed, list(watchers)).invoke([command, *project, *arguments])
    finally:
        close_jobs()
        # what a partition that failed was made of
        shutil.rmtree(lake.inputs, ignore_errors=True)
        _close_warehouse()
        # of workers that were killed
        shutil.rmtree(lake.spill, ignore_errors=True)
    if isinstance(result.exception, KeyboardInterrupt):
        raise result.exception
    if result.exception is not None:
        raise SpymasterError(f"dbt {command}", one_line(result.exception)) from result.exception
    if not result.success and _lacked_memory(result):
        raise SpymasterError(
            f"dbt {command}",
            f"a model or a test needs more memory than {MEMORY_VARIABLE} allows; nothing was "
            "published",
            f"set {MEMORY_VARIABLE}, for example to 4GB (unset it is 1GB), or build fewer seconds: "
            "var surface_window",
        )
    if failures := _found(_STORE_FAILURE, result):
        where, why = failures[0]
        raise SpymasterError(where, f"{why}; nothing was published")
    if failed := _found(_FAILED_CHECKS, result):
        what, checks = failed[0]
        more = f", and of {len(failed) - 1} other relations," if len(failed) > 1 else ""
        raise SpymasterError(
            what,
            f"its rows{more} fail their checks, were not put in place, and nothing was published: "
            f"{checks}",
            "its yml has the checks, config meta.row_checks; target/compiled has its SQL",
        )
    if not result.success:
        raise SpymasterError(
            f"dbt {command}",
            "a model or a test failed; nothing was published",
            "see the lines marked ERROR or FAIL above, and target/compiled for their SQL",
        )
    return result


def _lacked_memory(result: dbtRunnerResult) -> bool:
    nodes = getattr(result.result, "results", ())
    return any("Out of Memory Error" in (node.message or "") for node in nodes)


def _found(message: re.Pattern[str], result: dbtRunnerResult) -> list[tuple[str, str]]:
    """Return the two parts of a message in each node that failed with it."""
    nodes = getattr(result.result, "results", ())
    found = (message.search(node.message or "") for node in nodes)
    return [(match[1], match[2]) for match in found if match]


def _close_warehouse() -> None:
    """Close the adapter's connection, which outlives the run and would keep the file locked."""
    environment: Any = DuckDBConnectionManager._ENV
    if environment is not None:
        environment.close()
