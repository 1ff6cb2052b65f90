"""A database with the inputs of one contract-day, for models of what followed at prices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
from naive.levels_model import LevelKey, Row

from support.level_days import TICK_INT, Day
from support.model_sql import GIVEN, model_connection, model_sql
from support.relations_of_models import create_relation

STRIKES_POINTS = range(4000, 7000, 5)


class Made:
    """A database with the inputs of one contract-day."""

    def __init__(self, day: Day, levels: Mapping[LevelKey, Row], **settings: object) -> None:
        """Fill the relations that the models read."""
        self.day, self.levels = day, levels
        self.connection = model_connection()
        self.fill("book_snapshot_1s", day.snapshot)
        self.fill("levels_1s", list(levels.values()))
        of_day = {"symbol": day.symbol, "dt": day.dt}
        self.fill("contract_days", [of_day | {"tick_int": TICK_INT, "quote_source": "mbo"}])
        settings = {"approach_min_ticks": 3, "barrier_min_ticks": 4} | settings
        self.fill("level_settings", [of_day | {"barrier_mode": "fixed"} | settings])
        gaps = [
            of_day
            | {"gap_start_ts": gap.start_ns, "gap_end_ts": gap.end_ns, "known_at_ts": gap.end_ns}
            for gap in day.gaps
        ]
        self.fill("recording_gaps", gaps)
        strikes = [of_day | {"strike_price_int": points * 10**9} for points in STRIKES_POINTS]
        self.fill("option_contracts", strikes)
        trades = [
            of_day
            | {
                "trade_no": number,
                "ts_event": trade.ts_event_ns,
                "window_start_ts": trade.window_s * 1_000_000,
                "price_int": trade.price_int,
                "size": trade.size,
            }
            for number, trade in enumerate(day.trades, start=1)
        ]
        self.fill("contract_trades", trades)

    def fill(self, relation: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Create a relation that models read, with rows whose other columns are NULL."""
        create_relation(self.connection, f"{GIVEN}.{relation}")
        if not rows:
            return
        self.connection.register("rows", pa.Table.from_pylist([dict(row) for row in rows]))
        described = self.connection.execute(f"describe {GIVEN}.{relation}").fetchall()
        kinds = {name: kind for name, kind, *_ in described}
        times = {"TIMESTAMP": "make_timestamp", "TIMESTAMP_NS": "make_timestamp_ns"}
        values = ", ".join(
            f"{times[kinds[name]]}({name}) as {name}"
            if kinds[name] in times and isinstance(rows[0][name], int)
            else name
            for name in rows[0]
            if name in kinds
        )
        self.connection.execute(f"insert into {GIVEN}.{relation} by name select {values} from rows")
        self.connection.unregister("rows")

    def build(self, model: str, **variables: object) -> None:
        """Make the table of a model from those that are there."""
        partition = {"symbol": self.day.symbol, "dt": str(self.day.dt)}
        query = model_sql(model, self.connection, variables, partition, {})
        self.connection.execute(f"create or replace table {GIVEN}.{model} as {query}")

    def rows(self, query: str) -> list[Row]:
        """Return the rows of a query."""
        answer = self.connection.execute(query)
        names = [column[0] for column in answer.description]
        return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]
