"""Option types that several subcommands use."""

from __future__ import annotations

import datetime as dt

import click


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
    """An ISO 8601 time; without an offset it is UTC."""

    name = "timestamp"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> dt.datetime:
        """Return an aware datetime in UTC."""
        if isinstance(value, dt.datetime):
            return value
        try:
            moment = dt.datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is not a time such as 2023-12-25T23:15:00", param, ctx)
        try:
            return moment.astimezone(dt.UTC) if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
        except OverflowError:
            self.fail(f"{value!r} lies outside the calendar", param, ctx)
