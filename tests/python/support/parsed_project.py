"""The parsed project that runs in process hand to dbt: parsing takes longer than most runs.

The parsed project depends on the project's files, and on the vars that its configs name or that
decide what a model refers to, but on no lake: parsing uses a lake that does not exist, so that any
read of it would fail.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest
from dbt.parser.manifest import extended_mashumaro_encoder, extended_mashumuro_decoder
from spymaster_ingest.lake import LAKE_VARIABLE, PROJECT_ROOT

from support.cheap_dbt import PARSED_FOLDER

_NO_LAKE = "/no-lake"
# vars that change which models or macros a model refers to
_OF_REFERENCES = frozenset({"time_basis", "retrieval_queries", "levels_in_use"})


def parsed_project(variables: str = "{}") -> Manifest | None:
    """Return the project parsed with vars, for a single run of dbt, which writes into it.

    None when it cannot be parsed: the run then reports the error.
    """
    given = json.loads(variables)
    named = {name: value for name, value in given.items() if name in vars_parsed()}
    content = _parsed(json.dumps(named, sort_keys=True))
    if content is None:
        return None
    manifest = Manifest.from_msgpack(content, decoder=extended_mashumuro_decoder)
    manifest.build_flat_graph()
    return manifest


@cache
def _parsed(variables: str) -> bytes | None:
    """Return the project as bytes; processes that share a folder parse it once."""
    if PARSED_FOLDER not in os.environ:
        return _packed(variables)
    folder = Path(os.environ[PARSED_FOLDER])
    folder.mkdir(exist_ok=True)
    kept = folder / hashlib.sha256(variables.encode()).hexdigest()
    with kept.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists() and (content := _packed(variables)):
            kept.write_bytes(content)
    return kept.read_bytes() if kept.exists() else None


def _packed(variables: str) -> bytes | None:
    manifest = parse(variables)
    return manifest and manifest.to_msgpack(extended_mashumaro_encoder)


def parse(variables: str) -> Manifest | None:
    """Parse the project with vars; None when dbt refuses."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv(LAKE_VARIABLE, _NO_LAKE)
        project = ["--project-dir", str(PROJECT_ROOT), "--profiles-dir", str(PROJECT_ROOT)]
        paths = ["--target-path", folder, "--log-path", folder]
        result = dbtRunner().invoke(
            ["parse", "--quiet", "--no-write-json", *project, *paths, "--vars", variables]
        )
    return result.result if result.success else None


@cache
def vars_parsed() -> frozenset[str]:
    """Return the vars that change what dbt parses."""
    return _OF_REFERENCES | frozenset(
        name
        for content in _contents()
        for config in _configs(content)
        for name in re.findall(r"\{\{[^}]*?var\(\s*['\"](\w+)", str(config))
    )


@cache
def _contents() -> list[Any]:
    """Return what the project's yml files say."""
    return [
        yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
        for folder in ("models", "python_models", "seeds")
        for path in (PROJECT_ROOT / folder).rglob("*.yml")
    ]


def _configs(content: Any) -> Iterator[Any]:
    """Yield the values of the keys ``config`` at any depth."""
    if isinstance(content, list):
        for item in content:
            yield from _configs(item)
    elif isinstance(content, dict):
        for key, value in content.items():
            if key == "config":
                yield value
            else:
                yield from _configs(value)
