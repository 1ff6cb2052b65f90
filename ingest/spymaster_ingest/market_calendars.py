"""Trading sessions of a product's calendar, in UTC.

A calendar is the name of a calendar of pandas_market_calendars, or intervals of local time,
"09:30-11:30,13:00-15:00", on Mondays to Fridays. An interval that does not end after its start
begins the evening before the day it belongs to.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

_CLOCK = r"(?:[01]\d|2[0-3]):[0-5]\d"
_INTERVALS = re.compile(rf"{_CLOCK}-{_CLOCK}(?:,{_CLOCK}-{_CLOCK})*")
_DAY = dt.timedelta(days=1)


class OpenInterval(NamedTuple):
    """Continuous trading [open, close) of a session, naive UTC."""

    session_date: dt.date
    open_ts: dt.datetime
    close_ts: dt.datetime


class RegularHours(NamedTuple):
    """Open and close of an ordinary session, local, and their zone."""

    open_local: dt.time
    close_local: dt.time
    zone: str


def calendar_names() -> list[str]:
    """Return the names of the library's calendars."""
    import pandas_market_calendars

    names: list[str] = pandas_market_calendars.get_calendar_names()
    return names


def regular_hours(calendar: str) -> RegularHours:
    """Return the ordinary hours of a calendar of the library."""
    found = _library(calendar)
    zone = str(found.tz)
    return RegularHours(_plain(found.open_time), _plain(found.close_time), zone)


def sessions(calendar: str, zone: str, first: dt.date, last: dt.date) -> list[OpenInterval]:
    """Return the open intervals of the sessions of [first, last], in time order.

    Args:
        calendar: name or intervals.
        zone: time zone of the intervals; a calendar of the library has its own.
        first: first session date.
        last: last session date.
    """
    if _INTERVALS.fullmatch(calendar):
        return _weekdays(calendar, ZoneInfo(zone), first, last)
    return [
        interval
        for year in range(first.year, last.year + 1)
        for interval in _year(calendar, year)
        if first <= interval.session_date <= last
    ]


def interval_text(intervals: list[list[str]]) -> str:
    """Return pairs of local times as a calendar."""
    return ",".join(f"{start}-{end}" for start, end in intervals)


@functools.cache
def _library(calendar: str) -> Any:
    import pandas_market_calendars

    return pandas_market_calendars.get_calendar(calendar)


@functools.cache
def _year(calendar: str, year: int) -> tuple[OpenInterval, ...]:
    """Return the open intervals of a year's sessions."""
    schedule = _library(calendar).schedule(dt.date(year, 1, 1), dt.date(year, 12, 31))
    found = []
    for session, row in zip(schedule.index, schedule.to_dict("records"), strict=True):
        times = [row["market_open"], row["market_close"]]
        if "break_start" in row and row["break_start"] < row["break_end"]:
            times[1:1] = [row["break_start"], row["break_end"]]
        utc = [time.tz_convert("UTC").tz_localize(None).to_pydatetime() for time in times]
        found += [
            OpenInterval(session.date(), start, end)
            for start, end in zip(utc[::2], utc[1::2], strict=True)
            if start < end
        ]
    return tuple(sorted(found, key=lambda interval: interval.open_ts))


def _weekdays(calendar: str, zone: ZoneInfo, first: dt.date, last: dt.date) -> list[OpenInterval]:
    found = []
    for day in (first + n * _DAY for n in range((last - first).days + 1)):
        if day.isoweekday() > 5:
            continue
        for interval in calendar.split(","):
            start, end = map(dt.time.fromisoformat, interval.split("-"))
            opens = day if start < end else day - _DAY
            found.append(OpenInterval(day, _utc(opens, start, zone), _utc(day, end, zone)))
    return sorted(found, key=lambda interval: interval.open_ts)


def _utc(day: dt.date, clock: dt.time, zone: ZoneInfo) -> dt.datetime:
    return dt.datetime.combine(day, clock, zone).astimezone(dt.UTC).replace(tzinfo=None)


def _plain(clock: dt.time) -> dt.time:
    return clock.replace(tzinfo=None)
