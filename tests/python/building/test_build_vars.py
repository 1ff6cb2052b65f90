"""The vars of a build are checked before they reach SQL."""

from __future__ import annotations

import datetime as dt

import pytest
from spymaster_ingest.errors import SpymasterError
from spymaster_warehouse.build_vars import DateRange, build_vars_of, date_range_of

FIRST, LAST = dt.date(2025, 10, 1), dt.date(2025, 10, 3)


def given(text: str) -> DateRange:
    return date_range_of(build_vars_of(["--select", "silver", "--vars", text]))


def test_without_vars_nothing_is_bounded() -> None:
    assert date_range_of(build_vars_of(["--select", "silver"])) == DateRange(None, None, ())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{start_date: 2025-10-01}", DateRange(FIRST, None, ())),
        ("{start_date: '2025-10-01', end_date: 2025-10-03}", DateRange(FIRST, LAST, ())),
        ('{"symbols": ["ESZ5", "NQZ5"]}', DateRange(None, None, ("ESZ5", "NQZ5"))),
        ("symbols: ESZ5", DateRange(None, None, ("ESZ5",))),
        ("test_all: true", DateRange(None, None, ())),
        ("{start_date: null}", DateRange(None, None, ())),
    ],
)
def test_dates_and_symbols_are_read(text: str, expected: DateRange) -> None:
    assert given(text) == expected


def test_both_spellings_of_the_option_are_read() -> None:
    assert build_vars_of(["--vars=symbols: ESZ5", "--vars", "test_all: true"]) == {
        "symbols": "ESZ5",
        "test_all": True,
    }


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("{strat_date: 2025-10-01}", "there is no var 'strat_date' (did you mean 'start_date'?)"),
        ("{zzz: 1}", "there is no var 'zzz' (vars are those of dbt_project.yml)"),
        ("{start_date: \"2099-01-01' or '1'='1\"}", "is no date (dates are YYYY-MM-DD)"),
        ("{end_date: 20251001}", "end_date: 20251001 is no date"),
        ("{end_date: 2025-13-01}", "dates are YYYY-MM-DD"),
        ("{start_date: 2025-10-01T00:00:00}", "is no date"),
        ("{start_date: 2025-10-02, end_date: 2025-10-01}", "is before start_date 2025-10-02"),
        ('{symbols: ["ES\' or 1=1"]}', "is no symbol"),
        ("{symbols: [5]}", "5 is no symbol"),
        ("start_date", "is no mapping"),
        ("[1]", "is no mapping"),
        ("{", "is no mapping"),
    ],
)
def test_what_is_no_var_or_no_date_is_one_line(text: str, line: str) -> None:
    with pytest.raises(SpymasterError) as refused:
        given(text)
    assert line in str(refused.value)
    assert "\n" not in str(refused.value)
