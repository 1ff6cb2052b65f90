"""Plain silence, bit 64, and recording gaps on hand-made records."""

from __future__ import annotations

import numpy as np
import pytest
from naive.book import replay
from naive.gaps import Gap, recording_gaps
from naive.model import FLAG_MAYBE_BAD_BOOK, INVALID_SILENT, NS_PER_S
from support.strategies.mbo_script import (
    DAY_START_NS,
    LAST,
    SNAPSHOT,
    SNAPSHOT_LAST,
    message,
    script,
    script_config,
)

OPENING = (
    message("R", flags=SNAPSHOT),
    message("A", "B", 1, 100, 10, flags=SNAPSHOT),
    message("A", "A", 2, 101, 10, flags=SNAPSHOT_LAST),
)
DAY_S = 86_400


def ns(second: float) -> int:
    return round(second * NS_PER_S)


def add(second: float, order_id: int, *, flags: int = LAST) -> np.ndarray:
    """A deep bid that changes no quote."""
    return message("A", "B", order_id, 90, 1, ns(second), flags)


def print_at(second: float) -> np.ndarray:
    return message("T", "B", 0, 101, 1, ns(second))


def hours(*intervals: tuple[float, float, bool]) -> tuple[tuple[int, int, bool], ...]:
    return tuple(
        (DAY_START_NS + ns(a), DAY_START_NS + ns(b), is_open) for a, b, is_open in intervals
    )


def silent_seconds(*messages: np.ndarray, stale_after_s: int | None = 5, **config: object) -> list:
    """Seconds after the day's start that carry bit 64."""
    rows = replay(script(*messages), script_config(stale_after_s=stale_after_s, **config)).snapshot
    for row in rows:
        assert row["window_valid"] == (row["invalid_flags"] == 0)
        assert row["book_valid"] == (row["invalid_flags"] & 7 == 0)
    return [
        row["window_start_s"] - DAY_START_NS // NS_PER_S
        for row in rows
        if row["invalid_flags"] & INVALID_SILENT
    ]


def gaps_of(*messages: np.ndarray, stale_after_s: int | None = 5, **config: object) -> list[tuple]:
    """Start and end in seconds after the day's start, and cause."""
    found = recording_gaps(script(*messages), script_config(stale_after_s=stale_after_s, **config))
    return [
        ((g.start_ns - DAY_START_NS) / NS_PER_S, (g.end_ns - DAY_START_NS) / NS_PER_S, g.cause)
        for g in found
    ]


# ---------------------------------------------------------------- bit 64


@pytest.mark.parametrize("last", [10.0, 10.4, 10.999_999_999])
def test_silence_is_known_at_the_second_itself(last: float) -> None:
    """The row of second 15 ends over 5 s after the record; the row of second 14 does not."""
    assert silent_seconds(*OPENING, add(1, 3), add(5, 5), add(last, 4), add(20.5, 6)) == [
        *range(15, 20)
    ]


def test_never_silent_without_a_limit() -> None:
    messages = (*OPENING, add(10, 3), add(400, 4))
    assert silent_seconds(*messages, stale_after_s=None) == []
    assert len(silent_seconds(*messages, stale_after_s=120)) == 400 - 130


def test_any_record_ends_the_silence() -> None:
    """Also one that changes nothing: an N, a cancel of an unknown order."""
    messages = (
        *OPENING,
        message("N", at_ns=ns(4)),
        message("C", "B", 77, 90, 1, ns(8)),
        print_at(12),
        add(16, 3),
    )
    assert silent_seconds(*messages) == []
    assert silent_seconds(*messages, stale_after_s=4) == []
    assert silent_seconds(*messages, stale_after_s=3) == [3, 7, 11, 15]


def test_silence_uses_the_time_of_each_record() -> None:
    """A group begins at 10.9 and ends at 12.1; a late record still belongs to second 20."""
    group = (add(10.9, 3, flags=0), add(12.1, 4))
    late = (add(20, 5), add(13, 6))
    assert silent_seconds(*OPENING, add(5, 9), *group, *late, add(27, 7)) == [
        *range(17, 20),
        *range(25, 27),
    ]


def test_silence_only_in_continuous_trading() -> None:
    """Open from 0 to 20 and from 40, where the first print comes at 50."""
    intervals = hours((0, 20, True), (40, DAY_S, False))
    messages = (*OPENING, add(4, 3), add(9, 4), add(38, 5), print_at(50), add(70, 6))
    found = silent_seconds(*messages, trading_intervals=intervals)
    assert found == [*range(14, 20), *range(55, 70)]


