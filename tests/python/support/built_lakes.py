"""Lakes that several modules share, each made once.

Modules that use ``built`` or ``spare`` run in one process: see ``FILES_OF_BUILT``.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import pytest
from spymaster_ingest.lake import Lake

from support import lakes

PATIENCE_S = 300


@dataclass(frozen=True)
class Raw:
    """Folders of vendor files: ES per day, CL of the first day, ES of the second day changed."""

    es: dict[dt.date, Path]
    cl: Path
    changed: Path


@dataclass(frozen=True)
class Built:
    """A built lake and the content hash of each published relation."""

    lake: Lake
    hashes: dict[str, str]


@pytest.fixture(scope="session")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Raw:
    folder = tmp_path_factory.mktemp("raw")
    es = {day: lakes.write_raw(folder / f"es-{day}", "ES", day) for day in lakes.DAYS}
    cl = lakes.write_raw(folder / "cl", "CL", lakes.DAYS[0])
    return Raw(es, cl, lakes.write_raw(folder / "changed", "ES", lakes.DAYS[1], seed=2))


@pytest.fixture(scope="session")
def landed(raw: Raw, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """Two landed days of ES and one of CL; tests copy it, and never build it."""
    lake = Lake(tmp_path_factory.mktemp("landed"))
    lakes.land_raw(lake, raw.es[lakes.DAYS[0]], raw.es[lakes.DAYS[1]], raw.cl)
    return lake


@pytest.fixture(scope="session")
def built(landed: Lake, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The undisturbed build by the command line, with its log; tests must not change it."""
    folder = tmp_path_factory.mktemp("built")
    lake = lakes.landed_copy(landed, folder / "lake")
    process = lakes.start_build(lake, *lakes.WITHOUT_LEVELS)
    assert process.wait(PATIENCE_S) == 0, lakes.log_of(lake).read_text()
    return Built(lake, lakes.content_hashes(lake))


@pytest.fixture(scope="session")
def spare(landed: Lake, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The same with 8 threads of dbt and of DuckDB, in process and without data tests.

    ``hashes`` describe the lake right after; the test of the readers builds on.
    """
    return build_with_threads(landed, tmp_path_factory.mktemp("spare"), 8)


def build_with_threads(landed: Lake, folder: Path, threads: int) -> Built:
    """Build the models of a copy of a landed lake with a number of threads of dbt and DuckDB."""
    lake = lakes.landed_copy(landed, folder / "lake")
    with lakes.threads(folder, threads) as arguments:
        lakes.build_models(lake, *arguments, *lakes.WITHOUT_LEVELS)
    return Built(lake, lakes.content_hashes(lake))
