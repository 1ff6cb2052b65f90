"""Lakes that several files of tests read, each made once; a test changes only its own copy."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import pytest
from spymaster_ingest.lake import Lake

from support import lakes
from support.made_once import made_once

PATIENCE_S = 300


@dataclass(frozen=True)
class Raw:
    """Folders of vendor files: ES per day, CL of the first day, ES of the second day changed."""

    es: dict[dt.date, Path]
    cl: Path
    changed: Path


@dataclass(frozen=True)
class Built:
    """A built lake and the content hash of each published relation.

    Attributes:
        log: what the command printed.
        again: what it printed at once again, with nothing new.
        published_ns: when the first build published, ns since 1970.
    """

    lake: Lake
    hashes: dict[str, str]
    log: str = ""
    again: str = ""
    published_ns: int = 0


@pytest.fixture(scope="session")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Raw:
    return made_once(tmp_path_factory, "raw", write_raw)


def write_raw(folder: Path) -> Raw:
    """Write the vendor files."""
    es = {day: lakes.write_raw(folder / f"es-{day}", "ES", day) for day in lakes.DAYS}
    cl = lakes.write_raw(folder / "cl", "CL", lakes.DAYS[0])
    return Raw(es, cl, lakes.write_raw(folder / "changed", "ES", lakes.DAYS[1], seed=2))


@pytest.fixture(scope="session")
def landed(raw: Raw, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """Two landed days of ES and one of CL."""

    def land(folder: Path) -> Lake:
        lake = Lake(folder)
        lakes.land_raw(lake, raw.es[lakes.DAYS[0]], raw.es[lakes.DAYS[1]], raw.cl)
        return lake

    return made_once(tmp_path_factory, "landed", land)


@pytest.fixture(scope="session")
def built(landed: Lake, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The undisturbed build by the command line, which runs a second time with nothing to do."""

    def build(folder: Path) -> Built:
        lake = lakes.landed_copy(landed, folder / "lake")
        log = run_command(lake)
        published_ns = lake.published.stat().st_mtime_ns
        return Built(lake, lakes.content_hashes(lake), log, run_command(lake), published_ns)

    return made_once(tmp_path_factory, "built", build)


def run_command(lake: Lake) -> str:
    """Build by the command line and return what it printed."""
    process = lakes.start_build(lake, *lakes.WITHOUT_LEVELS)
    assert process.wait(PATIENCE_S) == 0, lakes.log_of(lake).read_text()
    return lakes.log_of(lake).read_text()


@pytest.fixture(scope="session")
def spare(landed: Lake, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The same with 8 threads of dbt and of DuckDB, in process and without data tests."""
    return made_once(
        tmp_path_factory, "spare", lambda folder: build_with_threads(landed, folder, 8)
    )


def build_with_threads(landed: Lake, folder: Path, threads: int) -> Built:
    """Build the models of a copy of a landed lake with a number of threads of dbt and DuckDB."""
    lake = lakes.landed_copy(landed, folder / "lake")
    with lakes.threads(folder, threads) as arguments:
        lakes.build_models(lake, *arguments, *lakes.WITHOUT_LEVELS)
    return Built(lake, lakes.content_hashes(lake))
