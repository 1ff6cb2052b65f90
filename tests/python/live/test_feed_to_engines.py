"""From a feed through its capture to the rows of the engines, against the pass over a whole day."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from spymaster.live.capture import Capture
from spymaster.live.captured_run import CapturedRun
from spymaster.live.engines import Engine, Engines
from spymaster.live.feeds import FUTURE, FUTURE_OPTION, Chunk, Feed
from spymaster.live.replay import Replay
from spymaster.live.seconds import Ended, live_seconds, recovered_seconds, replayed_seconds
from spymaster_engine.door import KERNELS
from spymaster_engine.kernels.book.surface_files import settings_of
from support.door_passes import joined as tables_of
from support.door_passes import orders
from support.engine_rows import engine_config
from support.live_feeds import MS, FakeClock, Given, source
from support.market_row_lakes import settings_of as market_settings
from support.strategies.mbo import random_case, random_options, random_stream
from support.strategies.mbo_script import TICK_INT

NS_PER_S = 1_000_000_000
CASE = random_case(np.random.default_rng(11), 500, tick_int=TICK_INT)
DAY_S = CASE.config.day_start_ns // NS_PER_S


def _options() -> np.ndarray:
    """Return records of three options, merged by the time of their groups."""
    parts = []
    for number in (7, 8, 9):
        rng = np.random.default_rng(number)
        fixed: dict[str, Any] = {"tick_int": TICK_INT, "snapshot_end": "last"}
        part = random_stream(rng, 150, random_options(rng, **fixed))
        part["instrument_id"] = number
        parts.append(part)
    inputs = [Given(source(product=str(n)), part) for n, part in enumerate(parts)]
    return np.concatenate([chunk.records for chunk in Replay(inputs, FakeClock())])


FUTURES, OPTIONS = CASE.records, _options()
FUTURE_ID = int(FUTURES["instrument_id"][0])
SETTINGS = {
    "book": settings_of(engine_config(CASE.config), "these records"),
    "market": vars(market_settings(CASE.config)),
    "options": {"day_start_s": DAY_S},
}


def engines() -> Engines:
    of_future = (FUTURE, "ESH4", frozenset({FUTURE_ID}))
    of_options = (FUTURE_OPTION, "ESH4", None)
    return Engines(
        [
            Engine("book", "book_engine", "orders", "mbo", *of_future, SETTINGS["book"]),
            Engine("market", "market_seconds", "mbo", "mbo", *of_future, SETTINGS["market"]),
            Engine("options", "option_books", "orders", "mbo", *of_options, SETTINGS["options"]),
        ]
    )


def whole() -> dict[tuple[str, str], pa.Table]:
    """Return the outputs of each engine over the whole day."""
    future, options = [orders(FUTURES)], [orders(OPTIONS)]
    found = {
        "book": KERNELS["book_engine"](orders=future[0], prices=None, settings=SETTINGS["book"]),
        "market": KERNELS["market_seconds"](mbo=future[0], mbp10=None, settings=SETTINGS["market"]),
        "options": KERNELS["option_books"](orders=options[0], settings=SETTINGS["options"]),
    }
    return {
        (engine, output): table
        for engine, rows in found.items()
        for output, table in tables_of(rows).items()
    }


def tables(steps: list[Ended]) -> dict[tuple[str, str], pa.Table]:
    rows = [((x.engine, x.output), x.rows) for step in steps for x in step.rows]
    return tables_of(rows)  # type: ignore[arg-type]


def assert_same(
    found: dict[tuple[str, str], pa.Table], expected: dict[tuple[str, str], pa.Table]
) -> None:
    assert found.keys() == expected.keys()
    for key, table in expected.items():
        assert found[key].equals(table), key


def replay(seed: int, **settings: Any) -> Replay:
    rng = np.random.default_rng(seed)
    cuts = [np.sort(rng.integers(0, len(x), 30)).tolist() for x in (FUTURES, OPTIONS)]
    inputs = [
        Given(source(FUTURE_OPTION), OPTIONS, cuts[1]),
        Given(source(), FUTURES, cuts[0]),
    ]
    return Replay(inputs, FakeClock(), **settings)


@pytest.mark.parametrize("settings", [{}, {"span_ns": 250 * MS}, {"speed": 2.0}])
def test_a_replay_gives_the_rows_of_whole_days(settings: dict[str, Any]) -> None:
    steps = [*replayed_seconds(replay(1, **settings), None, engines())]
    assert_same(tables(steps), whole())
    ended = [step.second_s for step in steps]
    assert ended == sorted(set(ended))
    assert len(ended) > 50


def test_seconds_before_the_first_one_end_together() -> None:
    each = [step.second_s for step in replayed_seconds(replay(1), None, engines())]
    first_s = each[20]
    steps = [*replayed_seconds(replay(1), None, engines(), first_s)]
    assert_same(tables(steps), whole())
    assert [step.second_s for step in steps] == [s for s in each if s >= first_s - 1]


@pytest.mark.parametrize(("together", "most"), [("TOGETHER_RECORDS", 60), ("TOGETHER_S", 7)])
def test_many_seconds_before_the_first_one_end_in_several_steps(
    monkeypatch: pytest.MonkeyPatch, together: str, most: int
) -> None:
    monkeypatch.setattr(f"spymaster.live.seconds.{together}", most)
    each = [step.second_s for step in replayed_seconds(replay(1), None, engines())]
    first_s = each[40]
    steps = [*replayed_seconds(replay(1), None, engines(), first_s)]
    assert_same(tables(steps), whole())
    earlier = [step.second_s for step in steps if step.second_s < first_s - 1]
    assert 2 <= len(earlier) < 20
    assert {*earlier} < {*each}


class Late:
    """Chunks of a replay, each some time after its events; the clock moves on."""

    def __init__(self, feed: Feed, clock: FakeClock, delay_ns: int) -> None:
        self.feed, self.clock, self.delay_ns = feed, clock, delay_ns

    def __iter__(self):
        for chunk in self.feed:
            event_ns = int(chunk.records["ts_event"].max(initial=0))
            self.clock.time_ns = max(self.clock.time_ns, event_ns + self.delay_ns)
            yield chunk


@pytest.mark.parametrize("delay_ms", [10, 800])
def test_a_live_run_and_its_capture_give_the_same_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, delay_ms: int
) -> None:
    """Whether its records are late or not, and wherever the run was killed."""
    checks = "spymaster_ingest.landing.record_check.RecordCheck.check"
    # the drawn records are stranger than those of a sound file
    monkeypatch.setattr(checks, lambda self, records: None)
    clock = FakeClock(CASE.config.day_start_ns)
    feed = Late(replay(2), clock, delay_ms * MS)
    capture = Capture(tmp_path / "run", clock)
    live = [*live_seconds(feed, capture, engines(), clock)]
    again = engines()
    recovered = [*recovered_seconds(CapturedRun(tmp_path / "run"), again)]
    recovered.append(Ended(None, again.finish()))
    assert_same(tables(recovered), tables(live))
    assert len(live) > 20
    once_more = engines()
    records = (step for step in CapturedRun(tmp_path / "run") if isinstance(step, Chunk))
    assert_same(tables([*replayed_seconds(records, None, once_more)]), whole())


def test_an_engine_takes_its_instruments_alone() -> None:
    other = FUTURES.copy()
    other["instrument_id"] = FUTURE_ID + 1
    inputs = [Given(source(), FUTURES), Given(source(FUTURE_OPTION), OPTIONS)]
    with_other = Replay([*inputs, Given(source(), other)], FakeClock())
    assert_same(tables([*replayed_seconds(with_other, None, engines())]), whole())


def test_no_record_gives_no_row() -> None:
    [ended] = [*replayed_seconds([], None, engines())]
    assert ended.second_s is None
    assert {x.output for x in ended.rows} == {"book_engine_qa", "contents"}
