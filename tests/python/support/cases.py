"""Hand-made cases of a relation: the tables that it reads, and the rows that it must have.

A table is a text, or a query. A text begins with ``name=value``, which holds in every row, followed
by a line of column names and a line per row. Two or more spaces end a cell; ``-`` is NULL, and so
is every column left out. A blank line begins further columns of the same rows, and ``--`` a
comment. A text of nothing but values is one row. ``by_column`` reads a line per column instead, for
few rows of many columns. The time of a TIMESTAMP may omit the case's day.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import chain
from typing import Any

import duckdb
import pytest

from support.model_sql import GIVEN, model_connection, model_sql
from support.relations_of_models import columns_of, create_relation

Row = dict[str, Any]
Tables = Mapping[str, list[Row]]

_QUERY = re.compile(r"\s*(with|select|from)\b")
_GAP = re.compile(r" {2,}")
_TIME = re.compile(r"\d\d:\d\d:\d\d(\.\d+)?")
_NULL = "-"
_EXPECTED, _FOUND = "expected", "found"
_PARTITION = {"symbol": "ESZ5", "root": "ES"}


@dataclass(frozen=True)
class Case:
    """One case of a relation.

    Attributes:
        name: Says what is so.
        why: The definition's sentences that the case shows.
        given: Table of each relation that the model reads.
        expected: Rows of the relation, in any order; columns it does not name may hold anything.
        variables: Vars of the project that have another value.
        partition: Values of the partition that is built besides ESZ5, ES and the day.
        macros: SQL in place of macros of the project.
        day: Date of the times without one.
        tolerance: Largest relative error of floats; everything else is exact.
        twin_omits: Expected columns that the twin does not compute.
        product_only: Why the twin cannot compute the case.
    """

    name: str
    why: str
    given: Mapping[str, Table]
    expected: Table
    variables: Mapping[str, Any] = field(default_factory=dict)
    partition: Mapping[str, str] = field(default_factory=dict)
    macros: Mapping[str, str] = field(default_factory=dict)
    day: str = "2025-10-01"
    tolerance: float = 1e-9
    twin_omits: Sequence[str] = ()
    product_only: str = ""


@dataclass(frozen=True)
class Cells:
    """Names of columns, and the texts of each row."""

    names: Sequence[str]
    rows: Sequence[Sequence[str]]


Table = str | Cells
Twin = Callable[[Tables, Case], Iterable[Mapping[str, Any]]]


def by_column(text: str) -> Cells:
    """Read a table whose lines are columns: the name, then a cell per row."""
    [lines] = _blocks(text)
    names, *rows = zip(*map(_GAP.split, lines), strict=True)
    return Cells(names, rows)


def by_row(text: str) -> Cells:
    """Read a table whose lines are rows."""
    in_every_row: dict[str, str] = {}
    names: list[str] = []
    parts: list[list[list[str]]] = []
    for lines in _blocks(text):
        while lines and "=" in lines[0]:
            in_every_row |= dict(cell.split("=", 1) for cell in _GAP.split(lines.pop(0)))
        if lines:
            header, *rows = map(_GAP.split, lines)
            assert {len(header)} >= set(map(len, rows)), f"cells do not fit the names {header}"
            names += header
            parts.append(rows)
    rows = [list(chain(*row)) for row in zip(*parts, strict=True)] if parts else [[]]
    return Cells([*in_every_row, *names], [[*in_every_row.values(), *row] for row in rows])


def _blocks(text: str) -> list[list[str]]:
    """Return the lines between blank lines, without comments."""
    lines = [line.strip() for line in text.strip().splitlines()]
    kept = "\n".join(line for line in lines if not line.startswith("-- "))
    return [block.splitlines() for block in re.split(r"\n{2,}", kept)]


class HandMade:
    """A database with the tables of one case."""

    def __init__(self, relation: str, case: Case) -> None:
        """Make the tables."""
        self._relation, self._case = relation, case
        self.connection = _connection()
        for schema in (GIVEN, _FOUND, _EXPECTED):
            self.connection.execute(f"drop schema if exists {schema} cascade")
        for name, table in case.given.items():
            self._fill(f"{GIVEN}.{name}", table)

    def given(self) -> Tables:
        """Return the rows of each relation; everything left out is None.

        TIMESTAMP columns are datetimes, TIMESTAMP_NS columns ns since 1970.
        """
        return {name: self._rows(f"{GIVEN}.{name}") for name in self._case.given}

    def product(self) -> list[Row]:
        """Return the rows of the model over the tables."""
        case = self._case
        partition = _PARTITION | {"dt": case.day} | dict(case.partition)
        query = model_sql(self._relation, self.connection, case.variables, partition, case.macros)
        relation = f"{_FOUND}.{self._relation}"
        self.connection.execute(f"create schema {_FOUND}; create table {relation} as {query}")
        return self._rows(relation)

    def expected(self) -> tuple[list[str], list[Row]]:
        """Return the names of the columns that count, and the expected rows."""
        relation = f"{_EXPECTED}.{self._relation}"
        return self._fill(relation, self._case.expected), self._rows(relation)

    def _fill(self, relation: str, table: Table) -> list[str]:
        """Create and fill a relation, and return the names of the columns that the table has."""
        create_relation(self.connection, relation)
        if isinstance(table, str) and _QUERY.match(table):
            # numbers keep the type of the query where the contract's holds less
            self.connection.execute(
                f"create or replace table {relation} as "
                f"from ({table}) union all by name from {relation}"
            )
            answer = self.connection.execute(f"from ({table}) limit 0")
            return [column[0] for column in answer.description]
        cells = by_row(table) if isinstance(table, str) else table
        kinds = dict(columns_of(relation.split(".")[1]))
        for name in cells.names:
            if name not in kinds:
                # contracts do not name the columns of which a relation has many alike
                kinds[name] = "bigint" if name.endswith("_int") else "double"
                self.connection.execute(f"alter table {relation} add {_quoted(name)} {kinds[name]}")
        if cells.names and cells.rows:
            values = [
                self._value(cell, kinds[name])
                for row in cells.rows
                for name, cell in zip(cells.names, row, strict=True)
            ]
            places = f"({', '.join('?' for _ in cells.names)})"
            self.connection.execute(
                f"insert into {relation} ({', '.join(map(_quoted, cells.names))}) "
                f"values {', '.join(places for _ in cells.rows)}",
                values,
            )
        return list(cells.names)

    def _value(self, cell: str, kind: str) -> str | None:
        if cell == _NULL:
            return None
        is_time = kind.lower().startswith("timestamp") and _TIME.fullmatch(cell)
        return f"{self._case.day} {cell}" if is_time else cell

    def _rows(self, relation: str) -> list[Row]:
        columns = self.connection.execute(f"from {relation} limit 0").description
        chosen = [
            f"epoch_ns({_quoted(name)})" if str(kind) == "TIMESTAMP_NS" else _quoted(name)
            for name, kind, *_ in columns
        ]
        answer = self.connection.execute(f"select {', '.join(chosen)} from {relation}")
        names = [column[0] for column in columns]
        return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


def _quoted(name: str) -> str:
    return f'"{name}"'


@cache
def _connection() -> duckdb.DuckDBPyConnection:
    return model_connection()


def assert_same_rows(
    names: Sequence[str],
    found: Iterable[Mapping[str, Any]],
    expected: Iterable[Mapping[str, Any]],
    tolerance: float,
) -> None:
    """Compare rows in any order by their columns of some names.

    Floats may differ by a relative error; everything else is exact.
    """
    expected = [[row[name] for name in names] for row in expected]
    is_exact = [
        not any(isinstance(row[place], float | list) for row in expected)
        for place in range(len(names))
    ]

    def order(row: Sequence[Any]) -> tuple[list[str], list[str]]:
        exact = [str(value) for value, exact in zip(row, is_exact, strict=True) if exact]
        return exact, list(map(str, row))

    def near(value: Any) -> Any:
        if isinstance(value, float):
            return pytest.approx(value, rel=tolerance, abs=1e-12)
        return list(map(near, value)) if isinstance(value, list | tuple) else value

    found = sorted(([row[name] for name in names] for row in found), key=order)
    expected = sorted(expected, key=order)
    assert found == [list(map(near, row)) for row in expected], f"rows by {', '.join(names)}"
