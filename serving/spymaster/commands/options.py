"""Option types that several subcommands use."""

from __future__ import annotations

import datetime as dt
import re
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import click

# a time, and the name of a zone or of its city
_ZONED = re.compile(r"(.*\d)\s+([A-Za-z][\w/+ -]*)")
_MOMENT = "2025-10-01T13:45:00, 2025-10-01T09:45:00-04:00 or '2025-10-01T09:45:00 New York'"


class ClockTime(click.ParamType):
    """A time of day in whole seconds."""

    name = "HH:MM:SS"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> dt.time:
        """Return a time without zone."""
        if isinstance(value, dt.time):
            return value
        try:
            return dt.datetime.strptime(str(value), "%H:%M:%S").time()
        except ValueError:
            self.fail(f"{value!r} is not a time such as 09:30:00", param, ctx)


class UtcMoment(click.ParamType):
    """An ISO 8601 time; without an offset or the name of a zone behind it, it is UTC."""

    name = "timestamp"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> dt.datetime:
        """Return an aware datetime in UTC."""
        if isinstance(value, dt.datetime):
            return value
        zoned = _ZONED.fullmatch(str(value))
        text, zone_name = zoned.groups() if zoned else (str(value), "UTC")
        try:
            moment = dt.datetime.fromisoformat(text)
            zone = _zone(zone_name)
        except (ValueError, OSError, ZoneInfoNotFoundError):
            self.fail(f"{value!r} is not a time such as {_MOMENT}", param, ctx)
        if moment.tzinfo and zoned:
            self.fail(f"{value!r} has both an offset and a zone", param, ctx)
        try:
            moment = moment if moment.tzinfo else moment.replace(tzinfo=zone)
            utc = moment.astimezone(dt.UTC)
            is_skipped = utc.astimezone(moment.tzinfo) != moment
        except OverflowError:
            self.fail(f"{value!r} lies outside the calendar", param, ctx)
        if is_skipped:
            self.fail(f"clocks of {zone_name} skip {text}", param, ctx)
        return utc


def _zone(name: str) -> ZoneInfo:
    """Return the zone of a name or of its city."""
    try:
        return ZoneInfo(name)
    except ZoneInfoNotFoundError:
        # imported late: help need not wait for what reads a lake
        from spymaster.clock import city_of

        for zone in sorted(available_timezones()):
            if city_of(zone) == name:
                return ZoneInfo(zone)
        raise
