"""The settings in force: those of a command before those of the environment and of the lake."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from spymaster_ingest.lake import Lake

from spymaster_warehouse.build_settings import settings_of_command
from spymaster_warehouse.project_vars import project_vars
from spymaster_warehouse.settings.alerts import AlertSettings, alert_settings
from spymaster_warehouse.settings.file import LakeSettings, read_settings


def vars_in_force(lake: Lake, given: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return every var of a build: the given ones before the lake's before the project's.

    Raises:
        SpymasterError: The settings of the lake cannot be used.
    """
    return {**project_vars(), **read_settings(lake).vars, **(given or {})}


def alerts_in_force(lake: Lake) -> AlertSettings:
    """Return the rules of alerts: the lake's over the project's.

    Raises:
        SpymasterError: The settings of the lake cannot be used.
    """
    return read_settings(lake).alerts or alert_settings(lake.settings, {})


def settings_that_differ(lake: Lake) -> dict[str, Any]:
    """Return the settings of a lake that differ from the defaults, by name of their var.

    Raises:
        SpymasterError: The settings of the lake cannot be used.
    """
    default = project_vars()
    given = read_settings(lake)
    differing = {name: value for name, value in given.vars.items() if value != default[name]}
    return {**differing, **given.environment}


def missing_in_environment(settings: LakeSettings) -> dict[str, str]:
    """Return the variables of a build that a lake sets and the environment does not."""
    return {name: value for name, value in settings.environment.items() if name not in os.environ}


@contextmanager
def environment_of_lake(lake: Lake) -> Iterator[None]:
    """Give variables that the environment does not set the lake's values for a while.

    Raises:
        SpymasterError: The settings of the lake cannot be used.
    """
    with settings_of_command(missing_in_environment(read_settings(lake))):
        yield
