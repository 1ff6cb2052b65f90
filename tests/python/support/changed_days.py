"""Days changed from a moment on, to check that nothing before it changes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from support.dbn_files import SECOND_NS
from support.small_days import DAYS, group_starts, small_day

OTHER_ORDERS = 1 << 40


def delete(records: np.ndarray, start: int, _: np.random.Generator) -> np.ndarray:
    """Return the records before a position."""
    return records[:start]


def change_sizes(records: np.ndarray, start: int, rng: np.random.Generator) -> np.ndarray:
    """Return the records with changed sizes from a position on."""
    changed = records.copy()
    sizes = changed["size"][start:]
    sizes[sizes > 0] += rng.integers(1, 20, np.count_nonzero(sizes), dtype=sizes.dtype)
    return changed


def go_on_elsewhere(records: np.ndarray, start: int, rng: np.random.Generator) -> np.ndarray:
    """Return the records up to a position, then records of another market."""
    other = small_day(DAYS[0], int(rng.integers(2, 1 << 30)))
    starts = group_starts(other)
    earliest = max(records["ts_event"][start], records["ts_recv"][start - 1])
    later = starts[other["ts_event"][starts] >= earliest][0]
    tail = other[later:].copy()
    tail["order_id"] += OTHER_ORDERS
    return np.concatenate([records[:start], tail])


@dataclass(frozen=True)
class Copy:
    """A copy of the base day, changed from a moment on.

    Attributes:
        root: its product root.
        moment_ns: nanoseconds of the day from which the copy differs from the base day.
        change: name of the change.
        records: shape (records,).
    """

    root: str
    moment_ns: int
    change: str
    records: np.ndarray

    @property
    def compared_ns(self) -> int:
        """Nanoseconds of the day up to which rows are compared.

        Seconds have rows only up to the last event; quiet seconds after it have none.
        """
        last_event_ns = int(self.records["ts_event"].max()) - day_start_ns()
        return min(self.moment_ns, (last_event_ns // SECOND_NS + 1) * SECOND_NS)


def day_start_ns() -> int:
    return int(np.datetime64(DAYS[0], "ns").astype(np.int64))
