"""The settings that a lake was built with, of the published file."""

from __future__ import annotations

import json
from typing import Any

import duckdb
from spymaster_warehouse.project_vars import project_vars

RELATION = "gold.retrieval_settings"


def built_settings(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """Return by name the vars that shape an answer, its evaluation and what is made of that.

    Args:
        connection: the published file, which holds ``RELATION``.
    """
    [(of_answers, of_evaluation)] = connection.execute(
        f"select settings, evaluation_settings from {RELATION}"  # noqa: S608
    ).fetchall()
    return json.loads(of_answers) | json.loads(of_evaluation)


def settings_of_answers(connection: duckdb.DuckDBPyConnection) -> str:
    """Return the vars that shape an answer as the models wrote them, JSON.

    Args:
        connection: as of ``built_settings``.
    """
    [(text,)] = connection.execute(f"select settings from {RELATION}").fetchall()  # noqa: S608
    return text


def as_built(settings: dict[str, Any]) -> list[str]:
    """Return the arguments of dbt that make it build with some settings, not the project's.

    Args:
        settings: of ``built_settings``.
    """
    # dbt parses the project anew for other vars, so only for those that differ
    other = {
        name: value
        for name, value in settings.items()
        # as JSON 8 and 8.0 differ, and so they do in a model
        if json.dumps(value) != json.dumps(project_vars().get(name))
    }
    return ["--vars", json.dumps(other)] if other else []
