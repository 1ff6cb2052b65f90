"""The way of a value from the engine's counts, one model after the other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import pyarrow as pa
from spymaster_ingest.errors import SpymasterError

from spymaster.explain.catalogue import Catalogue, ModelCode
from spymaster.explain.ends import END_REASONS
from spymaster.explain.read import Read, number_in
from spymaster.explain.reads import READS
from spymaster.explain.rerun import bind_partition, rerun, rows_of
from spymaster.explain.trace import Trace, Types, inputs_of, part_of, trace_columns
from spymaster.explain.wanted import Row, Wanted
from spymaster.published import ask
from spymaster.remote_records import where_rows_lie

# rows of one input that an explanation lists; a value of more rows is not run again. The prices
# around a level over five minutes are 5,100
MOST_ROWS = 6_000
_INPUTS, _LOOKUPS = (Path(__file__).parent / "queries" / name for name in ("inputs", "lookups"))


@dataclass(frozen=True)
class Input:
    """Rows of one input of a step.

    Attributes:
        relation: with its schema.
        value_columns: the columns whose values enter the explained ones; None where the SQL
            cannot be followed that far.
        rows: keys and read columns, of at most ``MOST_ROWS`` rows.
        n_rows: how many rows there are in all.
    """

    relation: str
    value_columns: tuple[str, ...] | None
    rows: list[Row]
    n_rows: int


@dataclass
class Step:
    """Rows of one relation, how they were made, and whether that gives them again.

    ``is_equal`` is None where the rows were not made again; ``notes`` then say why.
    """

    wanted: Wanted
    keys: list[str]
    code: ModelCode | None
    inputs: list[Input] = field(default_factory=list)
    recomputed: list[Row] | None = None
    is_equal: bool | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def inputs_of_sql(self) -> tuple[str, ...]:
        """Relations that the SQL names."""
        return inputs_of(self.code.sql) if self.code else ()


def explain_steps(
    catalogue: Catalogue, target: Wanted, *, most_rows: int = MOST_ROWS
) -> list[Step]:
    """Return the steps from a wanted row back to relations that no SQL explains further.

    Args:
        catalogue: of the published file.
        target: the row and its column.
        most_rows: rows of an input that a step lists.
    """
    waiting = {target.relation: target}
    steps = []
    for relation in _order():
        wanted = waiting.pop(relation, None)
        if wanted is None:
            continue
        step = _step(catalogue, wanted, most_rows)
        steps.append(step)
        for one in step.inputs:
            if one.relation in READS and one.rows and one.n_rows == len(one.rows):
                found = _wanted_of(catalogue, one, wanted.partition)
                if found.columns:
                    known = waiting.get(one.relation)
                    waiting[one.relation] = (
                        found if known is None else _united(known, found, catalogue)
                    )
    # relations whose inputs are not known
    return [*steps, *(_step(catalogue, wanted, most_rows) for wanted in waiting.values())]


def _order() -> list[str]:
    """Return the relations, each before its inputs."""
    graph = {relation: {read.relation for read in reads} for relation, reads in READS.items()}
    return [
        name for name in reversed(list(TopologicalSorter(graph).static_order())) if name in READS
    ]


def _wanted_of(catalogue: Catalogue, one: Input, partition: Row) -> Wanted:
    """Return the rows of an input with the columns whose values enter the explained ones."""
    keys = frozenset(catalogue.keys(one.relation))
    names = frozenset(one.rows[0] if one.value_columns is None else one.value_columns)
    return Wanted(one.relation, partition, tuple(one.rows), names - keys)


def _united(known: Wanted, more: Wanted, catalogue: Catalogue) -> Wanted:
    """Add rows and columns to what is wanted of a relation."""
    keys = catalogue.keys(known.relation)
    rows = {_key(row, keys): row for row in more.rows}
    for row in known.rows:
        rows[_key(row, keys)] = rows.get(_key(row, keys), {}) | row
    return Wanted(
        known.relation, known.partition, tuple(rows.values()), known.columns | more.columns
    )


def _step(catalogue: Catalogue, wanted: Wanted, most_rows: int) -> Step:
    keys = catalogue.keys(wanted.relation)
    step = Step(wanted, keys, catalogue.code(wanted.relation))
    reads = READS.get(wanted.relation)
    if step.code is None:
        step.notes.append(
            f"{wanted.relation}: not shown how it was made, because the file was published without "
            "its SQL; `spymaster build` stores it"
        )
        return step
    if reads is None:
        reason = END_REASONS.get(
            wanted.relation, "which rows of its inputs a row reads is not known to this command"
        )
        step.notes.append(f"{wanted.relation}: inputs not shown: {reason}")
        return step
    sql = step.code.sql
    there = inputs_of(sql)
    types = catalogue.types(there)
    trace = trace_columns(sql, wanted.columns, types)
    needed = [read for read in reads if read.relation in there and read.is_needed(wanted)]
    if trace.values is not None:
        # others decide at most whether there is a row: shown when it does not come out without them
        of_values = [read for read in needed if read.relation in trace.values]
        if len(of_values) < len(needed):
            _read_and_run(catalogue, step, sql, of_values, trace, types, most_rows)
            if step.is_equal:
                return step
    _read_and_run(catalogue, step, sql, needed, trace, types, most_rows)
    return step


def _read_and_run(
    catalogue: Catalogue,
    step: Step,
    sql: str,
    reads: list[Read],
    trace: Trace,
    types: Types,
    most_rows: int,
) -> None:
    """Read the inputs of a step and make its rows again from them."""
    shown = {}
    step.inputs, step.notes = [], []
    for read in reads:
        columns = trace.read.get(read.relation, frozenset())
        rows, n_rows = _read(catalogue, read, step.wanted, sql, columns, most_rows)
        values = None if trace.values is None else trace.values.get(read.relation, frozenset())
        names = None if values is None else tuple(sorted(values))
        step.inputs.append(Input(read.relation, names, rows_of(rows), n_rows))
        shown[read.relation] = rows
    of_day = step.wanted.partition["symbol"], step.wanted.partition["dt"]
    for read in reads:
        if elsewhere := where_rows_lie(catalogue.lake, read.relation, *of_day):
            step.notes.append(f"{step.wanted.relation}: not made again: {elsewhere}")
            return
    _run_again(step, sql, shown, types)


def _run_again(step: Step, sql: str, shown: dict[str, pa.Table], types: Types) -> None:
    large = [one for one in step.inputs if one.n_rows > len(one.rows)]
    for one in large:
        step.notes.append(
            f"{step.wanted.relation}: not made again, because it reads {one.n_rows:,} rows of "
            f"{one.relation}, of which {len(one.rows):,} are shown"
        )
    if large:
        return
    try:
        found = rerun(sql, shown, types, step.wanted, step.keys)
    except SpymasterError as error:
        step.notes.append(str(error))
        return
    by_key = {_key(row, step.keys): row for row in found}
    step.recomputed = [by_key.get(_key(row, step.keys), {}) for row in step.wanted.rows]
    step.is_equal = all(
        name in again and same(row[name], again[name])
        for row, again in zip(step.wanted.rows, step.recomputed, strict=True)
        for name in step.wanted.columns
        if name in row
    )


def _read(
    catalogue: Catalogue,
    read: Read,
    wanted: Wanted,
    sql: str,
    columns: Iterable[str],
    most_rows: int,
) -> tuple[pa.Table, int]:
    """Return the rows of an input, at most so many, and how many there are."""
    values = _values(catalogue, read, wanted, sql)
    keys = catalogue.keys(read.relation)
    names = [name for name in catalogue.columns(read.relation) if name in columns or name in keys]
    listed = ", ".join(f'"{name}"' for name in names)
    source = read.relation
    if read.query is not None:
        source = f"({(_INPUTS / f'{read.query}.sql').read_text(encoding='utf-8')})"
        for named, instead in read.instead.items():
            source = source.replace(f" {named} ", f" {instead} ")
    # conditions are constants of this package; all values are bound
    query = f"from {source} where {read.where}"
    bound = {name: values[name] for name in values if f"${name}" in query}
    found = catalogue.connection.execute(
        f"select {listed} {query} order by all limit {most_rows + 1}",
        bound,
    ).to_arrow_table()
    if found.num_rows <= most_rows:
        return found, found.num_rows
    [(n_rows,)] = catalogue.connection.execute(f"select count(*) {query}", bound).fetchall()
    return found.slice(0, most_rows), n_rows


def _values(catalogue: Catalogue, read: Read, wanted: Wanted, sql: str) -> Row:
    """Return the parameters of a read."""
    back_s = read.back_s if isinstance(read.back_s, int) else read.back_s(wanted, sql)
    values = wanted.bindings(back_s)
    values |= {name: number_in(sql, pattern) for name, pattern in read.numbers.items()}
    for name in read.parts:
        part, in_partition = bind_partition(part_of(sql, name), wanted)
        values[name] = rows_of(catalogue.connection.execute(part, in_partition).to_arrow_table())
    for name in read.lookups:
        found = ask(catalogue.connection, _LOOKUPS / f"{name}.sql", values).fetchall()
        values[name] = [value for (value,) in found]
    return values


def same(one: Any, other: Any) -> bool:
    """Return whether two values are the same; NULL is NULL, and not-a-number itself."""
    return one == other or (one is None and other is None) or (one != one and other != other)


def _key(row: Row, keys: list[str]) -> tuple[Any, ...]:
    return tuple(row.get(name) for name in keys)
