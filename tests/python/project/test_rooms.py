"""Rooms import only from rooms to their left."""

from __future__ import annotations

from graphlib import TopologicalSorter
from itertools import pairwise

import pytest
from spymaster_ingest.lake import PROJECT_ROOT
from support.modules import ROOMS, imports_of, modules

# the statistics use no kernel
APART = ("spymaster_engine.kernels", "spymaster_engine.statistics")


IMPORTS = {name: imports_of(path) for name, path in modules().items()}


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
