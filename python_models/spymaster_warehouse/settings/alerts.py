"""The rules of alerts: section ``[alerts]`` of a lake's file over those of ``alerts.toml``.

They are no vars: no relation is made of them, and a change makes none again.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from spymaster_ingest.errors import SpymasterError

from spymaster_warehouse.settings.near import require_near
from spymaster_warehouse.var_kinds import FLAG, Rule, choice, list_of, number, text, whole
from spymaster_warehouse.var_rules import ROUND_LEVEL, named_levels

ALERTS_SECTION = "alerts"
_DEFAULTS = Path(__file__).with_suffix(".toml")
_NONE = "none"
_TICKS, _SECONDS = whole(0, 10_000), whole(0, 86_400)
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_STATES = ("all_four", "ahead_only", "behind_only", "partial", "none")
_ADDRESS = text(
    rf"https?://\S+|\$[A-Za-z_][A-Za-z0-9_]*|{_NONE}",
    'address: write "https://...", "$NAME" of a variable of the environment, or "none"',
)
_GENERAL = {
    "webhook": _ADDRESS,
    "sound": FLAG,
    "rearm_s": _SECONDS,
    "min_approaches": whole(1, 1_000_000),
    "late_s": _SECONDS,
}
_OF_EVERY_RULE = {
    "on": FLAG,
    "products": list_of(text(r"[A-Z0-9][A-Z0-9.]{0,15}", "root such as CL"), 100),
    "webhook": _ADDRESS,
    "sound": FLAG,
    "rearm_s": _SECONDS,
}
_OF_LEVELS = {
    "levels": list_of(
        text(
            rf"{'|'.join(named_levels())}|{ROUND_LEVEL}|own:.{{1,200}}",
            "level such as pm_high, round_10 or own:NAME",
        ),
        100,
    ),
    "level_kinds": list_of(text(r"[a-z_]{1,40}", "kind of seed level_weights such as sma"), 30),
}


@dataclass(frozen=True)
class _Key:
    """A key of a kind: what it may be, and what it is where a rule does not say."""

    rule: Rule
    default: Any = None


# what the rules of a kind say, besides what every rule may say
_KINDS: dict[str, dict[str, _Key]] = {
    "near": {"ticks": _Key(_TICKS, 4), "margin": _Key(_TICKS, 2)},
    "held": {
        "states": _Key(list_of(choice(*_STATES), len(_STATES)), ["all_four", "ahead_only"]),
        "held_s": _Key(whole(1, 86_400), 2),
        "ticks": _Key(_TICKS, 10),
        "margin": _Key(_TICKS, 2),
    },
    "score": {
        "signals": _Key(list_of(choice("BREAK", "REJECT", "CONTESTED", "NEUTRAL"), 4)),
        "score_from": _Key(number(0, 100)),
        "margin": _Key(number(0, 100), 5),
        "ticks": _Key(_TICKS, 10),
    },
    "signal": {
        "signal_states": _Key(
            list_of(choice("IDLE", "FIRE", "ARMED", "WATCH", "TRACK"), 5), ["FIRE"]
        )
    },
    "wall": {
        "events": _Key(list_of(choice("appears", "pulled", "eaten"), 3), ["appears"]),
        "ratio": _Key(number(0, 10_000, above=True), 5),
        "margin": _Key(number(0, 10_000), 1),
        "points": _Key(number(0, 100_000), 2),
    },
    "iceberg": {"contracts": _Key(whole(1, 10_000_000), 20), "ticks": _Key(_TICKS, 2)},
    "gamma_wall": {
        "walls": _Key(list_of(choice("call", "put"), 2), ["call", "put"]),
        "ticks": _Key(_TICKS, 8),
        "margin": _Key(_TICKS, 4),
    },
}
_WITHOUT_LEVELS = ("gamma_wall",)


@dataclass(frozen=True)
class AlertRule:
    """What is said when it happens.

    Attributes:
        name: of the rule.
        kind: near, held, score, signal, wall, iceberg or gamma_wall.
        values: what the rule asks for, by key of its kind; None where it does not ask.
        levels: the only levels that count; None for all.
        level_kinds: the only kinds of levels that count; None for all.
        products: roots for which the rule counts; None for all.
        sound: whether the screen makes a sound.
        webhook: address, or ``$NAME`` of a variable of the environment; None for none.
        rearm_s: seconds for which an event must be over before it is said again.
    """

    name: str
    kind: str
    values: Mapping[str, Any]
    levels: tuple[str, ...] | None = None
    level_kinds: tuple[str, ...] | None = None
    products: tuple[str, ...] | None = None
    sound: bool = True
    webhook: str | None = None
    rearm_s: int = 0


@dataclass(frozen=True)
class AlertSettings:
    """What a lake says of alerts.

    Attributes:
        rules: that are on, in the order of the file, those of the project first.
        min_approaches: earlier approaches from which how they ended is a base rate.
        late_s: age in seconds from which an alert is not sent.
    """

    rules: tuple[AlertRule, ...] = field(default=())
    min_approaches: int = 1
    late_s: int = 60


def alert_settings(path: Path, given: Any) -> AlertSettings:
    """Return the rules of a section over the project's own.

    Args:
        path: of the file, which errors name.
        given: the section as TOML reads it; an empty one changes nothing.

    Raises:
        SpymasterError: A key or a kind is unknown, or a value cannot be.
    """
    if not isinstance(given, dict):
        raise SpymasterError(path, "'alerts' is no section: write [alerts]")
    general, rules = _split(_default_section())
    own_general, own_rules = _split(given)
    for key, value in own_general.items():
        require_near(path, "setting of [alerts]", key, _GENERAL)
        _require(path, "[alerts]", key, value, _GENERAL[key])
    general |= own_general
    for name, table in own_rules.items():
        if not _NAME.fullmatch(name):
            raise SpymasterError(
                path,
                f"[alerts.{name}]: a rule cannot have this name",
                "a name has at most 40 small letters, digits and _, a letter first",
            )
        rules[name] = _overlaid(rules.get(name, {}), table)
    made = [_rule(path, name, table, general) for name, table in rules.items()]
    return AlertSettings(
        tuple(rule for rule in made if rule is not None),
        general["min_approaches"],
        general["late_s"],
    )


def template_of_alerts() -> str:
    """Return the section with the project's rules in comments, for the file of a lake."""
    begin, *rest = _default_text().splitlines()
    return "\n".join(
        [begin, *(f"#{line}" if line and not line.startswith("#") else line for line in rest)]
    )


