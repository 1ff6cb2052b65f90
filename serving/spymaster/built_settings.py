"""Read the settings of the build from the published file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import duckdb
from spymaster_ingest.errors import SpymasterError
from spymaster_warehouse.project_vars import project_vars

RELATION = "gold.retrieval_settings"


class BuiltSettings(dict[str, Any]):
    """Vars of a build by name; reading one that it did not keep is a ``SpymasterError``."""

    def __init__(self, relation: str, settings: Mapping[str, Any]) -> None:
        super().__init__(settings)
        self._relation = relation

    def __missing__(self, name: str) -> Any:
        """Say which relation does not hold the var: an earlier version built it."""
        raise SpymasterError(
            self._relation,
            f"an earlier version of Spymaster built it, without the setting {name}",
            "run `spymaster build`",
        )

    def __reduce__(self) -> tuple[type[BuiltSettings], tuple[str, dict[str, Any]]]:
        """Let another process read them."""
        return type(self), (self._relation, dict(self))


def built_settings(connection: duckdb.DuckDBPyConnection) -> BuiltSettings:
    """Return the vars of answers and of the evaluation by name.

    Args:
        connection: the published file, which holds ``RELATION``.
    """
    [(of_answers, of_evaluation)] = connection.execute(
        f"select settings, evaluation_settings from {RELATION}"  # noqa: S608
    ).fetchall()
    return BuiltSettings(RELATION, json.loads(of_answers) | json.loads(of_evaluation))


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
