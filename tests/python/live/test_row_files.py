"""The files of rows of two replays of a day are the same bytes, however its records came."""

from __future__ import annotations

from pathlib import Path

import pytest
from spymaster.live import replayed_run
from spymaster.live.feeds import SystemClock
from spymaster.live.replayed_run import replayed
from spymaster.live.run import HISTORY_S
from spymaster.live.run_folder import RunFolder
from spymaster.live.session import Session
from spymaster_ingest.lake import Lake
from spymaster_ingest.units import NS_PER_S
from support.explain_lake import SYMBOL
from support.explained_seconds import START
from support.live_coming import SIGNALS
from support.live_days import SECOND
from support.live_feeds import FakeClock
from support.synthetic_book import DAY

# rows are written at the first second, at 13:31, and at the end
SPAN = (START, START + 22 * SECOND)


def replay(lake: Lake, name: str, span_ns: int, speed: float) -> dict[str, bytes]:
    """Return the files of a replay by their paths."""
    folder = RunFolder(lake.live / name)
    clock = FakeClock() if speed else SystemClock()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(replayed_run, "_SPAN_NS", span_ns)
        with Session(lake, SYMBOL, DAY, wanted=[SIGNALS], keep_s=HISTORY_S) as session:
            replayed(session, folder, [], clock, SPAN, speed)
    return files_of(folder.rows)


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.parquet")}


def test_two_replays_write_the_same_bytes(explained: Lake) -> None:
    """In chunks of a quarter of a second many seconds at once, in small ones one by one."""
    together = replay(explained, "together", NS_PER_S // 4, 0)
    one_by_one = replay(explained, "one-by-one", NS_PER_S // 50, 1)
    assert together.keys() == one_by_one.keys()
    assert len({Path(name).parent for name in together}) > 30
    assert [name for name in sorted(together) if together[name] != one_by_one[name]] == []
