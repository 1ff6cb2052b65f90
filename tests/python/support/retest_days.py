"""A day of trades around one level made by hand, and the model's SQL over it in memory."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from spymaster_engine.door import KERNELS, register

from support.relations_of_models import create_relation, create_view

SYMBOL, DT = "ESZ5", dt.date(2025, 10, 1)
LEVEL = "pm_high"
TICK_INT = 250_000_000
MIDNIGHT = dt.datetime.combine(DT, dt.time())
NS = 1_000_000_000
RUNGS = range(-4, 5)
_INPUTS = (
    "silver.contract_days",
    "silver.book_snapshot_1s",
    "silver.recording_gaps",
    "silver.level_offset_1s",
    "silver.levels_1s",
    "silver.bars",
    "steps.contract_trades",
    "gold.turn_conditions_1s",
    "gold.turn_conditions_mbp_1s",
    "silver.physics_bands_1s",
    "silver.level_ladder_1s",
)
_OF_CONDITIONS = ("gold.turn_conditions_1s", "gold.turn_conditions_mbp_1s", "silver.contract_days")
_TIMES = (
    "approach_ts",
    "cross_ts",
    "broken_ts",
    "broken_window_end_ts",
    "retest_ts",
    "retest_window_end_ts",
    "outcome_ts",
    "label_end_ts",
    "available_from_ts",
)
_INVALID = 1
Row = dict[str, Any]


@dataclass(frozen=True)
class Book:
    """What the book did in a second.

    Attributes:
        c: the four conditions.
        state: their state.
        above, below: scores of ease.
        bids, asks: states of the nine rungs, from the lowest up.
    """

    c: tuple[bool | None, ...]
    state: str | None
    above: float
    below: float
    bids: tuple[str | None, ...]
    asks: tuple[str | None, ...]

    def mirrored(self) -> Book:
        """Return the book with prices reflected."""
        return Book(
            (*self.c[2:], *self.c[:2]),
            self.state,
            self.below,
            self.above,
            self.asks[::-1],
            self.bids[::-1],
        )


@dataclass(frozen=True)
class Day:
    """Times in seconds after midnight, prices in ticks.

    Attributes:
        trades: (time, tick).
        approaches: (second end, level tick) at which the level is approached.
        direction: 1 from below, -1 from above.
        n_seconds: seconds with a snapshot.
        invalid: invalid seconds, by their start.
        gaps: (start, end, known) of recording gaps.
        bars: (end, tick) of closes of two minutes.
        levels: (second end, level tick) at which the level is active but not approached.
        books: what the book did, by second end.
        has_orders: whether market by order is landed; without it the book's scores and rungs are
            not known, and its conditions are net.
    """

    trades: tuple[tuple[float, int], ...] = ()
    approaches: tuple[tuple[int, int], ...] = ()
    direction: int = 1
    n_seconds: int = 0
    invalid: tuple[int, ...] = ()
    gaps: tuple[tuple[float, float, float], ...] = ()
    bars: tuple[tuple[int, int], ...] = ()
    levels: tuple[tuple[int, int], ...] = ()
    books: Mapping[int, Book] = field(default_factory=dict)
    has_orders: bool = True

    def at_prices(self, sign: int, ticks: int) -> Day:
        """Return the day with each price ``sign * price + ticks``; sign -1 reflects it."""

        def moved(points: Iterable[tuple[Any, int]]) -> tuple[tuple[Any, int], ...]:
            return tuple((time, sign * tick + ticks) for time, tick in points)

        books = {at: book if sign == 1 else book.mirrored() for at, book in self.books.items()}
        return replace(
            self,
            trades=moved(self.trades),
            approaches=moved(self.approaches),
            bars=moved(self.bars),
            levels=moved(self.levels),
            direction=sign * self.direction,
            books=books,
        )


def events_of(day: Day, query: str) -> list[Row]:
    """Return the events of a day by the compiled SQL, times in seconds and prices in ticks.

    Args:
        day: the day.
        query: ``Compiler.compile("--select", "retest_events")``.
    """
    with duckdb.connect() as connection:
        register(connection, KERNELS.values())
        for relation in _INPUTS:
            create_relation(connection, relation)
        create_view(connection, "gold.conditions_in_use_1s", _OF_CONDITIONS)
        _insert_day(connection, day)
        _insert_books(connection, day)
        sql = query.replace("__partition_symbol__", SYMBOL).replace("__partition_dt__", f"{DT}")
        asked = connection.execute(
            f"select * replace ({', '.join(map(_seconds, _TIMES))}) from ({sql})"
        )
        names = [name for name, *_ in asked.description]
        rows = [dict(zip(names, row, strict=True)) for row in asked.fetchall()]
    for row in rows:
        for name in ("level_price_int", "cross_price_int", "retest_price_int"):
            price = row.pop(name)
            row[name.removesuffix("_price_int") + "_tick"] = price and price // TICK_INT
    return rows


def _seconds(name: str) -> str:
    return f"round((epoch_ns({name}) - {_ns(0)}) / {NS}, 6) as {name}"


def _ns(at_s: float) -> int:
    return int(MIDNIGHT.replace(tzinfo=dt.UTC).timestamp()) * NS + round(at_s * NS)


def _ts(at_s: float) -> dt.datetime:
    return MIDNIGHT + dt.timedelta(seconds=at_s)


def _insert(connection: duckdb.DuckDBPyConnection, relation: str, rows: list[Row]) -> None:
    if rows:
        own = pa.Table.from_pylist([{"symbol": SYMBOL, "dt": DT} | row for row in rows])
        connection.register("own_rows", own)
        connection.execute(f"insert into {relation} by name select * from own_rows")
        connection.unregister("own_rows")


def _insert_day(connection: duckdb.DuckDBPyConnection, day: Day) -> None:
    contract_day = {"tick_int": TICK_INT, "book_source": "mbo" if day.has_orders else "mbp10"}
    _insert(connection, "silver.contract_days", [contract_day])
    connection.execute(
        f"""
        insert into silver.book_snapshot_1s
            (symbol, dt, window_start_ts, window_end_ts, invalid_flags)
        select
            '{SYMBOL}',
            date '{DT}',
            timestamp '{MIDNIGHT}' + to_seconds(n),
            timestamp '{MIDNIGHT}' + to_seconds(n + 1),
            if(list_contains({list(day.invalid)}::bigint[], n), {_INVALID}, 0)
        from range({day.n_seconds}) as seconds(n)
        """
    )
    for start, end, known in day.gaps:
        connection.execute(
            "insert into silver.recording_gaps (symbol, dt, gap_start_ts, gap_end_ts, known_at_ts) "
            "values (?, ?, make_timestamp_ns(?), make_timestamp_ns(?), make_timestamp_ns(?))",
            [SYMBOL, DT, *map(_ns, (start, end, known))],
        )
    trades = [
        {
            "trade_no": number,
            "ts_event": np.datetime64(_ns(at), "ns"),
            "window_start_ts": _ts(int(at)),
            "price_int": tick * TICK_INT,
        }
        for number, (at, tick) in enumerate(day.trades, 1)
    ]
    _insert(connection, "steps.contract_trades", trades)
    name = "approach_up" if day.direction == 1 else "approach_down"
    approached = [
        {"window_end_ts": _ts(at), "level_id": LEVEL, "approach_dir": name}
        for at, _ in day.approaches
    ]
    _insert(connection, "silver.level_offset_1s", approached)
    _insert(
        connection,
        "silver.levels_1s",
        [
            {"window_end_ts": _ts(at), "level_id": LEVEL, "level_tick": tick, "is_primary": True}
            for at, tick in (*day.approaches, *day.levels)
        ],
    )
    bars = [
        {"bar_s": 120, "bar_end_ts": _ts(at), "close_price_int": tick * TICK_INT}
        for at, tick in day.bars
    ]
    _insert(connection, "silver.bars", bars)


def _insert_books(connection: duckdb.DuckDBPyConnection, day: Day) -> None:
    conditions, scores, rungs = [], [], []
    for at, book in day.books.items():
        moment, level = {"window_end_ts": _ts(at)}, {"level_id": LEVEL}
        met = dict(zip(("c1", "c2", "c3", "c4"), book.c, strict=True))
        conditions.append(moment | level | met | {"state": book.state, "held_s": 3})
        scores.append(moment | {"above_score": book.above, "below_score": book.below})
        rungs += [
            moment | level | {"point_offset": rung, "bid_state": bid, "ask_state": ask}
            for rung, bid, ask in zip(RUNGS, book.bids, book.asks, strict=True)
        ]
    if not day.has_orders:
        _insert(connection, "gold.turn_conditions_mbp_1s", conditions)
        return
    _insert(connection, "gold.turn_conditions_1s", conditions)
    # a day with both schemas has both forms; the net one is not in use
    net = [row | {"state": "all_four", "held_s": 7} for row in conditions]
    _insert(connection, "gold.turn_conditions_mbp_1s", net)
    _insert(connection, "silver.physics_bands_1s", scores)
    _insert(connection, "silver.level_ladder_1s", rungs)
