"""Runs of live mode: lakes that they may write to, and the rows that they leave."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from pathlib import Path

import duckdb
from spymaster.live.captured_run import CapturedRun
from spymaster.live.run_folder import RunFolder
from spymaster.live.run_rows import row_files
from spymaster_ingest.lake import Lake


def copied_lake(lake: Lake, root: Path) -> Lake:
    """Return a copy of a built lake without runs; builds replace its files and never write them."""

    def link_or_copy(source: str, target: str) -> None:
        if source.endswith(".duckdb"):
            shutil.copy2(source, target)
        else:
            os.link(source, target)

    ignored = shutil.ignore_patterns("raw", lake.live.name)
    shutil.copytree(lake.root, root, copy_function=link_or_copy, ignore=ignored)
    return Lake(root)


def captured_of(folder: RunFolder) -> Counter[str]:
    """Return how many records the parts of a run hold, by source."""
    found: Counter[str] = Counter()
    for part in map(CapturedRun, folder.whole_captures):
        for source in part.sources:
            found[source.name] += len(part.records(source))
    return found


def rows_of_run(folder: RunFolder) -> dict[str, Counter[str]]:
    """Return the rows in the files of a run as texts, by relation."""
    found = {}
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        for path in sorted(folder.rows.iterdir()):
            files = [str(file) for file in row_files(folder.rows, path.name)]
            rows = connection.execute(
                "select cast(x as varchar) from read_parquet($files, "
                "hive_partitioning = false, union_by_name = true) as x",
                {"files": files},
            ).fetchall()
            found[path.name] = Counter(text for (text,) in rows)
    return found
