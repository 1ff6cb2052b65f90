"""Tables and numbers of the report."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

Row = dict[str, Any]

_UNKNOWN = "-"


def table_lines(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of a table in Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return [f"| {' | '.join(cells)} |" for cells in lines]


def of_row(row: Row | None) -> str:
    """Return value and interval of a row; nothing without a row."""
    return "" if row is None else interval(row["value"], row["lo"], row["hi"])


def interval(value: float, lo: float, hi: float) -> str:
    """Return a value with its interval."""
    if number(lo) == _UNKNOWN != number(value):
        return f"{number(value)} (too few days for an interval)"
    return f"{number(value)} ({number(lo)} to {number(hi)})"


def number(value: float | None) -> str:
    """Return a number with three decimals; a dash where it is unknown."""
    return _UNKNOWN if value is None or value != value else f"{value:.3f}"
