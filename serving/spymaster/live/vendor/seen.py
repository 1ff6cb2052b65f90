"""What a subscription has given of late, and what a replay gives again of it."""

from __future__ import annotations

from collections import Counter, deque

import numpy as np
from spymaster_ingest.dbn.layouts import FLAG_SNAPSHOT, UNDEFINED_TIMESTAMP
from spymaster_ingest.dbn.records import field_names

from spymaster.live.capture import runs_of
from spymaster.live.feeds import times_of

# whether it is of a snapshot, instrument, ts_event
_Key = tuple[bool, int, int]


class Doubles:
    """Records that were captured before a replay gives them again.

    A replay gives the records of an instrument in the same order each time, so the first ones of a
    ts_event are those that are there. Orders of a snapshot have the ts_event of an earlier record
    and are counted apart. What was captured before ``from_ns`` is not wanted: the source began
    then, or what was before is missing and a snapshot stands for it.
    """

    def __init__(self, counts: Counter[_Key] | None = None, from_ns: int = 0) -> None:
        """Expect as many records by snapshot, instrument and ts_event."""
        self._left = counts or Counter()
        self._from_ns = from_ns

    def without(self, records: np.ndarray) -> np.ndarray:
        """Return the records that are not there yet, shape (m,), m <= n."""
        if self._from_ns:
            records = records[times_of(records) >= self._from_ns]
        if not self._left:
            return records
        is_new = np.ones(len(records), np.bool_)
        is_snapshot = of_snapshot(records)
        for kind in (False, True):
            at = np.flatnonzero(is_snapshot == kind)
            for entry in runs_of(records[at], 0, 0):
                key = (kind, int(entry["instrument_id"]), int(entry["ts_event"]))
                n_there = min(self._left[key], int(entry["count"]))
                if n_there:
                    first = int(entry["seq"])
                    is_new[at[first : first + n_there]] = False
                    self._left[key] -= n_there
                if not self._left[key]:
                    del self._left[key]
        return records[is_new]


class Seen:
    """The last records of a subscription, counted by instrument and ts_event.

    Attributes:
        last_ns: latest ts_event of its records but those of a snapshot, ns UTC; None before the
            first.
        last_time_ns: latest time of any of its records, of a snapshot the ts_recv.
        from_ns: time of capture of the first record after which none is missing.
    """

    def __init__(self, overlap_ns: int) -> None:
        """Begin with nothing.

        Args:
            overlap_ns: records may come so much later than one of a later ts_event.
        """
        self.last_ns: int | None = None
        self.last_time_ns: int | None = None
        self.from_ns: int | None = None
        self._overlap_ns = overlap_ns
        # entries of records of one kind, and their latest time
        self._runs: deque[tuple[bool, int, np.ndarray]] = deque()

    def note(self, records: np.ndarray, is_after_gap: bool = False) -> None:
        """Note records of the source, shape (n,), n >= 1, in their order."""
        if self.from_ns is None or is_after_gap:
            self.from_ns = int(times_of(records[:1])[0])
        is_snapshot = of_snapshot(records)
        has_time = records["ts_event"] != UNDEFINED_TIMESTAMP
        for kind, chosen in ((True, is_snapshot), (False, ~is_snapshot & has_time)):
            if not chosen.any():
                continue
            part = records[chosen]
            latest_ns = int(part["ts_recv" if kind else "ts_event"].max())
            self.last_time_ns = max(self.last_time_ns or 0, latest_ns)
            if not kind:
                self.last_ns = max(self.last_ns or 0, latest_ns)
            self._runs.append((kind, latest_ns, runs_of(part, 0, 0)))
        while self.resume_ns is not None and self._runs[0][1] < self.resume_ns:
            self._runs.popleft()

    @property
    def resume_ns(self) -> int | None:
        """Return the ts_event from which a replay gives all that may be missing, ns UTC.

        None before the first record that is not of a snapshot.
        """
        return None if self.last_ns is None else max(self.last_ns - self._overlap_ns, 0)

    def doubles(self) -> Doubles:
        """Return what a replay from ``resume_ns`` on gives again."""
        resume_ns = self.resume_ns or 0
        found: Counter[_Key] = Counter()
        for kind, _, runs in self._runs:
            for entry in runs:
                time_ns = int(entry["ts_event"])
                if kind or time_ns >= resume_ns:
                    found[kind, int(entry["instrument_id"]), time_ns] += int(entry["count"])
        return Doubles(found, self.from_ns or 0)


def of_snapshot(records: np.ndarray) -> np.ndarray:
    """Return which records give the orders that rest, bool, shape (n,)."""
    if "flags" not in field_names(records.dtype):
        return np.zeros(len(records), np.bool_)
    return records["flags"] & FLAG_SNAPSHOT != 0
