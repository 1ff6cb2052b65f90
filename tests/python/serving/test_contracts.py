"""The remedy for a missing contract names existing contracts or days."""

from __future__ import annotations

import datetime as dt

import pytest
from spymaster.contracts import instead

FIRST, LAST = dt.date(2025, 10, 1), dt.date(2025, 10, 3)
DAYS = [("ESZ5", FIRST), ("ESZ5", LAST), ("NQZ5", FIRST)]
MANY = [(f"ES{number}", FIRST) for number in range(10)]


@pytest.mark.parametrize(
    ("days", "symbol", "remedy"),
    [
        (DAYS, "ESZ5", "built of it: 2 UTC days from 2025-10-01 to 2025-10-03"),
        (DAYS, "esz5", "did you mean ESZ5?"),
        (DAYS, "CLZ5", "built: ESZ5, NQZ5"),
        (MANY, "CLZ5", "built: ES0, ES1, ES2, ES3, ES4, ES5, ES6, ES7 and 2 more"),
        ([], "ESZ5", "no contract is built; `spymaster status` says what the lake holds"),
    ],
)
def test_the_remedy_names_what_exists(days: list, symbol: str, remedy: str) -> None:
    assert instead(days, symbol, "built") == remedy
