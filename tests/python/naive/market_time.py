"""States along time, and means weighted by the time a state was in force.

Rules chosen where the specification leaves room:
- A state that another of the same time follows was in force for 0 ns: it neither weighs nor makes
  a stretch of time invalid. It still is a state of a consecutive pair.
- The last state of the file stays in force; the caller decides where the rows end.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from itertools import pairwise
from math import fsum

from naive.market_states import State

Piece = tuple[State | None, int]


class Timeline:
    """The states of a contract-day by time."""

    def __init__(self, states: Sequence[State]) -> None:
        self.states = list(states)
        self.times_ns = [state.time_ns for state in states]
        assert self.times_ns == sorted(self.times_ns), "states are not in the order of time"

    def before(self, time_ns: int) -> State | None:
        """The last state dated before an instant: that of a window which ends there."""
        index = bisect_left(self.times_ns, time_ns)
        return self.states[index - 1] if index else None

    def pieces(self, start_ns: int, end_ns: int) -> list[Piece]:
        """States in force within [start, end) and for how long; None before the first state."""
        index = bisect_right(self.times_ns, start_ns)
        entering = self.states[index - 1] if index else None
        inside = self.states[index : bisect_left(self.times_ns, end_ns)]
        in_force = [(start_ns, entering), *((s.time_ns, s) for s in inside), (end_ns, None)]
        return [
            (state, until_ns - since_ns)
            for (since_ns, state), (until_ns, _) in pairwise(in_force)
            if until_ns > since_ns
        ]

    def arrivals(self, start_ns: int, end_ns: int) -> list[tuple[State | None, State]]:
        """States dated within [start, end), each with the state before it."""
        first, last = (bisect_left(self.times_ns, t) for t in (start_ns, end_ns))
        return [(self.states[n - 1] if n else None, self.states[n]) for n in range(first, last)]


def is_valid_throughout(pieces: Sequence[Piece]) -> bool:
    """Whether a valid state was in force all the time."""
    return all(state is not None and state.is_valid for state, _ in pieces)


def time_weighted_mean(
    pieces: Sequence[Piece], value: Callable[[State], float | None]
) -> float | None:
    """Mean over the time at which the value is defined; None if it never is."""
    values = [(value(state), ns) for state, ns in pieces]
    known = [(x, ns) for x, ns in values if x is not None]
    if not known:
        return None
    return fsum(x * ns for x, ns in known) / sum(ns for _, ns in known)
