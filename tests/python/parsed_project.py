"""The parsed project, handed to dbt by builds in process: parsing takes longer than most of them.

What dbt parses depends on the project's files and on the vars, and on no lake: while it is being
parsed the lake is one that is not there, so that whatever were taken from it would be missed.
"""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

import pytest
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest
from dbt.parser.manifest import extended_mashumaro_encoder, extended_mashumuro_decoder
from spymaster.lake import LAKE_VARIABLE, PROJECT_ROOT


def parsed_project(variables: str = "{}") -> Manifest | None:
    """Return the project as parsed with vars, for one run of dbt, which writes into it.

    None when it cannot be parsed: the run finds out for itself.
    """
    content = _parsed(variables)
    if content is None:
        return None
    manifest = Manifest.from_msgpack(content, decoder=extended_mashumuro_decoder)
    manifest.build_flat_graph()
    return manifest


@cache
def _parsed(variables: str) -> bytes | None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv(LAKE_VARIABLE, str(Path(folder) / "no-lake"))
        project = ["--project-dir", str(PROJECT_ROOT), "--profiles-dir", str(PROJECT_ROOT)]
        paths = ["--target-path", folder, "--log-path", folder]
        result = dbtRunner().invoke(
            ["parse", "--quiet", "--no-write-json", *project, *paths, "--vars", variables]
        )
    if not result.success:
        return None
    return result.result.to_msgpack(extended_mashumaro_encoder)
