"""The text of a `spymaster.toml` with every setting, its meaning and its default, in comments."""

from __future__ import annotations

import json
from typing import Any

from spymaster_warehouse.settings.alerts import template_of_alerts
from spymaster_warehouse.settings.sections import BUILD_SECTION, Setting, settings_of_sections

_HEAD = """\
# Settings of this lake. A line that begins with # sets nothing: take the # away and change the
# value. An option of a command counts first, then a variable of the environment, then this file.
# `spymaster status` says what differs from the defaults, and docs/settings.md explains the rest.

# Products that the project does not know, one section each. A product needs its tick size and its
# hours: a calendar of pandas_market_calendars, or sessions with a time zone.
#
# [products.ACME]
# kind = "equity"                # or "future": its symbols are then ACME and month code, ACMEZ5
# tick_size = 0.01               # points
# calendar = "NYSE"              # or sessions = [["09:30", "11:30"], ["13:00", "15:00"]]
#                                #    time_zone = "Asia/Shanghai"
# barriers = "volatility"        # or "fixed": barrier_ticks of [levels]
# definitions = "none"           # or "records": files of schema definition are landed
"""


def template() -> str:
    """Return the text of the file."""
    parts = [_HEAD]
    for section, settings in settings_of_sections().items():
        lines = [f"[{section}]"]
        for setting in settings.values():
            lines += [f"# {line}" for line in setting.comment]
            lines.append(_line_of(setting))
        parts.append("\n".join(lines) + "\n")
    parts.append(template_of_alerts() + "\n")
    return "\n".join(parts)


def _line_of(setting: Setting) -> str:
    if setting.section == BUILD_SECTION and setting.default is None:
        return f"#{setting.key} ="
    return f"#{setting.key} = {toml_value(setting.default)}"


def toml_value(value: Any) -> str:
    """Return a value as TOML writes it, on one line; None, which TOML lacks, is "none"."""
    if value is None:
        return '"none"'
    if isinstance(value, dict):
        inner = ", ".join(
            f"{json.dumps(str(key))} = {toml_value(item)}" for key, item in value.items()
        )
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, list):
        return f"[{', '.join(map(toml_value, value))}]"
    return json.dumps(value)
