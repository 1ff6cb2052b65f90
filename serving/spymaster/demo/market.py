"""The files of the demonstration's market."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spymaster_ingest.synthetic import SyntheticMarket

_WORKERS = 2


def generate(folder: Path, days: Sequence[dt.date], schemas: Sequence[str] | None = None) -> None:
    """Write the days that are not there yet.

    Args:
        folder: of the vendor's files.
        days: of the standard market.
        schemas: some of the market's; all of them by default.
    """
    from spymaster_ingest.synthetic import STANDARD_SCHEMAS, standard_market_of, write_days

    written = STANDARD_SCHEMAS if schemas is None else schemas
    missing = [
        day for day in days if not all(path.exists() for path in raw_files(folder, day, written))
    ]
    by_market: dict[SyntheticMarket, list[dt.date]] = {}
    for day in missing:
        by_market.setdefault(standard_market_of(day), []).append(day)
    for market, own in by_market.items():
        write_days(market, own, folder, schemas=written, workers=_WORKERS)


def raw_files(folder: Path, day: dt.date, schemas: Sequence[str]) -> list[Path]:
    """Return the paths of a day's files, written or not."""
    from spymaster_ingest.synthetic import raw_path, standard_market

    root = standard_market().product.root
    return [raw_path(folder, root, schema, day) for schema in schemas]


def future_schemas() -> list[str]:
    """Return the schemas of the market's futures."""
    from spymaster_ingest.synthetic import STANDARD_SCHEMAS
    from spymaster_ingest.synthetic.daily_files import FUTURE_SCHEMAS

    return [schema for schema in STANDARD_SCHEMAS if schema in FUTURE_SCHEMAS]
