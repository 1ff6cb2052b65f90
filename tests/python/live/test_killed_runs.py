"""Replays that are killed (SIGKILL) at drawn moments and go on: nothing is lost, nothing doubled.

A moment is drawn in the lines that the process prints; it waits where nobody reads them.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from spymaster.live.captured_run import CapturedRun
from spymaster.live.compared import compare_run
from spymaster.live.run_folder import RunFolder
from spymaster_ingest.lake import Lake
from support.damaged_lake import SURFACES
from support.killed_replays import Replayed
from support.live_days import SECOND, SYMBOL
from support.live_runs import copied_lake, rows_of_run
from support.synthetic_book import DAY

MOST_LINES = 70


def captured(folder: RunFolder) -> dict[str, bytes]:
    """Return the records that the parts of a run hold, by source."""
    found: dict[str, bytes] = {}
    for part in map(CapturedRun, folder.whole_captures):
        for source in part.sources:
            records = part.records(source).tobytes()
            found[source.name] = found.get(source.name, b"") + records
    return found


def assert_kills_change_nothing(replayed: Replayed, n_kills: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    whole_output = replayed.whole()
    whole = replayed.folder
    lines, replayed.lines = replayed.lines, {}
    options: tuple[str, ...] = ()
    for _ in range(n_kills):
        replayed.killed(int(rng.integers(0, MOST_LINES)), *options)
        options = ("--resume",)
    replayed.whole(*options)
    folder = replayed.folder
    assert folder.path != whole.path
    assert len(folder.captures) == n_kills + 1
    assert folder.is_ended
    assert [*replayed.lines.items()] and replayed.lines.items() == lines.items()
    assert captured(folder) == captured(whole)
    compared = compare_run(replayed.lake, folder.path, (SYMBOL, DAY))
    assert [(one.relation, one.example) for one in compared if one.n_different] == []
    rows, expected = rows_of_run(folder), rows_of_run(whole)
    assert rows.keys() == expected.keys()
    assert [name for name in rows if rows[name] != expected[name]] == []
    assert sum(map(Counter.total, rows.values())) > 1_000
    # and a second one that is not killed
    assert replayed.whole() == whole_output
    assert files_of(replayed.folder.rows) == files_of(whole.rows)


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.parquet")}


def test_a_killed_replay_leaves_what_one_that_is_not_killed_does(
    explained: Lake, tmp_path: Path
) -> None:
    """Two that are not killed leave the same bytes."""
    lake = copied_lake(explained, tmp_path / "lake")
    assert_kills_change_nothing(Replayed(lake, "09:30:50", "09:31:45"), 2, seed=2)


@pytest.mark.long
def test_a_replay_that_is_killed_twenty_times(damaged: Lake, tmp_path: Path) -> None:
    """At ten times real time, through a gap, a book clear and a halt."""
    assert SURFACES[1] - SURFACES[0] == 300 * SECOND
    lake = copied_lake(damaged, tmp_path / "lake")
    replayed = Replayed(lake, "09:30:00", "09:35:00", "--speed", "10", "--check")
    assert_kills_change_nothing(replayed, 20, seed=3)
