"""Which alerts there are in some seconds: SQL says what is on, and this what begins."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from spymaster_ingest.units import PRICE_SCALE
from spymaster_warehouse.settings.alerts import AlertRule, AlertSettings

from spymaster.alerts.alert import Alert
from spymaster.alerts.events import Events, Key
from spymaster.alerts.happened import Happened
from spymaster.alerts.kinds import FACTS, PLACES, QUERIES, Query, missing
from spymaster.alerts.known import Known
from spymaster.alerts.made import alert_of
from spymaster.live.outlets import Rows
from spymaster.published import Row, ask, ask_rows

_QUERIES = Path(__file__).parent / "queries"
_SCHEMAS = ("silver", "gold", "alerts")
_FIRED = pa.schema([("window_end_ts", pa.timestamp("us")), ("level_id", pa.string())])
_OPEN = pa.schema([("event", pa.string()), ("rule", pa.string()), ("subject", pa.string())])
_RULES = pa.schema(
    [
        ("rule", pa.string()),
        ("levels", pa.list_(pa.string())),
        ("level_kinds", pa.list_(pa.string())),
    ]
)

# keys of kinds whose values are lists of texts; the others are numbers
_LISTS = ("states", "signals", "signal_states", "events", "walls")


class Evaluator:
    """The rules of a contract-day over its seconds, in order.

    Args:
        known: of the day before it begins.
        settings: rules of alerts; those of other products are left out.
        there: relations that can be read, with their schema.
        what: what other relations are not, as "live".
        say: takes a line on what rules cannot do.

    Attributes:
        rules: that count for the product.
    """

    def __init__(
        self,
        known: Known,
        settings: AlertSettings,
        there: Collection[str],
        what: str,
        say: Callable[[str], None],
    ) -> None:
        self.rules = [
            rule for rule in settings.rules if rule.products is None or known.root in rule.products
        ]
        self._known, self._min_approaches = known, settings.min_approaches
        self._by_name = {rule.name: rule for rule in self.rules}
        self._there = set(there)
        lacking = set()
        for _, query, words in missing(self.rules, self._there, what):
            lacking.add(query.name)
            say(words)
        self._queries = [
            query
            for query in QUERIES
            if query.name not in lacking and any(query.serves(rule) for rule in self.rules)
        ]
        self._facts = [name for name, read in FACTS.items() if self._there.issuperset(read)]
        self._events = Events({rule.name: rule.rearm_s for rule in self.rules})
        self._connection = duckdb.connect(config={"threads": 1})
        self._connection.execute("set TimeZone = 'UTC'")
        for schema in _SCHEMAS:
            self._connection.execute(f"create schema {schema}")
        self._keep("silver.level_definitions", known.levels)
        self._keep("gold.eval_walls", known.fates)
        self._keep("alerts.rules", _table_of_rules(self.rules))
        self._keep("alerts.watched", self._asked("watched").to_arrow_table())
        for kind in {query.kind for query in self._queries}:
            rules = [rule for rule in self.rules if rule.kind == kind]
            self._keep(f"alerts.{kind}", _table_of_kind(rules))

    def close(self) -> None:
        """Forget everything."""
        self._connection.close()

    def alerts(self, rows: Rows, from_ts: dt.datetime, to_ts: dt.datetime) -> list[Alert]:
        """Return the alerts of the seconds whose ends lie in (from_ts, to_ts], in order.

        Args:
            rows: of these seconds.
            from_ts: where the last call ended, UTC, without a zone.
            to_ts: end of the last second that is whole.
        """
        read = {relation for query in self._queries for relation in query.relations}
        for relation in sorted(read):
            self._keep(relation, rows.rows(relation, from_ts, to_ts))
        self._keep("alerts.open_events", pa.Table.from_pylist(self._open(), _OPEN))
        began = [
            row
            for query in self._queries
            for row in self._changes(query, from_ts, to_ts)
            if self._begins(row)
        ]
        if not began:
            return []
        places = {(row["window_end_ts"], row["level_id"]) for row in began}
        listed = [{"window_end_ts": at, "level_id": level_id} for at, level_id in places]
        self._keep("alerts.fired", pa.Table.from_pylist(listed, _FIRED))
        further = {relation for name in self._facts for relation in FACTS[name]}
        for relation in sorted(further - read):
            self._keep(relation, rows.rows(relation, from_ts, to_ts))
        facts = {name: self._facts_of(name) for name in self._facts}
        order = [rule.name for rule in self.rules]
        began.sort(key=lambda row: (row["window_end_ts"], order.index(row["rule"]), row["subject"]))
        return [
            alert_of(self._happened(row, facts), self._known, self._min_approaches) for row in began
        ]

    def _open(self) -> list[dict[str, str]]:
        return [key._asdict() for key in self._events.on()]

    def _changes(self, query: Query, from_ts: dt.datetime, to_ts: dt.datetime) -> list[Row]:
        values = {
            "from_ts": from_ts,
            "to_ts": to_ts,
            "price_scale": PRICE_SCALE,
            "tick_int": self._known.tick_int,
        }
        return ask_rows(self._connection, _QUERIES / f"{query.name}.sql", values)

    def _begins(self, row: Row) -> bool:
        key = Key(row["event"], row["rule"], row["subject"])
        return self._events.begins(key, row["window_end_ts"], is_on=row["is_on"])

    def _facts_of(self, name: str) -> dict[tuple[dt.datetime, str | None], Row]:
        found = ask_rows(self._connection, _QUERIES / f"{name}.sql", {})
        return {(row["window_end_ts"], row["level_id"]): row for row in found}

    def _happened(
        self, row: Row, facts: dict[str, dict[tuple[dt.datetime, str | None], Row]]
    ) -> Happened:
        at, level_id = row["window_end_ts"], row["level_id"]
        of_level = {name: found.get((at, level_id)) for name, found in facts.items()}
        return Happened(
            at,
            self._by_name[row["rule"]],
            row["event"],
            level_id,
            row["measured"],
            facts[PLACES][at, level_id],
            of_level.get("conditions"),
            of_level.get("courses"),
            of_level.get("answers"),
        )

    def _asked(self, name: str) -> duckdb.DuckDBPyConnection:
        return ask(self._connection, _QUERIES / f"{name}.sql", {})

    def _keep(self, relation: str, rows: pa.Table) -> None:
        """Make a table of rows under the name of a relation."""
        self._connection.register("given", rows)
        self._connection.execute(f"create or replace table {relation} as from given")
        self._connection.unregister("given")


def _table_of_rules(rules: Iterable[AlertRule]) -> pa.Table:
    rows = [
        {"rule": rule.name, "levels": rule.levels, "level_kinds": rule.level_kinds}
        for rule in rules
    ]
    return pa.Table.from_pylist(rows, _RULES)


def _table_of_kind(rules: Sequence[AlertRule]) -> pa.Table:
    """Return what the rules of a kind ask for, a row each: lists of texts, and numbers."""
    columns: dict[str, Any] = {"rule": pa.array([rule.name for rule in rules], pa.string())}
    for key in rules[0].values:
        values = [rule.values[key] for rule in rules]
        kind = pa.list_(pa.string()) if key in _LISTS else pa.float64()
        columns[key] = pa.array(values, kind)
    return pa.table(columns)
