"""Plugin of dbt-duckdb: the fingerprint kernel as a function of SQL. Named in ``profiles.yml``.

``write_fingerprints(records, tick_int, day_start_s, surfaces, settings, windows, icebergs)`` turns
the landed orders of a contract-day into a file of rows of windows and a file of icebergs; without
orders the files have no rows. ``surfaces`` are the ranges of seconds with rows, NULL for all;
``settings`` are the other fields of ``FingerprintSettings``, as JSON.
"""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin
from duckdb.func import SPECIAL


def write_fingerprints(
    records: str | None,
    tick_int: int,
    day_start_s: int,
    surfaces: list[list[int]] | None,
    settings: str,
    windows: str,
    icebergs: str,
) -> str:
    """Write the fingerprints of a contract-day, and return where."""
    # imported when fingerprints are written: it brings a compiler along
    from spymaster_engine.kernels.patterns import fingerprint_day

    shaped = fingerprint_day.FingerprintSettings(
        tick_int=tick_int,
        day_start_s=day_start_s,
        surfaces_s=None if surfaces is None else [(start, end) for start, end in surfaces],
        **json.loads(settings),
    )
    source = None if records is None else Path(records)
    fingerprint_day.write_fingerprints(source, shaped, Path(windows), Path(icebergs))
    return windows


class Plugin(BasePlugin):
    """Registers the function on every connection."""

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Register the function."""
        conn.create_function(
            "write_fingerprints",
            write_fingerprints,
            ["VARCHAR", "BIGINT", "BIGINT", "BIGINT[][]", "VARCHAR", "VARCHAR", "VARCHAR"],
            "VARCHAR",
            side_effects=True,
            null_handling=SPECIAL,
        )
