"""Checks of record values that a sound file of a schema always passes.

They find damage that leaves the container intact (one flipped bit in a file without zstd
checksum), so every bound is promised by the venue or the vendor, or so wide that only damage
crosses it. A check sees the chunks of one file in order and raises at the first bad record.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from spymaster_ingest.dbn.reader import Header
from spymaster_ingest.dbn.records import Records
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.units import NS_PER_DAY, NS_PER_S

ACTIONS = "ACFMNRT"
SIDES = "ABN"
# Far above the open interest of any instrument, and its volume of a day.
LARGEST_QUANTITY = 10**12

# Matching engine and capture clocks are synchronised to well under a second.
_CLOCK_TOLERANCE_NS = 60 * NS_PER_S
# Every last trade, trade date or status in a day's records is nearer than this.
_FARTHEST_REFERENCE_NS = 366 * NS_PER_DAY


class RecordCheck(ABC):
    """Checks of every schema: times inside the header's range, one publisher per file.

    Args:
        path: file named in errors.
        header: its header.
    """

    ordered = False

    def __init__(self, path: Path, header: Header) -> None:
        self.path = path
        self.header = header
        self._seen = 0
        self._last_time_ns = 0
        self._publisher: int | None = None

    def check(self, records: Records) -> None:
        """Raise SpymasterError naming the first bad record of the next chunk ``records``."""
        times = records.times
        self._check_times(records.time_field, times)
        publishers = records["publisher_id"]
        if self._publisher is None:
            self._publisher = int(publishers[0])
        self.fail_at(
            publishers != self._publisher,
            lambda at: (
                f"publisher_id is {publishers[at]}, the records before have {self._publisher}"
            ),
        )
        self.check_values(records, times)
        self._last_time_ns = int(times[-1])
        self._seen += len(records)

    @abstractmethod
    def check_values(self, records: Records, recv: np.ndarray) -> None:
        """Check the fields of the schema.

        Args:
            records: n records.
            recv: ts_recv in ns, shape (n,); of bars, which have none, their ts_event.
        """

    def fail_at(self, bad: np.ndarray, describe: Callable[[int], str]) -> None:
        """Raise for the first true element of ``bad``, if any."""
        if bad.any():
            at = int(bad.argmax())
            raise SpymasterError(self.path, f"record {self._seen + at}: {describe(at)}")

    def check_letters(self, name: str, values: np.ndarray, allowed: str) -> None:
        """Raise when a byte of ``values`` (uint8) is not one of the letters ``allowed``."""
        known = np.zeros(256, dtype=bool)
        known[list(allowed.encode())] = True
        self.fail_at(
            ~known[values],
            lambda at: f"{name} is byte {values[at]}, known are {', '.join(allowed)}",
        )

    def check_known(self, name: str, values: np.ndarray, codes: Iterable[int]) -> None:
        """Raise when one of ``values`` (any integers) is none of the vendor's ``codes``."""
        self.fail_at(
            ~np.isin(values, list(codes)),
            lambda at: f"{name} is {values[at]}, which the vendor's library does not know",
        )

    def check_not_later(self, event: np.ndarray, recv: np.ndarray) -> None:
        """Raise when a ts_event lies after its ts_recv, both in ns, shape (n,)."""
        self.fail_at(
            event > recv + np.uint64(_CLOCK_TOLERANCE_NS),
            lambda at: f"ts_event {event[at]} is later than ts_recv {recv[at]}",
        )

    def check_within_a_year(self, name: str, times: np.ndarray, recv: np.ndarray) -> None:
        """Raise when one of ``times`` lies over a year from its ts_recv, in ns, shape (n,)."""
        year = np.uint64(_FARTHEST_REFERENCE_NS)
        self.fail_at(
            (times < recv - year) | (times > recv + year),
            lambda at: f"{name} {times[at]} is over a year from ts_recv {recv[at]}",
        )

    def _check_times(self, name: str, times: np.ndarray) -> None:
        if self.ordered:
            decreasing = np.empty(len(times), dtype=bool)
            decreasing[0] = times[0] < self._last_time_ns
            np.less(times[1:], times[:-1], out=decreasing[1:])
            self.fail_at(decreasing, lambda at: f"{name} is earlier than in the record before")
        latest = np.iinfo(np.int64).max if self.header.end_ns is None else self.header.end_ns - 1
        outside = (times < self.header.start_ns) | (times > latest)
        self.fail_at(
            outside, lambda at: f"{name} {times[at]} lies outside the range the header names"
        )
