"""The project's Python modules, and what each imports."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

from spymaster_ingest.lake import PROJECT_ROOT

# from left to right
ROOMS = {
    "spymaster_ingest": "ingest/spymaster_ingest",
    "spymaster_engine": "python_models/spymaster_engine",
    "spymaster_warehouse": "python_models/spymaster_warehouse",
    "spymaster": "serving/spymaster",
}


@cache
def modules() -> dict[str, Path]:
    """Return the file of each module of the rooms."""
    found = {}
    for room, folder in ROOMS.items():
        for path in sorted((PROJECT_ROOT / folder).rglob("*.py")):
            parts = path.relative_to(PROJECT_ROOT / folder).with_suffix("").parts
            found[".".join((room, *parts)).removesuffix(".__init__")] = path
    return found


@cache
def modules_of_tests() -> dict[str, Path]:
    """Return the file of each module of the tests."""
    folder = PROJECT_ROOT / "tests" / "python"
    return {
        ".".join(path.relative_to(folder).with_suffix("").parts).removesuffix(".__init__"): path
        for path in sorted(folder.rglob("*.py"))
    }


def imports_of(path: Path) -> set[str]:
    """Return the project's modules that a file imports, also inside functions."""
    known = modules() | modules_of_tests()
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                found.add(whole if whole in known else node.module)
    return {name for name in found if name in known or name.split(".")[0] in ROOMS}