@cache
def _default_text() -> str:
    return _DEFAULTS.read_text(encoding="utf-8")


def _default_section() -> dict[str, Any]:
    section: dict[str, Any] = tomllib.loads(_default_text())[ALERTS_SECTION]
    return section


def _split(section: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """Return the settings of all rules, and the rules by name."""
    rules = {name: value for name, value in section.items() if isinstance(value, dict)}
    return {name: value for name, value in section.items() if name not in rules}, rules


def _overlaid(before: Mapping[str, Any], table: Mapping[str, Any]) -> dict[str, Any]:
    """Return a rule with other values; one of another kind keeps nothing of the one before."""
    if table.get("kind", before.get("kind")) != before.get("kind"):
        return dict(table)
    return {**before, **table}


def _rule(
    path: Path, name: str, table: Mapping[str, Any], general: Mapping[str, Any]
) -> AlertRule | None:
    """Return a rule, None where it is off."""
    where = f"[alerts.{name}]"
    kind = table.get("kind")
    if kind is None:
        raise SpymasterError(path, f"{where} has no kind", f"kinds are {', '.join(_KINDS)}")
    require_near(path, f"kind of {where}", kind, _KINDS)
    own = _KINDS[kind]
    common = _OF_EVERY_RULE if kind in _WITHOUT_LEVELS else _OF_EVERY_RULE | _OF_LEVELS
    allowed = common | {key: asked.rule for key, asked in own.items()}
    for key, value in table.items():
        if key == "kind":
            continue
        require_near(path, f"setting of {where}", key, allowed)
        _require(path, where, key, value, allowed[key])
    if kind == "score" and not table.keys() & {"signals", "score_from"}:
        raise SpymasterError(path, f"{where} asks for nothing", "give signals, score_from or both")
    if not table.get("on", True):
        return None
    webhook = table.get("webhook", general["webhook"])
    return AlertRule(
        name,
        kind,
        {key: table.get(key, asked.default) for key, asked in own.items()},
        levels=_tuple(table.get("levels")),
        level_kinds=_tuple(table.get("level_kinds")),
        products=_tuple(table.get("products")),
        sound=table.get("sound", general["sound"]),
        webhook=None if webhook == _NONE else webhook,
        rearm_s=table.get("rearm_s", general["rearm_s"]),
    )


def _tuple(values: list[str] | None) -> tuple[str, ...] | None:
    return None if values is None else tuple(values)


def _require(path: Path, where: str, key: str, value: Any, rule: Rule) -> None:
    if not rule.accepts(value):
        # an address may hold a secret
        shown = "the value" if key == "webhook" else repr(value)
        raise SpymasterError(path, f"{where} {key}: {shown} is no {rule.what}")
