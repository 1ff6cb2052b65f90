"""Landed tables by the names of their directories, and which of them hold every record of a day."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from spymaster_ingest.landing.table_schemas import SCHEMAS, TableSchema

TABLES: Mapping[tuple[str, str], TableSchema] = MappingProxyType(
    {
        (table.product_type, table.table): table
        for landing in SCHEMAS.values()
        for table in landing.tables
    }
)
_OF_RECORDS = frozenset({"mbo", "market_by_price_10", "trades", "nbbo", "bbo"})


def has_records(table: TableSchema) -> bool:
    """Return whether a partition of a table holds every record of a day, and is large."""
    return table.table in _OF_RECORDS
