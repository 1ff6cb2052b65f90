"""The subjects of the tests that changed files reach: folders of ``tests/python``.

SQL reaches the models that depend on it, by dbt's graph, and so their folders. Python reaches the
tests that import it, also through other modules; that of the engine also the models of its
subject, which call it by SQL. A file of no known place reaches every subject.
"""

from __future__ import annotations

import subprocess
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from pathlib import Path, PurePosixPath

from dbt.contracts.graph.manifest import Manifest
from spymaster_ingest.lake import PROJECT_ROOT

from support.modules import imports_of, modules, modules_of_tests
from support.parsed_project import parsed_project

_TESTS = "tests/python"
# documentation, names, the house
_HOUSE = "project"
# cheap, and of every subject
_ALWAYS = frozenset({_HOUSE, "cases"})
_ENGINE = "python_models/spymaster_engine/"
# of files below no folder with the name of a subject, the longest first
_PLACES = {
    "tests/python/compiled_sql/": _HOUSE,
    "python_models/spymaster_warehouse/": "building",
    "models/silver/calibration/": "surfaces",
    "models/gold/courses/": "levels",
    "models/gold/signals/": "retrieval",
    "models/columns/": _HOUSE,
    "models/bronze/": "landing",
    "serving/": "serving",
    "ingest/": "landing",
    "bench/": _HOUSE,
    "docs/": _HOUSE,
    ".ci/": _HOUSE,
}
_OF_DBT = ("models/", "macros/", "seeds/", "python_models/gold/", "tests/assert_")


@cache
def subjects() -> frozenset[str]:
    """Return the folders with tests."""
    return frozenset(path.parent.name for path in (PROJECT_ROOT / _TESTS).glob("*/test_*.py"))


def changed_files(commit: str, root: Path = PROJECT_ROOT) -> list[str]:
    """Return the files of a checkout that differ from a commit or that git does not know yet.

    Raises:
        ValueError: git does not know the commit.
    """
    listed: list[str] = []
    for command in (
        ["diff", "--name-only", "--no-renames", commit],
        ["ls-files", "--others", "--exclude-standard"],
    ):
        done = subprocess.run(
            ["git", *command], cwd=root, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise ValueError(f"git knows no commit {commit}")
        listed += done.stdout.splitlines()
    return listed


def subjects_reached(files: Iterable[str]) -> frozenset[str]:
    """Return the subjects whose tests changed files reach."""
    files = list(files)
    reached = set(_ALWAYS) if files else set()
    for file in files:
        place = place_of(file)
        if place:
            reached.add(place)
        elif file.startswith(_ENGINE) or not (file.startswith(_OF_DBT) or _module_of(file)):
            return subjects()
    importing = importing_modules(files)
    if "conftest" in importing:
        return subjects()
    reached |= {name.split(".")[0] for name in importing if name in modules_of_tests()}
    of_engine = engine_subjects([*files, *files_of(importing)])
    of_dbt = [file for file in files if file.startswith(_OF_DBT)]
    if of_dbt or of_engine:
        reached |= _of_graph(of_dbt, of_engine)
    return frozenset(reached & subjects())


def place_of(file: str) -> str | None:
    """Return the subject of the folder that a file lies in; None of a folder of several."""
    named = [folder for folder in PurePosixPath(file).parts[:-1] if folder in subjects()]
    if named:
        return named[-1]
    known = (subject for place, subject in _PLACES.items() if file.startswith(place))
    return next(known, _HOUSE if file.endswith(".md") else None)


def _module_of(file: str) -> str | None:
    return _modules_by_file().get(PROJECT_ROOT / file)


@cache
def _modules_by_file() -> Mapping[Path, str]:
    return {path: name for name, path in (modules() | modules_of_tests()).items()}


def importing_modules(files: Iterable[str]) -> set[str]:
    """Return the modules that are changed files or import them, also through others."""
    return _reached(filter(None, map(_module_of, files)), _importers())


def files_of(names: Iterable[str]) -> list[str]:
    """Return the files of modules."""
    known = modules() | modules_of_tests()
    return [known[name].relative_to(PROJECT_ROOT).as_posix() for name in names if name in known]


def engine_subjects(files: Iterable[str]) -> set[str]:
    """Return the subjects of those files that are the engine's: models call them by SQL."""
    return {place for file in files if file.startswith(_ENGINE) and (place := place_of(file))}


@cache
def _importers() -> Mapping[str, set[str]]:
    """Return the modules that import each module."""
    importers: dict[str, set[str]] = {}
    for name, path in (modules() | modules_of_tests()).items():
        for imported in imports_of(path):
            importers.setdefault(imported, set()).add(name)
    return importers


@cache
def _project() -> Manifest | None:
    return parsed_project()


def _of_graph(files: Collection[str], of_engine: Collection[str]) -> set[str]:
    """Return the subjects of the models that depend on changed files or on kernels of subjects."""
    project = _project()
    if project is None:
        return set(subjects())
    paths = {name: node.original_file_path for name, node in project.nodes.items()}
    descriptions = {
        name: str(node.patch_path or "").split("://")[-1] for name, node in project.nodes.items()
    }
    of_macros: dict[str, set[str]] = {}
    for name, node in (project.nodes | project.macros).items():
        for macro in node.depends_on.macros:
            of_macros.setdefault(macro, set()).add(name)
    project.build_parent_and_child_maps()
    readers = {name: set(found) for name, found in project.child_map.items()}
    begun = {
        name
        for name, path in paths.items()
        if path in files or descriptions[name] in files or place_of(path) in of_engine
    } | {name for name, macro in project.macros.items() if macro.original_file_path in files}
    reached = _reached(_reached(begun, of_macros), readers)
    return {place for name in reached if name in paths and (place := place_of(paths[name]))}


def _reached(begun: Iterable[str], following: Mapping[str, Iterable[str]]) -> set[str]:
    """Return what is reached from some names, with those names."""
    reached: set[str] = set()
    waiting = list(begun)
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting.extend(following.get(name, ()))
    return reached
