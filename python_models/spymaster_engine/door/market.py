"""Kernels of the market.

- ``market_seconds``: the ten best prices second by second, in one pass over the landed records of
  each source.
- ``published_book``: how far each second of market by price shows the book, and where its trades
  executed; SQL would compare the twenty levels of every row with those of the row before.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from spymaster_engine.door.kernel import Kernel
from spymaster_engine.door.landed import LEVELS, ORDERS, TRADED_LEVELS
from spymaster_engine.door.passes import Pass, whole_day
from spymaster_engine.door.tables import columns
from spymaster_engine.market_columns import (
    MARKET_ROW,
    nullable_columns,
    number_columns,
    value_columns,
)
from spymaster_engine.published_book_columns import EXECUTIONS, NULLABLE
from spymaster_engine.published_book_columns import SECONDS as PUBLISHED_SECONDS


def _begin_market(stream: str, settings: dict[str, Any]) -> Pass:
    from spymaster_engine.kernels.market.market_pass import MarketPass

    return MarketPass(stream, settings)


def _begin_published(_: str, settings: dict[str, Any]) -> Pass:
    from spymaster_engine.kernels.market.published_day import PublishedDay

    return PublishedDay(**settings)


def _seconds(inputs: Mapping[str, Any]) -> dict[str, pa.Schema]:
    bands = inputs["settings"]["bands"]
    numbers = number_columns(bands)
    nullable = nullable_columns(bands)
    return {
        "seconds": pa.schema(
            [
                pa.field("source", pa.string(), nullable=False),
                pa.field("is_valid_end", pa.bool_(), nullable=False),
                *columns([name for name in MARKET_ROW if name != "is_valid_end"]),
                *columns(numbers, nullable=nullable),
                *columns([f"{name}_ns" for name in value_columns(bands)], pa.float64()),
            ]
        )
    }


MARKET_KERNELS = (
    Kernel(
        "market_seconds",
        inputs={
            "mbo": ORDERS,
            "mbp10": LEVELS,
            "settings": pa.struct(
                [
                    ("tick_int", pa.int64()),
                    ("day_start_s", pa.int64()),
                    ("bands", pa.list_(pa.string())),
                    ("edges_ticks", pa.list_(pa.int64())),
                    ("reach_ticks", pa.int64()),
                ]
            ),
        },
        outputs=_seconds,
        run=whole_day(_begin_market),
        begin=_begin_market,
    ),
    Kernel(
        "published_book",
        inputs={
            "mbp10": TRADED_LEVELS,
            "settings": pa.struct([("tick_int", pa.int64()), ("day_start_s", pa.int64())]),
        },
        outputs={
            "executions": columns(EXECUTIONS),
            "seconds": columns(PUBLISHED_SECONDS, nullable=NULLABLE),
        },
        run=whole_day(_begin_published),
        begin=_begin_published,
    ),
)
