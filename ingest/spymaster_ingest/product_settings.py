"""Check a section ``[products.NAME]`` of ``spymaster.toml`` and make a product of it."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from spymaster_ingest import market_calendars
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.product import (
    EQUITY,
    FUTURE,
    NO_DEFINITIONS,
    RECORDS,
    Product,
    tick_int_of,
)

# words of the settings, and what the seed calls them
_BARRIERS = {"fixed": "fixed", "volatility": "vol"}
_KEYS = (
    "kind",
    "tick_size",
    "point_value",
    "currency",
    "lot",
    "calendar",
    "sessions",
    "time_zone",
    "barriers",
    "barrier_min_ticks",
    "approach_min_ticks",
    "ladder_step",
    "definitions",
    "stale_after_s",
    "option_tick_size",
    "gex_strike_step",
)
_ROOT = re.compile(r"[A-Z0-9][A-Z0-9.]{0,15}")
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_NEEDED = ("tick_size", "point_value")
# a new product: silent after a minute, an approach of a tick, barriers of at least two, and rungs
# of four ticks, as the seed's products have them
_STALE_AFTER_S, _APPROACH_MIN_TICKS, _BARRIER_MIN_TICKS, _RUNG_TICKS = 60, 1.0, 2, 4


class _Section:
    """The settings of one section, read one by one."""

    def __init__(self, name: str, table: Mapping[str, Any]) -> None:
        self._name = name
        self._table = table

    def __contains__(self, key: str) -> bool:
        return key in self._table

    def refuse(self, key: str, why: str, remedy: str | None = None) -> SpymasterError:
        """Return the error of a setting."""
        return SpymasterError(f"[products.{self._name}] {key}", why, remedy)

    def text(self, key: str, choices: Sequence[str]) -> str | None:
        """Return one of some words; None without the setting."""
        if key not in self:
            return None
        value = self._table[key]
        if value not in choices:
            raise self.refuse(key, f"{value!r} is none of {', '.join(choices)}")
        return str(value)

    def free_text(self, key: str, what: str, pattern: str) -> str | None:
        """Return a text of a pattern; None without the setting."""
        if key not in self:
            return None
        value = self._table[key]
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            raise self.refuse(key, f"{value!r} is no {what}")
        return value

    def number(self, key: str, *, least: float = 0, above: bool = True) -> float | None:
        """Return a finite number above, or from, ``least``; None without the setting."""
        if key not in self:
            return None
        value = self._table[key]
        is_number = type(value) in (int, float) and math.isfinite(value)
        if not is_number or not (value > least if above else value >= least):
            raise self.refuse(
                key, f"{value!r} is no number {'above' if above else 'from'} {least:g}"
            )
        return float(value)

    def whole(self, key: str) -> int | None:
        """Return a whole number from 1; None without the setting."""
        if key not in self:
            return None
        value = self._table[key]
        if type(value) is not int or not 1 <= value <= 10**9:
            raise self.refuse(key, f"{value!r} is no whole number from 1")
        return int(value)

    def exact(self, key: str) -> Decimal | None:
        """Return a price increment of whole 1e-9 points, of a number or a text such as "1/32"."""
        if key not in self:
            return None
        value = self._table[key]
        try:
            if isinstance(value, bool) or not isinstance(value, (str, int, float)):
                raise ValueError
            ratio = Fraction(str(value))
        except (ValueError, ZeroDivisionError):
            raise self.refuse(
                key, f'{value!r} is no price increment such as 0.01 or "1/32"'
            ) from None
        try:
            increment = Decimal(ratio.numerator) / Decimal(ratio.denominator)
        except InvalidOperation:
            raise self.refuse(key, f"{value!r} is no price increment") from None
        if (
            not 0 < increment < 1_000_000
            or Fraction(increment) != ratio
            or not tick_int_of(increment)
        ):
            raise self.refuse(
                key, f"{value!r} is no whole number of 1e-9 points above 0 and below 1,000,000"
            )
        return increment

    def zone(self, key: str) -> str | None:
        """Return a time zone; None without the setting."""
        if key not in self:
            return None
        value = self._table[key]
        try:
            ZoneInfo(value)
        except (TypeError, ValueError, OSError, ZoneInfoNotFoundError):
            raise self.refuse(key, f"{value!r} is no time zone such as Asia/Shanghai") from None
        return str(value)

    def intervals(self, key: str) -> list[list[str]] | None:
        """Return pairs of local times, one after the other; None without the setting."""
        if key not in self:
            return None
        value = self._table[key]
        is_list = isinstance(value, list) and value and all(_is_pair(item) for item in value)
        if not is_list:
            raise self.refuse(key, f'{value!r} is no list of pairs such as ["09:30", "11:30"]')
        clocks = [clock for item in value for clock in item]
        if clocks[0] >= clocks[-1] or value[0][0] >= value[0][1]:
            # the session opens the evening before
            evening = [clock for clock in clocks if clock >= clocks[0]]
            clocks = [*evening, *(f"+{clock}" for clock in clocks[len(evening) :])]
            clocks = [clock if clock.startswith("+") else f" {clock}" for clock in clocks]
        if clocks != sorted(set(clocks)):
            raise self.refuse(key, f"{value!r} are no intervals one after the other")
        return value


def _is_pair(item: Any) -> bool:
    return (
        isinstance(item, list)
        and len(item) == 2
        and all(isinstance(clock, str) and _CLOCK.fullmatch(clock) for clock in item)
    )


def product_of_section(name: str, table: Any, known: Product | None) -> Product:
    """Return the product of a section.

    Args:
        name: the product's root.
        table: its settings.
        known: the product of the seed that they change, if there is one.

    Raises:
        SpymasterError: a setting is unknown, missing, or has a value it cannot have.
    """
    section = _checked(name, table)
    kind = section.text("kind", (FUTURE, EQUITY)) or (known.kind if known else FUTURE)
    for key in _NEEDED if known is None else ():
        # a share is worth its price
        if key not in section and not (key == "point_value" and kind == EQUITY):
            raise section.refuse(key, "is not set", "a product that the seed lacks needs it")
    tick_size = section.exact("tick_size") or (known.tick_size if known else None)
    assert tick_size is not None  # noqa: S101 - needed without a known product
    tick_int = tick_int_of(tick_size)
    assert tick_int is not None  # noqa: S101 - checked by exact()
    calendar, opens, closes, zone = _hours(section, known)
    barriers = section.text("barriers", tuple(_BARRIERS))
    default = _DEFAULTS if known is None else known

    def given(value: Any, column: str) -> Any:
        return getattr(default, column) if value is None else value

    return Product(
        root=name,
        tick_size=tick_size,
        tick_int=tick_int,
        point_value=given(section.number("point_value"), "point_value"),
        option_tick_size=section.exact("option_tick_size")
        or (known.option_tick_size if known else tick_size),
        gex_strike_step=given(section.number("gex_strike_step"), "gex_strike_step"),
        session_open_local=opens,
        session_close_local=closes,
        session_tz=zone,
        stale_after_s=given(section.whole("stale_after_s"), "stale_after_s"),
        barrier_mode=given(barriers and _BARRIERS[barriers], "barrier_mode"),
        approach_min_ticks=given(
            section.number("approach_min_ticks", above=False), "approach_min_ticks"
        ),
        barrier_min_ticks=given(section.whole("barrier_min_ticks"), "barrier_min_ticks"),
        kind=kind,
        currency=given(
            section.free_text("currency", "currency such as USD", "[A-Z]{3}"), "currency"
        ),
        lot=given(section.whole("lot"), "lot"),
        calendar=calendar,
        ladder_step=_ladder_step(section, tick_size, known),
        definitions=section.text("definitions", (RECORDS, NO_DEFINITIONS))
        or (known.definitions if known else NO_DEFINITIONS if kind == EQUITY else RECORDS),
    )


def _ladder_step(section: _Section, tick_size: Decimal, known: Product | None) -> float | None:
    """Return the height of a rung, a whole number of ticks."""
    step = section.exact("ladder_step")
    if step is None:
        return known.ladder_step if known else float(_RUNG_TICKS * tick_size)
    if step % tick_size:
        raise section.refuse("ladder_step", f"{step} is no multiple of the tick {tick_size}")
    return float(step)


def _checked(name: str, table: Any) -> _Section:
    """Return a section whose name and keys are known."""
    where = f"[products.{name}]"
    if not _ROOT.fullmatch(name):
        raise SpymasterError(where, "a product is named by 1 to 16 of A-Z, 0-9 and .")
    if not isinstance(table, dict):
        raise SpymasterError(where, "is no table", f"write a section {where}")
    for key in table:
        if key not in _KEYS:
            near = difflib.get_close_matches(key, _KEYS, 1, 0)
            raise SpymasterError(f"{where} {key}", "is no setting", f"do you mean {near[0]}?")
    return _Section(name, table)


def _hours(section: _Section, known: Product | None) -> tuple[str | None, str, str, str]:
    """Return the calendar of a product, its regular open and close, and their zone."""
    intervals = section.intervals("sessions")
    zone = section.zone("time_zone")
    if "calendar" in section:
        if intervals is not None or zone is not None:
            raise section.refuse(
                "calendar", "has sessions and a zone of its own", "set one of them"
            )
        calendar = _known_calendar(section)
        hours = market_calendars.regular_hours(calendar)
        return calendar, f"{hours.open_local}", f"{hours.close_local}", hours.zone
    if intervals is not None:
        zone = zone or (known.session_tz if known else None)
        if zone is None:
            raise section.refuse("time_zone", "is not set", "sessions are local times")
        text = market_calendars.interval_text(intervals)
        return text, f"{intervals[0][0]}:00", f"{intervals[-1][1]}:00", zone
    if known is None:
        raise section.refuse("calendar", "is not set", "or set sessions and time_zone")
    if zone is not None and zone != known.session_tz:
        raise section.refuse("time_zone", "is that of sessions", "set sessions too")
    return (
        known.calendar,
        known.session_open_local,
        known.session_close_local,
        known.session_tz,
    )


def _known_calendar(section: _Section) -> str:
    names = market_calendars.calendar_names()
    calendar = section.free_text("calendar", "name of a calendar", r"[ -~]{1,60}")
    if calendar not in names:
        near = difflib.get_close_matches(str(calendar), names, 3, 0.3)
        raise section.refuse(
            "calendar",
            f"{calendar!r} is no calendar of pandas_market_calendars",
            f"near: {', '.join(near)}" if near else None,
        )
    return calendar


_DEFAULTS = Product(
    root="",
    tick_size=Decimal(1),
    tick_int=10**9,
    point_value=1.0,
    option_tick_size=None,
    gex_strike_step=None,
    session_open_local="",
    session_close_local="",
    session_tz="",
    stale_after_s=_STALE_AFTER_S,
    barrier_mode="vol",
    approach_min_ticks=_APPROACH_MIN_TICKS,
    barrier_min_ticks=_BARRIER_MIN_TICKS,
    kind=FUTURE,
    currency="USD",
    lot=1,
    calendar=None,
    ladder_step=None,
    definitions=RECORDS,
)
