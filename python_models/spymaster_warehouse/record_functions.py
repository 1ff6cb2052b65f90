"""Plugin of dbt-duckdb: records that lie outside of the lake, as functions of SQL.

``has_remote_bronze()`` says whether any do; ``fetch_records(sql, owner, dt)`` fetches those of a
partition, ``remove_records(folder)`` removes them. Named in ``profiles.yml``; ``remote`` has the
rules, ``macros/lake`` the SQL that calls them.
"""

from __future__ import annotations

import json
import os

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin
from spymaster_ingest.lake import Lake

from spymaster_warehouse.build_settings import BRONZE_VARIABLE
from spymaster_warehouse.remote import records


def has_remote_bronze() -> bool:
    """Return whether the lake has copies of a bronze storage."""
    return Lake.from_environment().remote_bronze.exists()


def remove_records(folder: str) -> bool:
    """Remove the files of a partition's records."""
    records.remove_records(folder)
    return True


class Plugin(BasePlugin):
    """Registers the functions on every connection."""

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Register the functions."""

        def fetch_records(sql: list[str], owner: str, dt: str) -> str:
            with conn.cursor() as cursor:
                views = records.views_of(cursor)
            found = records.fetch_records(
                Lake.from_environment(), os.environ.get(BRONZE_VARIABLE), views, sql, (owner, dt)
            )
            return json.dumps({**found._asdict(), "drops": found.temporary})

        conn.create_function(
            "has_remote_bronze", has_remote_bronze, [], "BOOLEAN", side_effects=True
        )
        conn.create_function(
            "fetch_records",
            fetch_records,
            ["VARCHAR[]", "VARCHAR", "VARCHAR"],
            "VARCHAR",
            side_effects=True,
        )
        conn.create_function(
            "remove_records", remove_records, ["VARCHAR"], "BOOLEAN", side_effects=True
        )
