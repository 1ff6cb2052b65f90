"""The plain book engine against real data and independent answers."""

from __future__ import annotations

import json
from pathlib import Path

import databento as db
import numpy as np
import pytest
from naive.book import replay
from naive.model import FLAG_LAST, NS_PER_S, BookConfig, NaiveResult
from naive.state import Book, top_levels
from support.strategies.mbo_records import MBO_DTYPE
from support.strategies.mbo_script import TICK_INT
from support.vendor_csv import PRICE_SCALE, csv_rows, mbo_records, time_ns, vendor_levels

HOUR_NS = 3_600 * NS_PER_S
SURFACE_SECONDS = 20


def _day_start_ns(records: np.ndarray) -> int:
    day_ns = 24 * HOUR_NS
    return int(records["ts_recv"][0]) // day_ns * day_ns


def _read(shared_data: Path, name: str) -> np.ndarray:
    return db.DBNStore.from_file(shared_data / name).to_ndarray()


class GroupLog:
    """Best quotes and flags at every group end, in file order."""

    def __init__(self, records: np.ndarray) -> None:
        self.ts_event = records["ts_event"].tolist()
        self.ts_recv = records["ts_recv"].tolist()
        self.flags = records["flags"].tolist()
        self.crossed_ns: list[int] = []
        self.quotes: list[tuple[int, list]] = []
        self.book: Book | None = None

    def __call__(self, book: Book, index: int) -> None:
        self.book = book
        bid, ask = book.best("B"), book.best("A")
        crossed = bid is not None and ask is not None and bid > ask
        if crossed and self.flags[index] & FLAG_LAST:
            self.crossed_ns.append(self.ts_event[index])
        quotes = [
            [price, book.depth[side].get(price), book.order_count[side].get(price)]
            for side, price in (("B", bid), ("A", ask))
        ]
        self.quotes.append((self.ts_recv[index], quotes))

    def quotes_at(self, time_ns: int) -> list:
        return [quotes for recv_ns, quotes in self.quotes if recv_ns <= time_ns][-1]


@pytest.fixture(scope="module")
def known_answers(shared_data: Path) -> dict:
    return json.loads((shared_data / "known_answers.json").read_text())


@pytest.fixture(scope="module")
def christmas(shared_data: Path) -> tuple[np.ndarray, NaiveResult, GroupLog]:
    """ESH4 of 2023-12-25: closed until 23:00 UTC."""
    records = _read(shared_data, "es_mbo/esh4-glbx-mdp3-20231225.mbo.dbn.zst")
    day_ns = _day_start_ns(records)
    open_ns = day_ns + 23 * HOUR_NS
    config = BookConfig(
        tick_int=TICK_INT,
        day_start_ns=day_ns,
        trading_intervals=[(open_ns, day_ns + 24 * HOUR_NS, False)],
        surface_window_ns=(open_ns, open_ns + SURFACE_SECONDS * NS_PER_S),
    )
    log = GroupLog(records)
    return records, replay(records, config, log), log


def _check_known_answers(known: dict, result: NaiveResult, log: GroupLog) -> None:
    qa, book = result.qa, log.book
    assert qa["n_records"] == known["records"]
    assert len(book.orders) == known["orders"]
    assert (len(book.depth["B"]), len(book.depth["A"])) == (
        known["bid_levels"],
        known["ask_levels"],
    )
    assert qa["final_bid_depth_total"] == known["bid_total"]
    assert qa["final_ask_depth_total"] == known["ask_total"]
    top = top_levels(book, 10)
    assert [list(level) for level in top["B"]] == known["bids_top10"]
    assert [list(level) for level in top["A"]] == known["asks_top10"]
    assert qa["final_best_bid_price_int"] == known["bids_top10"][0][0]
    assert qa["final_best_ask_price_int"] == known["asks_top10"][0][0]
    assert len(log.crossed_ns) == known["crossed_at_f_last"]
    assert min(log.crossed_ns, default=None) == known["first_crossed_ts_event"]
    assert result.snapshot[-1]["last_trade_price_int"] == known["last_trade_px"]
    stats = known["engine_stats"]
    names = {"n_A": "add", "n_C": "cx", "n_M": "md", "n_R": "clear", "dup_add": "addup"}
    names |= {"unknown_cancel": "cx_unk", "over_cancel": "cx_over"}
    names |= {"unknown_modify": "md_unk", "side_change": "md_side"}
    assert {name: qa[name] for name in names} == {n: stats[k] for n, k in names.items()}
    assert (qa["n_T"], qa["trade_qty"]) == (known["trades"], known["trade_volume"])
    for minute_ns, quotes in known["bbo_at_minute_ts_recv"].items():
        assert log.quotes_at(int(minute_ns)) == quotes, minute_ns


