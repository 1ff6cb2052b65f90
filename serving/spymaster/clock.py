"""Convert between New York time, which users type and read, and UTC, which relations hold."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from spymaster_ingest.errors import SpymasterError

NEW_YORK = ZoneInfo("America/New_York")
# range of int64 nanoseconds since 1970
_FIRST_DAY, _LAST_DAY = dt.date(1970, 1, 2), dt.date(2262, 4, 10)


def in_new_york(moment: dt.datetime) -> dt.datetime:
    """Return a moment in New York time; a moment without a zone is UTC."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt.UTC)
    return moment.astimezone(NEW_YORK)


def both_clocks(moment: dt.datetime) -> str:
    """Return a moment, aware, in UTC and in New York time with the names of the zones."""
    utc, local = moment.astimezone(dt.UTC), in_new_york(moment)
    times = (each.replace(tzinfo=None).isoformat(" ") for each in (utc, local))
    return "{} UTC, {} New York".format(*times)


def new_york_clock(moment: dt.datetime) -> str:
    """Return the time of day in New York with the name of the zone; whole minutes lack seconds."""
    return f"{in_new_york(moment):%H:%M:%S}".removesuffix(":00") + " New York"


@dataclass(frozen=True)
class TimeRange:
    """Whole seconds ``[start_s, end_s)``, counted from 1970-01-01 UTC."""

    start_s: int
    end_s: int

    @property
    def count(self) -> int:
        """Number of seconds."""
        return self.end_s - self.start_s

    @property
    def start_utc(self) -> dt.datetime:
        """Start, naive UTC as in the relations."""
        return _utc(self.start_s).replace(tzinfo=None)

    @property
    def end_utc(self) -> dt.datetime:
        """End, exclusive, naive UTC as in the relations."""
        return _utc(self.end_s).replace(tzinfo=None)

    @property
    def days(self) -> tuple[dt.date, ...]:
        """UTC dates (partitions) of the seconds."""
        first, last = _utc(self.start_s).date(), _utc(self.end_s - 1).date()
        return (first,) if first == last else (first, last)

    def local(self, second: int) -> dt.datetime:
        """New York time at the start of a second, counted from the range's start."""
        return in_new_york(_utc(self.start_s + second))

    def clock(self, second: int) -> str:
        """New York clock at the start of a second, counted from the range's start."""
        return self.local(second).strftime("%H:%M:%S")


def time_range(day: dt.date, start: dt.time, end: dt.time) -> TimeRange:
    """Return the seconds between two New York clock times.

    Args:
        day: UTC date of the partition in which the range starts. Every clock time occurs in it
            once; an evening time belongs to the New York date before.
        start: New York clock of the first second.
        end: New York clock of the end, exclusive, on the New York date of the start.

    Raises:
        SpymasterError: The end is not after the start, New York's clocks skip the start, or the
            date is out of range.
    """
    if end <= start:
        raise SpymasterError(
            f"--end {end}", f"is not after --start {start}", "both are times of one New York day"
        )
    first, local_date = _start(day, start, "--start")
    return TimeRange(first, _local_s(local_date, end))


def utc_of_clock(day: dt.date, clock: dt.time, option: str = "--at") -> dt.datetime:
    """Return the moment of a New York clock time within a UTC date, as naive UTC.

    Args:
        day: UTC date.
        clock: New York clock time.
        option: the option that an error names.

    Raises:
        SpymasterError: New York's clocks skip the time, or the date is out of range.
    """
    return _utc(_start(day, clock, option)[0]).replace(tzinfo=None)


def _start(day: dt.date, clock: dt.time, option: str) -> tuple[int, dt.date]:
    """Return the second of a New York clock time in a UTC date, and its New York date."""
    if not _FIRST_DAY <= day <= _LAST_DAY:
        raise SpymasterError(f"--dt {day}", f"lies outside {_FIRST_DAY} to {_LAST_DAY}")
    for local_date in (day, day - dt.timedelta(days=1)):
        second = _local_s(local_date, clock)
        if _utc(second).date() == day and in_new_york(_utc(second)).time() == clock:
            return second, local_date
    raise SpymasterError(f"{option} {clock}", f"clocks in New York skip this time on {day}")


def _local_s(day: dt.date, clock: dt.time) -> int:
    return int(dt.datetime.combine(day, clock, NEW_YORK).timestamp())


def _utc(second: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(second, dt.UTC)
