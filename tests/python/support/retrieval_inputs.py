"""Partitions of the inputs of retrieval in hand-made lakes, and market vectors in them."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable

import duckdb

from support.retrieval_market import MARKET_FEATURES
from support.schemas import with_schema

GOLD = ("mbo_trigger_vectors", "market_feature_vectors", "level_labels")
# relations that need orders
OF_ORDER_FLOW = ("mbo_trigger_vectors", "mbo_level_vacuum_5s")
INPUTS = (
    *GOLD,
    "level_decisions",
    "approach_course_1s",
    "approach_windows_5s",
    "turn_states_1s",
    "mbo_level_vacuum_5s",
)


def record_partitions(
    connection: duckdb.DuckDBPyConnection, contract_days: Iterable[tuple[str, dt.date]]
) -> None:
    """Write the state of the partitions of the inputs from their content."""
    connection.execute("delete from meta.partition_state where relation in " + str(INPUTS))
    for relation in INPUTS:
        for symbol, day in sorted(contract_days):
            name = with_schema(relation, "gold" if relation in GOLD else "silver")
            rows = connection.execute(
                f"select cast(t as varchar) from {name} as t "
                "where symbol = ? and dt = ? order by all",
                [symbol, day],
            ).fetchall()
            fingerprint = hashlib.md5(repr(rows).encode()).hexdigest()
            connection.execute(
                "insert into meta.partition_state values (?, ?, ?, ?, 'code')",
                [relation, symbol, day, fingerprint],
            )


def write_conditions_in_use(connection: duckdb.DuckDBPyConnection, window_s: int) -> None:
    """Write the conditions in use from the states from orders, which windows of a length have."""
    connection.execute(
        "create or replace table gold.conditions_in_use_1s as "
        "select * exclude (condition_window_s), 'orders' as conditions_basis "
        f"from steps.turn_states_1s where condition_window_s = {window_s}"
    )


def write_market_vectors(
    connection: duckdb.DuckDBPyConnection, rows: list[tuple[str, dt.datetime, list[float | None]]]
) -> None:
    """Write market vectors of MARKET_FEATURES: contract, end of the window, and values."""
    connection.execute(
        "create or replace table gold.market_feature_vectors (symbol varchar, dt date, "
        f"window_end_ts timestamp, vector float[{len(MARKET_FEATURES)}])"
    )
    connection.execute(
        "create or replace table gold.market_feature_vector_features as select "
        f"cast(unnest(range({len(MARKET_FEATURES)})) as integer) as feature_index, "
        f"unnest({list(MARKET_FEATURES)}) as feature_name, 'market' as family, 'ratio' as scale"
    )
    for symbol, moment, vector in rows:
        connection.execute(
            "insert into gold.market_feature_vectors values (?, ?, ?, ?)",
            [symbol, moment.date(), moment, vector],
        )
