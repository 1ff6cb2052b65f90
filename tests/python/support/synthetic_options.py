"""Helpers of the synthetic option tests: a day's files, and a book per option."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import databento
import numpy as np
from spymaster_ingest.synthetic import SessionPlan, SyntheticMarket, raw_path, write_day
from spymaster_ingest.synthetic.options.files import OPTION_SCHEMAS

from support.plain_prices import PlainPrices, Quotes
from support.plain_records import plain_records
from support.synthetic_book import DAY, ES

# The first minutes after the opening; the night is almost silent.
PLAN = SessionPlan(hours=0.15, overnight_rate=0.05, premarket_rate=0.1, evening_seconds=0)
MARKET = SyntheticMarket(ES, seed=17, plan=PLAN)
SECOND_NS = 1_000_000_000
Files = dict[str, np.ndarray]


def option_files(market: SyntheticMarket, folder: Path, **options: object) -> Files:
    """Write a day's definitions and options and read them with the vendor's library."""
    schemas = ("mbo", "definition", *OPTION_SCHEMAS)
    write_day(market, DAY, folder, schemas=schemas, **options)
    return {
        name: databento.DBNStore.from_file(raw_path(folder, "ES", name, DAY)).to_ndarray()
        for name in schemas
    }


def by_instrument(records: np.ndarray) -> dict[int, np.ndarray]:
    """Return the records of each instrument, in file order."""
    order = np.argsort(records["instrument_id"], kind="stable")
    ids, starts = np.unique(records["instrument_id"][order], return_index=True)
    parts = np.split(records[order], starts[1:])
    return dict(zip(ids.tolist(), parts, strict=True))


def books_at(
    records: np.ndarray, moments_ns: np.ndarray
) -> Iterator[tuple[int, dict[int, tuple[Quotes, Quotes]]]]:
    """Yield (moment, best bid and ask by instrument) from all events before each moment."""
    books: defaultdict[int, PlainPrices] = defaultdict(PlainPrices)
    at, plain = 0, list(plain_records(records))
    live = (records["flags"] & 32) == 0
    event = np.where(live, records["ts_event"], 0)
    for moment in moments_ns.tolist():
        while at < records.size and event[at] < moment:
            books[plain[at]["instrument_id"]].apply(plain[at])
            at += 1
        yield moment, {i: (book.best(b"B", 1), book.best(b"A", 1)) for i, book in books.items()}
