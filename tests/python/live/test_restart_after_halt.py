"""A run that is killed after a message has changed the hours of trading goes on with those hours.

When its day was opened nothing was known of the halt: the published file has the hours of before.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import pytest
from spymaster.live.compared import compare_run
from spymaster.live.replayed_run import replayed
from spymaster.live.run import HISTORY_S
from spymaster.live.run_folder import new_run
from spymaster.live.session import Session
from spymaster.published import open_published
from spymaster_ingest.lake import Lake
from support.damaged_lake import HALT, REOPENED
from support.killed_replays import Replayed
from support.live_coming import Killed, Killing, wait_for_rows
from support.live_days import SECOND, SYMBOL
from support.live_feeds import FakeClock
from support.live_runs import copied_lake
from support.synthetic_book import DAY

OF = (SYMBOL, DAY)
STATUS, HOURS, SNAPSHOT = (
    "bronze.future_status",
    "silver.trading_intervals",
    "silver.book_snapshot_1s",
)
START, END = (HALT.replace(minute=m, second=s) for m, s in ((30, 30), (33, 50)))
# it keeps where it stands with the first step of each minute: it is killed when that was before the
# halt, while trading is halted, and after it. Where no record comes there is no step
KILLED_AT = (HALT + 15 * SECOND, REOPENED - 5 * SECOND, REOPENED.replace(minute=33, second=30))
INTERVALS = (
    "list(struct_pack(open_ts := open_ts, close_ts := close_ts, "
    "is_open_at_once := is_open_at_once) order by interval_no)"
)


def without_halt(lake: Lake, root: Path) -> Lake:
    """Return a copy of a lake whose published file knows no status message from the halt on."""
    copy = copied_lake(lake, root)
    copy.published.chmod(0o644)
    with duckdb.connect(str(copy.published)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(
            f"create table known as from {STATUS} where ts_event < $halt", {"halt": HALT}
        )
        connection.execute(f"drop view {STATUS}")
        connection.execute(f"create table {STATUS} as from known")
        [sql] = connection.execute(
            "select sql from meta.model_sql where relation = ?", [HOURS]
        ).fetchone() or [None]
        connection.execute(f"create or replace table {HOURS} as {sql}")
        connection.execute(
            "update silver.contract_days set trading_intervals = "
            f"(select {INTERVALS} from {HOURS} where symbol = ? and dt = ?)",
            list(OF),
        )
    return copy


def assert_halt_is_not_known(lake: Lake) -> None:
    with open_published(lake) as published:
        [(count,)] = published.execute(
            f"select count(*) from {HOURS} where open_ts <= ? and close_ts >= ?",
            [HALT, REOPENED],
        ).fetchall()
        of_day = published.execute("select len(trading_intervals) from silver.contract_days")
        assert (count, of_day.fetchall()) == (1, [(1,)])


def test_hours_that_a_message_changed_are_those_of_a_restart(damaged: Lake, tmp_path: Path) -> None:
    lake = without_halt(damaged, tmp_path / "lake")
    assert_halt_is_not_known(lake)
    folder = new_run(lake, *OF, "replay")
    went_on: list[dt.datetime] = []
    for killed_at in (*KILLED_AT, None):
        killing = Killing(killed_at)
        with Session(lake, *OF, wanted=[SNAPSHOT, STATUS], keep_s=HISTORY_S) as session:
            try:
                # step by step, by a clock that goes with the records
                replayed(session, folder, [killing], FakeClock(), (START, END), 1)
            except Killed:
                wait_for_rows()
        assert killing.from_ts
        went_on.append(killing.from_ts)
    _, before_halt, in_halt, after_halt = went_on
    assert before_halt < HALT < in_halt < REOPENED < after_halt
    assert folder.is_ended
    assert len(folder.captures) == len(KILLED_AT) + 1
    [found] = [one for one in compare_run(damaged, folder.path, OF) if one.relation == SNAPSHOT]
    assert (found.example, found.n_rows) == (None, (END - START) // SECOND)
    with open_published(damaged) as published:
        [(n_open,)] = published.execute(
            f"select count(*) from {SNAPSHOT} where window_valid and window_end_ts > ? "
            "and window_end_ts <= ?",
            [HALT, REOPENED],
        ).fetchall()
    assert n_open == 0


@pytest.mark.long
def test_all_rows_after_a_restart_are_those_of_the_build(damaged: Lake, tmp_path: Path) -> None:
    """Of processes that are killed in the halt, after it, and once more."""
    lake = without_halt(damaged, tmp_path / "lake")
    run = Replayed(lake, "09:30:30", "09:34:00", "--check")
    options: tuple[str, ...] = ()
    for n_lines in (75, 80, 70):
        run.killed(n_lines, *options)
        options = ("--resume",)
    # which compares with the rows of the build
    run.whole(*options)
    assert len(run.folder.captures) == 4
    assert run.folder.is_ended
