"""The option books against the plain engine, which replays each option alone."""

from __future__ import annotations

import numpy as np
import pytest
from naive.book import replay
from naive.model import (
    FLAG_LAST,
    FLAG_SNAPSHOT,
    INVALID_MAYBE_BAD,
    INVALID_NO_BOOK,
    NS_PER_S,
)
from spymaster_engine.kernels.book.engine import Records
from spymaster_engine.kernels.book.kernel_state import NULL
from spymaster_engine.kernels.options import option_day
from spymaster_engine.kernels.options.kernel_state import ROW
from spymaster_engine.kernels.options.option_day import OptionBooks
from support.strategies.mbo import random_options, random_stream
from support.strategies.mbo_script import TICK_INT, script_config

QUOTE = ("bid_price_int", "ask_price_int", "bid_qty", "ask_qty")
FLOWS = ("bid_add_qty", "ask_add_qty", "bid_pull_qty", "ask_pull_qty", "fill_qty")


def streams(
    seed: int, instruments: int = 5, commands: int = 400, **fixed: object
) -> list[np.ndarray]:
    """Return random records of several options, all beginning with a snapshot of their own."""
    found = []
    for number in range(instruments):
        rng = np.random.default_rng([seed, number])
        records = random_stream(rng, commands, random_options(rng, tick_int=TICK_INT, **fixed))
        records["instrument_id"] = 1000 + 7 * number
        found.append(records)
    return found


def merged(parts: list[np.ndarray], seed: int) -> np.ndarray:
    """Return the records of all options in one file, each option's in its own order."""
    rng = np.random.default_rng(seed)
    which = rng.permutation(np.repeat(np.arange(len(parts)), [len(part) for part in parts]))
    together = np.empty(len(which), parts[0].dtype)
    for number, part in enumerate(parts):
        together[which == number] = part
    return together


