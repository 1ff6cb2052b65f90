"""The vendor's client against a gateway on loopback: cuts anywhere lose and double nothing."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from databento_dbn import ErrorCode
from spymaster.live.capture import Capture, captured
from spymaster.live.captured_run import CapturedRun
from spymaster.live.feeds import FUTURE, Chunk
from spymaster.live.vendor.connection import Connection, Gateway, Request, Session
from spymaster.live.vendor.feed import Reconnecting, VendorFeed
from spymaster.live.vendor.subscriptions import Subscription, subscription_of
from spymaster_ingest.dbn.layouts import FLAG_SNAPSHOT
from spymaster_ingest.errors import SpymasterError
from support.dbn_files import DAY_NS, DAY_START_NS, ESH4, bbo, trades
from support.live_feeds import MS, SECOND_NS, FakeClock, bids
from support.vendor_gateway import DATASET, KEY, Part, Recorded, VendorGateway, error_message

# what must come comes sooner
PATIENCE_S = 60
CALL, PUT = 501, 502
OPTIONS = "ES.OPT"
INSTRUMENTS = {"ESH4": [ESH4], OPTIONS: [CALL, PUT]}
# two before midnight, a group of one time over four records, one of a late ts_event
FUTURES = bids(-700, -5, 0, 0, 1, 200, 200, 200, 200, 150, 900, 901, 1_700, 1_800, 2_500, 2_600)
OF_OPTIONS = bids(
    *(-650, -3, 2, 2, 2, 201, 900, 1_750, 1_750, 2_550),
    instrument_id=[CALL, PUT, CALL, PUT, PUT] * 2,
)
PRINTS = trades(3)
PRINTS["ts_event"] = DAY_START_NS + np.array([-600, 905, 2_580]) * MS
PRINTS["ts_recv"] = PRINTS["ts_event"] + 1_000
# a quote that stands for seconds: one ts_event, and a ts_recv every second
QUOTES = bbo(8)
QUOTES["ts_event"] = DAY_START_NS - 30 * SECOND_NS
QUOTES["ts_event"][5:] = DAY_START_NS + 1_600 * MS
QUOTES["ts_recv"] = DAY_START_NS + (np.arange(8) - 2) * 400 * MS
ASKED = [
    Subscription("mbo", FUTURE, "ESH4", ("ESH4",), start_ns=DAY_START_NS - SECOND_NS),
    subscription_of("mbo:future_option:ESH4:parent=ES.OPT", start_ns=DAY_START_NS - SECOND_NS),
    Subscription("trades", FUTURE, "ESH4", ("ESH4",), start_ns=DAY_START_NS - SECOND_NS),
    Subscription("bbo-1s", FUTURE, "ESH4", ("ESH4",), start_ns=DAY_START_NS - SECOND_NS),
]
EXPECTED = {
    "ESH4.future.mbo": FUTURES,
    "ESH4.future_option.mbo": OF_OPTIONS,
    "ESH4.future.trades": PRINTS,
    "ESH4.future.bbo-1s": QUOTES,
}


def tape() -> list[Recorded]:
    """Return the records of all subscriptions in the order of their capture."""
    found = [
        *(Recorded("mbo", "ESH4", FUTURES[at : at + 1]) for at in range(len(FUTURES))),
        *(Recorded("mbo", OPTIONS, OF_OPTIONS[at : at + 1]) for at in range(len(OF_OPTIONS))),
        *(Recorded("trades", "ESH4", PRINTS[at : at + 1]) for at in range(len(PRINTS))),
        *(Recorded("bbo-1s", "ESH4", QUOTES[at : at + 1]) for at in range(len(QUOTES))),
    ]
    return sorted(found, key=lambda recorded: int(recorded.record["ts_recv"][0]))


TAPE = tape()


def gateway(*parts: Part, given: Sequence[Recorded] = TAPE) -> VendorGateway:
    return VendorGateway(
        given, parts, INSTRUMENTS, {CALL: "ESH4 C5000", PUT: "ESH4 P5000"}, DAY_START_NS - SECOND_NS
    )


class Reading:
    """A feed of a gateway and all that it gave; it ends with a number of records."""

    def __init__(
        self,
        server: VendorGateway,
        subscriptions: Sequence[Subscription] = ASKED,
        n_records: int | None = len(TAPE),
        *,
        key: str = KEY,
        captured_runs: Sequence[CapturedRun] = (),
        most_records: int = 1 << 20,
        connect: Callable[[Gateway, Sequence[Request]], Session] = Connection,
        **reconnecting: object,
    ) -> None:
        self.clock = FakeClock(DAY_START_NS + 3 * SECOND_NS)
        self.said: list[str] = []
        self.n_records = 0
        self.feed = VendorFeed(
            Gateway(DATASET, key, "127.0.0.1", server.port, most_records=most_records),
            subscriptions,
            self.clock,
            lambda: self.n_records == n_records,
            captured=captured_runs,
            reconnecting=Reconnecting(**reconnecting),
            say=self.said.append,
            connect=connect,
        )

    def chunks(self) -> list[Chunk]:
        return list(self._counted())

    def into(self, folder: Path) -> CapturedRun:
        for _ in captured(self._counted(), Capture(folder, self.clock)):
            pass
        return CapturedRun(folder)

    def _counted(self):
        for chunk in self.feed:
            self.n_records += len(chunk.records)
            yield chunk


def assert_whole(run: CapturedRun, expected: dict[str, np.ndarray] = EXPECTED) -> None:
    assert {source.name for source in run.sources} == expected.keys()
    for source in run.sources:
        assert np.array_equal(run.records(source), expected[source.name]), source.name


@pytest.mark.parametrize("seed", range(6))
def test_cuts_anywhere_lose_and_double_nothing(tmp_path: Path, seed: int) -> None:
    """Twice, between records or inside of one, closed or reset."""
    rng = np.random.default_rng(seed)
    # a session that is reset may lose what it had sent, which the next one gives again
    cuts = np.sort(rng.integers(0, len(TAPE), 3)).tolist()
    parts = [
        Part(cut, torn_bytes=int(rng.integers(0, 40)), resets=bool(rng.integers(0, 2)))
        for cut in cuts
    ]
    with gateway(*parts, Part()) as server:
        reading = Reading(server)
        run = reading.into(tmp_path / "run")
    assert_whole(run)
    assert not run.gaps
    assert len(server.asked) == 4
    assert sum("again in" in line for line in reading.said) == 3


@pytest.mark.parametrize("cut", range(len(TAPE)))
def test_a_cut_before_every_record(cut: int) -> None:
    """Before the first, at midnight, inside groups of one time, after a late record."""
    with gateway(Part(cut), Part()) as server:
        chunks = Reading(server).chunks()
    for name, expected in EXPECTED.items():
        found = [chunk.records for chunk in chunks if chunk.source.name == name]
        assert np.array_equal(np.concatenate(found), expected), name


def test_each_subscription_goes_on_from_its_own_last_record(tmp_path: Path) -> None:
    with gateway(Part(len(TAPE) - 2), Part()) as server:
        Reading(server, overlap_s=0.25).chunks()
    begins, resumed = server.asked
    assert [one["start"] for one in begins] == [str(DAY_START_NS - SECOND_NS)] * 4
    assert [one.get("start") for one in resumed] == [
        str(DAY_START_NS + at_ms * MS)
        for at_ms in (2_500 - 250, 2_550 - 250, 905 - 250, 2_000 - 250)
    ]
    assert [one["stype_in"] for one in resumed] == ["raw_symbol", "parent"] + ["raw_symbol"] * 2


@pytest.mark.parametrize("cut", [3, 8, 20])
def test_a_run_that_was_killed_is_gone_on_with(tmp_path: Path, cut: int) -> None:
    """Its file may end anywhere: what the disk lost comes again, and nothing twice."""
    with gateway(Part(cut), Part()) as server:
        first = Reading(server, n_records=cut).into(tmp_path / "1")
        longest = max(first.sources, key=lambda source: len(first.records(source)))
        path = tmp_path / "1" / f"{longest.name}.dbn"
        os.truncate(path, path.stat().st_size - 40)
        first = CapturedRun(tmp_path / "1")
        n_there = sum(len(first.records(source)) for source in first.sources)
        second = Reading(server, n_records=len(TAPE) - n_there, captured_runs=[first]).into(
            tmp_path / "2"
        )
    for name, expected in EXPECTED.items():
        parts = [
            run.records(source)
            for run in (first, second)
            for source in run.sources
            if source.name == name
        ]
        assert np.array_equal(np.concatenate(parts), expected), name


FUTURES_ALONE = [x for x in TAPE if x.schema == "mbo" and x.symbol == "ESH4"]


def snapshot_at(at_ms: float) -> np.ndarray:
    """Return a snapshot whose orders have the times of records that were captured before."""
    records = bids(*[at_ms] * 4, flags=FLAG_SNAPSHOT)
    records["ts_event"][1:] = DAY_START_NS + np.array([-700, 0, 200]) * MS
    records["action"][0] = b"R"
    return records


def one_by_one(records: np.ndarray) -> list[np.ndarray]:
    return [records[at : at + 1] for at in range(len(records))]


def test_what_no_replay_reaches_is_a_gap_before_a_snapshot(tmp_path: Path) -> None:
    """Cut again after the snapshot: the next replay brings nothing from before it."""
    snapshot = snapshot_at(2_400)
    parts = Part(6), Part(15, since=14, snapshot=one_by_one(snapshot)), Part()
    expected = np.concatenate([FUTURES[:6], snapshot, FUTURES[14:]])
    with gateway(*parts, given=FUTURES_ALONE) as server:
        # the clock stands at 3 s of the day: what ended at 0.2 s is out of reach
        reading = Reading(server, ASKED[:1], n_records=len(expected), reach_s={"mbo": 2.9})
        run = reading.into(tmp_path / "run")
    assert [(one["snapshot"], one.get("start")) for [one] in server.asked] == [
        ("0", str(DAY_START_NS - SECOND_NS)),
        ("1", None),
        # what came after the snapshot is in reach
        ("0", str(DAY_START_NS + 1_500 * MS)),
    ]
    assert run.gaps == {
        "ESH4.future.mbo": [(DAY_START_NS + 200 * MS, DAY_START_NS + 2_400 * MS + 1_000)]
    }
    [source] = run.sources
    assert np.array_equal(run.records(source), expected)


def test_a_replay_brings_nothing_from_before_the_source_began(tmp_path: Path) -> None:
    asked = Subscription("mbo", FUTURE, "ESH4", ("ESH4",))
    with gateway(Part(6, since=4), Part(), given=FUTURES_ALONE) as server:
        run = Reading(server, [asked], n_records=len(FUTURES) - 4).into(tmp_path / "run")
    [source] = run.sources
    assert np.array_equal(run.records(source), FUTURES[4:])
    assert not run.gaps


def test_before_the_first_snapshot_another_one_comes(tmp_path: Path) -> None:
    asked = Subscription("mbo", FUTURE, "ESH4", ("ESH4",), snapshot=True)
    first, second = snapshot_at(-900), snapshot_at(-800)
    parts = Part(0), Part(0, snapshot=one_by_one(first)[:2]), Part(3, snapshot=one_by_one(second))
    expected = np.concatenate([first[:2], second, FUTURES])
    with gateway(*parts, Part(), given=FUTURES_ALONE) as server:
        run = Reading(server, [asked], n_records=len(expected)).into(tmp_path / "run")
    [source] = run.sources
    assert np.array_equal(run.records(source), expected)
    assert [one["snapshot"] for [one] in server.asked] == ["1", "1", "1", "0"]
    # from the snapshot that was cut to the next one
    [[gap]] = run.gaps.values()
    assert gap.end_ns == DAY_START_NS - 800 * MS + 1_000


def test_the_vendor_says_what_it_does_not_replay(tmp_path: Path) -> None:
    aged = Part(0, messages=[error_message("aged out", ErrorCode.REPLAY_DATA_AGED_OUT)])
    snapshot = snapshot_at(2_400)
    expected = np.concatenate([FUTURES[:6], snapshot, FUTURES[14:]])
    last = Part(since=14, snapshot=one_by_one(snapshot))
    with gateway(Part(6), aged, last, given=FUTURES_ALONE) as server:
        run = Reading(server, ASKED[:1], n_records=len(expected)).into(tmp_path / "run")
    [source] = run.sources
    assert np.array_equal(run.records(source), expected)
    assert [(one["snapshot"], "start" in one) for [one] in server.asked] == [
        *(("0", True), ("0", True), ("1", False))
    ]
    [[gap]] = run.gaps.values()
    assert gap == (DAY_START_NS + 200 * MS, DAY_START_NS + 2_400 * MS + 1_000)


@pytest.mark.parametrize(
    ("part", "key", "why"),
    [
        (Part(), "db-another-key-of-somebody-else1", "refuses the session: Authentication failed"),
        (Part(refusal="No live license"), KEY, "refuses the session: No live license"),
        (
            Part(0, messages=[error_message("no such symbol", ErrorCode.SYMBOL_RESOLUTION_FAILED)]),
            KEY,
            "refuses the session: no such symbol",
        ),
    ],
)
def test_a_refusal_stops_the_run(
    part: Part, key: str, why: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    with gateway(part) as server, pytest.raises(SpymasterError, match=why) as raised:
        Reading(server, key=key).chunks()
    assert key not in f"{raised.value} {caplog.text}"
    assert len(server.asked) <= 1
    assert "DATABENTO_API_KEY" in str(raised.value)


def test_sessions_that_give_nothing_do_not_go_on_for_ever() -> None:
    with gateway(Part(5), *[Part(5)] * 4) as server:
        reading = Reading(server, most_attempts=4, first_wait_s=1, longest_wait_s=4)
        with pytest.raises(SpymasterError, match="run stops: 4 sessions in a row gave nothing"):
            reading.chunks()
    assert reading.n_records == 5
    # waits of 1, 2, 4 and 4 s, in ticks that let seconds end
    assert reading.clock.time_ns == DAY_START_NS + (3 + 1 + 2 + 4 + 4) * SECOND_NS
    assert max(np.diff(reading.clock.waits)) == SECOND_NS // 4


def test_where_nobody_listens_attempts_are_made(caplog: pytest.LogCaptureFixture) -> None:
    with gateway() as server:
        reading = Reading(server, most_attempts=2)
    with (
        caplog.at_level("DEBUG"),
        pytest.raises(SpymasterError, match=r"2 sessions in a row gave nothing: Connection to 127"),
    ):
        reading.chunks()
    assert KEY not in caplog.text


def test_a_queue_that_is_full_stops_the_run_after_all_that_came() -> None:
    """Symbol mappings of the subscriptions, and seven records."""

    def full(gateway: Gateway, requests: Sequence[Request]) -> Connection:
        connection = Connection(gateway, requests)
        deadline = time.monotonic() + PATIENCE_S
        while not connection.is_full and time.monotonic() < deadline:
            time.sleep(0.001)
        return connection

    with gateway(Part()) as server:
        reading = Reading(server, most_records=5 + 7, connect=full)
        with pytest.raises(SpymasterError, match="run stops: 12 records wait"):
            reading.chunks()
    assert reading.n_records == 7


@pytest.mark.parametrize(
    ("texts", "why"),
    [
        ([], "nothing is subscribed to"),
        (["mbo:future"], "is no subscription SCHEMA:PRODUCT_TYPE"),
        (["mbo:future:ESZ5:ESZ5"], "is no subscription SCHEMA:PRODUCT_TYPE"),
        (["mbo:stock:ESZ5"], "a product type is future or future_option"),
        (["mbi:future:ESZ5"], "no schema mbi; read are bbo"),
        (["mbp-1:future:ESZ5", "tbbo:future:ESZ5"], "look like those of schema mbp-1"),
        (
            ["mbo:future:ESZ5", "mbo:future:ES:raw_symbol=ESZ5"],
            "mbo of ESZ5 is subscribed to twice",
        ),
    ],
)
def test_subscriptions_that_share_records_are_refused(texts: list[str], why: str) -> None:
    with pytest.raises(SpymasterError, match=why):
        VendorFeed(Gateway(DATASET, KEY), [subscription_of(text) for text in texts], FakeClock())


def test_a_day_is_long_ago() -> None:
    assert Reconnecting().reach_ns("trades") == DAY_NS
    assert Reconnecting().reach_ns("mbo") == 7 * DAY_NS
    assert Reconnecting().wait_ns(1_000) == 30 * SECOND_NS
