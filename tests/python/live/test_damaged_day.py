"""A day with a gap, a book clear, a halt and mechanisms: live rows are those of the build."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

import pyarrow.parquet as pq
import pytest
from spymaster.live.session import Session
from spymaster.published import open_published
from spymaster_ingest.lake import Lake
from support.damaged_lake import (
    AVERAGE,
    CLEAR,
    GAP,
    GAP_S,
    HALT,
    RANGE_END,
    REOPENED,
    SURFACES,
)
from support.live_days import SECOND, SYMBOL
from support.live_sessions import compared_session, each_second_of
from support.synthetic_book import DAY

OF = (SYMBOL, DAY)
LEVELS = "silver.levels_1s"
# around each event, seconds that end one by one
AROUND_S = 1
EVENTS = (CLEAR, HALT, REOPENED, RANGE_END, GAP, GAP + GAP_S * SECOND)
Known = dict[str, dt.datetime]


def first_known(rows: list[tuple[str, dt.datetime]]) -> Known:
    """Return the first second of each level."""
    found: dict[str, list[dt.datetime]] = defaultdict(list)
    for level, at in rows:
        found[level].append(at)
    return {level: min(times) for level, times in found.items()}


def built_levels(lake: Lake) -> Known:
    with open_published(lake) as published:
        return first_known(
            published.execute(
                f"select level_id, window_end_ts from {LEVELS} where symbol = ? and dt = ? "
                "and level_price_int is not null and not is_provisional",
                list(OF),
            ).fetchall()
        )


def assert_the_day_is_damaged(lake: Lake) -> None:
    """Assert that what the lake of the day is made for is in its rows."""
    with open_published(lake) as published:

        def first(query: str) -> tuple:
            [row] = published.execute(query).fetchall()
            return row

        start, end = first(
            "select gap_start_ts, gap_end_ts from silver.recording_gaps where cause = 'bad_book'"
        )
        assert GAP - SECOND < start <= GAP < GAP + GAP_S * SECOND <= end
        halted, again = first(
            "select close_ts, lead(open_ts) over (order by open_ts) from silver.trading_intervals "
            "order by open_ts limit 1"
        )
        assert (halted, again) == (HALT, REOPENED)
        [cleared] = first(
            "select max(ts_event) from bronze.future_mbo where action = 'R' and not is_snapshot"
        )
        assert CLEAR <= cleared < CLEAR + SECOND
    [truth] = (lake.root.parent / "raw/truth/truth_approaches").rglob("*.parquet")
    [approach] = pq.read_table(truth).to_pylist()
    assert approach["signature"].startswith("barrier")
    assert REOPENED < approach["mechanism_start_ts"].replace(tzinfo=None) < GAP


def assert_as_built(lake: Lake, is_due_s: int) -> None:
    """Assert that rows, and when levels become known, are those of the build."""
    assert_the_day_is_damaged(lake)
    known: Known = {}

    def look(session: Session, at: dt.datetime) -> None:
        for row in session.tables.rows(LEVELS, at - SECOND, at).to_pylist():
            if row["level_price_int"] is not None and not row["is_provisional"]:
                known.setdefault(row["level_id"], at)

    spans = [(at - AROUND_S * SECOND, at + AROUND_S * SECOND) for at in EVENTS]
    n_rows = compared_session(lake, OF, SURFACES, is_due=each_second_of(spans, is_due_s), look=look)
    assert n_rows["gold.level_signals"] >= (SURFACES[1] - SURFACES[0]).total_seconds()
    begins = {"or_high": RANGE_END, "or_low": RANGE_END, AVERAGE: RANGE_END}
    for found in (known, built_levels(lake)):
        assert {level: found[level] for level in begins} == begins


def test_rows_around_a_gap_a_clear_and_a_halt_are_those_of_the_build(damaged: Lake) -> None:
    assert_as_built(damaged, 30)


@pytest.mark.long
def test_rows_of_each_second_are_those_of_the_build(damaged: Lake) -> None:
    assert_as_built(damaged, 1)
