"""Seed market_holidays is what the exchange calendar says, and has the closures we know."""

from __future__ import annotations

import csv
import datetime as dt
import itertools

import pytest
from spymaster.holidays import (
    FIRST_YEAR,
    HOLIDAYS_SEED,
    LAST_YEAR,
    read_calendar,
    read_session_hours,
    seed_text,
)

ROOTS = ["CL", "ES", "NQ"]


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


def test_seed_is_what_the_calendar_gives() -> None:
    assert HOLIDAYS_SEED.read_text() == seed_text(read_calendar(), read_session_hours())


def test_every_product_and_year_has_closures(closed: dict) -> None:
    assert sorted(closed) == ROOTS
    for rows in closed.values():
        years = {int(closed_to[:4]) for _, closed_to in rows}
        assert years == set(range(FIRST_YEAR, LAST_YEAR + 1))


@pytest.mark.parametrize("root", ROOTS)
@pytest.mark.parametrize(
    "closure",
    [
        pytest.param(("2023-12-24 18:00:00", "2023-12-25 18:00:00"), id="Christmas"),
        pytest.param(("2024-03-28 18:00:00", "2024-03-29 18:00:00"), id="Good Friday"),
        pytest.param(("2023-01-01 18:00:00", "2023-01-02 18:00:00"), id="New Year, observed"),
        pytest.param(("2024-07-04 13:00:00", "2024-07-04 17:00:00"), id="Independence Day"),
        pytest.param(("2023-11-23 13:00:00", "2023-11-23 17:00:00"), id="Thanksgiving"),
        pytest.param(("2023-11-24 13:00:00", "2023-11-24 17:00:00"), id="day after Thanksgiving"),
        pytest.param(("2024-12-24 13:00:00", "2024-12-24 17:00:00"), id="Christmas Eve"),
    ],
)
def test_known_closures(root: str, closure: tuple[str, str], closed: dict) -> None:
    assert closure in closed[root]


@pytest.mark.parametrize("day", ["2024-07-03", "2024-06-19", "2023-12-22", "2024-12-26"])
def test_days_the_calendar_calls_ordinary(day: str, closed: dict) -> None:
    """The first two ended early at the exchange; the seed's description says so."""
    noon, evening = f"{day} 12:00:00", f"{day} 16:59:00"
    for rows in closed.values():
        assert not any(start <= at < end for start, end in rows for at in (noon, evening))


def test_closures_do_not_overlap(closed: dict) -> None:
    for rows in closed.values():
        assert rows == sorted(rows)
        times = [dt.datetime.fromisoformat(time) for closure in rows for time in closure]
        assert all(before < after for before, after in itertools.pairwise(times))
