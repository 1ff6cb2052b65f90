"""Moments between two seconds of a live run: at its end a second's row, then what moves."""

from __future__ import annotations

import datetime as dt
import json
import queue
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from jsonschema import Draft202012Validator
from spymaster.live.capture import Capture
from spymaster.live.captured_run import Closing
from spymaster.live.capturing import Capturing
from spymaster.live.feeds import Chunk, times_of
from spymaster.live.lines import Lines
from spymaster.live.outlets import Rows, Snap
from spymaster.live.run import HISTORY_S, Run
from spymaster.live.run_folder import new_run
from spymaster.live.seconds import recovered_seconds
from spymaster.live.session import Session
from spymaster.live.snaps import Snaps, Tick
from spymaster.published import open_published
from spymaster_ingest.lake import Lake
from support.dbn_files import DAY_START_NS
from support.explain_lake import SYMBOL
from support.live_feeds import MS, FakeClock, bids, source
from support.nats_server import PATIENCE_S
from support.synthetic_book import DAY
from support.transport_payloads import SIGNALS_SCHEMA

SIGNALS, CONDITIONS = "gold.level_signals", "gold.conditions_in_use_1s"
FIRST = dt.datetime.combine(DAY, dt.time(13, 31, 11))
SECONDS, SECOND, NS = 8, dt.timedelta(seconds=1), 1_000_000_000
FIRST_NS = int(FIRST.replace(tzinfo=dt.UTC).timestamp()) * NS
# snaps of a second: before its records, among them, after each trade that is made up, after them
AT_END, BETWEEN, AT_BID, AT_ASK, LATE = 300, 500, 750, 800, 999


