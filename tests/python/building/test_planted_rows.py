"""A partition or table with rows that fail the checks of its relation is not put in place.

One run builds every relation with checks from a planted query, whose rows fail them, in a copy of
the demonstration's lake.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest
from dbt.contracts.graph.manifest import Manifest
from dbt.task.runnable import GraphRunnableTask
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import PROJECT_ROOT, SCHEMAS, Lake
from spymaster_warehouse.dbt_run import run_dbt
from support import lakes
from support.demonstration import Demonstration, copy_lake
from support.parsed_project import parsed_project

PLANTED = "planted"
PARTITION = r" \S+ \d{4}-\d\d-\d\d"


@dataclass(frozen=True)
class Planted:
    """What a build of planted rows said and left.

    Attributes:
        partitioned: names of the partitioned relations.
        messages: of each node, by its name.
        error: what the command prints.
        before, after: what the lake held (see `state_of`).
    """

    partitioned: set[str]
    messages: dict[str, str]
    error: str
    before: dict[str, Any]
    after: dict[str, Any]


def checked_nodes(manifest: Manifest) -> dict[str, Any]:
    """Return the models and seeds with checks that fail a build."""
    return {
        node.name: node
        for node in manifest.nodes.values()
        if node.resource_type in {"model", "seed"} and node.config.meta.get("row_checks")
    }


def names() -> list[str]:
    """Return their names, by the files that describe them: parsing takes longer."""
    return sorted(
        path.stem
        for folder in ("models", "python_models", "seeds")
        for path in (PROJECT_ROOT / folder).rglob("*.yml")
        if "row_checks:" in path.read_text(encoding="utf-8")
    )


def planted_query(connection: duckdb.DuckDBPyConnection, node: Any) -> str:
    """Return a query of two equal rows, which are of the partition being built.

    They are of NULLs and, where NULL passes, of values that no check accepts.
    """
    checks = node.config.meta["row_checks"]
    null_passes = not (checks.get("unique_keys") or checks.get("never_null"))
    described = connection.execute(f"describe {node.schema}.{node.alias}").fetchall()
    columns = []
    for name, kind, *_ in described:
        value = f"cast(null as {kind})"
        if name in checks.get("accepted_values", {}) and kind == "VARCHAR":
            value = f"'{PLANTED}'"
        elif null_passes and kind == "DOUBLE":
            value = "2.0::double"
        elif name in node.config.meta.get("partition_by", ()):
            of_plan = "date" if name == "dt" else "owner"
            value = f"cast('__partition_partition_{of_plan}__' as {kind})"
        columns.append(f'{value} as "{name}"')
    row = f"select {', '.join(columns)}"
    return f"{row} union all {row}"


def plant(node: Any, connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Let a node make rows that fail its checks: a seed repeats its rows."""
    if node.resource_type == "seed":
        path = Path(node.original_file_path)
        header, *rows = (PROJECT_ROOT / path).read_text().splitlines(keepends=True)
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text("".join([header, *rows, *rows]))
        node.root_path = str(folder)
        node.checksum.checksum = PLANTED
    else:
        node.raw_code = planted_query(connection, node)
        node.language = "sql"


def in_order(text: str) -> str:
    """Return the text of a view with its excluded columns in order; DuckDB has them in any."""
    return re.sub(r"EXCLUDE \(([^)]*)\)", lambda match: str(sorted(match[1].split(", "))), text)


def state_of(lake: Lake) -> dict[str, Any]:
    """Return the files of the lake, the published file, and what the warehouse holds."""
    files = {
        lake.relative(path): path.stat().st_mtime_ns
        for folder in (*SCHEMAS, "indexes")
        for path in (lake.root / folder).rglob("*")
        if path.is_file()
    }
    published = hashlib.sha256(lake.published.read_bytes()).hexdigest()
    with duckdb.connect(str(lake.warehouse), read_only=True) as connection:
        views = connection.execute("select schema_name, view_name, sql from duckdb_views()")
        texts = sorted((*names, in_order(text)) for *names, text in views.fetchall())
        tables = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables() "
            "where schema_name in ('silver', 'gold', 'steps', 'reference') "
            "or table_name in ('partition_state', 'partitions_to_test') order by all"
        ).fetchall()
        rows = {
            table: connection.execute(
                f"select count(*), bit_xor(hash(t)), sum(hash(t)) from {table} as t"
            ).fetchone()
            for (table,) in tables
        }
    return {"files": files, "published": published, "views": texts, "tables": rows}


@pytest.fixture(scope="module")
def planted(demonstration: Demonstration, tmp_path_factory: pytest.TempPathFactory) -> Planted:
    folder = tmp_path_factory.mktemp("planted")
    lake = Lake(folder / "lake")
    copy_lake(demonstration.unchanged_lake, lake.root)
    manifest = parsed_project()
    assert manifest is not None
    nodes = checked_nodes(manifest)
    assert sorted(nodes) == names()
    with duckdb.connect(str(lake.warehouse), read_only=True) as connection:
        for node in nodes.values():
            plant(node, connection, folder)
    manifest.build_flat_graph()
    messages: dict[str, str] = {}

    def note(event: Any) -> None:
        if event.info.name == "NodeFinished":
            result = event.data.run_result
            messages[event.data.node_info.node_name] = result.message

    paths = ["--target-path", str(folder / "target"), "--log-path", str(folder / "logs")]
    flags = ["--quiet", "--no-write-json", *paths]
    for kind in ("test", "unit_test"):
        flags += ["--exclude-resource-type", kind]
    before = state_of(lake)
    with lakes.lake_in_environment(lake), pytest.MonkeyPatch.context() as patch:
        # one that failed leaves what it had, so that the others can be built
        patch.setattr(GraphRunnableTask, "_mark_dependent_errors", lambda *_: None)
        with pytest.raises(SpymasterError) as error:
            run_dbt(lake, "build", flags, parsed=manifest, watchers=[note])
    partitioned = {name for name, node in nodes.items() if "partition_by" in node.config.meta}
    return Planted(partitioned, messages, str(error.value), before, state_of(lake))


@pytest.mark.parametrize("name", names())
def test_rows_that_fail_their_checks_fail_the_build(planted: Planted, name: str) -> None:
    partition = PARTITION if name in planted.partitioned else ""
    line = rf"^ *{name}{partition} has rows that fail its checks: .+ \(\d+ rows\)$"
    assert re.search(line, planted.messages[name], re.MULTILINE), planted.messages[name]


@pytest.mark.parametrize("part", ["files", "published", "views", "tables"])
def test_everything_stays_as_it_was(planted: Planted, part: str) -> None:
    assert planted.after[part] == planted.before[part]


def test_the_command_says_it_in_one_line(planted: Planted) -> None:
    assert re.match(rf"\w+({PARTITION})?: its rows", planted.error)
    assert f"and of {len(names()) - 1} other relations" in planted.error
    assert "\n" not in planted.error
