"""Write seed ``market_holidays`` from the exchange calendars of the products.

Run ``python -m spymaster_ingest.holidays`` when pandas_market_calendars or seed ``instruments``
changes.
The calendar of a root's product group (pandas_market_calendars) says which
weekdays have no session and which end early; the session times come from seed ``instruments``. A
weekday without a session is closed from the open of the evening before to the next session's open;
an early close lasts from there to the session's normal close. Where the library differs from a
published notice, ``CORRECTIONS`` follows the notice.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from spymaster_ingest.console import out
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import PROJECT_ROOT
from spymaster_ingest.products import INSTRUMENTS_SEED

NEW_YORK = ZoneInfo("America/New_York")
HOLIDAYS_SEED = PROJECT_ROOT / "seeds" / "market_holidays.csv"
EQUITY, ENERGY = "CME Globex Equity", "CMEGlobex_CL"
METALS, RATES = "CMEGlobex_GC", "CME Globex Interest Rate Products"
CURRENCIES = "CMEGlobex_FX"
# the library's calendar of each root; add one for a new root of seed instruments
CALENDARS = {
    "ES": EQUITY,
    "NQ": EQUITY,
    "RTY": EQUITY,
    "YM": EQUITY,
    "CL": ENERGY,
    "NG": ENERGY,
    "GC": METALS,
    "SI": METALS,
    "HG": METALS,
    "ZT": RATES,
    "ZF": RATES,
    "ZN": RATES,
    "ZB": RATES,
    "6E": CURRENCIES,
}
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
    """Weekdays of a date range on which a product's exchange is closed or closes early.

    Attributes:
        holidays: weekdays without a session.
        early_closes: end of each shortened session, by its date; aware.
    """

    holidays: tuple[dt.date, ...]
    early_closes: Mapping[dt.date, dt.datetime]


@dataclass(frozen=True)
class Correction:
    """Dates of a notice that contradicts the library.

    Attributes:
        calendars: the library's calendars it holds for.
        days: dates.
        close_new_york: end of the session, New York; None where there is no session.
        source: the notice.
    """

    calendars: tuple[str, ...]
    days: tuple[dt.date, ...]
    close_new_york: dt.time | None
    source: str


def _days(*days: str) -> tuple[dt.date, ...]:
    return tuple(dt.date.fromisoformat(day) for day in days)


CORRECTIONS = (
    Correction(
        (EQUITY,),
        _days("2018-12-05"),
        dt.time(9, 30),
        "CME Group, 2 December 2018: US equity products close at 8:30 a.m. CT on 5 December 2018 "
        "and reopen at their regular times for trade date 6 December",
    ),
    Correction(
        (RATES,),
        _days("2018-12-05"),
        None,
        "CME Group, 2 December 2018: interest rate products close at their regular times on "
        "4 December 2018 and do not reopen until the trade date of 6 December",
    ),
    Correction(
        (EQUITY,),
        _days("2025-01-09"),
        dt.time(9, 30),
        "CME Group, 30 December 2024: equity markets open until 8:30 a.m. CT on 9 January 2025",
    ),
    Correction(
        (RATES,),
        _days("2025-01-09"),
        dt.time(13, 15),
        "CME Group, 30 December 2024: interest rates close at 12:15 p.m. CT on 9 January 2025",
    ),
    Correction(
        (EQUITY, RATES, CURRENCIES),
        _days("2024-03-29", "2025-04-18", "2027-03-26", "2028-04-14", "2029-03-30", "2030-04-19"),
        None,
        "Barron's, 18 April 2025: CME Globex is closed on Good Friday; likewise on every Good "
        "Friday that is not the first Friday of a month, the day of the employment report",
    ),
    Correction(
        (ENERGY, METALS),
        _days(
            "2022-09-05",
            "2023-09-04",
            "2024-09-02",
            "2025-09-01",
            "2027-09-06",
            "2028-09-04",
            "2029-09-03",
            "2030-09-02",
        ),
        dt.time(14, 30),
        "PANews, 31 August 2025: CME metals and US oil halt at 02:30 Beijing time on Labor Day; "
        "CME's table of 2026 says the same, and the other holidays have that time since 2022",
    ),
    Correction(
        (ENERGY, METALS),
        _days(
            "2012-12-24",
            "2013-12-24",
            "2014-12-24",
            "2015-12-24",
            "2018-12-24",
            "2019-12-24",
            "2020-12-24",
            "2024-12-24",
            "2025-12-24",
            "2029-12-24",
            "2030-12-24",
        ),
        dt.time(13, 45),
        "RanSquawk, 24 December 2013: NYMEX closes at 1:45 p.m. Eastern; the library has no rule "
        "for the day in any year but 2026",
    ),
)


def read_session_hours(seed: Path = INSTRUMENTS_SEED) -> list[SessionHours]:
    """Return the session hours of every root without a calendar of its own, in the seed's order."""
    with seed.open(newline="") as lines:
        return [
            SessionHours(
                row["root"],
                dt.time.fromisoformat(row["session_open_local"]),
                dt.time.fromisoformat(row["session_close_local"]),
                ZoneInfo(row["session_tz"]),
            )
            for row in csv.DictReader(lines)
            if not row["calendar"]
        ]


def read_calendar(
    hours: SessionHours, first_year: int = FIRST_YEAR, last_year: int = LAST_YEAR
) -> TradingCalendar:
    """Return the exchange calendar of a root for whole years, both included, with corrections.

    Raises:
        SpymasterError: The root has no calendar, or pandas_market_calendars is not installed.
    """
    try:
        import pandas_market_calendars
    except ImportError as error:
        raise SpymasterError(
            "pandas_market_calendars",
            "is not installed",
            "run `uv sync`",
        ) from error
    if hours.root not in CALENDARS:
        raise SpymasterError(
            hours.root,
            "has no exchange calendar",
            f"add it to CALENDARS of {Path(__file__).name}",
        )
    name = CALENDARS[hours.root]
    first, last = dt.date(first_year, 1, 1), dt.date(last_year, 12, 31)
    calendar = pandas_market_calendars.get_calendar(name)
    closes: dict[dt.date, dt.datetime | None] = {
        first + dt.timedelta(days=n): None for n in range((last - first).days + 1)
    }
    for session, close in calendar.schedule(first, last)["market_close"].items():
        closes[session.date()] = close.to_pydatetime()
    for correction in CORRECTIONS:
        if name in correction.calendars:
            closes |= {
                day: dt.datetime.combine(day, correction.close_new_york, NEW_YORK)
                if correction.close_new_york
                else None
                for day in correction.days
                if first <= day <= last
            }
    weekdays = {day: close for day, close in closes.items() if day.isoweekday() <= 5}
    return TradingCalendar(
        holidays=tuple(day for day, close in weekdays.items() if close is None),
        early_closes={
            day: close
            for day, close in weekdays.items()
            if close and close.astimezone(hours.zone).time() < hours.close_local
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


def seed_text(hours: list[SessionHours]) -> str:
    """Return the text of seed ``market_holidays`` for some roots."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for root_hours in hours:
        for closed_from, closed_to in closures(read_calendar(root_hours), root_hours):
            writer.writerow((root_hours.root, closed_from, closed_to))
    return text.getvalue()


def main() -> None:
    """Write seed ``market_holidays`` and print its path."""
    HOLIDAYS_SEED.write_text(seed_text(read_session_hours()))
    out.print(f"wrote {HOLIDAYS_SEED.relative_to(PROJECT_ROOT)}", markup=False)


if __name__ == "__main__":
    main()
