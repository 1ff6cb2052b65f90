"""The lake that tests of workers compare with, and builds of it by workers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest
from spymaster_ingest.lake import Lake
from spymaster_warehouse.jobs.job import PartitionJob
from spymaster_warehouse.store.runtime import runtime_hash

from support import lakes
from support.built_lakes import Built
from support.made_once import made_once

# rows of a table with files of a kernel, files per partition, views with checks, partitions of a
# root, and a statement that prepares each
MODELS = (
    "--select",
    "+wall_derivatives_1s",
    "+vacuum_surface_1s",
    "+levels_1s",
    "+retest_events",
)
# a table, a view and files
FEW = ("--select", "+wall_derivatives_1s")
PASSES = "book_engine_manifest"
# a job in the midst of the first relation that workers make
JOB = f"{PASSES} {lakes.ES} {lakes.DAYS[0]}"


@pytest.fixture(scope="session")
def inline_build(landed: Lake, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Return the lake that dbt's own process builds."""

    def build(folder: Path) -> Built:
        lake = lakes.landed_copy(landed, folder / "lake")
        lakes.build_models(lake, *MODELS)
        return Built(lake, lakes.content_hashes(lake))

    return made_once(tmp_path_factory, "inline", build)


def build_by_workers(
    landed: Lake, root: Path, variable: str, value: str, models: tuple[str, ...] = MODELS
) -> Lake:
    """Build a copy of a landed lake by the workers that a variable of the environment asks for."""
    lake = lakes.landed_copy(landed, root)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(variable, value)
        lakes.build_models(lake, *models)
    return lake


def assert_same(lake: Lake, inline: Built) -> None:
    """Assert that what is published of a lake is what dbt's own process builds, and all whole."""
    found = lakes.content_hashes(lake)
    assert PASSES in found
    assert found == {name: inline.hashes[name] for name in found}
    assert lakes.partition_state(lake) <= lakes.partition_state(inline.lake)
    assert lakes.stray_files(lake) == []
    assert lakes.leftover_tables(lake) == []


def passes_recorded(lake: Lake) -> set[tuple]:
    """Return owner and date of the recorded passes of the book engine."""
    with duckdb.connect(str(lake.warehouse), read_only=True) as connection:
        return set(
            connection.execute(
                "select owner, dt from meta.partition_state where relation = ?", [PASSES]
            ).fetchall()
        )


def job_of(name: str, **parts: Any) -> PartitionJob:
    """Return a job of that name; `parts` are its other attributes, empty if missing."""
    relation, owner, dt = name.split()
    empty = {
        "storage": "parquet",
        "catalogue": "",
        "kernel": "",
        "kernel_folder": "",
        "prepare": "",
        "query": "",
        "rows": "",
        "checks": {},
        "files": {},
        "stored": {},
        "store": None,
        "runtime": runtime_hash(),
        "lake": "",
        "bronze": None,
    }
    return PartitionJob(relation=relation, owner=owner, dt=dt, **{**empty, **parts})