class Heard:
    """An outlet that keeps snaps by second and ms, and the payloads before them."""

    def __init__(self) -> None:
        self.payloads: list[dict[str, Any]] = []
        self.snaps: dict[tuple[int, int], Snap] = {}

    def captured(self, chunk: Chunk, first: int) -> None:
        pass

    def stepped(self, rows: Rows, from_ts: dt.datetime, to_ts: dt.datetime) -> None:
        found = rows.rows(SIGNALS, max(from_ts, FIRST - SECOND), to_ts).column("payload")
        self.payloads += map(json.loads, found.to_pylist())

    def snapped(self, snap: Snap) -> None:
        second, rest_ns = divmod(snap.time_ns - FIRST_NS, NS)
        self.snaps[second, rest_ns // 1_000_000] = snap

    def ended(self, reason: str | None) -> None:
        assert reason is None


class Told(NamedTuple):
    """A run that was heard.

    Attributes:
        heard: its outlet.
        lines: of JSON.
        trades: prices of the trades that were made up, by second.
    """

    heard: Heard
    lines: list[str]
    trades: dict[int, tuple[int, int]]


def coming(
    session: Session, trades: dict[int, tuple[int, int]]
) -> Iterator[Chunk | Closing | Tick]:
    """Yield the records of the day, the seconds that the clock ends, and times of snaps."""
    left = {day.source: np.concatenate(list(day.chunks())) for day in session.landed()}

    def until(time_ns: int) -> Iterator[Chunk]:
        for origin, records in left.items():
            times = np.maximum.accumulate(times_of(records).astype(np.int64))
            end = int(np.searchsorted(times, time_ns))
            if end:
                yield Chunk(origin, records[:end])
                left[origin] = records[end:]

    [orders] = [
        source for source in left if source.schema == "mbo" and source.product_type == "future"
    ]
    trade = left[orders][left[orders]["action"] == b"T"][:1].copy()
    yield from until(FIRST_NS)
    for second in range(SECONDS):
        end_ns = FIRST_NS + second * NS
        yield Closing(end_ns // NS - 1)
        yield Tick(end_ns + AT_END * 1_000_000)
        yield from until(end_ns + BETWEEN * 1_000_000)
        quotes = session.engines.quotes()
        assert quotes and quotes.bid_int and quotes.ask_int
        trades[second] = quotes.bid_int, quotes.ask_int
        for ms, price in zip((AT_BID, AT_ASK), trades[second], strict=True):
            trade["price"] = price
            trade["flags"] |= 128
            for name in ("ts_event", "ts_recv"):
                trade[name] = end_ns + BETWEEN * 1_000_000
            yield Chunk(orders, trade.copy())
            yield Tick(end_ns + ms * 1_000_000)
        yield from until(end_ns + NS)
        yield Tick(end_ns + LATE * 1_000_000)


@pytest.fixture(scope="module")
def told(explained: Lake) -> Told:
    heard, lines, trades = Heard(), list[str](), dict[int, tuple[int, int]]()
    with Session(explained, SYMBOL, DAY, wanted=[SIGNALS, CONDITIONS], keep_s=HISTORY_S) as session:
        snaps = Snaps(explained, session.tables.made, HISTORY_S)
        printed = Lines(SIGNALS, "direct_feed", FIRST - SECOND, lines.append)
        folder = new_run(explained, SYMBOL, DAY, "live")
        run = Run(session, folder, [heard, printed], [], snaps)
        ended = recovered_seconds(run.steps(coming(session, trades)), session.engines)
        last = FIRST + SECONDS * SECOND
        run.go(run.heard(ended, FIRST, last), FIRST, last, lambda _: True)
    return Told(heard, lines, trades)


def test_a_snap_after_a_second_has_its_numbers(told: Told) -> None:
    """No record lies between."""
    n_levels = 0
    for second, payload in enumerate(told.heard.payloads):
        snap = told.heard.snaps[second, AT_END]
        found = json.loads(snap.payload or "")
        end_ms = (FIRST_NS + second * NS) // 1_000_000
        assert (found.pop("ts"), found.pop("as_of")) == (end_ms + AT_END, end_ms)
        assert found["viewport"].pop("ts") == end_ms + AT_END
        del found["all_levels"], payload["ts"], payload["viewport"]["ts"]
        assert found == payload
        n_levels += len(found["levels"])
    assert len(told.heard.payloads) == SECONDS
    assert n_levels > SECONDS


def test_distances_and_states_of_all_levels_are_those_of_the_build(
    told: Told, explained: Lake
) -> None:
    with open_published(explained) as published:
        # of the first second, before which no trade was made up
        [levels, conditions, scores] = [
            published.execute(
                f"select * from {relation} where symbol = ? and window_end_ts <= ? order by all",
                [SYMBOL, FIRST],
            )
            .to_arrow_table()
            .to_pylist()
            for relation in ("steps.engine_levels_1s", CONDITIONS, "gold.break_score_1s")
        ]
    snap = told.heard.snaps[0, AT_END]
    found = {level["id"]: level for level in snap.levels}
    now = [row for row in levels if row["window_end_ts"] == FIRST]
    assert len(now) > 2
    for row in now:
        level = found[row["level_id"]]
        assert (level["distance"], level["in_monitor_band"]) == (
            row["k_ticks"],
            row["in_monitor_band"],
        )
        assert level["price"] * 1e9 == row["level_price_int"]
    held = {
        row["level_id"]: (row["state"], row["held_s"] + AT_END / 1_000)
        for row in conditions
        if row["window_end_ts"] == FIRST and row["state"] is not None
    }
    assert {
        x["id"]: (x["state"], x["state_held_s"]) for x in snap.levels if x["state"] is not None
    } == held
    signals = {}
    scores.sort(key=lambda row: (row["level_id"], row["window_end_ts"]))
    for level_id, rows in groupby(scores, key=lambda row: row["level_id"]):
        newest_first = [*rows][::-1]
        if newest_first[0]["window_end_ts"] == FIRST and newest_first[0]["signal"] is not None:
            n = 0
            while (
                n < len(newest_first)
                and newest_first[n]["signal"] == newest_first[0]["signal"]
                and newest_first[n]["window_end_ts"] == FIRST - n * SECOND
            ):
                n += 1
            signals[level_id] = (newest_first[0]["signal"], n + AT_END / 1_000)
    assert {
        x["id"]: (x["signal"], x["signal_held_s"]) for x in snap.levels if x["signal"] is not None
    } == signals
    assert signals
    assert held


def test_a_book_that_moves_shows_before_its_second_ends(told: Told) -> None:
    for second, trades in told.trades.items():
        before = told.heard.snaps[second, AT_END]
        for ms, price_int in zip((AT_BID, AT_ASK), trades, strict=True):
            snap = told.heard.snaps[second, ms]
            assert snap.spot == price_int / 1e9
            assert (snap.bid, snap.ask) == (trades[0] / 1e9, trades[1] / 1e9)
            # of the same second still
            assert snap.as_of_ns == before.as_of_ns == FIRST_NS + second * NS
            was = {level["id"]: level for level in before.levels}
            assert was.keys() == {level["id"] for level in snap.levels}
            for level in snap.levels:
                assert level["distance"] * 250_000_000 == round(level["price"] * 1e9) - price_int
                if level["state"] is not None:
                    waited_s = level["state_held_s"] - was[level["id"]]["state_held_s"]
                    assert waited_s == pytest.approx((ms - AT_END) / 1_000)
            distances = [abs(level["distance"]) for level in snap.levels]
            assert distances == sorted(distances)
            physics, of_before = (
                {x.pop("id"): x for x in json.loads(one.payload or "")["levels"]}
                for one in (snap, before)
            )
            for level_id, level in physics.items():
                assert level.pop("distance") == next(
                    x["distance"] for x in snap.levels if x["id"] == level_id
                )
                del of_before[level_id]["distance"]
            assert physics == of_before
    assert len(set(told.trades.values())) > 1
    # and where its records move it
    late = [told.heard.snaps[second, LATE] for second in range(SECONDS - 1)]
    assert any(x.bid != told.heard.snaps[n, AT_END].bid for n, x in enumerate(late))


def test_lines_follow_the_schema(told: Told) -> None:
    """A line for each second, and for each snap after it."""
    validator = Draft202012Validator(json.loads(SIGNALS_SCHEMA.read_text()))
    lines = [json.loads(line) for line in told.lines]
    for line in lines:
        validator.validate(line)
        assert line["source"] == "direct_feed"
    assert ["as_of" in line for line in lines][:5] == [False, *[True] * 4]
    assert sum("as_of" in line for line in lines) == len(told.heard.snaps)


def test_ticks_go_by_the_clock_and_only_the_last_that_waits_counts(tmp_path: Path) -> None:
    clock = FakeClock(DAY_START_NS)

    def feed() -> Iterator[Chunk]:
        records = bids(*range(0, 2_000, 100))
        for at, record_ns in enumerate(records["ts_event"].tolist()):
            clock.time_ns = max(clock.time_ns, record_ns)
            yield Chunk(source(), records[at : at + 1])

    capturing = Capturing(feed(), Capture(tmp_path / "part", clock), clock, print)
    # the feed has ended
    capturing.wait_for(lambda _: False)
    assert not capturing.is_caught_up
    ticks = [x.time_ns - DAY_START_NS for x in capturing if isinstance(x, Tick)]
    # the first record after 1,750 ms
    assert ticks == [1_800 * MS]
    assert capturing.is_caught_up
    capturing.stop()


def test_a_reader_that_waits_hears_each_tick(tmp_path: Path) -> None:
    clock = FakeClock(DAY_START_NS)
    may_go: queue.SimpleQueue[int] = queue.SimpleQueue()

    def feed() -> Iterator[Chunk]:
        while (ms := may_go.get(timeout=PATIENCE_S)) >= 0:
            clock.time_ns = DAY_START_NS + ms * MS
            yield Chunk(source(), bids(ms)[: ms % 500 == 0])

    capturing = Capturing(feed(), Capture(tmp_path / "part", clock), clock, print)
    steps, ticks = iter(capturing), list[int]()
    for ms in (0, 100, 250, 300, 499, 500, 1_900, 1_999, 2_000):
        may_go.put(ms)
        if ms not in (100, 300, 499, 1_999):
            while not isinstance(step := next(steps), Tick):
                pass
            ticks.append((step.time_ns - DAY_START_NS) // MS)
    may_go.put(-1)
    capturing.stop()
    assert ticks == [0, 250, 500, 1_900, 2_000]
