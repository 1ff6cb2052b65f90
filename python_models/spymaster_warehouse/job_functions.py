"""Plugin of dbt-duckdb: partitions made by workers, as functions of SQL.

``hand_out(request, settings)`` gives the partitions of a relation to workers;
``outcomes_of(relation, first)`` waits for them; ``give_up_jobs(relation)`` leaves the rest.
``macros/jobs`` has the SQL that calls them. Named in ``profiles.yml``.
"""

from __future__ import annotations

import json

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin

from spymaster_warehouse.jobs.handed import running_jobs


def outcomes_of(relation: str, first: int) -> str:
    """Return the outcomes of jobs of a relation, as a JSON list, in the order of the jobs.

    Waits for the first of them.

    Args:
        relation: whose jobs were handed out.
        first: position of that job among them.

    Raises:
        SpymasterError: The build was stopped.
    """
    return json.dumps([outcome._asdict() for outcome in running_jobs().outcomes(relation, first)])


def give_up_jobs(relation: str) -> bool:
    """Forget the jobs of a relation that nobody has begun."""
    running_jobs().give_up(relation)
    return True


class Plugin(BasePlugin):
    """Registers the functions on every connection."""

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Register the functions."""

        def hand_out(request: str, settings: dict[str, str]) -> bool:
            with conn.cursor() as cursor:
                running_jobs().hand_out(cursor, json.loads(request), settings)
            return True

        settings = "MAP(VARCHAR, VARCHAR)"
        conn.create_function(
            "hand_out", hand_out, ["VARCHAR", settings], "BOOLEAN", side_effects=True
        )
        conn.create_function(
            "outcomes_of", outcomes_of, ["VARCHAR", "BIGINT"], "VARCHAR", side_effects=True
        )
        conn.create_function(
            "give_up_jobs", give_up_jobs, ["VARCHAR"], "BOOLEAN", side_effects=True
        )
