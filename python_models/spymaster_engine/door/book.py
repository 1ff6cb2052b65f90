"""Kernel of the book.

- ``book_engine``: seconds of the book, walls, re-prices and a summary of the day, in one pass over
  the landed records of a contract-day: by order, or else by price.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from spymaster_engine import ENGINE_VERSION
from spymaster_engine.door.kernel import Kernel
from spymaster_engine.door.landed import BEST_PRICES, ORDERS
from spymaster_engine.door.passes import Pass, whole_day
from spymaster_engine.door.tables import columns
from spymaster_engine.kernels.book import surface_files as surfaces

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


def _begin(stream: str, settings: dict[str, Any]) -> Pass:
    from spymaster_engine.kernels.book.book_pass import BookPass

    return BookPass(stream, settings)


BOOK_ENGINE = Kernel(
    "book_engine",
    # one of both streams
    inputs={"orders": ORDERS, "prices": BEST_PRICES, "settings": _SETTINGS},
    outputs={
        **surfaces.SCHEMAS,
        surfaces.QA: surfaces.SUMMARY_SCHEMA,
        surfaces.CONTENTS: pa.schema(
            [
                *columns(("relation",), pa.string()),
                *columns(("n_rows",)),
                *columns(("content_hash",), pa.string()),
            ]
        ),
    },
    run=whole_day(_begin),
    begin=_begin,
    version=int(ENGINE_VERSION),
)