def test_a_break_is_no_silence_when_trading_goes_on() -> None:
    """An interval that counts as trading from its start: the silence begins with it."""
    intervals = hours((0, 20, True), (40, DAY_S, True))
    found = silent_seconds(*OPENING, add(19, 3), add(60, 4), trading_intervals=intervals)
    assert found == [*range(5, 19), *range(45, 60)]


def test_silence_adds_to_other_reasons_and_changes_no_book() -> None:
    messages = (*OPENING, add(1, 3), add(30, 4))
    result, other = (
        replay(script(*messages), script_config(stale_after_s=limit)) for limit in (5, None)
    )
    for row, twin in zip(result.snapshot, other.snapshot, strict=True):
        assert row["invalid_flags"] & ~INVALID_SILENT == twin["invalid_flags"]
        changed = ("invalid_flags", "window_valid")
        assert {k: v for k, v in row.items() if k not in changed} == {
            k: v for k, v in twin.items() if k not in changed
        }
    assert result.qa["n_valid_windows"] == other.qa["n_valid_windows"] - (30 - 6)


# ---------------------------------------------------------------- recording gaps


def test_a_silence_lies_between_two_records() -> None:
    found = gaps_of(*OPENING, add(4.5, 3), add(9.5, 4), add(14.6, 5), add(30, 6))
    assert found == [(9.5, 14.6, "silent"), (14.6, 30.0, "silent")]
    assert gaps_of(*OPENING, add(400, 3), stale_after_s=None) == []


def test_no_gap_in_a_break() -> None:
    intervals = hours((0, 20, True), (3620, DAY_S, False))
    messages = (*OPENING, add(3, 3), add(8, 4), add(12, 5), add(17, 6))
    # 3 s before the close and the time until the first print are not continuous trading
    quiet = gaps_of(*messages, add(3610, 7), print_at(3650), trading_intervals=intervals)
    assert quiet == []
    # 8 s before the close are too many; the gap still ends with the next record
    early = gaps_of(*messages[:-1], add(3610, 7), trading_intervals=intervals)
    assert early == [(12.0, 3610.0, "silent")]
    after = gaps_of(*messages, print_at(3650), add(3656, 8), trading_intervals=intervals)
    assert after == [(3650.0, 3656.0, "silent")]
    # an interval without a trade is never silent
    assert gaps_of(*messages, add(3630, 7), add(3690, 8), trading_intervals=intervals) == []


def test_flagged_records_make_a_gap() -> None:
    """Two flagged records that follow one another are one gap, a later one is another."""
    bad = LAST | FLAG_MAYBE_BAD_BOOK
    messages = (
        *OPENING,
        add(1.25, 3),
        add(2, 4, flags=bad),
        add(2.5, 5, flags=bad),
        add(3.75, 6),
        add(4, 7, flags=bad),
        add(4.5, 8),
    )
    found = gaps_of(*messages)
    assert found == [(1.25, 3.75, "bad_book"), (3.75, 4.5, "bad_book")]
    assert gaps_of(add(2, 4, flags=bad), add(3, 5)) == [(2.0, 3.0, "bad_book")]
    assert gaps_of(add(1, 3), add(2, 4, flags=bad)) == [(1.0, 2.0, "bad_book")]


def test_a_silence_that_ends_with_a_bad_book_has_both_causes() -> None:
    bad = LAST | FLAG_MAYBE_BAD_BOOK
    found = gaps_of(*OPENING, add(1, 3), add(300, 4, flags=bad), add(301, 5))
    assert found == [(1.0, 301.0, "bad_book"), (1.0, 300.0, "silent")]


def test_times_never_go_back() -> None:
    found = recording_gaps(
        script(*OPENING, add(10, 3), add(4, 4), add(16, 5)), script_config(stale_after_s=5)
    )
    expected = [(0, 10), (10, 16)]
    assert found == [Gap(DAY_START_NS + ns(a), DAY_START_NS + ns(b), "silent") for a, b in expected]


def test_every_silent_second_lies_in_a_gap() -> None:
    """And every gap of one cause that holds a whole second more than the limit has such seconds."""
    rng = np.random.default_rng(4)
    n_silent = 0
    for _ in range(20):
        times = np.cumsum(rng.exponential(3.0, 40)) + 1
        messages = [*OPENING, *(add(float(t), 10 + n) for n, t in enumerate(times))]
        silent = silent_seconds(*messages)
        gaps = gaps_of(*messages)
        n_silent += len(silent)
        for second in silent:
            assert any(start <= second and second + 1 <= end + 1 for start, end, _ in gaps)
        for start, end, _ in gaps:
            assert end - start > 5
            if end - start > 7:
                assert any(start < second < end for second in silent)
    assert n_silent > 100
