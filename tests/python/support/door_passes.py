"""Passes of the streaming kernels: over a whole day, and advanced by chunks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from spymaster_engine.door import KERNELS
from spymaster_engine.door.landed import ORDERS
from spymaster_engine.door.passes import RunningPass
from spymaster_engine.kernels.book.surface_files import settings_of as book_settings
from spymaster_ingest.landing.batches import landed_batch
from spymaster_ingest.landing.table_schemas import FUTURE_MBO

from support.engine_rows import engine_config
from support.fingerprint_streams import SETTINGS as FINGERPRINTS
from support.market_days import mbp10_records
from support.market_row_lakes import settings_of as market_settings
from support.net_days import landed
from support.strategies.mbo import MarketCase

_PRICES = (
    *("ts_event", "ts_recv", "price_int", "size", "flags", "action", "side"),
    *("bid_px_00_int", "ask_px_00_int", "bid_sz_00", "ask_sz_00"),
)


@dataclass(frozen=True)
class KernelDay:
    """A kernel with the rows of a day of one of its streams, and its settings."""

    kernel: str
    stream: str
    rows: pa.Table
    settings: dict[str, Any]

    def batch(self, start: int = 0, end: int | None = None) -> pa.RecordBatch:
        """Return some rows of the day."""
        part = self.rows.slice(start, None if end is None else end - start)
        return pa.RecordBatch.from_struct_array(part.to_struct_array().combine_chunks())

    def begun(self) -> RunningPass:
        """Return a pass that is advanced by chunks."""
        return KERNELS[self.kernel].begun(self.stream, self.settings)

    def whole(self) -> dict[str, pa.Table]:
        """Return the outputs of the pass over the whole day."""
        kernel = KERNELS[self.kernel]
        streams = dict.fromkeys(name for name in kernel.inputs if name != "settings")
        batches = [self.batch()]
        return joined(kernel(**(streams | {self.stream: batches}), settings=self.settings))


def joined(rows: Iterable[tuple[str, pa.RecordBatch]]) -> dict[str, pa.Table]:
    """Return the rows of each output in one table."""
    found: dict[str, list[pa.RecordBatch]] = {}
    for name, batch in rows:
        if batch.num_rows:
            found.setdefault(name, []).append(batch)
    return {
        name: pa.Table.from_batches(batches).unify_dictionaries().combine_chunks()
        for name, batches in found.items()
    }


def orders(records: np.ndarray) -> pa.Table:
    """Return records by order as a kernel takes them."""
    return pa.Table.from_batches([landed_batch(FUTURE_MBO, records, ORDERS.schema.names)])


def _book(case: MarketCase) -> KernelDay:
    settings = book_settings(engine_config(case.config), "these records")
    return KernelDay("book_engine", "orders", orders(case.records), settings)


def _price_book(case: MarketCase) -> KernelDay:
    rows = landed(mbp10_records(case.records, case.config)).select(_PRICES)
    settings = book_settings(engine_config(case.config), "these rows")
    return KernelDay("book_engine", "prices", rows, settings)


def _market(case: MarketCase) -> KernelDay:
    settings = vars(market_settings(case.config))
    return KernelDay("market_seconds", "mbo", orders(case.records), settings)


def _market_of_levels(case: MarketCase) -> KernelDay:
    rows = landed(mbp10_records(case.records, case.config), is_traded=False)
    return KernelDay("market_seconds", "mbp10", rows, vars(market_settings(case.config)))


def _published(case: MarketCase) -> KernelDay:
    rows = landed(mbp10_records(case.records, case.config))
    config = case.config
    settings = {"tick_int": config.tick_int, "day_start_s": config.day_start_ns // 10**9}
    return KernelDay("published_book", "mbp10", rows, settings)


def _options(case: MarketCase) -> KernelDay:
    records = case.records.copy()
    # orders of one id belong to one option
    records["instrument_id"] = 1000 + records["order_id"] % 7
    settings = {"day_start_s": case.config.day_start_ns // 10**9}
    return KernelDay("option_books", "orders", orders(records), settings)


def _fingerprints(case: MarketCase) -> KernelDay:
    config = case.config
    settings = vars(FINGERPRINTS) | {
        "tick_int": config.tick_int,
        "day_start_s": config.day_start_ns // 10**9,
        # so few records have periods too
        "periodicity_min_arrivals": 2,
    }
    return KernelDay("fingerprints", "orders", orders(case.records), settings)


DAYS: dict[str, Callable[[MarketCase], KernelDay]] = {
    "book_engine of orders": _book,
    "book_engine of prices": _price_book,
    "market_seconds of orders": _market,
    "market_seconds of levels": _market_of_levels,
    "published_book": _published,
    "option_books": _options,
    "fingerprints": _fingerprints,
}
