"""What the published file says about its relations: columns, comments, the code behind them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import duckdb
from spymaster_ingest.lake import SCHEMAS, Lake

from spymaster.contracts import built_instead
from spymaster.explain.trace import Types
from spymaster.explain.wanted import Row
from spymaster.published import NotPublishedError, ask, ask_rows

_QUERIES = Path(__file__).parent / "queries"
# schemas whose relations can be explained
EXPLAINED = SCHEMAS
# of the steps of calculations, whose former names are views of another schema
STEPS = "steps"
_CODE = "meta.model_sql"
_PARTITIONS = "silver.contract_days"
_PASSES = "silver.book_engine_manifest"
# columns that name a row, in the order in which a reader wants them
KEYS = (
    *("symbol", "root", "dt", "window_start_ts", "window_end_ts", "ts_end", "trigger_ts"),
    *(
        "valid_from_ts",
        "minute_ts",
        "bar_s",
        "bar_start_ts",
        "bar_end_ts",
        "known_from_ts",
        "runs_from_ts",
    ),
    *("level_id", "level_tick", "side", "price_int", "price_from_int", "price_to_int"),
    *("point_offset", "condition_window_s", "side_role", "distance_ticks", "measure"),
    *("metric_name", "expiration", "strike_price_int", "option_symbol"),
    *("barrier_kind", "horizon_id"),
    *("vector_id", "trade_no", "rec_ordinal", "feature_index"),
    *("weight_group", "weight_name", "model", "asof_dt"),
)


@dataclass(frozen=True)
class Column:
    """A column of a relation: its SQL type and its description, None without one."""

    name: str
    data_type: str
    description: str | None


@dataclass(frozen=True)
class ModelCode:
    """The code that made a relation, as compiled; ``storage`` of a partitioned one."""

    language: str
    materialized: str
    storage: str
    sql: str


class Catalogue:
    """The relations of a published file, read once.

    Args:
        connection: the published file.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self._code: dict[str, ModelCode | None] = {}

    @cached_property
    def lake(self) -> Lake:
        """The lake in which the file lies."""
        [(path,)] = self.connection.execute(
            "select path from duckdb_databases() where database_name = current_database()"
        ).fetchall()
        return Lake(Path(path).parent)

    @cached_property
    def _columns(self) -> dict[str, dict[str, Column]]:
        found: dict[str, dict[str, Column]] = {}
        for schema, relation, *column in ask(
            self.connection, _QUERIES / "columns.sql", {}
        ).fetchall():
            found.setdefault(f"{schema}.{relation}", {})[column[0]] = Column(*column)
        return found

    @property
    def relations(self) -> list[str]:
        """Relations that can be explained, with their schema; former names of steps left out."""
        found = [name.partition(".") for name in self._columns]
        return [
            f"{schema}.{name}"
            for schema, _, name in found
            if schema in EXPLAINED and (schema == STEPS or f"{STEPS}.{name}" not in self._columns)
        ]

    def columns(self, relation: str) -> dict[str, Column]:
        """Return the columns of a relation by name, in their order; none of an unknown one."""
        return self._columns.get(relation, {})

    def keys(self, relation: str) -> list[str]:
        """Return the columns of a relation that name its rows."""
        columns = self.columns(relation)
        names = [name for name in KEYS if name in columns]
        # a row of a level has its price as a value
        return [name for name in names if name != "level_tick" or "level_id" not in columns]

    def types(self, relations: Iterable[str]) -> Types:
        """Return the types of the columns of some relations by schema, relation and column."""
        found: dict[str, dict[str, dict[str, str]]] = {}
        for relation in relations:
            schema, _, name = relation.partition(".")
            found.setdefault(schema, {})[name] = {
                column.name: column.data_type for column in self.columns(relation).values()
            }
        return found

    def description(self, relation: str) -> str | None:
        """Return the first paragraph of a relation's description."""
        schema, _, name = relation.partition(".")
        values = {"schema": schema, "name": name}
        found = ask(self.connection, _QUERIES / "description.sql", values).fetchone()
        return found[0].partition("\n\n")[0] if found and found[0] else None

    def code(self, relation: str) -> ModelCode | None:
        """Return the code that made a relation; None where the file has none of it."""
        if relation not in self._code:
            self._code[relation] = self._read_code(relation)
        return self._code[relation]

    def _read_code(self, relation: str) -> ModelCode | None:
        if _CODE not in self._columns:
            # published by a build that did not store it
            return None
        values = {"relation": relation}
        found = ask(self.connection, _QUERIES / "model_sql.sql", values).fetchone()
        return ModelCode(*found) if found else None

    def partition(self, symbol: str, day: object) -> Row:
        """Return a contract-day: symbol, dt, root, tick_int and landed_path.

        The last three are NULL in a file without silver.contract_days.

        Raises:
            NotPublishedError: It is not built.
        """
        values = {"symbol": symbol, "dt": day}
        if _PARTITIONS not in self._columns:
            return values | dict.fromkeys(("root", "tick_int", "landed_path"))
        found = ask_rows(self.connection, _QUERIES / "partition.sql", values)
        if not found:
            raise NotPublishedError(
                f"{symbol} {day}", "is not built", built_instead(self.connection, symbol)
            )
        return found[0]

    def engine_pass(self, symbol: str, day: object) -> Row | None:
        """Return the settings of the engine's pass over a contract-day, wall_max_ticks and rest_ns.

        None where the file does not have them.
        """
        if "rest_ns" not in self._columns.get(_PASSES, {}):
            return None
        values = {"symbol": symbol, "dt": day}
        found = ask_rows(self.connection, _QUERIES / "engine_pass.sql", values)
        return found[0] if found else None

    def last_trade(self, symbol: str, day: object, window_end_ts: object) -> Row | None:
        """Return the last trade up to the end of a second; None without any."""
        if "steps.contract_trades" not in self._columns:
            return None
        values = {"symbol": symbol, "dt": day, "window_end_ts": window_end_ts}
        found = ask_rows(self.connection, _QUERIES / "last_trade.sql", values)
        return found[0] if found else None

    def record(self, symbol: str, day: object, rec_ordinal: int) -> Row | None:
        """Return a record of steps.book_records; None without it.

        Its order_id is NULL where the book of the day is market by price.
        """
        values = {"symbol": symbol, "dt": day, "rec_ordinal": rec_ordinal}
        found = ask_rows(self.connection, _QUERIES / "record.sql", values)
        return found[0] if found else None
