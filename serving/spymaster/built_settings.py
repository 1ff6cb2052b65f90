"""Read the settings of the build from the published file."""

from __future__ import annotations

import json
from typing import Any

import duckdb
from spymaster_warehouse.project_vars import project_vars

RELATION = "gold.retrieval_settings"


def built_settings(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """Return the vars of answers and of the evaluation by name.

    Args:
        connection: the published file, which holds ``RELATION``.
    """
    [(of_answers, of_evaluation)] = connection.execute(
        f"select settings, evaluation_settings from {RELATION}"  # noqa: S608
    ).fetchall()
    return json.loads(of_answers) | json.loads(of_evaluation)


def settings_of_answers(connection: duckdb.DuckDBPyConnection) -> str:
    """Return the vars of answers as the JSON text that the models wrote.

    Args:
        connection: the published file, which holds ``RELATION``.
    """
    [(text,)] = connection.execute(f"select settings from {RELATION}").fetchall()  # noqa: S608
    return text


def as_built(settings: dict[str, Any]) -> list[str]:
    """Return the dbt arguments that build with these settings instead of the project's.

    Args:
        settings: the settings of ``built_settings``.
    """
    # pass only the vars that differ: dbt parses the project again for changed vars
    other = {
        name: value
        for name, value in settings.items()
        # compare as JSON: 8 and 8.0 differ there, as they do in a model
        if json.dumps(value) != json.dumps(project_vars().get(name))
    }
    return ["--vars", json.dumps(other)] if other else []