def seconds_of(records: np.ndarray) -> list[int]:
    """Return the second of each record of one option: that of its group, which may be late."""
    seconds: list[int] = []
    current = script_config().day_start_ns // NS_PER_S
    group_is_snapshot: bool | None = None
    clear_ns = None
    for record in records:
        is_snapshot = bool(record["flags"] & FLAG_SNAPSHOT)
        if is_snapshot != group_is_snapshot:
            group_is_snapshot = None
        closes_clear = record["action"] == b"N" and clear_ns == record["ts_event"]
        if group_is_snapshot is None and not closes_clear:
            group_is_snapshot = is_snapshot
            time_ns = record["ts_recv" if is_snapshot else "ts_event"]
            current = max(current, int(time_ns) // NS_PER_S)
        seconds.append(current)
        is_clear = record["action"] == b"R"
        clear_ns = record["ts_event"] if is_clear else None
        if record["flags"] & FLAG_LAST or is_clear:
            group_is_snapshot = None
    return seconds


def merged_by_second(parts: list[np.ndarray], seed: int) -> np.ndarray:
    """Return the records of all options by second, those of a second in any order of options."""
    together = np.concatenate(parts)
    option = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    second = np.concatenate([seconds_of(part) for part in parts])
    rng = np.random.default_rng(seed)
    keys = rng.random(len(together))
    for number in range(len(parts)):
        keys[option == number] = np.sort(keys[option == number])
    # by second, then by a random key that rises within the second of an option
    order = np.lexsort((keys, second))
    assert all(np.all(np.diff(order[option[order] == n]) > 0) for n in range(len(parts)))
    return together[order]


def rows_of(records: np.ndarray, day_start_ns: int, chunk: int = 1 << 18) -> np.ndarray:
    """Return all rows of one pass."""
    found = [np.empty(0, ROW)]
    books = OptionBooks(day_start_ns // NS_PER_S, lambda rows: found.append(rows.copy()))
    for start in range(0, len(records), chunk):
        books.feed(Records.from_vendor(records[start : start + chunk]))
    books.finish()
    return np.concatenate(found)


def plain_states(records: np.ndarray) -> dict[int, dict[str, int]]:
    """Return quote and flows of one option by second, of every second."""
    config = script_config()
    result = replay(records, config)
    flows: dict[int, dict[str, int]] = {}
    for row in result.snapshot:
        second = row["window_start_s"]
        flows[second] = dict.fromkeys(FLOWS, 0)
        for side in ("bid", "ask"):
            flows[second][f"{side}_add_qty"] += row[f"{side}_outside_add"]
            flows[second][f"{side}_pull_qty"] += row[f"{side}_outside_pull"]
            flows[second]["fill_qty"] += row[f"{side}_outside_fill"]
    for row in result.wall:
        second = row["window_start_s"]
        side = "bid" if row["side"] == "B" else "ask"
        flows[second][f"{side}_add_qty"] += row["add_qty"]
        flows[second][f"{side}_pull_qty"] += row["pull_qty_total"]
        flows[second]["fill_qty"] += row["fill_qty"]
    return {
        row["window_start_s"]: {
            "bid_price_int": row["best_bid_price_int"],
            "ask_price_int": row["best_ask_price_int"],
            "bid_qty": row["best_bid_qty"] or 0,
            "ask_qty": row["best_ask_qty"] or 0,
            "book_valid": int(row["invalid_flags"] & (INVALID_NO_BOOK | INVALID_MAYBE_BAD) == 0),
            **flows[row["window_start_s"]],
        }
        for row in result.snapshot
    }


def check_option(rows: np.ndarray, records: np.ndarray, *, with_validity: bool) -> None:
    """Compare the rows of one option, carried forward, with the plain engine's seconds."""
    by_second = {int(row["window_s"]): row for row in rows}
    assert len(by_second) == len(rows)
    expected = plain_states(records)
    assert set(by_second) <= set(expected)
    state = {**dict.fromkeys(QUOTE[:2]), **dict.fromkeys(QUOTE[2:], 0), "book_valid": 0}
    for second, truth in expected.items():
        flow = dict.fromkeys(FLOWS, 0)
        if second in by_second:
            row = by_second[second]
            state = {n: None if row[n] == NULL else int(row[n]) for n in state}
            flow = {n: int(row[n]) for n in flow}
        found = {**state, **flow}
        if not with_validity:
            found["book_valid"] = truth["book_valid"]
        assert found == truth, second


@pytest.mark.parametrize("seed", range(6))
def test_an_option_has_the_book_of_the_plain_engine(seed: int) -> None:
    for part in streams(seed):
        rows = rows_of(part, script_config().day_start_ns)
        assert len(rows) > 0
        check_option(rows, part, with_validity=True)


@pytest.mark.parametrize("seed", range(6))
def test_options_in_one_file_do_not_disturb_each_other(seed: int) -> None:
    """Except validity: the snapshot of an option shows that another is empty."""
    parts = streams(seed, snapshot_end="last", unterminated=False)
    rows = rows_of(merged_by_second(parts, seed), script_config().day_start_ns)
    assert len(rows) > 50
    for part in parts:
        of_option = rows[rows["instrument_id"] == part["instrument_id"][0]]
        check_option(of_option, part, with_validity=False)


def of_two_options(*records: tuple[int, int, int, int]) -> np.ndarray:
    """Return bids of two options: (instrument, ms of the day, contracts, flags) of each."""
    template = streams(7, instruments=1)[0][:1]
    found = np.repeat(template, len(records))
    found["action"], found["side"], found["price"] = b"A", b"B", 5 * TICK_INT
    for name, values in zip(
        ("instrument_id", "ts_event", "size", "flags"), zip(*records, strict=True), strict=True
    ):
        found[name] = values
    found["ts_event"] = script_config().day_start_ns + found["ts_event"] * 1_000_000
    found["ts_recv"] = found["ts_event"]
    found["order_id"] = np.arange(1, len(records) + 1)
    return found


def seconds_and_adds(records: np.ndarray) -> list[tuple[int, int, int]]:
    """Return option, second of the day and contracts added of each row."""
    start = script_config().day_start_ns
    return [
        (
            int(row["instrument_id"]),
            int(row["window_s"]) - start // NS_PER_S,
            int(row["bid_add_qty"]),
        )
        for row in rows_of(records, start)
    ]


def test_a_group_that_begins_late_belongs_to_the_open_second_of_the_file() -> None:
    records = of_two_options((1, 100, 1, 128), (2, 1100, 2, 128), (1, 900, 4, 128))
    assert seconds_and_adds(records) == [(1, 0, 1), (2, 1, 2), (1, 1, 4)]


def test_a_group_that_ends_late_belongs_to_the_open_second_of_the_file() -> None:
    records = of_two_options((1, 100, 1, 0), (2, 1100, 2, 128), (1, 100, 4, 128), (2, 2100, 8, 128))
    assert seconds_and_adds(records) == [(1, 1, 5), (2, 1, 2), (2, 2, 8)]
    first = rows_of(records, script_config().day_start_ns)[0]
    # a quote is no older than the second in which it is complete
    assert first["last_change_ns"] == first["window_s"] * NS_PER_S


@pytest.mark.parametrize("chunk", [1, 7, 100])
def test_the_size_of_chunks_changes_no_row(chunk: int) -> None:
    records = merged(streams(3, commands=80), 3)
    start = script_config().day_start_ns
    whole, cut = rows_of(records, start), rows_of(records, start, chunk)
    order = ["instrument_id", "window_s"]
    assert np.array_equal(np.sort(whole, order=order), np.sort(cut, order=order))


def test_small_buffers_give_the_same_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    records = merged(streams(4, instruments=20, commands=200), 4)
    start = script_config().day_start_ns
    whole = rows_of(records, start)
    for name, size in {"_ORDERS": 2, "_BOOKS": 1, "_LEVELS": 1, "_ROWS": 3}.items():
        monkeypatch.setattr(option_day, name, size)
    order = ["instrument_id", "window_s"]
    assert np.array_equal(
        np.sort(whole, order=order), np.sort(rows_of(records, start), order=order)
    )


def test_an_option_that_the_snapshot_does_not_name_was_empty() -> None:
    """Its book is complete from its first order on; without a snapshot no book is known."""
    first, second = streams(5, instruments=2)
    live = second[(second["flags"] & 32) == 0]
    live = live[np.isin(live["action"], [b"A"])][:1]
    live["flags"] = 128
    snapshot = first[:1].copy()
    snapshot["flags"], snapshot["action"] = 32 | 128, b"R"
    start = script_config().day_start_ns

    def valid(records: np.ndarray) -> list[int]:
        rows = rows_of(records, start)
        return rows["book_valid"][rows["instrument_id"] == live["instrument_id"][0]].tolist()

    assert valid(np.concatenate([snapshot, live])) == [1]
    assert valid(live) == [0]


def test_the_age_of_a_quote_counts_from_its_last_change() -> None:
    start = script_config().day_start_ns
    template = streams(6, instruments=1)[0][:1]
    records = np.repeat(template, 4)
    records["flags"] = [160, 128, 128, 128]
    records["action"] = [b"R", b"A", b"A", b"A"]
    records["side"] = [b"N", b"B", b"B", b"A"]
    records["order_id"] = [0, 1, 2, 3]
    records["price"] = [2**63 - 1, 5 * TICK_INT, 4 * TICK_INT, 9 * TICK_INT]
    records["size"] = [0, 3, 2, 1]
    records["ts_event"] = records["ts_recv"] = start + np.array([0, 1250, 2500, 3750]) * 1_000_000
    rows = rows_of(records, start)
    assert rows["window_s"].tolist() == [start // NS_PER_S + s for s in (0, 1, 2, 3)]
    # the second bid lies behind the first: orders moved, the quote did not change
    assert ((rows["last_change_ns"][1:] - start) // 1_000_000).tolist() == [1250, 1250, 3750]
    assert rows["bid_add_qty"].tolist() == [0, 3, 2, 0]
    assert rows["ask_add_qty"].tolist() == [0, 0, 0, 1]
