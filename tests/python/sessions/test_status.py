"""Continuous trading by the venue's status messages, and the seconds that the engine flags."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Sequence
from pathlib import Path

import duckdb
import numpy as np
import pytest
from spymaster.live.compared import compare
from spymaster.live.feeds import SystemClock
from spymaster.live.opening import is_known
from spymaster.live.recorded import LandedDay
from spymaster.live.replay import Replay
from spymaster.live.seal import write_begun
from spymaster.live.seconds import replayed_seconds
from spymaster.live.session import Session
from spymaster_ingest.lake import Lake
from spymaster_ingest.landing.begun import begin_partition, remove_begun
from spymaster_ingest.units import epoch_ns
from support import lakes
from support.built_lakes import Raw
from support.dbn_files import DAY, DAY_NS, DAY_START_NS, SECOND_NS, mbo, plain, status

STATUS = "status"
NO_ACTION, PRE_OPEN, TRADING, HALT, CLOSE, SHORT_SALE_CHANGE = 0, 1, 7, 8, 12, 14
NOT_TRADING_BIT = 16
# 5 March 2024 in UTC: the session of the evening before, and the next session
CLOCK = [(0, 22 * 3600), (23 * 3600, 24 * 3600)]
HOUR_NS = 3600 * SECOND_NS
RANDOM_DAYS = 40

Message = tuple[int, int]


def hours(clock: str) -> int:
    """Return a time of day as ns after midnight."""
    hour, minute, second = clock.split(":")
    return int(hour) * HOUR_NS + int(minute) * 60 * SECOND_NS + round(float(second) * 10**9)


SCRIPTS: dict[str, list[Message]] = {
    "halt": [(hours("15:00:00.3"), HALT), (hours("15:10:00.2"), TRADING)],
    "whole seconds": [(hours("15:00:00"), HALT), (hours("15:10:00"), TRADING)],
    "within a second": [(hours("15:00:00.3"), HALT), (hours("15:00:00.4"), TRADING)],
    "no state": [(hours("15:00:00"), SHORT_SALE_CHANGE), (hours("16:00:00"), NO_ACTION)],
    "ordinary day": [
        (hours("21:59:59.9"), CLOSE),
        (hours("22:45:00"), PRE_OPEN),
        (hours("23:00:00.005"), TRADING),
    ],
    "repeated": [(hours("10:00:00"), TRADING), (hours("11:00:00.5"), TRADING)],
    "closed since yesterday": [(-HOUR_NS, CLOSE), (hours("09:00:00"), TRADING)],
    "open since yesterday": [(-HOUR_NS, TRADING), (hours("09:00:00"), HALT)],
    "opened at midnight": [(0, HALT), (0, TRADING), (hours("01:00:00"), CLOSE)],
    "only after the close": [(hours("22:30:00"), PRE_OPEN)],
    "never closed": [(hours("21:00:00"), TRADING)],
    "opened and closed at once": [(hours("08:00:00"), HALT), (hours("08:00:00"), CLOSE)],
}


def random_script(seed: int) -> list[Message]:
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, 12))
    moments = np.sort(rng.choice([rng.integers(0, DAY_NS), *rng.integers(0, DAY_NS, 30)], count))
    if seed % 3 == 0:
        moments = moments // SECOND_NS * SECOND_NS
    if seed % 4 == 0:
        moments[:] = np.sort(moments[0] // 2 + rng.integers(0, 3 * SECOND_NS, count))
    actions = rng.choice([TRADING, TRADING, HALT, CLOSE, PRE_OPEN, NO_ACTION], count)
    return list(zip(moments.tolist(), actions.tolist(), strict=True))


def expected_seconds(script: Sequence[Message]) -> np.ndarray:
    """Return for every second of the day whether trading is continuous throughout."""
    changes = [(max(at, 0), action == TRADING) for at, action in script if action not in (0, 14)]
    if not changes:
        states = [(start * SECOND_NS, end * SECOND_NS) for start, end in CLOCK]
    else:
        close_ns = CLOCK[0][1] * SECOND_NS
        if changes[0][0] >= close_ns:
            changes.insert(0, (close_ns, False))
        changes.insert(0, (0, True))
        ends = [at for at, _ in changes[1:]] + [DAY_NS]
        states = [
            (start, end)
            for (start, trades), end in zip(changes, ends, strict=True)
            if trades and start < end
        ]
    covered_ns = np.zeros(86_400, dtype=np.int64)
    for start, end in states:
        for second in range(start // SECOND_NS, -(-end // SECOND_NS)):
            inside = min(end, (second + 1) * SECOND_NS) - max(start, second * SECOND_NS)
            covered_ns[second] += inside
    return covered_ns == SECOND_NS


def write_status(path: Path, start_ns: int, number: int, name: str, script: list[Message]) -> Path:
    """Write the messages of a contract-day; earlier messages are captured at 00:00 UTC."""
    records = status(len(script), instrument_id=number)
    records["ts_event"] = [start_ns + at for at, _ in script]
    records["ts_recv"] = np.maximum(records["ts_event"], start_ns)
    records["action"] = [action for _, action in script]
    return plain(path, records, symbols={number: name}, start=start_ns, end=start_ns + DAY_NS)


@pytest.fixture(scope="module")
def scripts() -> dict[str, list[Message]]:
    """Return the messages per artificial contract."""
    everything = [*SCRIPTS.values(), *(random_script(seed) for seed in range(RANDOM_DAYS))]
    letters = "FGHJKMNQUVXZ"
    return {f"ES{letters[at % 12]}{10 + at // 12}": script for at, script in enumerate(everything)}


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory, scripts: dict[str, list[Message]]) -> Lake:
    """Return a lake with a contract per script and a contract without status."""
    folder = tmp_path_factory.mktemp("status")
    raw = folder / "raw"
    lake = Lake(folder / "lake")
    names = dict(enumerate(["ESH4", *scripts]))
    records = mbo(len(names), instrument_id=list(names), step=0)
    plain(raw / "orders.dbn", records, symbols=names)
    for number, name in names.items():
        if name in scripts:
            write_status(raw / f"{name}.dbn", DAY_START_NS, number, name, scripts[name])
    lakes.land_raw(lake, raw, allow_missing_definitions=True)
    lakes.build(lake, "--select", "+trading_intervals", "--indirect-selection", "cautious")
    return lake


def test_every_second_follows_the_messages(lake: Lake, scripts: dict[str, list[Message]]) -> None:
    found = {name: np.zeros(86_400, dtype=bool) for name in ["ESH4", *scripts]}
    for name, start, end in lakes.ask(
        lake,
        "select symbol, date_diff('second', dt::timestamp, open_ts), "
        f"date_diff('second', dt::timestamp, close_ts) from silver.trading_intervals "
        f"where dt = '{DAY}'",
    ):
        assert not found[name][start:end].any()
        found[name][start:end] = True
    wrong = [
        name for name in found if (found[name] != expected_seconds(scripts.get(name, []))).any()
    ]
    assert wrong == []


def test_only_intervals_by_the_clock_await_a_trade(lake: Lake) -> None:
    intervals = lakes.ask(
        lake,
        "select distinct told_by, symbol = 'ESH4', is_open_at_once, interval_no "
        "from silver.trading_intervals where told_by = 'clock' or not is_open_at_once",
    )
    # the contract whose messages change no state uses the clock as well
    assert sorted(intervals) == sorted(
        ("clock", is_esh4, at_once, number)
        for is_esh4 in (False, True)
        for at_once, number in ((True, 1), (False, 2))
    )


def test_trading_without_a_break_is_one_interval(
    lake: Lake, scripts: dict[str, list[Message]]
) -> None:
    name = list(scripts)[list(SCRIPTS).index("repeated")]
    rows = lakes.ask(
        lake, f"select open_ts, close_ts from silver.trading_intervals where symbol = '{name}'"
    )
    start = dt.datetime.combine(DAY, dt.time())
    assert rows == [(start, start + dt.timedelta(days=1))]


@pytest.fixture(scope="module")
def halted(raw: Raw, tmp_path_factory: pytest.TempPathFactory) -> tuple[Lake, Lake]:
    """Return the first day of ES twice: without status, and with a halt and an early close."""
    folder = tmp_path_factory.mktemp("halted")
    day = lakes.DAYS[0]
    plain_lake = Lake(folder / "plain")
    lakes.land_raw(plain_lake, raw.es[day])
    selected = (*lakes.WITHOUT_LEVELS, "path:models/silver/market")
    lakes.build_models(plain_lake, *selected)
    lake = Lake(shutil.copytree(plain_lake.root, folder / "halted"))
    [(number,)] = set(instrument_ids(lake))
    script = [
        (hours("00:04:00.3"), HALT),
        (hours("00:05:10.2"), TRADING),
        (hours("00:07:00"), SHORT_SALE_CHANGE),
        (hours("00:08:30"), CLOSE),
    ]
    start_ns = int(np.datetime64(day, "ns").astype(np.int64))
    messages = write_status(folder / "s.dbn", start_ns, number, lakes.ES, script)
    lakes.land_raw(lake, messages)
    lakes.build(lake, *selected)
    return plain_lake, lake


def instrument_ids(lake: Lake) -> list[tuple[int]]:
    pattern = lake.bronze / "product_type=future" / "*" / "table=mbo" / "*" / "part-00000.parquet"
    return duckdb.sql(f"select distinct instrument_id from read_parquet('{pattern}')").fetchall()


def flags(lake: Lake) -> dict[str, int]:
    return dict(
        lakes.ask(
            lake,
            "select strftime(window_start_ts, '%H:%M:%S'), invalid_flags "
            "from silver.book_snapshot_1s order by window_start_ts",
        )
    )


def test_a_halt_in_the_middle_of_the_day(halted: tuple[Lake, Lake]) -> None:
    before, after = map(flags, halted)
    assert before.keys() == after.keys()
    assert not any(value & NOT_TRADING_BIT for value in before.values())
    for second, value in after.items():
        is_halted = "00:04:00" <= second <= "00:05:10" or second >= "00:08:30"
        assert bool(value & NOT_TRADING_BIT) == is_halted, second
        assert value & ~NOT_TRADING_BIT == before[second] & ~NOT_TRADING_BIT, second


def test_nothing_but_validity_depends_on_the_status(halted: tuple[Lake, Lake]) -> None:
    query = (
        "select * exclude (invalid_flags, window_valid) from silver.book_snapshot_1s "
        "order by window_start_ts"
    )
    before, after = (lakes.ask(lake, query) for lake in halted)
    assert before == after


@pytest.fixture(scope="module")
def opened(halted: tuple[Lake, Lake], tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """Return the day as a live run opens it, before any status message has come."""
    lake = Lake(shutil.copytree(halted[0].root, tmp_path_factory.mktemp("opened") / "lake"))
    [landed] = [day for day in landed_days(halted[1]) if day.source.schema == STATUS]
    assert not is_known(lake, lakes.ES, lakes.DAYS[0], [landed.source])
    [table] = landed.source.tables
    path = write_begun(lake, landed.source, lakes.DAYS[0])
    begin_partition(lake, path, table, lakes.ES, lakes.DAYS[0])
    lakes.build(lake, *lakes.WITHOUT_LEVELS, "path:models/silver/market")
    assert is_known(lake, lakes.ES, lakes.DAYS[0], [landed.source])
    return lake


def landed_days(lake: Lake) -> list[LandedDay]:
    folders = lake.bronze.glob(f"product_type=future/symbol={lakes.ES}/*/dt={lakes.DAYS[0]}")
    return [LandedDay(folder) for folder in sorted(folders)]


def test_a_halt_that_is_announced_while_the_day_is_live(
    halted: tuple[Lake, Lake], opened: Lake
) -> None:
    """Rows are those of a build that knows all messages, in steps of a second around them."""
    day = lakes.DAYS[0]
    first, last = (dt.datetime.combine(day, dt.time(0, *at)) for at in ((3, 30), (9, 0)))
    flagged, wanted = 0, ["silver.book_snapshot_1s", "silver.recording_gaps"]
    with Session(opened, lakes.ES, day, wanted=wanted, keep_s=600) as session:
        feed = Replay(landed_days(halted[1]), SystemClock(), span_ns=SECOND_NS // 4)
        ended = replayed_seconds(feed, None, session.engines, epoch_ns(first) // SECOND_NS)
        for _ in session.steps(ended, first, last, lambda at: at.second % 30 < 5):
            pass
        for one in compare(halted[1], session.tables, (lakes.ES, day), (first, last)):
            assert not one.n_different, one
            flagged += one.n_rows
    assert flagged >= 330


def test_a_day_without_a_message_leaves_nothing(opened: Lake, tmp_path: Path) -> None:
    lake = Lake(shutil.copytree(opened.root, tmp_path / "lake"))
    [removed] = remove_begun(lake, lakes.DAYS[0])
    assert removed.parent.name == f"table={STATUS}"
    assert not removed.exists()
    assert not list(lake.captured(lakes.DAYS[0]).iterdir())
