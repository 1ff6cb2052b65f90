"""Kinds of values that a var can have, as rules that accept or refuse a value."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

# longest value that an error repeats
_LONGEST = 80


@dataclass(frozen=True)
class Rule:
    """What a value must be.

    Attributes:
        what: the noun of an error, after "is no": "whole number from 1 to 10".
        accepts: whether a value, as YAML reads it, is one.
    """

    what: str
    accepts: Callable[[Any], bool]


@dataclass(frozen=True)
class Fields:
    """The rules of a mapping's values; all of its keys, and no others, are there."""

    rules: Mapping[str, Rule]


def whole(least: int, most: int) -> Rule:
    """Return the rule of a whole number within [least, most]."""
    return Rule(
        f"whole number from {least:,} to {most:,}",
        lambda value: type(value) is int and least <= value <= most,
    )


def number(least: float, most: float, *, above: bool = False) -> Rule:
    """Return the rule of a number within [least, most], or (least, most]; NaN is none."""
    lower = f"above {least:,} up to" if above else f"from {least:,} to"
    return Rule(
        f"number {lower} {most:,}",
        lambda value: (
            type(value) in (int, float)
            and math.isfinite(value)
            and (least < value if above else least <= value)
            and value <= most
        ),
    )


def choice(*names: str) -> Rule:
    """Return the rule of one of some names."""
    return Rule(
        f"value of {', '.join(names)}", lambda value: isinstance(value, str) and value in names
    )


def text(pattern: str, what: str) -> Rule:
    """Return the rule of a text that matches a pattern as a whole."""
    compiled = re.compile(pattern)
    return Rule(
        what, lambda value: isinstance(value, str) and compiled.fullmatch(value) is not None
    )


def pair(of: Rule, *, is_range: bool = True) -> Rule:
    """Return the rule of a list [from, to]; the end of a range is not below its start."""
    return Rule(
        f"pair [from, to], each a {of.what}",
        lambda value: (
            isinstance(value, list)
            and len(value) == 2
            and all(of.accepts(item) for item in value)
            and (not is_range or value[0] <= value[1])
        ),
    )


def pair_without_end(of: Rule) -> Rule:
    """Return the rule of a list [from, to] whose end may be null."""
    closed = pair(of)
    return Rule(
        f"{closed.what}, the second or null",
        lambda value: (
            closed.accepts(value)
            or (isinstance(value, list) and value[1:] == [None] and of.accepts(value[0]))
        ),
    )


def list_of(of: Rule, most: int, *, least: int = 1, is_rising: bool = False) -> Rule:
    """Return the rule of a list without repeated values."""
    order = ", each above the one before" if is_rising else ", none of them twice"

    def accepts(value: Any) -> bool:
        if not isinstance(value, list) or not least <= len(value) <= most:
            return False
        if not all(of.accepts(item) for item in value):
            return False
        return len(set(value)) == len(value) and (not is_rising or value == sorted(value))

    return Rule(f"list of {least} to {most} values{order}, each a {of.what}", accepts)


def mapping(keys: Rule, values: Rule, most: int, *, least: int = 1) -> Rule:
    """Return the rule of a mapping with names of one's own."""
    return Rule(
        f"mapping of {least} to {most} entries, from a {keys.what} to a {values.what}",
        lambda value: (
            isinstance(value, dict)
            and least <= len(value) <= most
            and all(keys.accepts(key) and values.accepts(item) for key, item in value.items())
        ),
    )


def either(first: Rule, second: Rule) -> Rule:
    """Return the rule of a value that one of two accepts."""
    return Rule(
        f"{first.what}, or {second.what}",
        lambda value: first.accepts(value) or second.accepts(value),
    )


FLAG = Rule("value of true, false", lambda value: type(value) is bool)
NOTHING = Rule("null", lambda value: value is None)
TIME = text(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?", "time of day such as '09:30', in quotes")


@cache
def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        return False
    return True


ZONE = Rule(
    "time zone such as America/New_York",
    lambda value: (
        isinstance(value, str)
        and re.fullmatch(r"[A-Za-z0-9_+/-]+", value) is not None
        and _is_zone(value)
    ),
)


def as_date(value: Any) -> dt.date | None:
    """Return the date that a value is, as YAML reads it; None for any other value."""
    if type(value) is dt.date:
        return value
    if not isinstance(value, str):
        return None
    try:
        return dt.datetime.strptime(value, "%Y-%m-%d").date()
    except ValueError:
        return None


DATE_OR_NOTHING = Rule(
    "date (dates are YYYY-MM-DD)", lambda value: value is None or as_date(value) is not None
)


def refused(name: str, value: Any, rule: Rule | Fields) -> tuple[str, str] | None:
    """Return the name that has a wrong value, and why it is wrong; None when it is right."""
    if isinstance(rule, Rule):
        return None if rule.accepts(value) else (name, f"{_shown(value)} is no {rule.what}")
    if not isinstance(value, dict) or value.keys() != rule.rules.keys():
        return name, f"{_shown(value)} is no mapping with the keys {', '.join(rule.rules)}"
    found = (refused(f"{name}.{key}", value[key], rule.rules[key]) for key in rule.rules)
    return next((wrong for wrong in found if wrong is not None), None)


def _shown(value: Any) -> str:
    shown = repr(value)
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}..."
