"""Rooms import only from rooms to their left."""

from __future__ import annotations

import ast
from graphlib import TopologicalSorter
from itertools import pairwise
from pathlib import Path

import pytest
from spymaster_ingest.lake import PROJECT_ROOT

# from left to right; the statistics use no kernel
ROOMS = {
    "spymaster_ingest": "ingest/spymaster_ingest",
    "spymaster_engine": "python_models/spymaster_engine",
    "spymaster_warehouse": "python_models/spymaster_warehouse",
    "spymaster": "serving/spymaster",
}
APART = ("spymaster_engine.kernels", "spymaster_engine.statistics")


def modules() -> dict[str, Path]:
    """Return the file of each module of the rooms."""
    found = {}
    for room, folder in ROOMS.items():
        for path in sorted((PROJECT_ROOT / folder).rglob("*.py")):
            parts = path.relative_to(PROJECT_ROOT / folder).with_suffix("").parts
            found[".".join((room, *parts)).removesuffix(".__init__")] = path
    return found


MODULES = modules()


def imports_of(path: Path) -> set[str]:
    """Return the modules of the rooms that a file imports, also inside functions."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                found.add(whole if whole in MODULES else node.module)
    return {name for name in found if name.split(".")[0] in ROOMS}


IMPORTS = {name: imports_of(path) for name, path in MODULES.items()}


@pytest.mark.parametrize("room", ROOMS)
def test_imports_go_to_the_left(room: str) -> None:
    rooms = list(ROOMS)
    allowed = rooms[: rooms.index(room) + 1]
    back = {
        (name, imported)
        for name, all_imported in IMPORTS.items()
        for imported in all_imported
        if name.split(".")[0] == room and imported.split(".")[0] not in allowed
    }
    assert not back


def test_every_room_is_used_by_the_next() -> None:
    rooms = list(ROOMS)
    for left, right in pairwise(rooms):
        assert any(
            imported.split(".")[0] == left
            for name, all_imported in IMPORTS.items()
            if name.split(".")[0] == right
            for imported in all_imported
        )


def test_kernels_and_statistics_stay_apart() -> None:
    for one, other in (APART, APART[::-1]):
        mixed = {
            (name, imported)
            for name, all_imported in IMPORTS.items()
            for imported in all_imported
            if name.startswith(one) and imported.startswith(other)
        }
        assert not mixed


def test_no_modules_import_each_other_in_a_circle() -> None:
    TopologicalSorter(IMPORTS).prepare()


def test_dbt_models_do_not_import_the_serving_room() -> None:
    for layer in ("bronze", "silver", "gold"):
        for path in (PROJECT_ROOT / "python_models" / layer).rglob("*.py"):
            assert "spymaster" not in {name.split(".")[0] for name in imports_of(path)}
