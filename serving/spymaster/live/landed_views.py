"""Landed records as rows of the views over them, by the SQL of the build's views."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
from spymaster_ingest.landing.columns import TermColumn
from spymaster_ingest.landing.table_schemas import SCHEMAS, TableSchema
from spymaster_warehouse.jobs.names import named_in

from spymaster.live.models import LiveModel
from spymaster.published import ask_rows

_QUERIES = Path(__file__).parent / "queries"
_CONTRACTS = "silver.option_contracts"
_TABLES = {
    (table.product_type, table.table): table
    for landing in SCHEMAS.values()
    for table in landing.tables
}
# as macros/lake/read_landed_table writes it
_LANDED_FILES = re.compile(
    r"read_parquet\(\s*\['bronze/source=databento/product_type=(\w+)/symbol=[^/]*/table=(\w+)/"
    r"[^\]]*\],\s*hive_partitioning = true,\s*hive_types = \{[^}]*\}\s*\)"
)


@dataclass(frozen=True)
class LandedView:
    """A view over landed records.

    Attributes:
        relation: its name with its schema.
        sql: in which ``of_landed`` stands for the records of a table.
        tables: landed tables that it reads, by dataset key.
        reads: other relations that its SQL names.
    """

    relation: str
    sql: str
    tables: Mapping[str, TableSchema]
    reads: tuple[str, ...]


def landed_views(published: duckdb.DuckDBPyConnection) -> dict[str, LandedView]:
    """Return the views of a published file whose rows rest on landed records, by relation.

    A view over records of which none were ever landed is none of them: it has no rows.
    """
    texts = {row["relation"]: row["sql"] for row in ask_rows(published, _QUERIES / "views.sql", {})}
    found: dict[str, LandedView] = {}
    names = {tuple(name.split(".")): sql for name, sql in texts.items()}
    # each after those that it reads
    for schema, plain in named_in([f'"{a}"."{b}"' for a, b in sorted(names)], names):
        sql, tables, reads = names[schema, plain], {}, []
        for files in _LANDED_FILES.finditer(sql):
            table = _TABLES[files[1], files[2]]
            tables[table.dataset] = table
            sql = sql.replace(files[0], of_landed(table.dataset))
        for name in set(re.findall(r'"(\w+)"\."(\w+)"', sql)):
            if (view := found.get(".".join(name))) is None:
                reads.append(".".join(name))
                continue
            sql = sql.replace('"{}"."{}"'.format(*name), f"({view.sql})")
            tables |= view.tables
            reads += view.reads
        if tables:
            relation = f"{schema}.{plain}"
            found[relation] = LandedView(relation, sql, tables, tuple(sorted({*reads})))
    return found


def of_landed(dataset: str) -> str:
    """Return the name by which the SQL of a view reads the landed records of a dataset."""
    return f'"landed {dataset}"'


class LandedRows:
    """What turns the records of a contract-day into rows of views."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        views: Iterable[LandedView],
        only: Mapping[str, str],
    ) -> None:
        """Prepare what is needed.

        Args:
            connection: with tables of the views, and with what they read.
            views: whose rows are made.
            only: by relation the condition of the rows that are kept; all of those without one.
                Its window functions see the records of a call.
        """
        self._connection = connection
        self._views = list(views)
        self._only = only
        self._tables = {key: table for view in self._views for key, table in view.tables.items()}
        for dataset, table in self._tables.items():
            connection.register(f"records {dataset}", _columns_of(table).empty_table())
            connection.execute(f"create temp view {of_landed(dataset)} as {_with_terms(table)}")

    def append(self, records: Mapping[str, pa.Table]) -> None:
        """Add the rows of records to the views' tables.

        Args:
            records: by dataset key, numbered in ``rec_ordinal``, with ``symbol`` and ``dt``.
        """
        for dataset, rows in records.items():
            self._connection.register(f"records {dataset}", rows)
        for view in self._views:
            if records.keys() & view.tables.keys():
                schema, _, plain = view.relation.partition(".")
                only = self._only.get(view.relation, "true")
                # a join may turn them round
                self._connection.execute(
                    f'insert into "{schema}"."{plain}" by name '  # noqa: S608
                    f"select * exclude (is_kept) from (select *, {only} as is_kept "
                    f"from ({view.sql})) where is_kept order by rec_ordinal"
                )
        for dataset in records:
            empty = _columns_of(self._tables[dataset]).empty_table()
            self._connection.register(f"records {dataset}", empty)


def reads_of(views: Iterable[LandedView]) -> set[str]:
    """Return the relations that views of a session read beside records."""
    found = {name for view in views for name in view.reads}
    if any(table.of_options for view in views for table in view.tables.values()):
        found.add(_CONTRACTS)
    return found


def needed_rows(views: Iterable[LandedView], models: Iterable[LiveModel]) -> dict[str, str]:
    """Return the condition of the rows that models need, by view; without views needed whole."""
    found = {}
    for view in views:
        readers = [model for model in models if view.relation in model.reads]
        conditions = [model.only_of_inputs.get(view.relation) for model in readers]
        if conditions and None not in conditions:
            found[view.relation] = " or ".join(f"({text})" for text in conditions)
    return found


def _columns_of(table: TableSchema) -> pa.Schema:
    """Return the columns of a landed table that come from its records, and its partition's."""
    of_records = [
        (column.name, column.type) for column in table.columns if not isinstance(column, TermColumn)
    ]
    return pa.schema(
        [("rec_ordinal", pa.int64()), *of_records, ("symbol", pa.string()), ("dt", pa.date32())]
    )


def _with_terms(table: TableSchema) -> str:
    """Return SQL of the records of a table, those of options with the terms of their contracts."""
    records = f'"records {table.dataset}"'
    terms = [f'terms."{x.name}"' for x in table.columns if isinstance(x, TermColumn)]
    if not terms:
        return f"select * from {records}"  # noqa: S608
    return (
        f"select records.*, {', '.join(terms)} from {records} as records "  # noqa: S608
        f"left join (select distinct on (instrument_id) * from {_CONTRACTS}) as terms "
        "on records.instrument_id = terms.instrument_id"
    )
