"""Seed market_holidays equals the exchange calendars and holds known closures."""

from __future__ import annotations

import csv
import datetime as dt
import itertools
from dataclasses import replace

import pytest
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.holidays import (
    CALENDARS,
    CORRECTIONS,
    FIRST_YEAR,
    HOLIDAYS_SEED,
    LAST_YEAR,
    METALS,
    RATES,
    closures,
    read_calendar,
    read_session_hours,
    seed_text,
)

ROOTS = ["6E", "CL", "ES", "GC", "NQ", "RTY", "YM", "ZN"]


@pytest.fixture(scope="module")
def closed() -> dict[str, list[tuple[str, str]]]:
    """Closures of the seed by product root, as local times."""
    found: dict[str, list[tuple[str, str]]] = {}
    with HOLIDAYS_SEED.open(newline="") as lines:
        for row in csv.DictReader(lines):
            found.setdefault(row["root"], []).append(
                (row["closed_from_local"], row["closed_to_local"])
            )
    return found


def test_seed_equals_the_calendars() -> None:
    assert HOLIDAYS_SEED.read_text() == seed_text(read_session_hours())


def test_every_product_and_year_has_closures(closed: dict) -> None:
    assert sorted(closed) == ROOTS
    for rows in closed.values():
        years = {int(closed_to[:4]) for _, closed_to in rows}
        assert years == set(range(FIRST_YEAR, LAST_YEAR + 1))


JULY_2024 = "DTN, exchange schedule of 4 July 2024"
MOURNING = "CME Group, trading hours of 9 January 2025, 30 December 2024"
MOURNING_2018 = "CME Group, National Day of Mourning of 5 December 2018, 2 December 2018"
GOOD_FRIDAY = "Barron's, trading hours of Good Friday, 18 April 2025"
LABOR_DAY = "PANews, 31 August 2025"
JUNETEENTH = "Forexlive, 17 June 2024, after CME"
THANKSGIVING = "Forexlive, 28 November 2024, after CME"
KING = "Forexlive, 19 January 2025, after CME"
PRESIDENTS_DAY = "DTN, President's Day 2023 holiday schedule"
ORDINARY_HOURS = "hours of seed instruments"

# root, New York time, open or not, source
NOTICES = [
    ("ES", "2024-07-03 13:14:59", True, JULY_2024),
    ("ES", "2024-07-03 13:15:00", False, JULY_2024),
    ("NQ", "2024-07-03 13:15:00", False, JULY_2024),
    ("CL", "2024-07-03 16:59:59", True, JULY_2024),
    ("ES", "2024-07-03 18:00:00", True, JULY_2024),
    ("ES", "2024-07-04 12:59:59", True, JULY_2024),
    ("ES", "2024-07-04 13:00:00", False, JULY_2024),
    ("CL", "2024-07-04 14:29:59", True, JULY_2024),
    ("CL", "2024-07-04 14:30:00", False, JULY_2024),
    ("CL", "2024-07-04 18:00:00", True, JULY_2024),
    ("ES", "2025-01-09 09:29:59", True, MOURNING),
    ("ES", "2025-01-09 09:30:00", False, MOURNING),
    ("NQ", "2025-01-09 09:30:00", False, MOURNING),
    ("ES", "2025-01-09 18:00:00", True, MOURNING),
    ("CL", "2025-01-09 16:59:59", True, MOURNING),
    ("ES", "2018-12-05 09:29:59", True, MOURNING_2018),
    ("ES", "2018-12-05 09:30:00", False, MOURNING_2018),
    ("NQ", "2018-12-05 09:30:00", False, MOURNING_2018),
    ("NQ", "2018-12-05 16:59:59", False, MOURNING_2018),
    ("ES", "2018-12-05 18:00:00", True, MOURNING_2018),
    ("CL", "2018-12-05 12:00:00", True, MOURNING_2018),
    ("ES", "2025-04-18 09:00:00", False, GOOD_FRIDAY),
    ("NQ", "2025-04-18 09:00:00", False, GOOD_FRIDAY),
    ("CL", "2025-04-18 09:00:00", False, GOOD_FRIDAY),
    ("ES", "2025-04-17 16:59:59", True, ORDINARY_HOURS),
    ("ES", "2025-09-01 12:59:59", True, LABOR_DAY),
    ("ES", "2025-09-01 13:00:00", False, LABOR_DAY),
    ("CL", "2025-09-01 14:29:59", True, LABOR_DAY),
    ("CL", "2025-09-01 14:30:00", False, LABOR_DAY),
    ("ES", "2024-06-19 12:59:59", True, JUNETEENTH),
    ("ES", "2024-06-19 13:00:00", False, JUNETEENTH),
    ("ES", "2024-06-18 16:59:59", True, JUNETEENTH),
    ("ES", "2024-11-27 16:59:59", True, THANKSGIVING),
    ("ES", "2024-11-28 12:59:59", True, THANKSGIVING),
    ("ES", "2024-11-28 13:00:00", False, THANKSGIVING),
    ("ES", "2025-01-20 12:59:59", True, KING),
    ("ES", "2025-01-20 13:00:00", False, KING),
    ("ES", "2023-02-20 13:00:00", False, PRESIDENTS_DAY),
    ("CL", "2023-02-20 14:29:59", True, PRESIDENTS_DAY),
    ("CL", "2023-02-20 14:30:00", False, PRESIDENTS_DAY),
    ("ES", "2024-12-26 12:00:00", True, ORDINARY_HOURS),
    ("CL", "2024-12-26 12:00:00", True, ORDINARY_HOURS),
]


