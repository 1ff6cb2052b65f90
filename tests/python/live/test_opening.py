"""A day that no build knows: what its live rows rest on is built from what has come of it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from spymaster.live.capture import Capture
from spymaster.live.feeds import Chunk
from spymaster.live.opening import day_constants, is_known, open_day
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake
from support import dbn_files
from support.explain_lake import SYMBOL
from support.live_feeds import FakeClock, bids, source
from support.synthetic_book import DAY


def test_what_a_day_rests_on_is_known_when_it_begins(explained: Lake) -> None:
    found = set(day_constants(explained))
    assert {"contract_days", "step_levels", "norm_quantiles", "turn_calibration"} <= found
    # what is made second by second, or with the outcome of the day, is none of it
    assert not {"book_snapshot_1s", "book_records", "option_mbo", "retrieval_answers"} & found


def test_a_day_is_known_by_its_book(explained: Lake) -> None:
    assert is_known(explained, SYMBOL, DAY)
    assert not is_known(explained, SYMBOL, DAY + dt.timedelta(days=1))
    assert not is_known(explained, "ESH6", DAY)


def test_a_day_that_cannot_be_opened_says_so(
    explained: Lake, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    lake = Lake(tmp_path)
    lake.make_root()
    (lake.root / explained.published.name).symlink_to(explained.published)
    capture = Capture(lake.live / "run" / "capture-001", FakeClock())
    capture.append(Chunk(source(), bids(0, 1)))
    capture.seal()
    with pytest.raises(SpymasterError, match="the day cannot begin"):
        open_day(lake, ("ESH4", dbn_files.DAY), [capture.folder])
    assert "ESH4.future.mbo.dbn.zst" in capfd.readouterr().err
    with pytest.raises(SpymasterError, match="nothing has come of it"):
        open_day(lake, (SYMBOL, DAY), [capture.folder])
