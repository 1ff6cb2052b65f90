"""What commands say of landed days whose records lie outside of the lake."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from spymaster_ingest.lake import Lake
from spymaster_ingest.landing.landed_tables import TABLES, has_records
from spymaster_ingest.landing.manifest import has_remote_records
from spymaster_ingest.landing.table_schemas import OPTION_NBBO

# relations whose rows are records of a landed table
_TABLES = {table.relation: table for table in TABLES.values() if has_records(table)} | {
    "steps.option_quote_trades": OPTION_NBBO
}


def where_records_lie(lake: Lake, partition: Path) -> str | None:
    """Return the sentence that says where the records of a partition lie; None when they are here.

    Args:
        lake: that is read.
        partition: directory of a landed partition.
    """
    if not has_remote_records(partition):
        return None
    address = lake.remote_bronze.read_text(encoding="utf-8").strip()
    return f"the records lie in the bronze storage {address}, not in this lake"


def where_rows_lie(lake: Lake, relation: str, symbol: str, day: dt.date) -> str | None:
    """Return the same of the rows of a relation; None of one whose rows are no records."""
    table = _TABLES.get(relation)
    if table is None:
        return None
    return where_records_lie(
        lake, lake.bronze_partition(table.product_type, symbol, table.table, day)
    )
