"""Unrecorded stretches of a contract-day: `recording_gaps` and its readers.

Rules chosen where the specification leaves room:
- The time of a record is ts_event, of a snapshot record ts_recv, and never decreases.
- Consecutive records with MAYBE_BAD_BOOK make one gap: from the last record before the first of
  them to the first record after the last. Without a record before or after, the gap begins or ends
  with the flagged records themselves.
- A silence is a gap if more than `stale_after_s` of it lie in continuous trading, as defined by
  bit 16; the gap itself is the whole silence, from record to record.
- A silence may be a gap of both causes. Halts come from status records, not from market-by-order
  records; this module makes no gap of cause status.
- A gap is open at both ends: it does not overlap a path that begins with the record that ends it,
  or ends with the record before it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from naive.model import NS_PER_S, BookConfig, Record, plain_records


@dataclass(frozen=True)
class Gap:
    """A stretch between two records in which records are missing.

    Attributes:
        start_ns: Last record before it.
        end_ns: First record after it, which makes it known.
        cause: bad_book, silent or status.
    """

    start_ns: int
    end_ns: int
    cause: str


def followed_until_s(gaps: Iterable[Gap], start_s: int) -> int | None:
    """Instant until which a path from `start_s` on is recorded; None without a later gap.

    The second of a gap's first instant still counts: it holds records before the gap.
    """
    ends_s = [
        max(start_s, gap.start_ns // NS_PER_S + 1)
        for gap in gaps
        if gap.end_ns > start_s * NS_PER_S
    ]
    return min(ends_s, default=None)


def cut_known_s(gaps: Iterable[Gap], start_s: int) -> int:
    """Second at whose start it is known that a gap ended a path from `start_s` on."""
    end_s = followed_until_s(gaps, start_s)
    return min(
        -(-gap.end_ns // NS_PER_S)
        for gap in gaps
        if gap.end_ns > start_s * NS_PER_S and max(start_s, gap.start_ns // NS_PER_S + 1) == end_s
    )


def is_recorded(gaps: Iterable[Gap], start_s: int, end_s: int) -> bool:
    """Whether no gap known by `end_s` overlaps the time from `start_s` to it.

    A record at `end_s` is not in the windows that end then, so a gap that it ends is unknown.
    """
    start_ns, end_ns = start_s * NS_PER_S, end_s * NS_PER_S
    return not any(start_ns < gap.end_ns < end_ns for gap in gaps)


def recording_gaps(records: np.ndarray, config: BookConfig) -> list[Gap]:
    """Gaps of one contract-day in order of their start, then cause.

    Args:
        records: Structured array, shape (n,), vendor market-by-order layout, file order, one
            instrument.
        config: Trading intervals and `stale_after_s`.
    """
    plain = plain_records(records)
    times_ns: list[int] = []
    for record in plain:
        time_ns = record.ts_recv if record.is_snapshot else record.ts_event
        times_ns.append(max([time_ns, *times_ns[-1:]]))
    gaps = [*_of_bad_books(plain, times_ns), *_of_silences(plain, times_ns, config)]
    return sorted(gaps, key=lambda gap: (gap.start_ns, gap.cause))


def _of_bad_books(records: list[Record], times_ns: list[int]) -> Iterable[Gap]:
    last = len(records) - 1
    for is_flagged, run in groupby(range(len(records)), lambda n: records[n].is_maybe_bad_book):
        if is_flagged:
            numbers = list(run)
            start, end = max(numbers[0] - 1, 0), min(numbers[-1] + 1, last)
            yield Gap(times_ns[start], times_ns[end], "bad_book")


def _of_silences(records: list[Record], times_ns: list[int], config: BookConfig) -> Iterable[Gap]:
    if config.stale_after_s is None:
        return
    last_trade_ns = None
    for n, before in enumerate(records[:-1]):
        if before.action == "T" and before.size > 0:
            last_trade_ns = times_ns[n]
        start_ns, end_ns = times_ns[n], times_ns[n + 1]
        traded_ns = sum(
            max(0, min(end_ns, close_ns) - max(start_ns, open_ns))
            for open_ns, close_ns, is_open_at_start in config.trading_intervals
            if is_open_at_start or (last_trade_ns is not None and last_trade_ns >= open_ns)
        )
        if traded_ns > config.stale_after_s * NS_PER_S:
            yield Gap(start_ns, end_ns, "silent")
