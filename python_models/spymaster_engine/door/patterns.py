"""Kernels of the patterns.

- ``key_movements``: where a movement ends, the scan for the next begins; SQL would have to look
  ahead from every second.
- ``retest_events``: each step of a pattern begins where the one before it ended; SQL would need a
  recursion per level.
- ``fingerprints``: what the orders of a contract-day say about who sent them, in one pass.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from spymaster_engine.door.kernel import Kernel
from spymaster_engine.door.landed import ORDERS
from spymaster_engine.door.passes import Pass, whole_day
from spymaster_engine.door.tables import arrays, columns, in_order_of
from spymaster_engine.fingerprint_columns import (
    COUNTS,
    ICEBERG_COUNTS,
    MEASURES,
    NULLABLE_COUNTS,
)
from spymaster_engine.movement_columns import MOVEMENTS, SECONDS
from spymaster_engine.retest_columns import APPROACHES, EVENTS, LIMITS, OUTCOMES, TRADES

# times and prices of the kernel's trades, NULL without a trade
_OF_TRADES = {
    "cross_trade": ("cross_ns", "cross_tick"),
    "retest_trade": ("retest_ns", "retest_tick"),
    "outcome_trade": ("outcome_ns", "outcome_tick"),
}
_NUMBERS = tuple(name for name in EVENTS if name not in _OF_TRADES and name != "outcome")
_EVENTS = (*_NUMBERS, *(name for names in _OF_TRADES.values() for name in names))

_SIDE = pa.field("side", pa.string(), nullable=False)


def _without_side(names: Sequence[str]) -> list[str]:
    return [name for name in names if name != "side"]


def _key_movements(
    seconds: pa.RecordBatch, within_s: int, against_divisor: float
) -> dict[str, np.ndarray]:
    from spymaster_engine.kernels.patterns import key_movements

    return key_movements(arrays(seconds), within_s, against_divisor)


def _retest_events(
    trades: pa.RecordBatch, approaches: pa.RecordBatch, limits: dict[str, int]
) -> dict[str, pa.Array]:
    from spymaster_engine.kernels.patterns import retest_events
    from spymaster_engine.kernels.patterns.retests import UNKNOWN, times_of_trades

    second_s, tick, ts_ns = in_order_of(trades, "trade_no", TRADES).values()
    found = retest_events(second_s, tick, ts_ns, arrays(approaches), limits)
    events = {name: pa.array(found[name], mask=found[name] == UNKNOWN) for name in _NUMBERS}
    for trade, names in _OF_TRADES.items():
        places = pa.array(found[trade], mask=found[trade] < 0)
        for name, values in zip(names, (times_of_trades(ts_ns), tick), strict=True):
            events[name] = pa.array(values).take(places)
    return events | {"outcome": pa.array(OUTCOMES).take(pa.array(found["outcome"]))}


def _begin_fingerprints(_: str, settings: dict[str, Any]) -> Pass:
    from spymaster_engine.kernels.patterns.fingerprint_pass import FingerprintPass

    return FingerprintPass(settings)


PATTERN_KERNELS = (
    Kernel(
        "key_movements",
        inputs={
            # the known seconds in order of time
            "seconds": pa.schema([*columns(SECONDS[:-1]), (SECONDS[-1], pa.float64())]),
            "within_s": pa.int64(),
            "against_divisor": pa.float64(),
        },
        outputs={"movements": columns(MOVEMENTS)},
        run=_key_movements,
    ),
    Kernel(
        "retest_events",
        inputs={
            # trade_no is the order
            "trades": columns(("trade_no", *TRADES)),
            "approaches": columns(APPROACHES),
            "limits": pa.struct(columns(LIMITS)),
        },
        outputs={
            "events": pa.schema(
                [*columns(_EVENTS, nullable=_EVENTS), pa.field("outcome", pa.string())]
            )
        },
        run=_retest_events,
    ),
    Kernel(
        "fingerprints",
        inputs={
            "orders": ORDERS,
            "settings": pa.struct(
                [
                    ("tick_int", pa.int64()),
                    ("day_start_s", pa.int64()),
                    # ranges of seconds with rows, NULL for all
                    ("surfaces_s", pa.list_(pa.list_(pa.int64()))),
                    *columns(
                        (
                            "max_ticks",
                            "requote_ms",
                            "requote_max_ticks",
                            "chase_ms",
                            "withdraw_ms",
                            "withdraw_max_ticks",
                            "refill_ms",
                            "periodicity_min_arrivals",
                            "periodicity_sizes",
                        )
                    ),
                    ("periodicity_fundamental_share", pa.float64()),
                    ("periodicity_fundamental_min", pa.float64()),
                ]
            ),
        },
        outputs={
            "windows": pa.schema(
                [
                    _SIDE,
                    *columns(_without_side(COUNTS), nullable=NULLABLE_COUNTS),
                    *columns(MEASURES, pa.float64(), nullable=MEASURES),
                ]
            ),
            # columns of the relation of this name
            "iceberg_1s": pa.schema(
                [
                    pa.field("window_start_ts", pa.timestamp("us"), nullable=False),
                    _SIDE,
                    *columns(("price_int", *ICEBERG_COUNTS)),
                ]
            ),
        },
        run=whole_day(_begin_fingerprints),
        begin=_begin_fingerprints,
        version=2,
    ),
)
