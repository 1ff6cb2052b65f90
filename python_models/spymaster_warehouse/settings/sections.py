"""The settings that a lake may have: sections, keys and defaults, from dbt_project.yml.

There a line `# [section]` begins the vars of a section, and the comment above a var says what it
and those below it are. Settings of a build are variables of the environment.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from spymaster_ingest.lake import PROJECT_ROOT

from spymaster_warehouse.build_settings import (
    BRONZE_VARIABLE,
    DEFAULT_MEMORY,
    DEFAULT_THREADS,
    MEMORY_VARIABLE,
    THREADS_VARIABLE,
    WORKERS_VARIABLE,
)
from spymaster_warehouse.project_vars import project_vars
from spymaster_warehouse.store.address import STORE_VARIABLE

BUILD_SECTION = "build"
PRODUCTS_SECTION = "products"
# keys with another name than their var
_KEYS = {"levels_in_use": "use"}
# a pair of vars that are one setting, named after the first of them
_PAIRS = {("rth_start", "rth_end"): "window"}
_BEGINS = re.compile(r"  # \[(\w+)\]")
_COMMENT = re.compile(r"  # (.*)")
_VAR = re.compile(r"  (\w+):")


@dataclass(frozen=True)
class Setting:
    """One key of a section.

    Attributes:
        section: of the file.
        key: within the section.
        names: of the var, of the two vars of a pair, or of the variable of the environment.
        default: value in the file; None where the setting has none.
        comment: what it is, in lines; none when a setting above says it.
    """

    section: str
    key: str
    names: tuple[str, ...]
    default: Any
    comment: tuple[str, ...]


_OF_BUILD = (
    Setting(
        BUILD_SECTION,
        "memory",
        (MEMORY_VARIABLE,),
        DEFAULT_MEMORY,
        ("memory that DuckDB may use",),
    ),
    Setting(BUILD_SECTION, "threads", (THREADS_VARIABLE,), DEFAULT_THREADS, ("threads of dbt",)),
    Setting(
        BUILD_SECTION,
        "workers",
        (WORKERS_VARIABLE,),
        None,
        ('processes that make partitions, or "auto"; without it dbt\'s own process makes them',),
    ),
    Setting(
        BUILD_SECTION,
        "store",
        (STORE_VARIABLE,),
        None,
        ("store of partitions that builds share: a folder, or s3://bucket/prefix",),
    ),
    Setting(
        BUILD_SECTION,
        "bronze",
        (BRONZE_VARIABLE,),
        None,
        ("landed partitions outside of the lake: a folder, or s3://bucket/prefix",),
    ),
)


@cache
def settings_of_sections() -> dict[str, dict[str, Setting]]:
    """Return the settings by section and key, in the order of dbt_project.yml."""
    found: dict[str, dict[str, Setting]] = {}
    for setting in (*_of_vars(), *_OF_BUILD):
        found.setdefault(setting.section, {})[setting.key] = setting
    return found


def _of_vars() -> list[Setting]:
    text = (PROJECT_ROOT / "dbt_project.yml").read_text(encoding="utf-8")
    _, _, text = text.partition("\nvars:\n")
    of_pairs = {names[0]: names for names in _PAIRS}
    seconds = {names[1] for names in _PAIRS}
    settings = []
    section: str | None = None
    comment: list[str] = []
    for line in text.splitlines():
        if begins := _BEGINS.fullmatch(line):
            section, comment = begins[1], []
        elif said := _COMMENT.fullmatch(line):
            comment.append(said[1])
        elif not line.strip() or not line.startswith(" "):
            break
        elif (var := _VAR.match(line)) and section is not None:
            if var[1] not in seconds:
                names = of_pairs.get(var[1], (var[1],))
                settings.append(_setting(section, names, tuple(comment)))
            comment = []
    return settings


def _setting(section: str, names: tuple[str, ...], comment: tuple[str, ...]) -> Setting:
    values = [project_vars()[name] for name in names]
    if len(names) > 1:
        return Setting(section, _PAIRS[names[0], names[1]], names, values, comment)
    return Setting(section, _KEYS.get(names[0], names[0]), names, values[0], comment)
