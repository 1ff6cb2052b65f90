"""The checks of rows find what each of them is about, and count the rows that fail."""

from __future__ import annotations

import pytest
from support.inline_query import Ask
from support.parsed_project import vars_parsed

# a row without fault, one of NULL, and one with every fault
ROWS = """(
    values
        ('ESZ5', 'A', 0.0, 1, 1),
        (null, null, null, null, null),
        ('ESZ5', 'X', 1.5, 0, 2)
) as t (symbol, "right", share, n, m)"""


def failed(ask: Ask, arguments: str) -> dict[str, int]:
    query = "{{ query_of_failed_checks(" + repr(ROWS) + ", dict(" + arguments + ")) }}"
    return {row["failed_check"]: row["n_rows"] for row in ask(query)}


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("unique_keys=[['symbol', 'right'], ['n']]", {}),
        ("unique_keys=[['symbol']]", {"symbol occurs once": 2}),
        ("unique_keys=[['symbol', 'm']], never_null=['n']", {"n is never null": 1}),
        ("never_null=['symbol', 'right']", {"symbol is never null": 1, "right is never null": 1}),
        ("accepted_values={'right': ['A', 'B']}", {"right has an accepted value": 1}),
        ("accepted_values={'n': [1, 2]}", {"n has an accepted value": 1}),
        (
            "accepted_range={'share': {'min_value': 0, 'max_value': 1}}",
            {"share is in its range": 1},
        ),
        ("accepted_range={'share': {'min_value': 1}}", {"share is in its range": 1}),
        (
            "accepted_range={'share': {'min_value': 0, 'inclusive': false}}",
            {"share is in its range": 1},
        ),
        ("expressions={'n_is_m': 'n = m'}", {"n_is_m": 2}),
        (
            "never_null=['n'], expressions={'n_is_m': 'n = m', 'one_is_one': '1 = 1'}",
            {"n is never null": 1, "n_is_m": 2},
        ),
        ("accepted_range={'n': {'max_value': 1}}, accepted_values={'n': [0, 1]}", {}),
        # vars by name, by key and by position: a number, a number and a text
        ("""accepted_range={'n': {'min_value': "var('reach_ticks')"}}""", {"n is in its range": 2}),
        ("""expressions={'x': "n > var('index_quality')['min_episodes']"}""", {"x": 3}),
        ("""expressions={'x': "symbol < var('opening_range')[1]"}""", {"x": 3}),
    ],
)
def test_a_check_counts_the_rows_that_fail_it(
    ask: Ask,
    arguments: str,
    expected: dict[str, int],
) -> None:
    assert failed(ask, arguments) == expected


def test_a_check_follows_the_vars_of_the_run(ask: Ask) -> None:
    """Of which none is parsed, so that a var changes no parsed project."""
    assert "liquidity_min" not in vars_parsed()
    query = (
        "{{ query_of_failed_checks(" + repr(ROWS) + ", "
        """{'accepted_range': {'share': {'min_value': "var('liquidity_min')"}}}) }}"""
    )
    for least, expected in ((0.5, [1]), (0.0, [])):
        assert [row["n_rows"] for row in ask(query, liquidity_min=least)] == expected
