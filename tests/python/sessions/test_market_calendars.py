"""Sessions of calendars in UTC: breaks, holidays, early closes, clocks that change."""

from __future__ import annotations

import datetime as dt

import pytest
from spymaster_ingest.market_calendars import sessions


def hours(calendar: str, zone: str, day: str) -> list[tuple[str, str]]:
    date = dt.date.fromisoformat(day)
    found = sessions(calendar, zone, date, date)
    assert all(interval.session_date == date for interval in found)
    return [(f"{one.open_ts:%d %H:%M}", f"{one.close_ts:%d %H:%M}") for one in found]


@pytest.mark.parametrize(
    ("calendar", "day", "expected"),
    [
        ("XSHG", "2019-01-10", [("10 01:30", "10 03:30"), ("10 05:00", "10 07:00")]),
        # the week of the Chinese New Year, and a Saturday
        ("XSHG", "2019-02-04", []),
        ("XSHG", "2019-01-12", []),
        ("NYSE", "2024-07-03", [("03 13:30", "03 17:00")]),
        ("NYSE", "2024-07-04", []),
        ("NYSE", "2024-11-29", [("29 14:30", "29 18:00")]),
        # the clocks go forward on 10 March 2024
        ("NYSE", "2024-03-08", [("08 14:30", "08 21:00")]),
        ("NYSE", "2024-03-11", [("11 13:30", "11 20:00")]),
        ("CMEGlobex_CL", "2024-03-12", [("11 22:00", "12 21:00")]),
    ],
)
def test_sessions_of_exchanges(calendar: str, day: str, expected: list) -> None:
    assert hours(calendar, "", day) == expected


def test_intervals_of_local_time() -> None:
    assert hours("09:30-11:30,13:00-15:00", "Asia/Tokyo", "2024-03-08") == [
        ("08 00:30", "08 02:30"),
        ("08 04:00", "08 06:00"),
    ]
    assert hours("09:30-11:30", "Asia/Tokyo", "2024-03-09") == []


def test_an_interval_that_ends_before_its_start_begins_the_evening_before() -> None:
    assert hours("18:00-17:00", "America/New_York", "2024-03-11") == [("10 22:00", "11 21:00")]


def test_a_range_over_two_years_is_in_order() -> None:
    found = sessions("XSHG", "", dt.date(2018, 12, 27), dt.date(2019, 1, 3))
    assert [f"{one.open_ts:%m-%d %H}" for one in found] == [
        "12-27 01", "12-27 05", "12-28 01", "12-28 05", "01-02 01", "01-02 05", "01-03 01",
        "01-03 05",
    ]  # fmt: skip
