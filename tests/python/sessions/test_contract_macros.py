"""The project's contract check and column comments, on a project of a few models."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner
from spymaster_ingest.lake import PROJECT_ROOT

QUERY = "select 1 as one, 'a' as \"Two\", cast(null as double[]) as three"
COLUMNS = {"one": "int", "Two": "varchar", "three": "double[]"}
# wrong columns in the description of QUERY
CONTRACTS = {
    "as_described": COLUMNS,
    "in_another_order": {name: COLUMNS[name] for name in ("three", "one", "Two")},
    "of_another_type": {**COLUMNS, "one": "bigint"},
    "one_too_few": {"one": "int", "Two": "varchar"},
    "one_too_many": {**COLUMNS, "four": "int"},
    "named_otherwise": {"one": "int", "two_": "varchar", "three": "double[]"},
    "completed": {"three": "double[]"},
    "completed_with_one_too_many": {"three": "double[]", "four": "int"},
}
# what a macro adds to the description of models whose config names it
MORE_COLUMNS = """{% macro more_columns() %}
    select * from (
        values ('Two', 'varchar', 'It''s Two.'), ('one', 'int', 'It''s one.')
    ) as more (name, data_type, description)
{% endmacro %}"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with the macros and a view per contract, all with the same query."""
    folder = tmp_path_factory.mktemp("contracts")
    for name in ("models", "macros"):
        (folder / name).mkdir()
    (folder / "macros" / "more_columns.sql").write_text(MORE_COLUMNS, encoding="utf-8")
    shutil.copy(PROJECT_ROOT / "macros" / "relations" / "run_statement.sql", folder / "macros")
    profile = {"type": "duckdb", "path": str(folder / "warehouse.duckdb")}
    settings = {
        "name": "contracts",
        "profile": "contracts",
        "macro-paths": ["macros", str(PROJECT_ROOT / "macros" / "documentation")],
        "models": {"+persist_docs": {"relation": True, "columns": True}},
    }
    models = []
    for name, columns in CONTRACTS.items():
        (folder / "models" / f"{name}.sql").write_text(QUERY, encoding="utf-8")
        described = [
            {"name": column, "data_type": kind, "description": f"It's\n{column}.\n"}
            for column, kind in columns.items()
        ]
        config: dict[str, Any] = {"contract": {"enforced": True}, "materialized": "view"}
        if name.startswith("completed"):
            config["meta"] = {"more_columns": "more_columns"}
        models.append(
            {"name": name, "description": "A view.", "config": config, "columns": described}
        )
    # JSON is YAML
    files = {
        "dbt_project.yml": settings,
        "profiles.yml": {"contracts": {"target": "one", "outputs": {"one": profile}}},
        "models/models.yml": {"models": models},
    }
    for file, content in files.items():
        (folder / file).write_text(json.dumps(content), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def statuses(project: Path) -> dict[str, str]:
    """The status of each model after a run."""
    flags = ["--project-dir", str(project), "--profiles-dir", str(project)]
    flags += ["--target-path", str(project / "target"), "--log-path", str(project / "target")]
    result = dbtRunner().invoke(["run", "--quiet", "--no-send-anonymous-usage-stats", *flags])
    DuckDBConnectionManager._ENV.close()
    return {run.node.name: str(run.status) for run in result.result}


def test_a_contract_holds_for_the_same_columns_only(statuses: dict[str, str]) -> None:
    passed = {"as_described", "in_another_order", "completed"}
    assert statuses == {name: "success" if name in passed else "error" for name in CONTRACTS}


@pytest.mark.parametrize("view", ["as_described", "completed"])
def test_descriptions_become_comments(project: Path, statuses: dict[str, str], view: str) -> None:
    with duckdb.connect(str(project / "warehouse.duckdb"), read_only=True) as connection:
        comments = connection.execute(
            "select column_name, comment from duckdb_columns() where table_name = ?", [view]
        ).fetchall()
        [relation] = connection.execute(
            "select comment from duckdb_views() where view_name = ?", [view]
        ).fetchall()
    assert dict(comments) == {name: f"It's {name}." for name in COLUMNS}
    assert relation == ("A view.",)
