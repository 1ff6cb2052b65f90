"""The compiled book engine on real captures: known answers, the vendor's own top ten, mutations."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import databento as db
import numpy as np
import pytest
import spymaster_engine
from naive.book import replay
from naive.model import BookConfig as PlainConfig
from spymaster_engine.kernels.book import BookConfig, BookEngine, Records
from spymaster_engine.kernels.book.kernel_state import LAST
from spymaster_engine.kernels.book.ladder_view import replay_for_view, top_levels
from support import vendor_csv
from support.engine_rows import EngineRows, engine_config
from support.known_day import (
    DAY_START_NS,
    OPEN_NS,
    assert_known_day,
    day_total,
    known_day_config,
    read_known_day,
)
from support.strategies.mbo_script import TICK_INT
from test_book_engine import assert_same_rows

TESTS = Path(__file__).resolve().parents[1]
MINUTE_NS = 60_000_000_000

MUTATIONS = {
    "swap LAST and SNAPSHOT": (
        "kernels/book/kernel_state.py",
        "LAST, SNAPSHOT, MAYBE_BAD_BOOK = 128, 32, 4",
        "LAST, SNAPSHOT, MAYBE_BAD_BOOK = 32, 128, 4",
    ),
    "apply F to depth": (
        "kernels/book/attribution.py",
        "    s.unmatched_fill_qty += wait_for_reduction(order, size, ts_event)\n",
        "    s.unmatched_fill_qty += wait_for_reduction(order, size, ts_event)\n"
        "    order.qty -= min(size, order.qty)\n"
        "    lower_depth(st, order.side, order.cell, size)\n",
    ),
}


@pytest.fixture(scope="module")
def records(shared_data: Path) -> np.ndarray:
    return read_known_day(shared_data)


@pytest.fixture(scope="module")
def known_answers(shared_data: Path) -> dict:
    return json.loads((shared_data / "known_answers.json").read_text())


def test_known_day(records: np.ndarray) -> None:
    rows = EngineRows(records, known_day_config())
    assert_known_day(rows)
    resting = rows.qa["final_bid_depth_total"] + rows.qa["final_ask_depth_total"]
    arrived = day_total(rows, "reset") + day_total(rows, "add")
    assert arrived - day_total(rows, "pull") - day_total(rows, "fill") == resting == 42_160


def test_known_day_agrees_with_plain_engine(records: np.ndarray) -> None:
    # around the open, where the book uncrosses and trading starts
    surface = (OPEN_NS - 30 * 10**9, OPEN_NS + 90 * 10**9)
    ours = known_day_config((surface,))
    plain = replay(
        records,
        PlainConfig(
            ours.tick_int, ours.day_start_ns, ours.trading_intervals, surface_window_ns=surface
        ),
    )
    rows = EngineRows(records, ours, chunk_records=10_007)
    assert_same_rows(rows.snapshot, plain.snapshot)
    assert_same_rows(rows.wall, plain.wall)
    assert_same_rows(rows.reprice, plain.reprice)
    assert len(rows.wall) > 90_000
    assert len(rows.reprice) > 500


def test_known_day_quotes_at_every_minute(records: np.ndarray, known_answers: dict) -> None:
    known = known_answers["esh4_20231225"]
    minutes = {int(ns): quotes for ns, quotes in known["bbo_at_minute_ts_recv"].items()}
    config = known_day_config()
    for minute_ns in list(minutes)[:: max(1, len(minutes) // 12)]:
        until = np.searchsorted(records["ts_recv"], minute_ns, side="right")
        engine = BookEngine(config)
        replay_for_view(engine, [Records.from_vendor(records[:until])])
        ask, bid = top_levels(engine, 1)
        bid_row, ask_row = minutes[minute_ns]
        assert [bid.price_int, bid.qty, bid.orders] == bid_row
        assert [ask.price_int, ask.qty, ask.orders] == ask_row


@pytest.mark.parametrize("name", ["esh4_20231224", "esh4_20231225", "esm4_20240508_2s"])
def test_final_book(shared_data: Path, known_answers: dict, name: str) -> None:
    known = known_answers[name]
    records = db.DBNStore.from_file(shared_data / known["file"]).to_ndarray()
    day_ns = int(records["ts_recv"][0]) // (24 * 60 * MINUTE_NS) * (24 * 60 * MINUTE_NS)
    engine = BookEngine(BookConfig(TICK_INT, day_ns, surface_windows_ns=()))
    replay_for_view(engine, [Records.from_vendor(records)])
    levels = top_levels(engine, 10)
    asks = [[x.price_int, x.qty, x.orders] for x in levels if x.side == "A"]
    bids = [[x.price_int, x.qty, x.orders] for x in levels if x.side == "B"]
    assert bids == known["bids_top10"]
    assert asks[::-1] == known["asks_top10"]
    assert sum(level[0] == "B" for level in engine.levels()) == known["bid_levels"]
    assert sum(level[0] == "A" for level in engine.levels()) == known["ask_levels"]
    assert sum(level[3] for level in engine.levels()) == known["orders"]


def test_snapshot_with_clear_and_last(shared_data: Path) -> None:
    file = "es_mbo/esm4-glbx-mdp3-20240508-first-2s.mbo.dbn.zst"
    records = db.DBNStore.from_file(shared_data / file).to_ndarray()
    day_ns = int(np.datetime64("2024-05-08", "ns").astype(np.int64))
    plain = PlainConfig(TICK_INT, day_ns, [(day_ns, day_ns + 60 * MINUTE_NS, True)])
    rows, expected = EngineRows(records, engine_config(plain)), replay(records, plain)
    assert [row["invalid_flags"] for row in rows.snapshot] == [2, 0]
    assert_same_rows(rows.wall, expected.wall)
    assert_same_rows(rows.snapshot, expected.snapshot)


def test_losing_the_order_of_ties_is_noticed(records: np.ndarray) -> None:
    # the order that an unstable sort by event time may give
    ties_reversed = np.lexsort((-np.arange(len(records)), records["ts_event"]))
    with pytest.raises(AssertionError):
        assert_known_day(EngineRows(records[ties_reversed], known_day_config()))


@pytest.mark.long
@pytest.mark.parametrize("mutation", MUTATIONS)
def test_mutated_kernel_is_noticed(shared_data: Path, tmp_path: Path, mutation: str) -> None:
    file, old, new = MUTATIONS[mutation]
    package = Path(spymaster_engine.__file__).parent
    mutant = tmp_path / package.name
    shutil.copytree(package, mutant, ignore=shutil.ignore_patterns("__pycache__"))
    source = (mutant / file).read_text()
    assert source.count(old) == 1
    (mutant / file).write_text(source.replace(old, new))
    check = (
        "import sys; from pathlib import Path\n"
        "import spymaster_engine\n"
        f"assert spymaster_engine.__file__.startswith({str(tmp_path)!r})\n"
        "from support.engine_rows import EngineRows\n"
        "from support.known_day import assert_known_day, known_day_config, read_known_day\n"
        f"records = read_known_day(Path({str(shared_data)!r}))\n"
        "try:\n"
        "    assert_known_day(EngineRows(records, known_day_config()))\n"
        "except Exception as error:\n"
        "    print('noticed', type(error).__name__)\n"
    )
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{TESTS}"}
    done = subprocess.run(
        [sys.executable, "-c", check], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    # by a check of the day, not by a failing compilation
    assert done.stdout.split() in (["noticed", "AssertionError"], ["noticed", "KernelError"])


def test_vendor_top_ten(shared_data: Path) -> None:
    folder = shared_data / "es_mbo_vs_mbp10"
    rows = vendor_csv.csv_rows(folder / "esz2_20220103.mbo.csv")
    records = vendor_csv.mbo_records(rows)
    group_ends = {
        (int(record["ts_event"]), int(record["sequence"])): index
        for index, record in enumerate(records)
        if record["flags"] & LAST
    }
    day_ns = int(np.datetime64("2022-01-03", "ns").astype(np.int64))
    compared = 0
    for row in vendor_csv.csv_rows(folder / "esz2_20220103.mbp-10.csv"):
        index = group_ends.get((vendor_csv.time_ns(row["ts_event"]), int(row["sequence"])))
        if index is None:
            continue
        engine = BookEngine(BookConfig(TICK_INT, day_ns, surface_windows_ns=()))
        replay_for_view(engine, [Records.from_vendor(records[: index + 1])])
        top = top_levels(engine, 10)
        ours = [[(x.price_int, x.qty, x.orders) for x in top if x.side == side] for side in "AB"]
        assert ours[0][::-1] == vendor_csv.vendor_levels(row, "ask")
        assert ours[1] == vendor_csv.vendor_levels(row, "bid")
        compared += 1
    assert compared == 16


def test_whole_seconds_are_continuous(records: np.ndarray) -> None:
    rows = EngineRows(records, known_day_config())
    seconds = [row["window_start_s"] for row in rows.snapshot]
    assert seconds == list(range(DAY_START_NS // 10**9, DAY_START_NS // 10**9 + 86_400))
