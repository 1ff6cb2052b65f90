"""The book that fingerprints are read from holds what the book engine's holds."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from spymaster_engine.errors import KernelError
from spymaster_engine.kernels.book import BookEngine, Records
from spymaster_engine.kernels.book.config import LADDER_HALF_TICKS
from spymaster_engine.kernels.book.kernel_state import UNDEFINED_PRICE
from spymaster_engine.kernels.patterns.fingerprint_day import FingerprintedBook
from support.fingerprint_streams import DAY_S, SETTINGS
from support.strategies.mbo import random_options, random_stream
from support.strategies.mbo_script import DAY_START_NS, TICK_INT, message, script

S_PER_DAY = 86_400
PARTS = 7


def both_books(day_start_s: int = DAY_S) -> tuple[FingerprintedBook, BookEngine]:
    """Return a book of fingerprints and an engine of the same settings."""
    book = FingerprintedBook(dataclasses.replace(SETTINGS, day_start_s=day_start_s))
    return book, BookEngine(book.config)


def feed(book: BookEngine, records: np.ndarray) -> None:
    for output in book.feed(Records.from_vendor(records)):
        book.recycle(output)


def assert_alike(records: np.ndarray) -> tuple[FingerprintedBook, BookEngine]:
    """Feed both part by part and compare what they hold after each."""
    books = both_books()
    for part in np.array_split(records, PARTS):
        for book in books:
            feed(book, part)
        found, expected = (book.resting_orders() for book in books)
        for values in (found, expected):
            order = np.argsort(values["order_id"], kind="stable")
            values.update({name: column[order] for name, column in values.items()})
        for name, column in expected.items():
            np.testing.assert_array_equal(found[name], column, err_msg=name)
        depths = [sorted(level[:3] for level in book.levels()) for book in books]
        assert depths[0] == depths[1]
        best = [book._state.sides["best_key"].tolist() for book in books]
        assert best[0] == best[1]
        scalars = [book._state.scalars[0] for book in books]
        for name in ("in_group", "group_is_snapshot", "window", "last_trade_tick", "n_records"):
            assert scalars[0][name] == scalars[1][name], name
    return books


@pytest.mark.parametrize("seed", range(12))
def test_drawn_streams(seed: int) -> None:
    rng = np.random.default_rng(100 + seed)
    assert_alike(random_stream(rng, 900, random_options(rng, tick_int=TICK_INT)))


@pytest.mark.parametrize("direction", [1, -1])
def test_prices_that_leave_the_ladder(direction: int) -> None:
    """Prices run twice the width of the ladder, so that it is laid anew and far prices pile up."""
    rng = np.random.default_rng(5)
    records = random_stream(rng, 3_000, random_options(rng, tick_int=TICK_INT)).copy()
    ticks = direction * np.linspace(0, 4 * LADDER_HALF_TICKS, len(records)).astype(np.int64)
    is_priced = records["price"] != UNDEFINED_PRICE
    records["price"][is_priced] += ticks[is_priced] * TICK_INT
    book, _ = assert_alike(records)
    first = int(records["price"][is_priced][0]) // TICK_INT - LADDER_HALF_TICKS
    moved = direction * (int(book._state.scalars["ladder_low"][0]) - first)
    assert moved > LADDER_HALF_TICKS


def test_more_orders_than_there_was_room_for() -> None:
    orders = [message("A", "B", n, 1_000 - n % 3_000, 1 + n % 5, n) for n in range(1, 40_000)]
    book, _ = assert_alike(script(message("R"), *orders))
    assert len(book.resting_orders()["order_id"]) == len(orders)


def test_a_record_beyond_the_day_is_refused_alike() -> None:
    late = DAY_START_NS + (S_PER_DAY + 60) * 1_000_000_000
    records = script(message("R"), message("A", "B", 1, 1_000, 1, 1), message("A", "A", 2, 1_001))
    records["ts_event"][-1] = records["ts_recv"][-1] = late
    messages = []
    for book in both_books():
        with pytest.raises(KernelError, match="record 2 is dated") as caught:
            feed(book, records)
        messages.append(str(caught.value))
    assert messages[0] == messages[1]