@pytest.mark.parametrize(
    ("root", "local", "is_open", "source"), NOTICES, ids=[f"{n[0]} {n[1]}" for n in NOTICES]
)
def test_the_seed_agrees_with_published_notices(
    root: str, local: str, is_open: bool, source: str, closed: dict
) -> None:
    is_closed = any(start <= local < end for start, end in closed[root])
    assert is_closed != is_open, source


@pytest.mark.parametrize(
    ("root", "closure"),
    [
        ("ES", ("2023-12-24 18:00:00", "2023-12-25 18:00:00")),
        ("CL", ("2023-12-24 18:00:00", "2023-12-25 18:00:00")),
        ("ES", ("2023-01-01 18:00:00", "2023-01-02 18:00:00")),
        # an employment report came out on this Good Friday
        ("ES", ("2023-04-07 09:15:00", "2023-04-07 17:00:00")),
        ("CL", ("2023-04-06 18:00:00", "2023-04-07 18:00:00")),
        ("ES", ("2024-12-24 13:15:00", "2024-12-24 17:00:00")),
        ("CL", ("2013-12-24 13:45:00", "2013-12-24 17:00:00")),
    ],
)
def test_known_closures(root: str, closure: tuple[str, str], closed: dict) -> None:
    assert closure in closed[root]


def test_metals_and_rates_have_calendars_of_their_own() -> None:
    """No root of the seed uses them; a new root needs no further work."""
    [hours, *_] = read_session_hours()
    at_mourning = {}
    for root in ("GC", "ZN"):
        found = closures(read_calendar(replace(hours, root=root), 2025, 2025), hours)
        at_mourning[CALENDARS[root]] = [
            str(start.time()) for start, _ in found if start.date() == dt.date(2025, 1, 9)
        ]
    # CME Group's notice of 30 December 2024
    assert at_mourning == {METALS: [], RATES: ["13:15:00"]}


def test_rates_have_no_session_on_the_day_of_mourning_of_2018() -> None:
    """CME Group's notice of 2 December 2018; equity products trade until the morning."""
    [hours, *_] = read_session_hours()
    calendar = read_calendar(replace(hours, root="ZN"), 2018, 2018)
    assert dt.date(2018, 12, 5) in calendar.holidays


def test_a_root_without_a_calendar_is_refused() -> None:
    [hours, *_] = read_session_hours()
    with pytest.raises(SpymasterError, match="no exchange calendar"):
        read_calendar(replace(hours, root="XX"))


def test_every_correction_corrects_something() -> None:
    """Remove a correction that agrees with the library."""
    import pandas_market_calendars

    for correction in CORRECTIONS:
        for name in correction.calendars:
            closes = pandas_market_calendars.get_calendar(name).schedule(
                correction.days[0], correction.days[-1], tz="America/New_York"
            )["market_close"]
            library = {at.date(): close.time() for at, close in closes.items()}
            for day in correction.days:
                assert library.get(day) != correction.close_new_york, (name, day)


def test_closures_do_not_overlap(closed: dict) -> None:
    for rows in closed.values():
        assert rows == sorted(rows)
        times = [dt.datetime.fromisoformat(time) for closure in rows for time in closure]
        assert all(before < after for before, after in itertools.pairwise(times))
