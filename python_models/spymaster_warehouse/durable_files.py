"""Plugin of dbt-duckdb: SQL functions that write a Parquet file atomically.

``COPY`` writes to the name that ``temporary_file`` returns; ``put_file_in_place`` flushes a file to
disk and renames it, and ``remove_temporary_file`` gives it up. It is the first
plugin in ``profiles.yml`` because it also checks the lake and the vars, which guards plain dbt as
well as the ``spymaster`` command.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin
from dbt.flags import get_flags
from dbt_common.exceptions import DbtRuntimeError
from spymaster_ingest.durable import put_in_place_with_hash, temporary_sibling
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake

from spymaster_warehouse.access import connect
from spymaster_warehouse.build_settings import dbt_threads
from spymaster_warehouse.build_vars import require_vars
from spymaster_warehouse.collection import look_for_cycles_less
from spymaster_warehouse.project_vars import project_vars


def temporary_file(final: str) -> str:
    """Return the temporary name of a file, creating its directory if missing."""
    path = Path(final)
    path.parent.mkdir(parents=True, exist_ok=True)
    return str(temporary_sibling(path))


def put_file_in_place(written: str, final: str) -> str:
    """Move a written file durably to its final name and return that name.

    Its sha256 is written beside it, and its directory is created if missing. The file may lie on
    another disk.
    """
    path = Path(final)
    temporary = temporary_file(final)
    if written != temporary:
        shutil.move(written, temporary)
    put_in_place_with_hash(Path(temporary), path)
    return final


def remove_temporary_file(final: str) -> str:
    """Remove the temporary file, which nobody shall read, and return the final name."""
    temporary_sibling(Path(final)).unlink()
    return final


class Plugin(BasePlugin):
    """Registers the functions on every connection."""

    def initialize(self, plugin_config: dict[str, Any]) -> None:
        """Refuse a wrong var, a directory that is no lake, or a warehouse in use.

        dbt calls this before it opens the warehouse, so that no var reaches SQL unchecked. It
        prints errors of its own as a line, all others as a traceback.
        """
        look_for_cycles_less()
        try:
            for given in (project_vars(), getattr(get_flags(), "VARS", {})):
                require_vars(given)
            lake = Lake.from_environment()
            lake.make_root()
            if lake.warehouse.exists():
                connect(lake).close()
        except SpymasterError as error:
            raise DbtRuntimeError(str(error)) from error

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Register the functions; let dbt's threads count as threads of DuckDB.

        Each of them calculates its own query. With a thread per core beside them they would hold
        each other up.
        """
        ((threads,),) = conn.execute("select current_setting('threads')").fetchall()
        conn.execute(f"set global external_threads = {min(dbt_threads(), threads)}")
        for function, n_names in (
            (temporary_file, 1),
            (put_file_in_place, 2),
            (remove_temporary_file, 1),
        ):
            conn.create_function(
                function.__name__, function, ["VARCHAR"] * n_names, "VARCHAR", side_effects=True
            )
