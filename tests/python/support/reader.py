"""A reader of the published file in its own process, like an analyst's notebook.

Usage: reader.py hold|reopen DATABASE STOP_FILE REPORT. It queries in a loop until STOP_FILE
exists, then writes REPORT: its results, in order and without repeats, and its errors. ``hold``
keeps its first connection, ``reopen`` opens a connection for every query.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import duckdb

QUERY = """
    select
        (select list(distinct symbol || '|' || dt order by symbol || '|' || dt)
         from silver.book_snapshot_1s),
        (select count(*) from silver.wall_surface_1s),
        (select sum(depth_qty_end) from silver.wall_surface_1s)
"""
PAUSE_S = 0.05


def main(mode: str, database: str, stop: Path, report: Path) -> None:
    """Query until the stop file exists."""
    seen: list[list] = []
    failures: list[str] = []
    queries = 0
    held = duckdb.connect(database, read_only=True) if mode == "hold" else None
    while not stop.exists():
        try:
            connection = held or duckdb.connect(database, read_only=True)
            days, rows, depth = connection.execute(QUERY).fetchone()
            if held is None:
                connection.close()
        except duckdb.Error as error:
            failures.append(str(error))
        else:
            queries += 1
            if [days, rows, int(depth)] not in seen[-1:]:
                seen.append([days, rows, int(depth)])
        # this file appears before the report: the parent waits for the first query
        report.with_suffix(".alive").touch()
        time.sleep(PAUSE_S)
    report.write_text(json.dumps({"seen": seen, "failures": failures, "queries": queries}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]))
