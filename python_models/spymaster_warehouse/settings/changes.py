"""Which relations a build makes again because a setting has changed since they were built."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
from spymaster_ingest.lake import PROJECT_ROOT, Lake

from spymaster_warehouse.access import connect
from spymaster_warehouse.build_vars import build_vars_of
from spymaster_warehouse.settings.in_force import vars_in_force

# vars that say what a build looks at, not what its relations hold
NOT_SETTINGS = ("start_date", "end_date", "symbols", "test_all", "retrieval_queries")
_TABLE = "meta.build_settings"
# relations that a line names, and characters of a value that it shows
_LISTED, _LONGEST = 6, 60
_USES_VAR = re.compile(r"\bvar\(\s*['\"](\w+)['\"]")
_CALLS = re.compile(r"\b(\w+)\s*\(")
_READS = re.compile(r"\bref\(\s*['\"](\w+)['\"]")


@dataclass(frozen=True)
class Change:
    """A setting that differs from the last build, as JSON texts."""

    name: str
    before: str
    now: str


def settings_of_build(connection: duckdb.DuckDBPyConnection) -> dict[str, str] | None:
    """Return the settings of the last build as JSON texts by name; None when it kept none.

    Args:
        connection: the warehouse or the published file.
    """
    ((is_there,),) = connection.execute(
        "select count(*) from duckdb_tables() where schema_name || '.' || table_name = ?", [_TABLE]
    ).fetchall()
    if not is_there:
        return None
    return dict(connection.execute(f"select name, value from {_TABLE}").fetchall())  # noqa: S608


def changes_of(before: Mapping[str, str], settings: Mapping[str, Any]) -> list[Change]:
    """Return the settings that differ, by name.

    Args:
        before: the settings of the last build.
        settings: the vars in force.
    """
    now = settings_as_text(settings)
    return [
        Change(name, before[name], now[name])
        for name in sorted(before.keys() & now.keys())
        if before[name] != now[name]
    ]


def settings_as_text(settings: Mapping[str, Any]) -> dict[str, str]:
    """Return the settings among some vars as JSON texts."""
    return {
        name: json.dumps(value, sort_keys=True, default=str)
        for name, value in settings.items()
        if name not in NOT_SETTINGS
    }


def changed_settings(lake: Lake, arguments: Sequence[str]) -> list[str]:
    """Return what a build says of settings that differ from the last one, in lines.

    Args:
        lake: whose warehouse nobody writes.
        arguments: of dbt.
    """
    if not lake.warehouse.exists():
        return []
    with connect(lake) as connection:
        before = settings_of_build(connection) or {}
    changes = changes_of(before, vars_in_force(lake, build_vars_of(arguments)))
    lines = [
        f"setting {each.name}: {_shown(each.now)}, and {_shown(each.before)} at the last build"
        for each in changes
    ]
    if changes:
        relations = relations_of(each.name for each in changes)
        lines.append(_consequence(relations, _partitions_of(lake, relations)))
    return lines


def _consequence(relations: Collection[str], partitions: int) -> str:
    if not relations:
        return "no relation is made of them"
    names = sorted(relations)
    listed = ", ".join(names[:_LISTED])
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return (
        f"up to {partitions:,} partitions of {len(names)} relations are made again where the "
        f"selected ones depend on it: {listed}{more}"
    )


def _partitions_of(lake: Lake, relations: Collection[str]) -> int:
    with connect(lake) as connection:
        ((partitions,),) = connection.execute(
            "select count(*) from meta.partition_state where list_contains(?, relation)",
            [sorted(relations)],
        ).fetchall()
    return int(partitions)


def _shown(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def relations_of(names: Iterable[str]) -> set[str]:
    """Return the models that use a var of these names, by themselves or by what they read."""
    wanted = set(names)
    code = _code()
    macros = {name for name, text in code.items() if text.is_macro}
    using = {name for name, text in code.items() if text.vars & wanted}
    using = _closed(using, {name: text.calls & macros for name, text in code.items()})
    models = {name: text.reads for name, text in code.items() if not text.is_macro}
    return _closed(using & models.keys(), models)


@dataclass(frozen=True)
class _Text:
    is_macro: bool
    vars: frozenset[str]
    calls: frozenset[str]
    reads: frozenset[str]


@cache
def _code() -> dict[str, _Text]:
    """Return what each macro and model of the project uses."""
    found = {}
    for folder in ("macros", "models", "python_models/gold"):
        for path in (PROJECT_ROOT / folder).rglob("*"):
            if path.suffix in (".sql", ".py"):
                found[path.stem] = _text_of(path, is_macro=folder == "macros")
    return found


def _text_of(path: Path, *, is_macro: bool) -> _Text:
    text = path.read_text(encoding="utf-8")
    return _Text(
        is_macro,
        frozenset(_USES_VAR.findall(text)),
        frozenset(_CALLS.findall(text)),
        frozenset(_READS.findall(text)),
    )


def _closed(start: set[str], needs: Mapping[str, frozenset[str]]) -> set[str]:
    """Return the names of a start, and all that need one of them, directly or through others."""
    found = set(start)
    while True:
        more = {name for name, needed in needs.items() if needed & found} - found
        if not more:
            return found
        found |= more
