"""What a subscription has given of late, and what a replay gives again of it."""

from __future__ import annotations

from collections import Counter, deque
from itertools import repeat
from typing import NamedTuple

import numpy as np
from spymaster_ingest.dbn.layouts import BBO_1M, BBO_1S, FLAG_SNAPSHOT, UNDEFINED_TIMESTAMP
from spymaster_ingest.dbn.records import field_names

from spymaster.live.capture import runs_of
from spymaster.live.feeds import times_of

# whether it is of a snapshot, instrument, ts_event
_Key = tuple[bool, int, int]
# the vendor replays these from a ts_recv on
_BY_RECV = frozenset({BBO_1S.schema, BBO_1M.schema})


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


class _Part(NamedTuple):
    """Records that were noted together, of a snapshot or not."""

    is_snapshot: bool
    latest_ns: int
    times: np.ndarray
    ids: np.ndarray
    events: np.ndarray


class Seen:
    """The last records of a subscription, counted by instrument and ts_event.

    Attributes:
        last_ns: latest time, by which the vendor replays, of its records but those of a snapshot,
            ns UTC; None before the first.
        last_time_ns: latest time of any of its records, of a snapshot the ts_recv.
        from_ns: time of capture of the first record after which none is missing.
    """

    def __init__(self, overlap_ns: int, schema: str) -> None:
        """Begin with nothing.

        Args:
            overlap_ns: records may come so much later than one of a later time.
            schema: of the records. The vendor replays by ts_event, but quotes of an interval by
                ts_recv.
        """
        self.last_ns: int | None = None
        self.last_time_ns: int | None = None
        self.from_ns: int | None = None
        self._overlap_ns = overlap_ns
        self._time = "ts_recv" if schema in _BY_RECV else "ts_event"
        self._parts: deque[_Part] = deque()

    def note(self, records: np.ndarray, is_after_gap: bool = False) -> None:
        """Note records of the source, shape (n,), n >= 1, in their order."""
        if self.from_ns is None or is_after_gap:
            self.from_ns = int(times_of(records[:1])[0])
        is_snapshot = of_snapshot(records)
        has_time = records[self._time] != UNDEFINED_TIMESTAMP
        for kind, chosen in ((True, is_snapshot), (False, ~is_snapshot & has_time)):
            if not chosen.any():
                continue
            times = records["ts_recv" if kind else self._time][chosen]
            latest_ns = int(times.max())
            self.last_time_ns = max(self.last_time_ns or 0, latest_ns)
            if not kind:
                self.last_ns = max(self.last_ns or 0, latest_ns)
            ids, events = records["instrument_id"][chosen], records["ts_event"][chosen]
            self._parts.append(_Part(kind, latest_ns, times, ids, events))
        while self.resume_ns is not None and self._parts[0].latest_ns < self.resume_ns:
            self._parts.popleft()

    @property
    def resume_ns(self) -> int | None:
        """Return the time from which a replay gives all that may be missing, ns UTC.

        None before the first record that is not of a snapshot.
        """
        return None if self.last_ns is None else max(self.last_ns - self._overlap_ns, 0)

    def doubles(self) -> Doubles:
        """Return what a replay from ``resume_ns`` on gives again."""
        resume_ns = self.resume_ns or 0
        found: Counter[_Key] = Counter()
        for part in self._parts:
            again = part.is_snapshot | (part.times >= resume_ns)
            ids, events = part.ids[again].tolist(), part.events[again].tolist()
            found.update(zip(repeat(part.is_snapshot), ids, events, strict=False))
        return Doubles(found, self.from_ns or 0)


def of_snapshot(records: np.ndarray) -> np.ndarray:
    """Return which records give the orders that rest, bool, shape (n,)."""
    if "flags" not in field_names(records.dtype):
        return np.zeros(len(records), np.bool_)
    return records["flags"] & FLAG_SNAPSHOT != 0
