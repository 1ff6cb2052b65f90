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
    from spymaster_ingest.synthetic import STANDARD_SCHEMAS, raw_path, standard_market, write_days

    market = standard_market()
    root = market.product.root
    missing = [
        day
        for day in days
        if not all(raw_path(folder, root, schema, day).exists() for schema in STANDARD_SCHEMAS)
    ]
    if missing:
        write_days(market, missing, folder, schemas=STANDARD_SCHEMAS, workers=_WORKERS)
