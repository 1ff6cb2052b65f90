"""Settings for tests: the vars of dbt_project.yml, some of them with another value."""

from __future__ import annotations

from dataclasses import asdict, fields, replace
from typing import Any

import duckdb
from spymaster.levels.settings import WordSettings
from spymaster_engine.statistics.evaluation.protocol import Protocol
from spymaster_engine.statistics.retrieval.settings import RetrievalSettings
from spymaster_warehouse.project_vars import project_vars


def vars_with(**values: Any) -> dict[str, Any]:
    """Return the project's vars with other values; a name that is no var is an error."""
    unknown = values.keys() - project_vars().keys()
    assert not unknown, f"dbt_project.yml has no var {', '.join(sorted(unknown))}"
    return project_vars() | values


def retrieval_settings(**values: Any) -> RetrievalSettings:
    """Return settings of retrieval, some vars with other values."""
    return RetrievalSettings.of(vars_with(**values))


def word_settings(**values: Any) -> WordSettings:
    """Return what the words of a level go by, some vars with other values."""
    variables = vars_with(**values)
    return WordSettings(**{field.name: variables[field.name] for field in fields(WordSettings)})


def write_word_settings(connection: duckdb.DuckDBPyConnection, **values: Any) -> None:
    """Write silver.word_settings, some vars with other values."""
    columns = ", ".join(
        f"cast({value} as double) as {name}"
        for name, value in asdict(word_settings(**values)).items()
    )
    connection.execute(f"create or replace table silver.word_settings as select {columns}")


def protocol(**values: Any) -> Protocol:
    """Return how to walk, with other values of vars or of the protocol's own attributes."""
    own = {field.name for field in fields(Protocol)} - project_vars().keys()
    variables = vars_with(**{name: value for name, value in values.items() if name not in own})
    changes = {name: value for name, value in values.items() if name in own}
    return replace(Protocol.of(variables), **changes)
