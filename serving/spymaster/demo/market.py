"""The files of the demonstration's market."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

_WORKERS = 2


def generate(folder: Path, days: Sequence[dt.date]) -> None:
    """Write the days that are not there yet.

    Args:
        folder: of the vendor's files.
        days: of the standard market.
    """
    from spymaster_ingest.synthetic import STANDARD_SCHEMAS, standard_market, write_days

    missing = [day for day in days if not all(path.exists() for path in raw_files(folder, day))]
    if missing:
        write_days(standard_market(), missing, folder, schemas=STANDARD_SCHEMAS, workers=_WORKERS)


def raw_files(folder: Path, day: dt.date) -> list[Path]:
    """Return the paths of a day's files, written or not."""
    from spymaster_ingest.synthetic import STANDARD_SCHEMAS, raw_path, standard_market

    root = standard_market().product.root
    return [raw_path(folder, root, schema, day) for schema in STANDARD_SCHEMAS]
