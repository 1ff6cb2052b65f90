"""The book at a moment does not depend on later records."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from naive.book import replay
from naive.model import NS_PER_S
from naive.state import Book
from naive.state import top_levels as plain_top_levels
from spymaster_engine.kernels.book import BookEngine, Records
from spymaster_engine.kernels.book.ladder_view import replay_for_view, top_levels
from support.engine_rows import engine_config
from support.strategies.mbo import random_options, random_stream
from support.strategies.mbo_script import DAY_START_NS, SNAPSHOT, message, script, script_config

HOUR_NS = 3_600 * NS_PER_S


def book_at(records: np.ndarray, at_ns: int, chunk_records: int) -> list[tuple]:
    engine = BookEngine(replace(engine_config(script_config()), stop_ns=DAY_START_NS + at_ns))
    starts = range(0, len(records), chunk_records)
    replay_for_view(engine, (Records.from_vendor(records[i : i + chunk_records]) for i in starts))
    return [(x.side, x.price_int, x.qty, x.orders) for x in top_levels(engine, 10)]


@pytest.mark.parametrize("chunk_records", [1, 2, 100])
def test_clear_without_last_does_not_join_the_next_hour(chunk_records: int) -> None:
    records = script(
        message("R", flags=0),
        message("A", "B", 1, 100, 7, at_ns=HOUR_NS),
    )
    assert book_at(records, HOUR_NS // 2, chunk_records) == []
    assert len(book_at(records, HOUR_NS, chunk_records)) == 1


@pytest.mark.parametrize("chunk_records", [1, 2, 3, 100])
def test_snapshot_without_last_does_not_join_the_next_hour(chunk_records: int) -> None:
    records = script(
        message("A", "B", 1, 100, 5, flags=SNAPSHOT),
        message("A", "A", 2, 101, 5, flags=SNAPSHOT),
        message("A", "B", 3, 100, 7, at_ns=HOUR_NS),
    )
    at_half_past = book_at(records, HOUR_NS // 2, chunk_records)
    assert [level[2] for level in at_half_past] == [5, 5]
    assert [level[2] for level in book_at(records, HOUR_NS, chunk_records)] == [5, 12]


@pytest.mark.parametrize("seed", range(5))
def test_agrees_with_the_plain_book_at_random_moments(seed: int) -> None:
    rng = np.random.default_rng(seed)
    options = random_options(rng, tick_int=250_000_000)
    records = random_stream(rng, 300, options)
    is_snapshot = records["flags"] & 32 != 0
    dated = np.where(is_snapshot, records["ts_recv"], records["ts_event"]).astype(np.int64)
    for at_ns in rng.choice(dated, 5):
        last = {}

        def remember(book: Book, index: int, last: dict = last, at_ns: int = at_ns) -> None:
            if index < last["limit"]:
                last["levels"] = plain_top_levels(book, 10)

        starts = group_starts(records)
        late = [start for start in starts if dated[start] > at_ns]
        last["limit"] = late[0] if late else len(records)
        replay(records, script_config(), remember)
        levels = last.get("levels", {"A": [], "B": []})
        expected = [("A", *level) for level in reversed(levels["A"])]
        expected += [("B", *level) for level in levels["B"]]
        assert book_at(records, int(at_ns) - DAY_START_NS, 50) == expected


def group_starts(records: np.ndarray) -> list[int]:
    """Return the index of the first record of every event group."""
    ends: list[int] = []
    replay(records, script_config(), lambda _, index: ends.append(index))
    return [0, *(end + 1 for end in ends if end + 1 < len(records))]
