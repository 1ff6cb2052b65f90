"""What the last build read and wrote: a build of the same would do nothing, and is left out.

The record counts every file of the lake by size and time of its last change, and every file of
the project by its content. Unit tests read the project only, so that they run once for each, in
the next build that has something to do.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from spymaster_ingest.content_hash import file_sha256, hash_of
from spymaster_ingest.durable import write_text
from spymaster_ingest.lake import PROJECT_ROOT, SCHEMAS, Lake

from spymaster_warehouse.build_vars import build_vars_of
from spymaster_warehouse.dbt_arguments import (
    WITHOUT_UNIT_TESTS,
    is_ordinary,
    selecting,
    selects_nodes,
)
from spymaster_warehouse.settings.file import read_settings

# files of the project that a build reads
_CODE = ("ingest/spymaster_ingest", "macros", "models", "python_models", "seeds", "tests")
_CODE_FILES = ("dbt_project.yml", "profiles.yml", "selectors.yml")
_CODE_SUFFIXES = (".py", ".sql", ".yml", ".csv", ".md")
_NOT_CODE = ("tests/python",)
# settings of dbt, such as which kinds of nodes it leaves out
_SETTINGS = "DBT_"
# entries of the lake that a build reads, and those that it writes
_READ = ("bronze", "evaluation", "spymaster.toml", "levels.csv")
_WRITTEN = (
    *SCHEMAS,
    *("indexes", "warehouse.duckdb", "spymaster.duckdb", ".publication.json"),
)
_UNIT_TESTS, _BUILD = "unit_tests", "build"


class Build:
    """A build that is about to run, seen from its record.

    Args:
        lake: locked by the caller.
        arguments: for dbt.
    """

    def __init__(self, lake: Lake, arguments: Sequence[str]) -> None:
        self._lake = lake
        self._variables = {**read_settings(lake).vars, **build_vars_of(arguments)}
        self._is_ordinary = is_ordinary(arguments) and not self._variables.get("test_all")
        self._names_nodes = selects_nodes(arguments)
        self._unit_tests = hash_of([_code(), json.dumps(self._variables, default=str)])
        self._input = hash_of([self._unit_tests, selecting(arguments), _entries(lake, _READ)])
        self._record = _read(lake)

    def is_done(self) -> bool:
        """Return whether the last build was the same and nothing has changed since."""
        return self._is_ordinary and self._record.get(_BUILD) == self._state()

    def skipped(self) -> tuple[str, ...]:
        """Return arguments of dbt that leave out the unit tests, if they passed for this code."""
        is_whole = self._is_ordinary and not self._names_nodes
        if not is_whole or self._record.get(_UNIT_TESTS) != self._unit_tests:
            return ()
        return WITHOUT_UNIT_TESTS

    def forget(self) -> None:
        """Forget the last build, before the lake changes; passed unit tests stay recorded."""
        self._write({name: self._record[name] for name in (_UNIT_TESTS,) if name in self._record})

    def record(self, results: Sequence[Any]) -> None:
        """Record that the build has ended well, and is published.

        Args:
            results: of dbt, one per node, none of them failed.
        """
        record = {_BUILD: self._state()} if self._is_ordinary else {}
        if any(result.node.resource_type == "unit_test" for result in results):
            if not self._names_nodes:
                record[_UNIT_TESTS] = self._unit_tests
        elif _UNIT_TESTS in self._record:
            record[_UNIT_TESTS] = self._record[_UNIT_TESTS]
        self._write(record)

    def _state(self) -> str:
        return hash_of([self._input, _entries(self._lake, _WRITTEN)])

    def _write(self, record: Mapping[str, str]) -> None:
        write_text(self._lake.build_record, json.dumps(record, indent=1) + "\n")
        self._record = dict(record)


def _read(lake: Lake) -> dict[str, str]:
    """Return the record; empty when there is none that can be read."""
    try:
        found = json.loads(lake.build_record.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _code() -> str:
    """Return the hash of the project, of the packages it uses, and of dbt's settings."""
    files = [PROJECT_ROOT / name for name in _CODE_FILES]
    for folder in _CODE:
        files += (path for path in (PROJECT_ROOT / folder).rglob("*") if _is_code(path))
    names = {str(path.relative_to(PROJECT_ROOT)): file_sha256(path) for path in files}
    packages = sorted(f"{package.name} {package.version}" for package in distributions())
    settings = {key: value for key, value in os.environ.items() if key.startswith(_SETTINGS)}
    return hash_of([names, packages, settings, sys.version])


def _is_code(path: Path) -> bool:
    name = path.relative_to(PROJECT_ROOT).as_posix()
    return path.suffix in _CODE_SUFFIXES and not name.startswith(_NOT_CODE)


def _entries(lake: Lake, names: Sequence[str]) -> str:
    """Return the hash of the paths, sizes and times of all files below entries of the lake."""
    hasher = hashlib.sha256()
    for name in names:
        for path, status in _files(lake.root / name):
            hasher.update(f"{path}|{status.st_size}|{status.st_mtime_ns}\n".encode())
    return hasher.hexdigest()


def _files(path: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Yield every file at or below a path, in order of their names."""
    if path.is_file():
        yield str(path), path.stat()
        return
    for folder, folders, files in os.walk(path, followlinks=True):
        folders.sort()
        for file in (Path(folder, name) for name in sorted(files)):
            # a link to nothing counts as itself
            yield str(file), file.stat(follow_symlinks=file.exists())
