"""Kernel of the book.

- ``book_engine``: seconds of the book, walls, re-prices and a summary of the day, in one pass over
  the landed records of a contract-day: by order, or else by price.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
from spymaster_ingest.content_hash import ColumnHasher, hash_of

from spymaster_engine import ENGINE_VERSION
from spymaster_engine.door.kernel import Kernel
from spymaster_engine.door.landed import BEST_PRICES, ORDERS
from spymaster_engine.door.tables import columns
from spymaster_engine.engine_files import QA, REPRICE, SNAPSHOT, WALL
from spymaster_engine.kernels.book import surface_files as surfaces

# of each relation but the summary, in the order in which a pass yields them
_COLUMNS = {
    SNAPSHOT: surfaces.snapshot_columns,
    WALL: surfaces.wall_columns,
    REPRICE: surfaces.reprice_columns,
}
_SCHEMAS = {
    SNAPSHOT: surfaces.SNAPSHOT_SCHEMA,
    WALL: surfaces.WALL_SCHEMA,
    REPRICE: surfaces.REPRICE_SCHEMA,
}
_HASHES = ("engine_version", "input_content_hash", "output_content_hash")
# rows and content hash of each relation
CONTENTS = "contents"

_SPAN_NS = pa.list_(pa.int64())
_SETTINGS = pa.struct(
    [
        ("tick_int", pa.int64()),
        ("day_start_ns", pa.int64()),
        (
            "trading_intervals",
            pa.list_(
                pa.struct(
                    [
                        ("open_ns", pa.int64()),
                        ("close_ns", pa.int64()),
                        ("is_open_at_once", pa.bool_()),
                    ]
                )
            ),
        ),
        ("stale_after_s", pa.int64()),
        # from and to of each, NULL for the whole day
        ("surface_windows_ns", pa.list_(_SPAN_NS)),
        ("wall_max_ticks", pa.int64()),
        ("rest_ns", pa.int64()),
        ("unknown_cancel_rate_max", pa.float64()),
        ("unknown_cancel_min_cancels", pa.int64()),
        ("unknown_cancel_lookback_s", pa.int64()),
        ("input_content_hash", pa.string()),
    ]
)


def _book_engine(
    orders: Iterator[pa.RecordBatch] | None,
    prices: Iterator[pa.RecordBatch] | None,
    settings: dict[str, Any],
) -> Iterator[tuple[str, dict[str, Any]]]:
    from spymaster_engine.kernels.book.bronze_records import records_of
    from spymaster_engine.kernels.book.engine import BookEngine
    from spymaster_engine.kernels.book.mbp_day import PriceBookEngine, price_rows_of
    from spymaster_engine.kernels.prefetched import prefetched

    shaping = dict(settings)
    input_content_hash = shaping.pop("input_content_hash")
    config = surfaces.book_config(**shaping)
    engine: Any = BookEngine(config) if prices is None else PriceBookEngine(config)
    records: Any = records_of(orders or ()) if prices is None else price_rows_of(prices)

    def outputs() -> Iterator[Any]:
        for chunk in prefetched(records):
            yield from engine.feed(chunk)
        yield from engine.finish()

    hashers = {name: ColumnHasher(tuple(schema.names)) for name, schema in _SCHEMAS.items()}
    n_rows = dict.fromkeys(hashers, 0)
    # reading, replay and writing overlap in three threads
    for output in prefetched(outputs()):
        for relation, columns_of in _COLUMNS.items():
            found = columns_of(output)
            count = len(found["window_start_ts"])
            if count:
                hashers[relation].update(found)
                n_rows[relation] += count
                yield relation, surfaces.arrow_columns(found, _SCHEMAS[relation])
        engine.recycle(output)
    engine.check_day()

    hashes = {relation: hasher.hexdigest() for relation, hasher in hashers.items()}
    summary = engine.summary()
    summary |= {
        "engine_version": ENGINE_VERSION,
        "input_content_hash": input_content_hash,
        "output_content_hash": hash_of({"files": hashes, "summary": summary}),
    }
    yield QA, {field.name: pa.array([summary[field.name]], field.type) for field in SUMMARY}
    hashes[QA], n_rows[QA] = hash_of(summary), 1
    yield (
        CONTENTS,
        {
            "relation": list(hashes),
            "n_rows": [n_rows[relation] for relation in hashes],
            "content_hash": list(hashes.values()),
        },
    )


SUMMARY = pa.schema(
    [
        *((name, pa.int64()) for name in surfaces.summary_names()),
        *((name, pa.string()) for name in _HASHES),
    ]
)

BOOK_ENGINE = Kernel(
    "book_engine",
    # one of both streams
    inputs={"orders": ORDERS, "prices": BEST_PRICES, "settings": _SETTINGS},
    outputs={
        **_SCHEMAS,
        QA: SUMMARY,
        CONTENTS: pa.schema(
            [
                *columns(("relation",), pa.string()),
                *columns(("n_rows",)),
                *columns(("content_hash",), pa.string()),
            ]
        ),
    },
    run=_book_engine,
    version=int(ENGINE_VERSION),
)
