"""A day that is lived through: its records come, a clock ends its seconds."""

from __future__ import annotations

import datetime as dt

import pytest
from spymaster.live.attached import Attached
from spymaster.live.captured_run import CapturedRun, Closing
from spymaster.live.live_run import lived
from spymaster.live.run_folder import new_run
from spymaster.live.run_rows import row_files
from spymaster.live.session import Session
from spymaster.published import open_published
from spymaster_ingest.lake import Lake
from spymaster_ingest.units import NS_PER_S
from support.explain_lake import SYMBOL
from support.explained_seconds import SECONDS, SPAN, START, built
from support.live_coming import SIGNALS, Coming, Heard
from support.live_days import SECOND
from support.live_feeds import FakeClock
from support.synthetic_book import DAY

HELD = {"held_ns": 20 * NS_PER_S, "step_ns": NS_PER_S // 4}


@pytest.mark.parametrize(
    "how",
    [
        pytest.param({"seed": 1}, id="as they come"),
        pytest.param({"seed": 2, **HELD}, id="in bursts", marks=pytest.mark.long),
    ],
)
def test_payloads_are_those_of_the_build(explained: Lake, how: dict[str, int]) -> None:
    """Of records that come in parts, and of such that come twenty seconds together."""
    clock, heard = FakeClock(), Heard()
    with Session(explained, SYMBOL, DAY, wanted=[SIGNALS]) as session:
        coming = Coming(session.landed(), clock, SPAN, **how)
    folder = new_run(explained, SYMBOL, DAY, "live")

    def attach(start: dt.datetime) -> Attached:
        assert start == START - dt.timedelta(seconds=1)
        coming.is_heard.set()
        return Attached([SIGNALS], [heard])

    said: list[str] = []
    end = lived(explained, (SYMBOL, DAY), folder, coming, clock, attach, said.append)
    last = START + SECONDS * SECOND
    # the end of the feed ends the second of its last record, which may belong to an earlier group
    assert end >= last
    assert heard.reason is None
    expected = built(explained, last)
    assert len(expected) == SECONDS
    assert {at: x for at, x in heard.payloads.items() if START < at <= last} == expected
    # the record says where the clock ended seconds, and the rows are on the disk
    [part] = folder.captures
    closings = [step for step in CapturedRun(part) if isinstance(step, Closing)]
    assert len(closings) > SECONDS // (20 if "held_ns" in how else 2)
    assert sum(int(x) for x in CapturedRun(part).index["count"]) == heard.n_records
    with open_published(explained) as published:
        kept = published.execute(
            "select count(distinct window_end_ts) from read_parquet($files)",
            {"files": [str(file) for file in row_files(folder.rows, SIGNALS)]},
        ).fetchone()
    assert kept and kept[0] >= SECONDS
