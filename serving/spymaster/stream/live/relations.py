"""The relations of a contract-day while it goes on: what each shows of the seconds so far."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

import duckdb

from spymaster.live.clock import clock_of
from spymaster.live.models import live_models
from spymaster.published import ask_rows, relations_of
from spymaster.stream.surfaces import SURFACES

_QUERIES = Path(__file__).parent / "queries"
PUBLISHED, HELD, TODAY = "published", "held", "today"
# the records of the run, which its feed gives
RECORDS = "steps.book_records"
_RUN = f"{HELD}.main.run"
_REACHED = f"(select reached_ts from {_RUN})"  # noqa: S608
_OTHER_DAYS = f"(symbol, dt) <> (select (symbol, dt) from {_RUN})"  # noqa: S608
# what a screen reads besides the relations of its surfaces, known when a day begins
_OF_THE_DAY = {
    "bronze.ingest_manifest",
    "silver.contract_days",
    "silver.trading_hours",
    "silver.trading_intervals",
    "steps.physics_calibration_modes",
}
# when a row of a relation without a clock is known
_KNOWN = {
    "gold.approach_episodes": "last_window_end_ts < {reached}",
    "gold.mbo_trigger_signals": "trigger_ts <= {reached}",
    "gold.retest_events": "broken_window_end_ts <= {reached}",
    "silver.recording_gaps": "gap_start_ts < {reached}",
}
# columns that only a later second can fill; the screen hides those of retests itself
_LATER = {"label_end_ts", "outcome", "outcome_reached"}
_NAME = re.compile(r'"?(\w+)"?\."?(\w+)"?')


def relations_to_hold(published: duckdb.DuckDBPyConnection) -> set[str]:
    """Return the live relations that the surfaces of a screen are made of.

    Args:
        published: the published file.

    Raises:
        MissingRelationError: A build of before live models wrote the file.
    """
    there = relations_of(published)
    live = {*live_models(published), RECORDS}
    computed = _computed(published)
    held: set[str] = set()
    seen: set[str] = set()
    left = [name for surface in SURFACES.values() for name in surface.relations if name in there]
    while left:
        name = left.pop()
        if name in seen:
            continue
        seen.add(name)
        if name in live:
            held.add(name)
        elif name in computed:
            left += [read for read in _named(computed[name]) if read in there]
    return held


def make_relations(connection: duckdb.DuckDBPyConnection, held: Collection[str]) -> None:
    """Make the relations of today from the published file and the rows of the run.

    A relation that is computed when it is read is computed here too, from the relations of today.
    Of the others a row of today shows once its second has ended, and what only later seconds tell,
    such as outcomes, does not show.

    Args:
        connection: with the three databases; the published one is in use, that of today afterwards.
        held: relations whose rows are those of the run.
    """
    columns = _columns(connection)
    computed = _computed(connection)
    constants = _OF_THE_DAY | {
        name
        for model in live_models(connection).values()
        for name in model.reads
        if name in columns and clock_of(columns[name]) is None
    }
    connection.execute(f"use {TODAY}")
    for schema in sorted({name.partition(".")[0] for name in columns}):
        connection.execute(f'create schema if not exists "{schema}"')
    texts: dict[str, str] = {}
    for name, kinds in columns.items():
        is_of_a_day = {"symbol", "dt"} <= kinds.keys()
        if name in computed and is_of_a_day and name not in held:
            texts[name] = computed[name]
            continue
        if name in held:
            shown = f'from {HELD}.main."{name}"'
        else:
            source = f"from {PUBLISHED}.{quoted(name)}"
            shown = source if not is_of_a_day else _until_now(name, kinds, source, constants)
        connection.execute(f"create view {quoted(name)} as {shown}")
    _compute(connection, texts)


def quoted(name: str) -> str:
    """Return the name of a relation as SQL has it."""
    schema, _, relation = name.partition(".")
    return f'"{schema}"."{relation}"'


def _until_now(name: str, kinds: dict[str, str], source: str, constants: Collection[str]) -> str:
    """Return what a published relation shows: rows of today up to the second that was reached."""
    if name in _KNOWN:
        known = _KNOWN[name].format(reached=_REACHED)
        if name == "silver.recording_gaps":
            kind = kinds["gap_end_ts"]
            end = f"cast(least(gap_end_ts, {_REACHED}) as {kind}) as gap_end_ts"
            return f"select * replace ({end}) {source} where {known}"
        return f"{source} where {known}"
    if name in constants:
        return source
    clock = clock_of(kinds)
    if clock is None or _LATER & kinds.keys():
        return f"{source} where {_OTHER_DAYS}"
    return f"{source} where {clock.column} {'<=' if clock.is_end else '<'} {_REACHED}"


def _compute(connection: duckdb.DuckDBPyConnection, texts: dict[str, str]) -> None:
    """Make views of their own SQL, each after those that it reads."""
    left = dict(texts)
    while left:
        ready = [name for name, sql in left.items() if not left.keys() & _named(sql) - {name}]
        for name in ready:
            connection.execute(f"create view {quoted(name)} as {left.pop(name)}")
        if not ready:
            raise RuntimeError(f"views read each other: {', '.join(sorted(left))}")


def _computed(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Return the SQL of the relations that are computed when they are read, from others alone."""
    found = ask_rows(connection, _QUERIES / "computed_relations.sql", {})
    return {row["relation"]: row["sql"] for row in found}


def _columns(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str]]:
    """Return the types of the columns of the relations of the database in use."""
    found: dict[str, dict[str, str]] = {}
    for name, column, kind in connection.execute(
        "select schema_name || '.' || table_name, column_name, data_type from duckdb_columns() "
        "where not internal and database_name = current_database() order by all"
    ).fetchall():
        found.setdefault(name, {})[column] = kind
    return found


def _named(sql: str) -> set[str]:
    """Return all that a view's SQL may name as a relation, with its schema; more does no harm."""
    return {f"{schema}.{name}" for schema, name in _NAME.findall(sql)}
