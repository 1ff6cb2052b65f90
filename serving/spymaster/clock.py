"""Convert between a lake's local time, which users type and read, and UTC, which relations hold."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import duckdb
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake
from spymaster_warehouse.project_vars import project_vars
from spymaster_warehouse.settings.changes import settings_of_build
from spymaster_warehouse.settings.in_force import vars_in_force

from spymaster.published import open_published

# the setting that names the zone
_SETTING = "local_tz"
# range of int64 nanoseconds since 1970
_FIRST_DAY, _LAST_DAY = dt.date(1970, 1, 2), dt.date(2262, 4, 10)


@dataclass(frozen=True)
class LocalClock:
    """The clock of a lake's zone; moments without a zone are UTC."""

    zone: ZoneInfo

    @property
    def city(self) -> str:
        """Word beside a time: the city in the name of the zone."""
        return city_of(self.zone.key)

    def local(self, moment: dt.datetime) -> dt.datetime:
        """Return a moment in the zone."""
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=dt.UTC)
        return moment.astimezone(self.zone)

    def time(self, moment: dt.datetime) -> str:
        """Return the time of day of a moment."""
        return f"{self.local(moment):%H:%M:%S}"

    def day_and_time(self, moment: dt.datetime) -> str:
        """Return date and time of day of a moment, with the city."""
        return f"{self.local(moment):%Y-%m-%d %H:%M:%S} {self.city}"

    def short_time(self, moment: dt.datetime) -> str:
        """Return the time of day with the city; whole minutes lack seconds."""
        return f"{self.time(moment).removesuffix(':00')} {self.city}"

    def both_times(self, moment: dt.datetime) -> str:
        """Return a moment, aware, in UTC and in the zone."""
        utc, local = moment.astimezone(dt.UTC), self.local(moment)
        times = (each.replace(tzinfo=None).isoformat(" ") for each in (utc, local))
        return "{} UTC, {} {}".format(*times, self.city)

    def time_range(self, day: dt.date, start: dt.time, end: dt.time) -> TimeRange:
        """Return the seconds between two times of day.

        Args:
            day: UTC date of the partition in which the range starts. Every time of day occurs in
                it once; one that the UTC day does not begin with may belong to another local date.
            start: time of day of the first second.
            end: time of day of the end, exclusive, on the local date of the start.

        Raises:
            SpymasterError: The end is not after the start, the zone's clocks skip the start, or
                the date is out of range.
        """
        if end <= start:
            raise SpymasterError(
                f"--end {end}",
                f"is not after --start {start}",
                f"both are times of one {self.city} day",
            )
        first, local_date = self._start(day, start, "--start")
        return TimeRange(first, self._second(local_date, end), self)

    def utc_of(self, day: dt.date, time: dt.time, option: str = "--at") -> dt.datetime:
        """Return the moment of a time of day within a UTC date, as naive UTC.

        Args:
            day: UTC date.
            time: time of day in the zone.
            option: the option that an error names.

        Raises:
            SpymasterError: The zone's clocks skip the time, or the date is out of range.
        """
        return _utc(self._start(day, time, option)[0]).replace(tzinfo=None)

    def _start(self, day: dt.date, time: dt.time, option: str) -> tuple[int, dt.date]:
        """Return the second of a time of day in a UTC date, and its local date."""
        if not _FIRST_DAY <= day <= _LAST_DAY:
            raise SpymasterError(f"--dt {day}", f"lies outside {_FIRST_DAY} to {_LAST_DAY}")
        # west of Greenwich a UTC day begins on the local date before, east of it it ends on the
        # one after
        for days in (0, -1, 1):
            local_date = day + dt.timedelta(days)
            second = self._second(local_date, time)
            if _utc(second).date() == day and self.local(_utc(second)).time() == time:
                return second, local_date
        raise SpymasterError(f"{option} {time}", f"clocks in {self.city} skip this time on {day}")

    def _second(self, day: dt.date, time: dt.time) -> int:
        return int(dt.datetime.combine(day, time, self.zone).timestamp())


@dataclass(frozen=True)
class TimeRange:
    """Whole seconds ``[start_s, end_s)``, counted from 1970-01-01 UTC.

    Attributes:
        start_s, end_s: the bounds.
        local_clock: clock on which the seconds are read.
    """

    start_s: int
    end_s: int
    local_clock: LocalClock

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

    @property
    def city(self) -> str:
        """City of the clock."""
        return self.local_clock.city

    def local(self, second: int) -> dt.datetime:
        """Local time at the start of a second, counted from the range's start."""
        return self.local_clock.local(_utc(self.start_s + second))

    def clock(self, second: int) -> str:
        """Local time of day at the start of a second, counted from the range's start."""
        return self.local(second).strftime("%H:%M:%S")


def clock_of(connection: duckdb.DuckDBPyConnection) -> LocalClock:
    """Return the clock of the zone that a published file was built with.

    A file whose build kept no settings has the project's zone.
    """
    kept = settings_of_build(connection) or {}
    name = json.loads(kept[_SETTING]) if _SETTING in kept else project_vars()[_SETTING]
    return LocalClock(ZoneInfo(name))


def clock_of_lake(lake: Lake) -> LocalClock:
    """Return the clock of the zone that a lake was built with; before that of its setting.

    Raises:
        SpymasterError: The published file or the settings cannot be read.
    """
    if lake.published.exists():
        with open_published(lake) as connection:
            return clock_of(connection)
    return LocalClock(ZoneInfo(vars_in_force(lake)[_SETTING]))


def city_of(zone: str) -> str:
    """Return the last part of the name of a zone, with spaces for underscores."""
    return zone.rpartition("/")[2].replace("_", " ")


def _utc(second: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(second, dt.UTC)
