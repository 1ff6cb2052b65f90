"""Landed tables that kernels read, in the order of their records."""

from __future__ import annotations

import pyarrow as pa

from spymaster_engine.door.streams import Stream
from spymaster_engine.market_columns import level_columns

_TIME = pa.timestamp("ns")
_LETTER = pa.dictionary(pa.int32(), pa.string())

# market by order, of futures and of options
ORDERS = Stream(
    pa.schema(
        [
            pa.field("ts_event", _TIME),
            pa.field("ts_recv", _TIME),
            pa.field("instrument_id", pa.uint32()),
            pa.field("order_id", pa.uint64()),
            pa.field("price_int", pa.int64()),
            pa.field("size", pa.uint32()),
            pa.field("flags", pa.uint8()),
            pa.field("action", _LETTER),
            pa.field("side", _LETTER),
        ]
    )
)

# the best level of market by price, with the trades
BEST_PRICES = Stream(
    pa.schema(
        [
            pa.field("ts_event", _TIME),
            pa.field("ts_recv", _TIME),
            pa.field("price_int", pa.int64()),
            pa.field("size", pa.uint32()),
            pa.field("flags", pa.uint8()),
            pa.field("action", _LETTER),
            pa.field("side", _LETTER),
            pa.field("bid_px_00_int", pa.int64()),
            pa.field("ask_px_00_int", pa.int64()),
            pa.field("bid_sz_00", pa.uint32()),
            pa.field("ask_sz_00", pa.uint32()),
        ]
    )
)

# market by price with the ten best levels: some 24 MB of levels, which a kernel reads while the
# next ones are decoded
LEVELS = Stream(
    pa.schema(
        [
            pa.field("ts_event", _TIME),
            pa.field("ts_recv", _TIME),
            pa.field("flags", pa.uint8()),
            pa.field("action", _LETTER),
            *(
                pa.field(name, pa.int64() if name.endswith("_int") else pa.uint32())
                for name in level_columns()
            ),
        ]
    ),
    chunk_rows=1 << 16,
)

# the same with the trades, which are rows of their own
TRADED_LEVELS = Stream(
    pa.schema(
        [
            *LEVELS.schema,
            pa.field("side", _LETTER),
            pa.field("price_int", pa.int64()),
            pa.field("size", pa.uint32()),
        ]
    ),
    chunk_rows=LEVELS.chunk_rows,
)
