"""Hand-made lakes of products without order flow, whose answers compare market features."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
from naive.levels_vectors import CONTEXT as ALL_CONTEXT
from spymaster_ingest.lake import Lake

from support.retrieval_inputs import GOLD, OF_ORDER_FLOW, record_partitions, write_market_vectors
from support.retrieval_lakes import write_lake
from support.retrieval_market import DIRECTIONS, Approach


def write_market_lake(
    root: Path, approaches: list[Approach], seen: list[Approach], selected: dict[dt.date, str]
) -> Lake:
    """Write a lake without order flow: ``seen`` are its approaches by market features."""
    lake = write_lake(root, approaches, selected)
    with duckdb.connect(str(lake.warehouse)) as connection:
        only_market(connection, seen)
    return lake


def only_market(connection: duckdb.DuckDBPyConnection, seen: list[Approach]) -> None:
    """Take the order flow from a lake, and write the market vectors of its approaches."""
    for relation in OF_ORDER_FLOW:
        schema = "gold" if relation in GOLD else "silver"
        connection.execute(f"delete from {schema}.{relation}")
    connection.execute("delete from steps.turn_states_1s")
    connection.execute("update gold.conditions_in_use_1s set conditions_basis = 'net'")
    connection.execute(
        "update bronze.ingest_manifest set dataset_key = 'bronze.future.market_by_price_10'"
    )
    add_market(connection, seen)
    connection.execute("delete from meta.partition_state where relation in " + str(OF_ORDER_FLOW))


def add_market(connection: duckdb.DuckDBPyConnection, seen: list[Approach]) -> None:
    """Write market vectors and the names of the whole context."""
    connection.execute("delete from gold.mbo_trigger_vector_features where set = 'context'")
    connection.executemany(
        "insert into gold.mbo_trigger_vector_features values (?, ?, ?, ?, 'context')",
        [
            (direction, place, name, name)
            for direction in DIRECTIONS.values()
            for place, name in enumerate(ALL_CONTEXT)
        ],
    )
    write_market_vectors(connection, [(row.symbol, row.window_end_ts, row.vector) for row in seen])
    record_partitions(connection, {(row.symbol, row.day) for row in seen})
