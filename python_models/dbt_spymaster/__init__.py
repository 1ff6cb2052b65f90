"""Plugin of dbt that gives a run the settings of its lake.

dbt imports packages called `dbt_*` by itself once it has read the project, before it parses it.
"""

from __future__ import annotations

import os

import click
from dbt.plugins.manager import dbtPlugin
from dbt_common.exceptions import DbtRuntimeError
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake
from spymaster_warehouse.build_settings import MEMORY_VARIABLE, THREADS_VARIABLE
from spymaster_warehouse.settings.file import read_settings
from spymaster_warehouse.settings.in_force import missing_in_environment

_PROJECT = "spymaster"


class SettingsOfLake(dbtPlugin):
    """Gives dbt the vars of the lake's file; those of `--vars` count before them."""

    def initialize(self) -> None:
        """Add the vars, and what nobody else has set: threads, memory and where to build."""
        context = click.get_current_context(silent=True)
        # other programs read the project without dbt's command line
        running = context.obj if context is not None and isinstance(context.obj, dict) else {}
        if self.project_name != _PROJECT or "flags" not in running:
            return
        try:
            settings = read_settings(Lake.from_environment())
        except SpymasterError as error:
            raise DbtRuntimeError(str(error)) from error
        flags = running["flags"]
        for name in ("VARS", "vars"):
            # the class lets nobody set an attribute, and dbt has no other way in
            object.__setattr__(flags, name, {**settings.vars, **(flags.VARS or {})})
        missing = missing_in_environment(settings)
        os.environ.update(missing)
        # the profile has been read without them
        profile = running["profile"]
        if THREADS_VARIABLE in missing:
            profile.threads = int(missing[THREADS_VARIABLE])
        if MEMORY_VARIABLE in missing:
            profile.credentials.config_options["memory_limit"] = missing[MEMORY_VARIABLE]


plugins = [SettingsOfLake]
