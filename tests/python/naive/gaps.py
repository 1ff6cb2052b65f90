"""Stretches of a contract-day that were not recorded, as the readers of `recording_gaps` see them.

Rules chosen where the specification leaves room:
- A gap is open at both ends: it overlaps what lies between its first and its last instant, not
  what begins with the record that ends it or ends with the record that precedes it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from naive.levels_model import NS_PER_S


@dataclass(frozen=True)
class Gap:
    """Between two records something is missing.

    Attributes:
        start_ns: Last record before it.
        end_ns: First record after it, by which it is known.
        cause: bad_book, silent or status.
    """

    start_ns: int
    end_ns: int
    cause: str


def followed_until_s(gaps: Iterable[Gap], start_s: int) -> int | None:
    """Instant until which a path from `start_s` on is recorded; None without a gap after it.

    The second of a gap's first instant still counts: what came before the gap is in it.
    """
    ends_s = [
        max(start_s, gap.start_ns // NS_PER_S + 1)
        for gap in gaps
        if gap.end_ns > start_s * NS_PER_S
    ]
    return min(ends_s, default=None)


def is_recorded(gaps: Iterable[Gap], start_s: int, end_s: int) -> bool:
    """Whether no gap that is known at `end_s` overlaps the time before it from `start_s` on."""
    start_ns, end_ns = start_s * NS_PER_S, end_s * NS_PER_S
    return not any(gap.end_ns <= end_ns and gap.end_ns > start_ns for gap in gaps)
