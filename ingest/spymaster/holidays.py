"""Write seed ``market_holidays`` from the exchange calendar.

Run ``python -m spymaster.holidays`` when exchange_calendars or seed ``instruments`` changes.
The calendar (``CMES`` of the development dependency exchange_calendars) says which weekdays have
no session and which end early; the session times come from seed ``instruments``. A weekday
without a session is closed from the open of the evening before to the next session's open; an
early close lasts from there to the session's normal close.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from spymaster.console import out
from spymaster.errors import SpymasterError
from spymaster.lake import PROJECT_ROOT
from spymaster.landing.instruments import INSTRUMENTS_SEED

HOLIDAYS_SEED = PROJECT_ROOT / "seeds" / "market_holidays.csv"
CALENDAR = "CMES"
FIRST_YEAR = 2010
LAST_YEAR = 2030
COLUMNS = ("root", "closed_from_local", "closed_to_local")


@dataclass(frozen=True)
class SessionHours:
    """Continuous session of one product root: local times, the open being the evening before."""

    root: str
    open_local: dt.time
    close_local: dt.time
    zone: ZoneInfo


@dataclass(frozen=True)
class TradingCalendar:
    """What the exchange calendar says about the weekdays of a range.

    Attributes:
        holidays: weekdays without a session.
        early_closes: end of each shortened session, by its date; aware, UTC.
    """

    holidays: tuple[dt.date, ...]
    early_closes: Mapping[dt.date, dt.datetime]


def read_session_hours(seed: Path = INSTRUMENTS_SEED) -> list[SessionHours]:
    """Return the session hours of every root of seed ``instruments``, in its order."""
    with seed.open(newline="") as lines:
        return [
            SessionHours(
                row["root"],
                dt.time.fromisoformat(row["session_open_local"]),
                dt.time.fromisoformat(row["session_close_local"]),
                ZoneInfo(row["session_tz"]),
            )
            for row in csv.DictReader(lines)
        ]


def read_calendar(first_year: int = FIRST_YEAR, last_year: int = LAST_YEAR) -> TradingCalendar:
    """Return the exchange calendar of whole years, both included.

    Raises:
        SpymasterError: exchange_calendars is not installed.
    """
    try:
        import exchange_calendars
    except ImportError as error:
        raise SpymasterError(
            "exchange_calendars",
            "is not installed",
            "run `uv sync`, it is a development dependency",
        ) from error
    first, last = dt.date(first_year, 1, 1), dt.date(last_year, 12, 31)
    calendar = exchange_calendars.get_calendar(CALENDAR, start=first, end=last)
    sessions = {session.date() for session in calendar.sessions}
    days = (first + dt.timedelta(days=n) for n in range((last - first).days + 1))
    return TradingCalendar(
        holidays=tuple(day for day in days if day.isoweekday() <= 5 and day not in sessions),
        early_closes={
            session.date(): calendar.session_close(session).to_pydatetime()
            for session in calendar.early_closes
        },
    )


def closures(
    calendar: TradingCalendar, hours: SessionHours
) -> Iterator[tuple[dt.datetime, dt.datetime]]:
    """Yield the closures of one root in time order, half open, as local times without zone."""
    found = []
    for day in calendar.holidays:
        reopening = dt.datetime.combine(day, hours.open_local)
        found.append((reopening - dt.timedelta(days=1), reopening))
    for day, close in calendar.early_closes.items():
        local = close.astimezone(hours.zone).replace(tzinfo=None)
        found.append((local, dt.datetime.combine(day, hours.close_local)))
    yield from sorted(found)


def seed_text(calendar: TradingCalendar, hours: list[SessionHours]) -> str:
    """Return the text of the seed file."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for root_hours in hours:
        for closed_from, closed_to in closures(calendar, root_hours):
            writer.writerow((root_hours.root, closed_from, closed_to))
    return text.getvalue()


def main() -> None:
    """Write the seed and say where."""
    HOLIDAYS_SEED.write_text(seed_text(read_calendar(), read_session_hours()))
    out.print(f"wrote {HOLIDAYS_SEED.relative_to(PROJECT_ROOT)}", markup=False)


if __name__ == "__main__":
    main()
