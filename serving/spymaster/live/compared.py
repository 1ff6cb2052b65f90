"""Live rows beside those of the build."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

import duckdb
from spymaster_ingest.lake import Lake

from spymaster.live.tables import LiveTables
from spymaster.published import open_published


class Compared(NamedTuple):
    """A relation over some seconds.

    Attributes:
        relation: its name with its schema.
        n_rows: of the build.
        n_different: rows that the build or the session has more often than the other.
    """

    relation: str
    n_rows: int
    n_different: int


def compare(
    lake: Lake,
    tables: LiveTables,
    partition: tuple[str, dt.date],
    span: tuple[dt.datetime, dt.datetime],
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
    with open_published(lake) as published, duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        for model in tables.models:
            last_ts = to_ts - dt.timedelta(seconds=model.reaches_back_s)
            connection.register("live", tables.rows(model.relation, from_ts, last_ts))
            seconds = tables.seconds_of(model.relation).between(from_ts, last_ts)
            built = published.execute(
                f"select * from {model.relation} "  # noqa: S608
                f"where symbol = ? and dt = ? and {seconds}",
                list(partition),
            )
            connection.register("built", built.to_arrow_table())
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
            found.append(Compared(model.relation, n_rows, n_missing + n_more))
    return found
