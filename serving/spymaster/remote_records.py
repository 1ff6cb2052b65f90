"""What commands say of landed days whose records lie outside of the lake."""

from __future__ import annotations

from pathlib import Path

from spymaster_ingest.lake import Lake
from spymaster_ingest.landing.manifest import has_remote_records


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
