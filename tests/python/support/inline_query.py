"""Queries with the project's macros, on an empty lake."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from dbt.cli.main import dbtRunner
from spymaster_ingest.lake import LAKE_VARIABLE, PROJECT_ROOT

from support.parsed_project import parsed_project

Rows = list[dict]
Ask = Callable[..., Rows]


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """Answer a query with the project's macros, on an empty lake."""
    folder = tmp_path_factory.mktemp("macros")
    (folder / "lake").mkdir()
    flags = ["--project-dir", str(PROJECT_ROOT), "--profiles-dir", str(PROJECT_ROOT)]
    flags += ["--target-path", str(folder / "target"), "--log-path", str(folder / "logs")]
    # no test reads the files about the project, which take longer to write than most answers
    flags += ["--quiet", "--no-write-json"]

    def answer(query: str, **variables: object) -> Rows:
        one_cell = f"select cast(to_json(list(q)) as varchar) as answer from ({query}) as q"
        arguments = ["show", "--inline", one_cell, "--output", "json", *flags]
        given = json.dumps(variables)
        result = dbtRunner(parsed_project(given)).invoke([*arguments, "--vars", given])
        assert result.success, result.exception or [node.message for node in result.result.results]
        answered = result.result.results[0].agate_table.rows[0][0]
        return [] if answered is None else json.loads(answered)

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(LAKE_VARIABLE, str(folder / "lake"))
        yield answer
