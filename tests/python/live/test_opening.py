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
from support.retrieval_days import Market
from support.synthetic_book import DAY


def test_what_a_day_rests_on_is_known_when_it_begins(explained: Lake) -> None:
    found = set(day_constants(explained).of_day)
    assert {"contract_days", "step_levels", "norm_quantiles", "turn_calibration"} <= found
    # what is made second by second, or with the outcome of the day, is none of it
    assert not {"book_snapshot_1s", "book_records", "option_mbo", "retrieval_answers"} & found


def test_what_rests_on_earlier_days_is_built_without_what_it_is_made_of(
    retrieval_market: Market,
) -> None:
    """The library, its scales and the records of signals; of the day they need its date alone."""
    found = day_constants(retrieval_market.lake)
    assert {
        "retrieval_days",
        "retrieval_pools",
        "vector_norm_stats",
        "trigger_condition_record",
        "trigger_threshold_search",
        "eval_retrieval_verdict_asof",
    } <= set(found.of_library)
    # those of the day would otherwise be built, and the library with them
    assert not {"retrieval_library", "retrieval_vectors", "level_labels"} & set(found.of_library)
    assert not set(found.of_day) & set(found.of_library)


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
