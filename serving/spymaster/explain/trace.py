"""Which columns of its inputs a model reads for some of its columns, by sqlglot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.lineage import lineage
from sqlglot.optimizer.pushdown_projections import pushdown_projections
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, build_scope, traverse_scope

Types = Mapping[str, Mapping[str, Mapping[str, str]]]
ColumnSets = dict[str, frozenset[str]]


def part_of(sql: str, name: str) -> str:
    """Return a query that a compiled model names, which reads no other, as SQL."""
    for one in _parsed(sql).find_all(exp.CTE):
        if one.alias == name:
            return one.this.sql(dialect="duckdb")
    raise KeyError(name)


@dataclass(frozen=True)
class Trace:
    """Columns by input relation.

    Attributes:
        read: every column that the SQL reads on the way, conditions of joins and filters included.
        values: the columns whose values enter the traced ones; None where that cannot be followed.
    """

    read: ColumnSets
    values: ColumnSets | None


@lru_cache(maxsize=256)
def inputs_of(sql: str) -> tuple[str, ...]:
    """Return the relations that a compiled model reads, with their schema, sorted."""
    found = {_name(table) for table in _parsed(sql).find_all(exp.Table) if table.db}
    return tuple(sorted(found))


def trace_columns(sql: str, columns: frozenset[str], types: Types) -> Trace:
    """Follow columns of a model to the columns of its inputs.

    Args:
        sql: the compiled model.
        columns: columns that it selects.
        types: SQL types of the inputs' columns, by schema, relation and column.
    """
    frozen = _Frozen(types)
    read = _columns_read(sql, columns, frozen)
    if read is None:
        return Trace(_columns_named(sql, frozen), None)
    values: dict[str, set[str]] = {}
    for column in sorted(columns):
        leaves = _leaves(sql, column, frozen)
        if leaves is None:
            return Trace(read, None)
        for relation, names in leaves.items():
            values.setdefault(relation, set()).update(names)
    return Trace(read, {relation: frozenset(names) for relation, names in values.items()})


def sql_of_columns(sql: str, columns: frozenset[str], types: Types) -> str | None:
    """Return the SQL of some columns of a model alone; None where it cannot be cut down."""
    return _written(sql, columns, _Frozen(types))


class _Frozen:
    """Types as a key of a cache: equal when the same object."""

    def __init__(self, types: Types) -> None:
        self.types = types
        self._key = tuple(
            (schema, relation, tuple(columns))
            for schema, relations in sorted(types.items())
            for relation, columns in sorted(relations.items())
        )

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Frozen) and self._key == other._key


@lru_cache(maxsize=256)
def _parsed(sql: str) -> exp.Expr:
    return sqlglot.parse_one(sql, dialect="duckdb")


def _as_one_select(tree: exp.Expr) -> exp.Expr:
    """Return a query as one select, over the parts of a union where it is one."""
    if isinstance(tree, exp.SetOperation):
        return exp.select("*").from_(tree.subquery("united"))
    return tree


@lru_cache(maxsize=256)
def _qualified(sql: str, types: _Frozen) -> exp.Expr | None:
    try:
        return qualify(
            _as_one_select(_parsed(sql).copy()),
            schema={schema: dict(relations) for schema, relations in types.types.items()},
            dialect="duckdb",
            validate_qualify_columns=False,
            quote_identifiers=False,
        )
    except SqlglotError:
        # columns made by unnest of a struct, which sqlglot does not know
        return None


@lru_cache(maxsize=512)
def _pruned(sql: str, columns: frozenset[str], types: _Frozen) -> exp.Expr | None:
    """Return a model without what its other columns need; None where sqlglot cannot tell."""
    qualified = _qualified(sql, types)
    if not isinstance(qualified, exp.Select):
        return None
    tree = qualified.copy()
    kept = [one for one in tree.selects if one.alias_or_name in columns]
    if len(kept) < len(columns):
        return None
    tree.set("expressions", kept)
    try:
        return pushdown_projections(tree)
    except SqlglotError:
        # the same, found only now
        return None


@lru_cache(maxsize=512)
def _written(sql: str, columns: frozenset[str], types: _Frozen) -> str | None:
    pruned = _pruned(sql, columns, types)
    return None if pruned is None else pruned.sql(dialect="duckdb", pretty=True)


@lru_cache(maxsize=4096)
def _columns_read(sql: str, columns: frozenset[str], types: _Frozen) -> ColumnSets | None:
    pruned = _pruned(sql, columns, types)
    if pruned is None:
        return None
    found: dict[str, set[str]] = {}
    for scope in traverse_scope(pruned):
        for name, source in scope.sources.items():
            if isinstance(source, exp.Table) and source.db:
                names = found.setdefault(_name(source), set())
                names.update(column.name for column in scope.source_columns(name))
    known = _Known(types.types)
    return {name: frozenset(names & known[name]) for name, names in found.items()}


def _columns_named(sql: str, types: _Frozen) -> ColumnSets:
    """Return the columns of the inputs whose name occurs anywhere in the SQL: more than enough."""
    named = {identifier.name for identifier in _parsed(sql).find_all(exp.Identifier)}
    known = _Known(types.types)
    return {relation: frozenset(known[relation] & named) for relation in inputs_of(sql)}


class _Known(dict[str, set[str]]):
    """Columns by relation with its schema; none of an unknown one."""

    def __init__(self, types: Types) -> None:
        super().__init__(
            {
                f"{schema}.{relation}": set(columns)
                for schema, relations in types.items()
                for relation, columns in relations.items()
            }
        )

    def __missing__(self, relation: str) -> set[str]:
        return set()


@lru_cache(maxsize=256)
def _scope(sql: str, types: _Frozen) -> Scope | None:
    qualified = _qualified(sql, types)
    try:
        return build_scope(qualified) if qualified else None
    except SqlglotError:
        return None


@lru_cache(maxsize=4096)
def _leaves(sql: str, column: str, types: _Frozen) -> ColumnSets | None:
    """Return the input columns at the ends of the lineage of a column."""
    scope = _scope(sql, types)
    if scope is None:
        return None
    try:
        root = lineage(
            column,
            scope.expression,
            schema={},
            scope=scope,
            dialect="duckdb",
            copy=False,
            trim_selects=False,
        )
    except (SqlglotError, ValueError):
        return None
    found: dict[str, set[str]] = {}
    for node in root.walk():
        if not node.downstream and isinstance(node.expression, exp.Table):
            names = found.setdefault(_name(node.expression), set())
            names.add(node.name.rpartition(".")[2].strip('"'))
    return {relation: frozenset(names) for relation, names in found.items()}


def _name(table: exp.Table) -> str:
    return f"{table.db}.{table.name}"
