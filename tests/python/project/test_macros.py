"""Macro files, of which sqlfluff sees nothing: rendered, a definition is empty."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from jinja2 import Environment
from spymaster_ingest.lake import PROJECT_ROOT

MACROS = sorted((PROJECT_ROOT / "macros").rglob("*.sql"))
COLUMNS = 100
# dbt looks for its materialization of data tests by this name; its queries stand beside it
OF_SEVERAL = "test_by_partition"
DEFINED = re.compile(r"{%-? *(?:macro|materialization) +(\w+)")
QUOTED = re.compile(r"'[^']*'|--.*")


def faults(name: str, source: str) -> list[str]:
    """Return what is wrong with a macro file: its name without suffix, its text."""
    found = []
    if not source.startswith("{#"):
        found.append("opens with no comment")
    if name != OF_SEVERAL and DEFINED.findall(source) != [name]:
        found.append("defines something else than the macro it is named after")
    if source.rstrip() + "\n" != source:
        found.append("ends with no line break, or with several")
    for number, line in enumerate(source.splitlines(), 1):
        if len(line) > COLUMNS:
            found.append(f"{number}: longer than {COLUMNS} columns")
        if line != line.rstrip() or "\t" in line:
            found.append(f"{number}: tab or space at the end")
    return found + jinja_faults(source)


def jinja_faults(source: str) -> list[str]:
    """Return tags without a space inside their braces, and capitals in the SQL between them."""
    found = []
    tokens = list(Environment().lex(source))
    for place, (number, kind, text) in enumerate(tokens):
        if kind in ("block_begin", "variable_begin") and tokens[place + 1][1] != "whitespace":
            found.append(f"{number}: no space after {text.strip()}")
        if kind in ("block_end", "variable_end") and tokens[place - 1][1] != "whitespace":
            found.append(f"{number}: no space before {text.strip()}")
    sql = "".join(text if kind == "data" else "_" for _, kind, text in tokens)
    capitals = re.findall(r"\w*[A-Z]\w*", QUOTED.sub("", sql))
    return found + [f"capitals in SQL: {word}" for word in capitals]


@pytest.mark.parametrize("path", MACROS, ids=lambda path: path.stem)
def test_a_macro_file_has_no_fault(path: Path) -> None:
    assert faults(path.stem, path.read_text(encoding="utf-8")) == []


SOUND = "{# Twice. #}\n{% macro twice(x) -%}\n    select {{ x }} * 2\n{%- endmacro %}\n"


@pytest.mark.parametrize(
    ("sound", "faulty", "fault"),
    [
        ("{# Twice. #}\n", "", "opens with no comment"),
        ("macro twice", "macro thrice", "defines something else"),
        ("endmacro %}\n", "endmacro %}", "ends with no line break"),
        ("* 2", "* 2" + " + 0" * 25, "longer than 100 columns"),
        ("* 2", "* 2 ", "tab or space at the end"),
        ("{{ x", "{{x", "no space after {{"),
        ("x }}", "x}}", "no space before }}"),
        ("- endmacro", "-endmacro", "no space after {%-"),
        ("select", "SELECT", "capitals in SQL"),
    ],
)
def test_a_planted_fault_is_found(sound: str, faulty: str, fault: str) -> None:
    assert faults("twice", SOUND) == []
    [found] = faults("twice", SOUND.replace(sound, faulty))
    assert fault in found
