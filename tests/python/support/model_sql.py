"""SQL with the project's macros and vars, rendered by dbt without parsing models."""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Mapping
from functools import cache
from typing import Any

import duckdb
import pytest
import yaml
from dbt.adapters.factory import register_adapter
from dbt.clients.jinja import get_rendered
from dbt.config.runtime import RuntimeConfig
from dbt.context.providers import generate_runtime_macro_context
from dbt.flags import set_from_args
from dbt.mp_context import get_mp_context
from dbt.parser.manifest import ManifestLoader
from dbt_common.clients.agate_helper import table_from_rows
from dbt_common.context import set_invocation_context
from spymaster_engine.door import KERNELS, register
from spymaster_ingest.lake import LAKE_VARIABLE, PROJECT_ROOT
from spymaster_warehouse import calendar_functions

from support.lakes import SEVEN_LEVELS

_NO_LAKE = "/no-lake"
# the schema that holds the relations which a model reads
GIVEN = "given"


def model_connection() -> duckdb.DuckDBPyConnection:
    """Connect to a new database in memory, with the settings and kernels of a build."""
    connection = duckdb.connect(config={"threads": 1, "asof_loop_join_threshold": 0})
    connection.execute("set timezone = 'UTC'")
    register(connection, KERNELS.values())
    calendar_functions.register(connection)
    return connection


def model_sql(
    model: str,
    connection: duckdb.DuckDBPyConnection,
    variables: Mapping[str, Any],
    partition: Mapping[str, str],
    macros: Mapping[str, str],
) -> str:
    """Return the query of a model over the relations of schema ``given``.

    Args:
        model: its name.
        connection: answers the queries of macros.
        variables: vars of the project that have another value.
        partition: values of the partition, by column; the relations hold no other partition.
        macros: what macros return in place of what they say.
    """
    [path] = PROJECT_ROOT.glob(f"models/**/{model}.sql")
    replaced: dict[str, Any] = {
        "ref": lambda name: f"{GIVEN}.{name}",
        "config": _Config(),
        "partitioned_by": lambda *_, **__: "",
        "in_partition": lambda *_, **__: "true",
    }
    replaced |= {name: lambda *_, said=said, **__: said for name, said in macros.items()}
    query = rendered(path.read_text(encoding="utf-8"), connection, variables, replaced)
    for column, value in partition.items():
        query = query.replace(f"__partition_{column}__", value)
    return query


def rendered(
    text: str,
    connection: duckdb.DuckDBPyConnection,
    variables: Mapping[str, Any],
    replaced: Mapping[str, Any],
) -> str:
    """Return what a text with macros says.

    Args:
        text: SQL with Jinja.
        connection: answers the queries of macros.
        variables: vars of the project that have another value.
        replaced: names that have another meaning than in a build.
    """
    known = _project_vars() | {"levels_in_use": SEVEN_LEVELS} | dict(variables)
    replaced = {
        "var": known.__getitem__,
        "equity_roots": lambda: ["AAPL"],
        "run_query": lambda query: _table(connection.execute(query)),
        **replaced,
    }
    context = _context()
    before = {name: context[name] for name in replaced if name in context}
    context.update(replaced)
    try:
        return get_rendered(text, context)
    finally:
        for name in replaced:
            del context[name]
        context.update(before)


class _Config:
    """What a model without settings sees of them."""

    def __call__(self, *_: Any, **__: Any) -> str:
        return ""

    def get(self, _: str, default: Any = None) -> Any:
        return default


def _table(answer: duckdb.DuckDBPyConnection) -> Any:
    names = [column[0] for column in answer.description]
    return table_from_rows(answer.fetchall(), names)


@cache
def _project_vars() -> dict[str, Any]:
    return yaml.safe_load((PROJECT_ROOT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]


@cache
def _context() -> dict[str, Any]:
    """Return what dbt knows while it renders a model: its own macros and the project's."""
    root = str(PROJECT_ROOT)
    arguments = Namespace(
        project_dir=root,
        profiles_dir=root,
        target=None,
        profile=None,
        vars={},
        threads=1,
        which="compile",
        partial_parse=False,
        quiet=True,
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(LAKE_VARIABLE, _NO_LAKE)
        set_from_args(arguments, None)
        set_invocation_context(dict(os.environ))
        config = RuntimeConfig.from_args(arguments)
        register_adapter(config, get_mp_context())
        project = ManifestLoader.load_macros(config, lambda _: None)
        any_macro = project.macros[f"macro.{config.project_name}.in_partition"]
        return generate_runtime_macro_context(any_macro, config, project, config.project_name)
