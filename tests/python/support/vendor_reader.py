"""The vendor's own reader as an oracle."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import databento_dbn

from support.dbn_files import decompress


def vendor_records(path: Path) -> list[Any]:
    """Return the records as the vendor's objects, upgraded to the newest DBN version."""
    data = decompress(path) if path.suffix == ".zst" else path.read_bytes()
    decoder = databento_dbn.DBNDecoder(
        upgrade_policy=databento_dbn.VersionUpgradePolicy.UPGRADE_TO_V3
    )
    decoder.write(data)
    return [item for item in decoder.decode() if not isinstance(item, databento_dbn.Metadata)]


def value(record: Any, field: str) -> Any:
    """Return a field of a vendor's record as landing stores it, sentinels as None.

    A field of a price level ends in its number: ``bid_px_03``.
    """
    if field[-3:-2] == "_" and field[-2:].isdecimal():
        found = getattr(record.levels[int(field[-2:])], field[:-3])
    else:
        found = getattr(record, field)
    found = getattr(found, "value", found)
    sentinels = {
        "ts_event": databento_dbn.UNDEF_TIMESTAMP,
        "ts_ref": databento_dbn.UNDEF_TIMESTAMP,
        "quantity": databento_dbn.UNDEF_STAT_QUANTITY,
    }
    sentinel = databento_dbn.UNDEF_PRICE if "px" in field or field == "price" else None
    return None if found == sentinels.get(field, sentinel) else found


def values(path: Path, fields: list[str]) -> list[tuple]:
    """Return the fields of every record of a file."""
    return [tuple(value(record, field) for field in fields) for record in vendor_records(path)]