@pytest.mark.parametrize("name", ["esh4_20231224", "esm4_20240508_2s"])
def test_short_file_gives_known_book(shared_data: Path, known_answers: dict, name: str) -> None:
    records = _read(shared_data, known_answers[name]["file"])
    day_ns = _day_start_ns(records)
    config = BookConfig(TICK_INT, day_ns, [(day_ns, day_ns + 24 * HOUR_NS, True)])
    log = GroupLog(records)
    result = replay(records, config, log)
    _check_known_answers(known_answers[name], result, log)
    assert all(row["book_valid"] for row in result.snapshot[1:])


def test_snapshot_with_clear_and_last(shared_data: Path) -> None:
    records = _read(shared_data, "es_mbo/esm4-glbx-mdp3-20240508-first-2s.mbo.dbn.zst")
    day_ns = _day_start_ns(records)
    result = replay(records, BookConfig(TICK_INT, day_ns, [(day_ns, day_ns + HOUR_NS, True)]))
    qa = result.qa
    assert (qa["n_clears"], qa["snapshot_orders"]) == (1, 13_600)
    assert qa["n_snapshot_records"] == 13_601
    assert [row["invalid_flags"] for row in result.snapshot] == [2, 0]


def test_day_gives_known_book(christmas: tuple, known_answers: dict) -> None:
    _, result, log = christmas
    _check_known_answers(known_answers["esh4_20231225"], result, log)


def test_day_counters(christmas: tuple) -> None:
    records, result, log = christmas
    qa = result.qa
    assert (qa["n_clears"], qa["snapshot_orders"], qa["n_snapshot_records"]) == (1, 8_725, 8_725)
    assert qa["median_resting_orders"] == 10_576
    assert (qa["final_best_bid_price_int"], qa["final_best_ask_price_int"]) == (
        4_810_000_000_000,
        4_810_250_000_000,
    )
    assert (qa["exact_fill_match_count"], qa["fill_match_count"]) == (6_210, 6_307)
    assert (qa["refill_count"], result.refill_qty) == (83, 309)
    assert (qa["unknown_cancel"], qa["unknown_modify"], qa["off_tick"]) == (0, 0, 0)
    assert qa["trade_qty"] == 9_892
    open_ns = _day_start_ns(records) + 23 * HOUR_NS
    assert len(log.crossed_ns) == 891
    assert max(log.crossed_ns) < open_ns
    assert qa["crossed_trading_windows"] == 0


def test_day_sums(christmas: tuple) -> None:
    _, result, _ = christmas
    qa = result.qa
    sums = {
        kind: sum(
            qa[f"{side}_{kind}_{where}"]
            for side in ("bid", "ask")
            for where in ("inside", "outside")
        )
        for kind in ("reset", "add", "pull", "fill")
    }
    assert sums == {"reset": 38_304, "add": 87_433, "pull": 73_587, "fill": 9_990}
    assert qa["final_bid_depth_total"] + qa["final_ask_depth_total"] == 42_160
    assert result.moved_qty == 25_208
    assert qa["fill_msg_qty"] == 10_201
    fills = [qa[f"{kind}_fill_qty"] for kind in ("matched", "hidden", "unknown", "unmatched")]
    assert fills == [9_990, 197, 14, 0]


def test_day_validity_follows_the_open(christmas: tuple) -> None:
    records, result, _ = christmas
    assert result.qa["n_windows"] == len(result.snapshot) == 24 * 3_600
    open_s = _day_start_ns(records) // NS_PER_S + 23 * 3_600
    assert all(row["window_valid"] == (row["window_start_s"] >= open_s) for row in result.snapshot)
    assert {row["window_start_s"] for row in result.wall} == set(
        range(open_s, open_s + SURFACE_SECONDS)
    )


