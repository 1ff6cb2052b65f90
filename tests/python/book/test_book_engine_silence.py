"""Seconds of continuous trading that are flagged as silent."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from spymaster_engine.kernels.book import BookConfig
from support.engine_rows import EngineRows, engine_config
from support.strategies.mbo_script import (
    DAY_START_NS,
    LAST,
    SNAPSHOT_LAST,
    message,
    script,
    script_config,
)

SECOND_NS = 10**9
DAY_S = 86_400
SILENT, NOT_TRADING = 64, 16


def config(stale_after_s: int | None, *intervals: tuple[int, int, bool]) -> BookConfig:
    """Return a configuration with intervals given in seconds of the day."""
    return replace(
        engine_config(script_config()),
        stale_after_s=stale_after_s,
        trading_intervals=tuple(
            (DAY_START_NS + open_s * SECOND_NS, DAY_START_NS + close_s * SECOND_NS, at_once)
            for open_s, close_s, at_once in intervals
        ),
    )


def quotes(*at_ns: int) -> np.ndarray:
    """Return a clear at the first moment and an order at each later one."""
    orders = [
        message("A", "B" if number % 2 else "A", number, 99 if number % 2 else 101, 1, at)
        for number, at in enumerate(at_ns[1:], start=1)
    ]
    return script(message("R", at_ns=at_ns[0]), *orders)


def flagged(records: np.ndarray, settings: BookConfig, bit: int = SILENT) -> list[int]:
    """Return the seconds of the day that carry a bit."""
    rows = EngineRows(records, settings).snapshot
    start_s = DAY_START_NS // SECOND_NS
    return [row["window_start_s"] - start_s for row in rows if row["invalid_flags"] & bit]


ALL_DAY = (0, DAY_S, True)


@pytest.mark.parametrize(
    ("last_ns", "first_flagged"),
    # the second [10, 11) ends exactly 3 s after 8.0
    [(7_999_999_999, 10), (8_000_000_000, 11), (8_000_000_001, 11), (8_999_999_999, 11)],
)
def test_a_second_is_silent_when_its_last_record_is_older_than_the_limit(
    last_ns: int, first_flagged: int
) -> None:
    records = quotes(0, 1 * SECOND_NS, 2 * SECOND_NS, 5 * SECOND_NS, last_ns, 20 * SECOND_NS)
    assert flagged(records, config(3, ALL_DAY)) == list(range(first_flagged, 20))


def test_two_minutes_without_a_record() -> None:
    records = quotes(0, SECOND_NS // 2, SECOND_NS, 121 * SECOND_NS, 122 * SECOND_NS)
    assert flagged(records, config(60, ALL_DAY)) == list(range(61, 121))
    assert flagged(records, config(None, ALL_DAY)) == []
    rows = EngineRows(records, config(60, ALL_DAY)).snapshot
    assert not any(row["window_valid"] for row in rows[61:121])
    assert all(row["book_valid"] for row in rows[61:121])


def test_silence_before_the_market_opens_does_not_count() -> None:
    records = quotes(0, SECOND_NS, 2 * SECOND_NS, 30 * SECOND_NS)
    settings = config(3, (0, 10, True), (20, DAY_S, True))
    assert flagged(records, settings) == [*range(5, 10), *range(23, 30)]
    assert flagged(records, settings, NOT_TRADING) == list(range(10, 20))


def test_a_market_that_waits_for_its_first_trade_is_not_silent() -> None:
    quoted = quotes(0, SECOND_NS, 2 * SECOND_NS)
    trade = message("T", "B", 0, 101, 1, 30 * SECOND_NS)
    records = script(quoted, trade, message("A", "B", 9, 98, 1, 40 * SECOND_NS))
    settings = config(3, (1, DAY_S, False))
    assert flagged(records, settings) == list(range(33, 40))
    assert flagged(records, settings, NOT_TRADING) == list(range(30))


def test_a_late_record_breaks_the_silence_in_the_second_it_belongs_to() -> None:
    late = message("A", "B", 9, 98, 1, at_ns=4 * SECOND_NS)
    records = script(
        quotes(0, SECOND_NS, 10 * SECOND_NS), late, message("A", "B", 10, 97, 1, 20 * SECOND_NS)
    )
    # the second [13, 14) ends more than 3 s after the late record's own second began
    assert flagged(records, config(3, ALL_DAY)) == [*range(4, 10), *range(13, 20)]


def test_a_snapshot_is_dated_by_its_capture() -> None:
    resting = message(
        "A", "B", 1, 99, 1, at_ns=-7_000 * SECOND_NS, flags=SNAPSHOT_LAST, recv_ns=SECOND_NS
    )
    records = script(resting, message("A", "A", 2, 101, 1, 3 * SECOND_NS))
    assert flagged(records, config(3, ALL_DAY)) == []


def test_later_records_change_no_earlier_second() -> None:
    rng = np.random.default_rng(11)
    moments = np.cumsum(rng.integers(1, 6 * SECOND_NS, 60))
    records = quotes(0, *moments.tolist())
    settings = config(3, ALL_DAY)
    everything = EngineRows(records, settings).snapshot
    assert 20 < sum(bool(row["invalid_flags"] & SILENT) for row in everything) < 120
    for end in (10, 30, 50):
        part = EngineRows(records[:end], settings).snapshot
        # the last second of a file may have had more records
        assert part[:-1] == everything[: len(part) - 1]


def test_a_record_ahead_of_its_event_has_its_own_time() -> None:
    # one event of two records, seconds apart
    first = message("A", "B", 9, 98, 1, 10 * SECOND_NS, flags=0)
    second = message("A", "B", 10, 98, 1, 12 * SECOND_NS, flags=LAST)
    later = message("A", "B", 11, 97, 1, 20 * SECOND_NS)
    records = script(quotes(0, SECOND_NS, 2 * SECOND_NS), first, second, later)
    assert flagged(records, config(3, ALL_DAY)) == [*range(5, 10), *range(15, 20)]
