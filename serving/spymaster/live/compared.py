"""Live rows beside those of the build: of a session in memory, and of a run's files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import duckdb
from spymaster_ingest.errors import SpymasterError, one_line
from spymaster_ingest.lake import Lake

from spymaster.live.clock import Clock, clock_of
from spymaster.live.models import live_models
from spymaster.live.run_folder import RunFolder
from spymaster.live.run_rows import row_files, seconds_of_files
from spymaster.live.tables import LiveTables
from spymaster.published import open_published

# rows of each side that are looked at to name a difference, columns that are named, and characters
# of their values
_EXAMPLES, _NAMED, _SHOWN = 50, 3, 80

Span = tuple[dt.datetime, dt.datetime]


class Compared(NamedTuple):
    """A relation over some seconds.

    Attributes:
        relation: its name with its schema.
        n_rows: of the build.
        n_different: rows that the build or the session has more often than the other.
        example: where the first of them differs; None where none does.
    """

    relation: str
    n_rows: int
    n_different: int
    example: str | None = None


def compare(
    lake: Lake,
    tables: LiveTables,
    partition: tuple[str, dt.date],
    span: Span,
) -> list[Compared]:
    """Compare the rows that a session still holds with the build's, bit by bit.

    Rows that later seconds still change are left out.

    Args:
        lake: with the published file of the build.
        tables: of the session.
        partition: symbol and UTC date.
        span: the seconds whose ends lie in (from, to], UTC, without a zone.
    """
    from_ts, to_ts = span
    found = []
    with open_published(lake) as published, _comparing() as connection:
        for model in tables.models:
            last_ts = to_ts - dt.timedelta(seconds=model.reaches_back_s)
            connection.register("live", tables.rows(model.relation, from_ts, last_ts))
            clock = tables.seconds_of(model.relation)
            _register_built(
                connection, published, model.relation, partition, clock.between(from_ts, last_ts)
            )
            found.append(_compared(connection, model.relation, clock))
    return found


def compare_run(
    lake: Lake, run: Path, partition: tuple[str, dt.date], span: Span | None = None
) -> list[Compared]:
    """Compare the rows that a run wrote with the build's, bit by bit.

    Seconds that the run did not make are left out. So are rows that later seconds would still have
    changed.

    Args:
        lake: with the published file of the build.
        run: folder of the run (see ``run_rows``).
        partition: symbol and UTC date.
        span: only seconds whose ends lie in (from, to], UTC, without a zone.

    Returns:
        The relations that the run wrote. None where it has no rows of the partition.

    Raises:
        SpymasterError: A file of the run cannot be read, or lacks a column of its relation.
    """
    found = []
    with open_published(lake) as published, _comparing() as connection:
        models = live_models(published)
        clocks: dict[str, Clock] = {}
        spans: list[Span] = []
        rows = RunFolder(run).rows
        for relation in sorted(models):
            files = row_files(rows, relation)
            columns = [row[0] for row in published.execute(f"describe {relation}").fetchall()]
            clock = clock_of(columns)
            if not files or clock is None:
                continue
            try:
                connection.execute(
                    f'create table "{relation}" as '  # noqa: S608
                    f"select {', '.join(_quoted(column) for column in columns)} "
                    "from read_parquet(?, hive_partitioning = false, union_by_name = true) "
                    "where symbol = ? and dt = ?",
                    [[str(file) for file in files], *partition],
                )
            except duckdb.Error as error:
                raise SpymasterError(
                    rows / relation, f"cannot be compared: {one_line(error)}"
                ) from error
            clocks[relation] = clock
            if not models[relation].reaches_back_s:
                spans.append(seconds_of_files(files))
        if not spans:
            return []
        from_ts, to_ts = min(start for start, _ in spans), max(end for _, end in spans)
        if span is not None:
            from_ts, to_ts = max(from_ts, span[0]), min(to_ts, span[1])
        for relation, clock in clocks.items():
            last_ts = to_ts - dt.timedelta(seconds=models[relation].reaches_back_s)
            seconds = clock.between(from_ts, last_ts)
            connection.execute(f'create or replace view live as from "{relation}" where {seconds}')
            _register_built(connection, published, relation, partition, seconds)
            found.append(_compared(connection, relation, clock))
    return found


def symbols_of_run(run: Path, day: dt.date) -> list[str]:
    """Return the contracts of which a run wrote rows of a UTC date.

    Raises:
        SpymasterError: A file of the run cannot be read.
    """
    rows = RunFolder(run).rows
    files = sorted(str(file) for file in rows.glob("*/[0-9]*.parquet"))
    if not files:
        return []
    with _comparing() as connection:
        try:
            found = connection.execute(
                "select distinct symbol from read_parquet(?, hive_partitioning = false, "
                "union_by_name = true) where dt = ? order by symbol",
                [files, day],
            ).fetchall()
        except duckdb.Error as error:
            raise SpymasterError(rows, f"cannot be read: {one_line(error)}") from error
    return [symbol for (symbol,) in found]


def _comparing() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")
    return connection


def _register_built(
    connection: duckdb.DuckDBPyConnection,
    published: duckdb.DuckDBPyConnection,
    relation: str,
    partition: tuple[str, dt.date],
    seconds: str,
) -> None:
    built = published.execute(
        f"select * from {relation} where symbol = ? and dt = ? and {seconds}",  # noqa: S608
        list(partition),
    )
    connection.register("built", built.to_arrow_table())


def _compared(connection: duckdb.DuckDBPyConnection, relation: str, clock: Clock) -> Compared:
    """Compare the relations ``live`` and ``built``: rows as texts, as often as they are there."""
    [(n_rows, n_missing, n_more)] = connection.execute(
        """
        with of_live as (select cast(live as varchar) as row_text from live),
        of_build as (select cast(built as varchar) as row_text from built)
        select
            (select count(*) from built),
            (select count(*) from (from of_build except all from of_live)),
            (select count(*) from (from of_live except all from of_build))
        """
    ).fetchall()
    n_different = n_missing + n_more
    example = _example(connection, clock) if n_different else None
    return Compared(relation, n_rows, n_different, example)


def _example(connection: duckdb.DuckDBPyConnection, clock: Clock) -> str:
    """Return where the first row differs: its second, and the columns or that it is missing."""
    missing, more = (
        connection.execute(
            f"from {one} where cast({one} as varchar) in ("  # noqa: S608
            f"select cast({one} as varchar) from {one} except all "
            f"select cast({other} as varchar) from {other}) "
            f"order by {clock.column} limit {_EXAMPLES}"
        )
        .to_arrow_table()
        .to_pylist()
        for one, other in (("built", "live"), ("live", "built"))
    )
    if not missing:
        return f"{more[0][clock.column]}: a row that the build has not"
    row = missing[0]
    pairs = sorted(
        (
            list(_differing(row, other))
            for other in more
            if other[clock.column] == row[clock.column]
        ),
        key=len,
    )
    if not pairs:
        return f"{row[clock.column]}: a row of the build is missing"
    cells = [difference(name, other[name], row[name]) for name, other in pairs[0][:_NAMED]]
    rest = f" and {len(pairs[0]) - _NAMED} more" if len(pairs[0]) > _NAMED else ""
    return f"{row[clock.column]}: {', '.join(cells)}{rest}"


def difference(name: str, live: object, built: object) -> str:
    """Return how a column differs; of lists of the same length, the first value that does."""
    if isinstance(live, list) and isinstance(built, list) and len(live) == len(built):
        place = next(n for n, pair in enumerate(zip(live, built, strict=True)) if _differ(*pair))
        return difference(f"{name}[{place + 1}]", live[place], built[place])
    return f"{name} is {_shown(live)}, built {_shown(built)}"


def _shown(value: object) -> str:
    text = str(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def _differing(row: dict, other: dict) -> Iterator[tuple[str, dict]]:
    """Yield the columns in which two rows differ, with the other row."""
    for name, value in row.items():
        if _differ(value, other[name]):
            yield name, other


def _differ(one: object, other: object) -> bool:
    """Return whether values differ; texts tell 0.0 from -0.0, and NULL from NaN."""
    return repr(one) != repr(other)


def _quoted(column: str) -> str:
    return f'"{column}"'
