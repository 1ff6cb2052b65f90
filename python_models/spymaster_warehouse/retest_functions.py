"""Plugin of dbt-duckdb: the kernel of break and retest as a function of SQL.

Each step of a pattern begins where the one before it ended; SQL would need a recursion per level.
``retest_events(trades, approaches, limits)`` takes the trades and approaches of one partition as
lists and returns its events. Named in ``profiles.yml``.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import numpy as np
import pyarrow as pa
from dbt.adapters.duckdb.plugins import BasePlugin
from spymaster_engine.retest_columns import APPROACHES, EVENTS, LIMITS, OUTCOMES, TRADES

from spymaster_warehouse.arrow_columns import numbers, register, values_of_lists

# times and prices of the kernel's trades for SQL, NULL without a trade
_OF_TRADES = {
    "cross_trade": ("cross_ns", "cross_tick"),
    "retest_trade": ("retest_ns", "retest_tick"),
    "outcome_trade": ("outcome_ns", "outcome_tick"),
}
_NUMBERS = tuple(name for name in EVENTS if name not in _OF_TRADES and name != "outcome")
_COLUMNS = (*_NUMBERS, *(name for names in _OF_TRADES.values() for name in names))


def retest_events_of_lists(
    trades: pa.ChunkedArray, approaches: pa.ChunkedArray, limits: pa.ChunkedArray
) -> pa.Array:
    """Return a list of events for every list of approaches.

    Args:
        trades: lists of structs of int64: ``trade_no`` (their order) and the names of ``TRADES``.
        approaches: lists of structs of int64, by the names of ``APPROACHES``, in the order that
            ``retest_events`` requires.
        limits: structs of int64, by the names of ``LIMITS``.
    """
    # imported when events are built: it brings a compiler along
    from spymaster_engine.kernels.patterns import retest_events
    from spymaster_engine.kernels.patterns.retests import UNKNOWN, times_of_trades

    columns: dict[str, list[pa.Array]] = {name: [pa.array([], pa.int64())] for name in _COLUMNS}
    outcomes, lengths = [pa.array([], pa.string())], [0]
    for of_trades, of_approaches, chosen in zip(
        values_of_lists(trades), values_of_lists(approaches), limits, strict=True
    ):
        in_order = np.argsort(numbers(of_trades, "trade_no"))
        second_s, tick, ts_ns = (numbers(of_trades, name)[in_order] for name in TRADES)
        found = retest_events(
            second_s,
            tick,
            ts_ns,
            {name: numbers(of_approaches, name) for name in APPROACHES},
            chosen.as_py(),
        )
        for name in _NUMBERS:
            columns[name].append(pa.array(found[name], mask=found[name] == UNKNOWN))
        for trade, names in _OF_TRADES.items():
            places = pa.array(found[trade], mask=found[trade] < 0)
            for name, values in zip(names, (times_of_trades(ts_ns), tick), strict=True):
                columns[name].append(pa.array(values).take(places))
        outcomes.append(pa.array(OUTCOMES).take(pa.array(found["outcome"])))
        lengths.append(len(found["outcome"]))
    structs = pa.StructArray.from_arrays(
        [*(pa.concat_arrays(columns[name]) for name in _COLUMNS), pa.concat_arrays(outcomes)],
        [*_COLUMNS, "outcome"],
    )
    return pa.ListArray.from_arrays(pa.array(np.cumsum(lengths), pa.int32()), structs)


def _fields(names: Sequence[str]) -> str:
    return ", ".join(f"{name} BIGINT" for name in names)


class Plugin(BasePlugin):
    """Registers the function on every connection."""

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Register the function."""
        register(
            conn,
            "retest_events",
            retest_events_of_lists,
            [
                f"STRUCT({_fields(('trade_no', *TRADES))})[]",
                f"STRUCT({_fields(APPROACHES)})[]",
                f"STRUCT({_fields(LIMITS)})",
            ],
            f"STRUCT({_fields(_COLUMNS)}, outcome VARCHAR)[]",
        )
