"""Plugin of dbt-duckdb: the kernels as functions of SQL. Named in ``profiles.yml``.

``remove_kernel_files(folder)`` removes what a kernel with streams has written. ``macros/kernels``
has the SQL that calls them.
"""

from __future__ import annotations

import shutil

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin
from spymaster_engine.door import KERNELS, register


def remove_kernel_files(folder: str) -> str:
    """Remove the folder that a kernel wrote to, which need not be there, and return its name."""
    shutil.rmtree(folder, ignore_errors=True)
    return folder


class Plugin(BasePlugin):
    """Registers the functions on every connection."""

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Register the functions."""
        register(conn, KERNELS.values())
        conn.create_function(
            "remove_kernel_files", remove_kernel_files, ["VARCHAR"], "VARCHAR", side_effects=True
        )
