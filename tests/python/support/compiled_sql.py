"""The compiled SQL of the partitioned models, as texts that are kept and compared.

A text holds what a model and its macros compile to with the project's vars. It serves every
contract-day: `$symbol` and `$dt` stand where the materialization writes the values of a partition,
which changes nothing else, and `$lake` stands for the lake's path. The statement that config
`prepare` names, or the call of the model's kernel, comes before the query.

A text has the lines of the compiled code without comments and empty lines, each indented by two
spaces per open bracket, so that a change of layout is no difference. A long line is broken after
each comma.

Some macros ask the lake what it has. These texts are those of an empty lake with one exception:

- `wall_surface_1s` and `reprice_flow_1s` list the book engine's files. Their texts have the columns
  of the contract instead, as in a lake without files.
- `built_or_empty` looks whether relations of options exist. They do here, as views without content,
  so that the texts name the relations.
- Constants of the level engines and names of levels are read from the files of their seeds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import unified_diff
from pathlib import Path

import duckdb
from dbt.contracts.graph.manifest import Manifest
from spymaster_ingest.lake import PROJECT_ROOT, Lake
from spymaster_warehouse.dbt_run import run_dbt

from support.lakes import lake_in_environment
from support.parsed_project import parsed_project
from support.schemas import with_schema

KEPT = PROJECT_ROOT / "tests" / "python" / "compiled_sql"
PARTITIONED = "config.materialized:partitioned"

_OPTIONS = ("gex_surface_1s", "gex_metric_counts")
_VALUE = re.compile(r"__partition_(\w+?)__")
_QUOTED = r"'(?:[^']|'')*'|\"[^\"]*\""
_QUOTED_OR_COMMENT = re.compile(rf"({_QUOTED})|--[^\n]*")
_LONG_LINE = re.compile(r".{200,}")
# lines of a changed text that are shown
_SHOWN = 20


def project_with_statements() -> Manifest:
    """Return the parsed project; a model's code begins with the statement before it."""
    project = parsed_project()
    assert project is not None
    for node in project.nodes.values():
        before = node.config.get("prepare") or node.config.meta.get("kernel")
        if before:
            node.raw_code = f"{{{{ {before}() }}}};\n{node.raw_code}"
    return project


def compile_partitioned(
    lake: Lake, project: Manifest, selected: str = PARTITIONED
) -> dict[str, str]:
    """Return the texts of the selected models by name.

    Args:
        lake: a new one.
        project: of ``project_with_statements``; compiling changes it.
        selected: models, as dbt selects them.
    """
    lake.make_root()
    with duckdb.connect(str(lake.warehouse)) as connection:
        connection.execute("create schema silver; create schema steps")
        for name in _OPTIONS:
            connection.execute(f"create view {with_schema(name)} as select 1")
    beside = str(lake.root.with_name(f"{lake.root.name}-dbt"))
    arguments = ["--quiet", "--no-write-json", "--target-path", beside, "--log-path", beside]
    # their data tests are not selected with them
    arguments += ["--select", selected, "--indirect-selection", "empty"]
    with lake_in_environment(lake):
        done = run_dbt(lake, "compile", arguments, parsed=project)
    return {one.node.name: text_of(one.node.compiled_code, lake) for one in done.result.results}


def text_of(code: str, lake: Lake) -> str:
    """Return the text of compiled code."""
    code = _VALUE.sub(r"$\1", code.replace(str(lake.root), "$lake"))
    code = _QUOTED_OR_COMMENT.sub(lambda found: found[1] or "", code)
    code = _LONG_LINE.sub(lambda found: found[0].replace(", ", ",\n"), code)
    lines = []
    depth = 0
    for line in filter(None, map(str.strip, code.splitlines())):
        plain = re.sub(_QUOTED, "", line)
        closing = len(plain) - len(plain.lstrip(")]}"))
        lines.append("  " * (depth - closing) + line + "\n")
        depth += sum(map(plain.count, "([{")) - sum(map(plain.count, ")]}"))
    return "".join(lines)


def kept_texts(folder: Path = KEPT) -> dict[str, str]:
    """Return the kept texts by model."""
    return {path.stem: path.read_text(encoding="utf-8") for path in folder.glob("*.sql")}


def keep(texts: Mapping[str, str], folder: Path = KEPT) -> None:
    """Write the texts, and remove those of other models."""
    folder.mkdir(exist_ok=True)
    for name in kept_texts(folder).keys() - texts.keys():
        (folder / f"{name}.sql").unlink()
    for name, text in texts.items():
        (folder / f"{name}.sql").write_text(text, encoding="utf-8")


def differences(kept: Mapping[str, str], compiled: Mapping[str, str]) -> Iterator[str]:
    """Yield what is missing, left over or changed, with the start of its unified diff."""
    for name in sorted(kept.keys() | compiled.keys()):
        if name not in kept:
            yield f"missing: {name}.sql"
        elif name not in compiled:
            yield f"left over: {name}.sql"
        elif kept[name] != compiled[name]:
            before, after = (texts[name].splitlines() for texts in (kept, compiled))
            lines = list(unified_diff(before, after, n=1, lineterm=""))[2:]
            further = [f"... and {len(lines) - _SHOWN} lines"] if len(lines) > _SHOWN else []
            yield "\n".join([f"changed: {name}.sql", *lines[:_SHOWN], *further])
