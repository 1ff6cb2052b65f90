"""Records of market by price as a contract-day, and the net flows that the models make of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import duckdb
import pyarrow as pa
from naive.market_states import State
from naive.model import NS_PER_S
from spymaster_engine.door import KERNELS
from spymaster_engine.door.landed import LEVELS, TRADED_LEVELS
from spymaster_ingest.lake import PROJECT_ROOT
from spymaster_warehouse.project_vars import project_vars

from support.model_sql import GIVEN, model_connection, model_sql, rendered
from support.relations_of_models import create_relation
from support.strategies.mbo_script import DAY_START_NS, TICK_INT

Row = dict[str, Any]
SYMBOL = "ESZ5"
DAY = datetime.fromtimestamp(DAY_START_NS // NS_PER_S, UTC).date()
_PARTITION = {"symbol": SYMBOL, "dt": str(DAY)}
_SNAPSHOT = """
insert into given.book_snapshot_1s by name
select make_timestamp(second * 1000000) as window_start_ts, spot * {tick_int} as spot_ref_price_int,
    is_valid as window_valid from snapshot
"""


def landed(records: Sequence[Mapping[str, Any]], is_traded: bool = True) -> pa.Table:
    """Return records as they are read from a landed file."""
    schema = (TRADED_LEVELS if is_traded else LEVELS).schema
    return pa.table(
        {
            field.name: pa.array(
                [record[field.name] for record in records], _plain(field.type)
            ).cast(field.type)
            for field in schema
        },
        schema=schema,
    )


def _plain(kind: pa.DataType) -> pa.DataType:
    return pa.string() if pa.types.is_dictionary(kind) else kind


def published_rows(records: Sequence[Mapping[str, Any]], tick_int: int = TICK_INT) -> list[Row]:
    """Return the rows of published_book_1s."""
    with model_connection() as connection:
        _give_published(connection, records, tick_int)
        return _rows(
            connection, f"select * from {GIVEN}.published_book_1s order by window_start_ts"
        )


def net_flows(
    records: Sequence[Mapping[str, Any]],
    spot: Mapping[int, int],
    valid: Mapping[int, bool],
    tick_int: int = TICK_INT,
    **variables: Any,
) -> dict[tuple[int, int], Row]:
    """Return the rows of turn_flows_mbp_1s by the end and the length of the window.

    Args:
        records: of market by price, times in ns.
        spot: at the end of each second, ticks.
        valid: whether each second is valid.
        tick_int: Minimum price increment.
        variables: vars of the project that have another value.
    """
    with model_connection() as connection:
        _give_published(connection, records, tick_int)
        settings = {"tick_int": tick_int, "day_start_s": DAY_START_NS // NS_PER_S}
        bands = project_vars()["market_bands"]
        settings |= {"bands": list(bands), "edges_ticks": [far for _, far in bands.values()]}
        settings |= {"reach_ticks": 10}
        seconds = KERNELS["market_seconds"](
            mbo=None, mbp10=landed(records, is_traded=False), settings=settings
        )
        market = pa.Table.from_batches([batch for _, batch in seconds])
        connection.register(
            "market",
            market.rename_columns(
                ["ofi_price_10t" if name == "ofi_price" else name for name in market.column_names]
            ),
        )
        create_relation(connection, f"{GIVEN}.contract_days")
        create_relation(connection, f"{GIVEN}.book_snapshot_1s")
        connection.execute(
            f"insert into {GIVEN}.contract_days (symbol, dt, tick_int) values (?, ?, ?)",
            [SYMBOL, DAY, tick_int],
        )
        connection.execute(
            f"create table {GIVEN}.market_book_1s as select '{SYMBOL}' as symbol, "
            f"date '{DAY}' as dt, make_timestamp(window_s * 1000000) as window_start_ts, "
            "* exclude (window_s) from market"
        )
        connection.register(
            "snapshot",
            pa.table(
                {
                    "second": list(spot),
                    "spot": list(spot.values()),
                    "is_valid": [valid[second] for second in spot],
                }
            ),
        )
        connection.execute(_SNAPSHOT.format(tick_int=tick_int))
        query = model_sql("turn_flows_mbp_1s", connection, variables, _PARTITION, {})
        return {
            (_second(row["window_end_ts"]), row["condition_window_s"]): row
            for row in _rows(connection, query)
        }


def _give_published(
    connection: duckdb.DuckDBPyConnection, records: Sequence[Mapping[str, Any]], tick_int: int
) -> None:
    settings = {"tick_int": tick_int, "day_start_s": DAY_START_NS // NS_PER_S}
    found: dict[str, list[pa.RecordBatch]] = {"executions": [], "seconds": []}
    for name, batch in KERNELS["published_book"](mbp10=landed(records), settings=settings):
        found[name].append(batch)
    for name, batches in found.items():
        connection.register(name, pa.Table.from_batches(batches))
    path = "models/silver/market/steps/published_book_1s.sql"
    query = _rendered(path, connection)
    connection.execute(f"create schema {GIVEN}; create table {GIVEN}.published_book_1s as {query}")


def _rendered(path: str, connection: duckdb.DuckDBPyConnection) -> str:
    text = (PROJECT_ROOT / path).read_text(encoding="utf-8")
    query = rendered(
        text,
        connection,
        {},
        {"partitioned_by": lambda *_, **__: "", "kernel_output": lambda name: name},
    )
    for column, value in _PARTITION.items():
        query = query.replace(f"__partition_{column}__", value)
    return query


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[Row]:
    answer = connection.execute(query)
    names = [column[0] for column in answer.description]
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


def _second(moment: datetime) -> int:
    return int(moment.replace(tzinfo=UTC).timestamp())


def spot_of(states: Sequence[State], tick_int: int = TICK_INT) -> dict[int, int]:
    """Return a spot for each second: the best bid at its end, ticks."""
    found: dict[int, int] = {}
    for state, following in zip(states, [*states[1:], states[-1]], strict=True):
        if state.bids:
            tick = state.bids[0].price_int // tick_int
            last = max(following.time_ns // NS_PER_S, state.time_ns // NS_PER_S + 1)
            for second in range(state.time_ns // NS_PER_S, last):
                found[second] = tick
    if states and states[-1].bids:
        found[states[-1].time_ns // NS_PER_S] = states[-1].bids[0].price_int // tick_int
    return found
