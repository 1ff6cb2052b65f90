"""Read the settings of a lake from its file `spymaster.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake
from spymaster_ingest.products import own_products, product_rows

from spymaster_warehouse.build_settings import require_settings
from spymaster_warehouse.build_vars import require_vars
from spymaster_warehouse.settings.alerts import ALERTS_SECTION, AlertSettings, alert_settings
from spymaster_warehouse.settings.near import require_near
from spymaster_warehouse.settings.sections import (
    BUILD_SECTION,
    PRODUCTS_SECTION,
    Setting,
    settings_of_sections,
)

# TOML has no null
_NONE = "none"
_REMEDY = "`spymaster init --print` shows every setting"


@dataclass(frozen=True)
class LakeSettings:
    """What a lake's file sets.

    Attributes:
        vars: of dbt, by name; only those that the file gives.
        environment: variables of a build, by name.
        alerts: rules of alerts; None in a file without the section.
    """

    vars: Mapping[str, Any] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    alerts: AlertSettings | None = None


def read_settings(lake: Lake) -> LakeSettings:
    """Return the settings of a lake; those of a lake without a file are empty.

    Raises:
        SpymasterError: The file cannot be read, is no TOML, or holds an unknown section or key or a
            value that a setting cannot have.
    """
    path = lake.settings
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return LakeSettings()
    except (OSError, UnicodeDecodeError) as error:
        raise SpymasterError(path, f"cannot be read: {error}") from error
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SpymasterError(path, f"is no TOML: {error}") from error
    return _settings_of(path, document)


def _settings_of(path: Path, document: Mapping[str, Any]) -> LakeSettings:
    sections = settings_of_sections()
    given: dict[str, Any] = {}
    environment: dict[str, str] = {}
    alerts = None
    for section, table in document.items():
        require_near(path, "section", section, (*sections, PRODUCTS_SECTION, ALERTS_SECTION))
        if not isinstance(table, dict):
            raise SpymasterError(path, f"{section!r} is no section: write [{section}]", _REMEDY)
        if section == PRODUCTS_SECTION:
            given["products"] = product_rows(own_products(path.parent).values())
            continue
        if section == ALERTS_SECTION:
            alerts = alert_settings(path, table)
            continue
        for key, value in table.items():
            require_near(path, f"setting of [{section}]", key, sections[section])
            setting = sections[section][key]
            if section == BUILD_SECTION:
                environment[setting.names[0]] = _text_of(path, setting, value)
            else:
                given |= _vars_of(path, setting, value)
    try:
        require_vars(given)
        require_settings(environment)
    except SpymasterError as error:
        raise SpymasterError(path, f"{error.where}: {error.why}", error.remedy) from error
    return LakeSettings(given, environment, alerts)


def _vars_of(path: Path, setting: Setting, value: Any) -> dict[str, Any]:
    if len(setting.names) == 1:
        return {setting.names[0]: _with_none(value)}
    if not isinstance(value, list) or len(value) != len(setting.names):
        raise SpymasterError(
            path,
            f"[{setting.section}] {setting.key}: {value!r} is no pair",
            f"the default is {setting.default}",
        )
    return dict(zip(setting.names, value, strict=True))


def _with_none(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _with_none(item) for key, item in value.items()}
    if isinstance(value, list):
        return [None if item == _NONE else item for item in value]
    return value


def _text_of(path: Path, setting: Setting, value: Any) -> str:
    if type(value) not in (str, int):
        raise SpymasterError(
            path, f"[{setting.section}] {setting.key}: {value!r} is no text and no whole number"
        )
    return str(value)
