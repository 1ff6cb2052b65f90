"""Plugin of dbt-duckdb: what relations are made of besides SQL, as functions of SQL.

``files_version(paths)`` is the version of some files of the lake, ``functions_version()`` that of
the code behind the functions of SQL, ``lake_macros()`` the statements of the macros by which views
name their files, ``settings_of_run()`` the settings that dbt runs with. ``macros/relations`` and
``macros/documentation`` have the SQL that calls them. Named in ``profiles.yml``.
"""

from __future__ import annotations

import functools
import json
from pathlib import Path

import duckdb
import spymaster_engine
from dbt.adapters.duckdb.plugins import BasePlugin
from dbt.flags import get_flags
from spymaster_ingest.content_hash import file_sha256, hash_of
from spymaster_ingest.lake import Lake
from spymaster_ingest.landing.manifest import MANIFEST_NAME

from spymaster_warehouse.project_vars import project_vars
from spymaster_warehouse.settings.changes import settings_as_text
from spymaster_warehouse.view_files import lake_macros_of

# packages whose functions SQL calls
_PACKAGES = (Path(spymaster_engine.__file__).parent, Path(__file__).parent)
_CODE_SUFFIXES = (".py", ".sql")


def files_version(paths: list[str]) -> str:
    """Return a hash that differs when the content of a file does.

    The manifest beside a landed file has the file's hash.

    Args:
        paths: absolute, of files in the lake.
    """
    root = Lake.from_environment().root
    found = []
    for path in map(Path, paths):
        manifest = path.with_name(MANIFEST_NAME)
        hashed = manifest if manifest.exists() else path
        name = path.relative_to(root) if path.is_relative_to(root) else path
        found.append([str(name), file_sha256(hashed) if hashed.exists() else None])
    return hash_of(found)


@functools.cache
def functions_version() -> str:
    """Return a hash of the code of the functions that SQL calls."""
    files = (path for package in _PACKAGES for path in package.rglob("*"))
    code = sorted(path for path in files if path.suffix in _CODE_SUFFIXES)
    return hash_of([[path.name, file_sha256(path)] for path in code])


def lake_macros() -> str:
    """Return the statements that create the lake's macros."""
    return lake_macros_of(Lake.from_environment())


def settings_of_run() -> str:
    """Return the settings of the run as a JSON object of JSON texts."""
    return json.dumps(settings_as_text({**project_vars(), **(get_flags().VARS or {})}))


class Plugin(BasePlugin):
    """Registers the functions on every connection."""

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Register the functions."""
        conn.create_function(
            "files_version", files_version, ["VARCHAR[]"], "VARCHAR", side_effects=True
        )
        conn.create_function("functions_version", functions_version, [], "VARCHAR")
        conn.create_function("lake_macros", lake_macros, [], "VARCHAR", side_effects=True)
        conn.create_function("settings_of_run", settings_of_run, [], "VARCHAR", side_effects=True)
