"""State that is saved and restored: the rows that follow are those of a run that never stopped."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from spymaster.live import checkpoint
from spymaster.live.capture import Capture, captured
from spymaster.live.captured_run import CapturedRun, Chunk
from spymaster.live.checkpoint import restore_checkpoint, write_checkpoint
from spymaster.live.engines import Engine, Engines
from spymaster.live.feeds import FUTURE
from spymaster.live.replay import Replay
from spymaster_ingest.errors import SpymasterError
from support.door_passes import DAYS, joined
from support.live_feeds import FakeClock, Given, source
from support.strategies.mbo import random_case

KILLS = 20


@pytest.mark.parametrize("kind", DAYS)
def test_a_pass_goes_on_from_its_state(kind: str) -> None:
    """Killed at random records; the rows of before and after are those of the whole day."""
    rng = np.random.default_rng(31)
    day = DAYS[kind](random_case(rng, 200))
    whole = day.whole()
    kills = np.sort(rng.integers(0, day.rows.num_rows, KILLS)).tolist()
    one, rows = day.begun(), []
    for start, end in zip([0, *kills], [*kills, day.rows.num_rows], strict=True):
        rows += one.feed(day.batch(start, end))
        saved = one.saved()
        one = day.begun()
        one.restore(saved)
    found = joined(rows + one.finish())
    for name, table in whole.items():
        if name == "contents":
            assert name not in found
            continue
        if "output_content_hash" in table.column_names:
            # the hash is that of all rows, which no part of the day has
            assert found[name]["output_content_hash"].null_count == 1
            found[name] = found[name].drop_columns(["output_content_hash"])
            table = table.drop_columns(["output_content_hash"])
        assert found[name].equals(table), name


def engines_of(settings: dict) -> Engines:
    of_future = (FUTURE, "ESH4", None)
    return Engines([Engine("book", "book_engine", "orders", "mbo", *of_future, settings)])


def test_a_killed_run_goes_on_from_its_checkpoint_and_capture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checks = "spymaster_ingest.landing.record_check.RecordCheck.check"
    # the drawn records are stranger than those of a sound file
    monkeypatch.setattr(checks, lambda self, records: None)
    rng = np.random.default_rng(32)
    case = random_case(rng, 300)
    settings = DAYS["book_engine of orders"](case).settings
    cuts = np.unique(rng.integers(1, len(case.records), 30)).tolist()
    feed = Replay([Given(source(), case.records, cuts)], FakeClock())
    capture = Capture(tmp_path / "run", FakeClock())
    engines, before, path = engines_of(settings), [], tmp_path / "run" / "checkpoint"
    for number, chunk in enumerate(captured(feed, capture)):
        before += engines.feed(chunk)
        if number == 15:
            write_checkpoint(path, engines, {"seq": capture.seq})
            kept = list(before)
    expected = before + engines.finish()
    again = engines_of(settings)
    seq = restore_checkpoint(path, again)["seq"]
    assert 0 < seq < len(case.records)
    for step in CapturedRun(tmp_path / "run").since(seq):
        assert isinstance(step, Chunk)
        kept += again.feed(step)
    found = kept + again.finish()
    tables = [joined([(x.output, x.rows) for x in rows]) for rows in (found, expected)]
    for name in ("book_snapshot_1s", "wall_surface_1s", "reprice_flow_1s"):
        assert tables[0][name].equals(tables[1][name])


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict]:
    case = random_case(np.random.default_rng(33), 20)
    settings = DAYS["book_engine of orders"](case).settings
    path = tmp_path_factory.mktemp("checkpoint") / "checkpoint"
    write_checkpoint(path, engines_of(settings), {"seq": 7})
    return path, settings


def test_a_checkpoint_is_for_its_engines_alone(
    written: tuple[Path, dict], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, settings = written
    assert restore_checkpoint(path, engines_of(settings)) == {"seq": 7}
    with pytest.raises(SpymasterError, match="written by another version or for other engines"):
        restore_checkpoint(path, engines_of(settings | {"wall_max_ticks": 7}))
    other = engines_of(settings)
    with pytest.raises(SpymasterError, match="by a run over other inputs"):
        restore_checkpoint(path, other, {"seq": 8})
    # they can begin anew
    fresh = engines_of(settings).saved()
    assert other.saved().keys() == fresh.keys()
    assert all(np.array_equal(other.saved()[name], fresh[name]) for name in fresh)
    monkeypatch.setattr(checkpoint, "FORMAT", 2)
    with pytest.raises(SpymasterError, match=r"another version .* \(the capture is replayed from"):
        restore_checkpoint(path, engines_of(settings))


@pytest.mark.parametrize("damage", [lambda x: x[:-1], lambda x: x[:-9] + b"." + x[-8:]])
def test_a_damaged_checkpoint_is_not_used(
    written: tuple[Path, dict], tmp_path: Path, damage
) -> None:
    path, settings = written
    damaged = tmp_path / "checkpoint"
    damaged.write_bytes(damage(path.read_bytes()))
    with pytest.raises(SpymasterError, match="is damaged: its sha256 is another"):
        restore_checkpoint(damaged, engines_of(settings))
    damaged.write_bytes(b"{}\n")
    with pytest.raises(SpymasterError, match="is no checkpoint"):
        restore_checkpoint(damaged, engines_of(settings))


def test_a_checkpoint_that_is_not_finished_leaves_the_one_before(
    written: tuple[Path, dict], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, settings = written
    path = tmp_path / "checkpoint"
    write_checkpoint(path, engines_of(settings), {"seq": 1})

    def killed(*_: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(checkpoint, "put_in_place", killed)
    with pytest.raises(KeyboardInterrupt):
        write_checkpoint(path, engines_of(settings), {"seq": 2})
    assert restore_checkpoint(path, engines_of(settings)) == {"seq": 1}