def test_top_ten_equals_the_vendor_market_by_price(shared_data: Path) -> None:
    folder = shared_data / "es_mbo_vs_mbp10"
    records = mbo_records(csv_rows(folder / "esz2_20220103.mbo.csv"))
    books = {}

    def remember(book: Book, index: int) -> None:
        key = int(records["ts_event"][index]), int(records["sequence"][index])
        books[key] = top_levels(book, 10)

    config = BookConfig(TICK_INT, _day_start_ns(records), [], surface_window_ns=(0, 0))
    replay(records, config, remember)
    compared = 0
    for row in csv_rows(folder / "esz2_20220103.mbp-10.csv"):
        key = time_ns(row["ts_event"]), int(row["sequence"])
        if key in books:
            assert books[key] == {"B": vendor_levels(row, "bid"), "A": vendor_levels(row, "ask")}
            compared += 1
    assert compared == 16


class LobsterStream:
    """LOBSTER messages as market-by-order records.

    The orders that rest before the first message are unknown. One order per level of the first
    book stands for them, and messages about unknown orders are taken from it. Changes beyond
    the tenth level are not in the file, so only prices that never leave the ten levels count.
    """

    PRICE_INT = PRICE_SCALE // 10_000
    NEW, REDUCED, DELETED, EXECUTED = VISIBLE = (1, 2, 3, 4)

    def __init__(self, messages: np.ndarray, books: np.ndarray) -> None:
        self.records: list[np.void] = []
        self.last_index: list[int] = []
        levels = books[0].tolist()
        self.lowest, self.highest = books[:, -1, 2].max(), books[:, -1, 0].min()
        self.known: set[int] = set()
        first = messages[0].tolist()
        for ask, ask_size, bid, bid_size in levels:
            for side, price, size in ((-1, ask, ask_size), (1, bid, bid_size)):
                # The first book already holds the order of the first message.
                size -= first[3] if (side, price) == (first[5], first[4]) else 0
                if size and self.reaches(side, price):
                    self._write("A", 0, side, price, size, price)
        for message in messages.tolist():
            self._message(*message)

    def _message(self, time: float, kind: int, order_id: int, size: int, price: int, side: int):
        time_ns = int(time * NS_PER_S)
        if self.reaches(side, price) and kind in self.VISIBLE:
            if kind == self.NEW:
                self.known.add(order_id)
            target = order_id if order_id in self.known else price
            if kind == self.EXECUTED:
                self._write("F", time_ns, side, price, size, target)
            self._write("A" if kind == self.NEW else "C", time_ns, side, price, size, target)
        self.last_index.append(len(self.records) - 1)

    def _write(
        self, action: str, time_ns: int, side: int, price: int, size: int, order_id: int
    ) -> None:
        record = np.zeros((), MBO_DTYPE)
        record["action"], record["side"] = action.encode(), b"B" if side == 1 else b"A"
        record["ts_event"] = record["ts_recv"] = time_ns
        record["order_id"], record["size"], record["flags"] = order_id, size, FLAG_LAST
        record["price"] = price * self.PRICE_INT
        self.records.append(record[()])

    def reaches(self, side: int, price: int) -> bool:
        """Whether this price is always among the first ten levels of its side, if it has depth."""
        return price >= self.lowest if side == 1 else price <= self.highest


def test_levels_equal_the_lobster_book(shared_data: Path) -> None:
    folder = shared_data / "lobster_aapl"
    name = "AAPL_2012-06-21_34200000_57600000_{}_10.csv"
    table = np.genfromtxt(folder / name.format("message"), delimiter=",", dtype="f8,i8,i8,i8,i8,i8")
    expected = np.loadtxt(folder / name.format("orderbook"), delimiter=",", dtype=np.int64)
    expected = expected.reshape(-1, 10, 4)
    stream = LobsterStream(table, expected)
    books = {-1: {"B": {}, "A": {}}}

    def remember(book: Book, index: int) -> None:
        books[index] = {side: dict(levels) for side, levels in book.depth.items()}

    config = BookConfig(100 * stream.PRICE_INT, 0, [], surface_window_ns=(0, 0))
    replay(np.array(stream.records, MBO_DTYPE), config, remember)
    assert len(stream.records) > 600
    for levels, index in zip(expected.tolist(), stream.last_index, strict=True):
        for side, sign, column in (("A", -1, 0), ("B", 1, 2)):
            truth = {
                level[column] * stream.PRICE_INT: level[column + 1]
                for level in levels
                if stream.reaches(sign, level[column])
            }
            assert books[index][side] == truth
