"""The times by which the records of several sources are merged."""

from __future__ import annotations

import numpy as np
from spymaster_ingest.dbn.layouts import FLAG_LAST, FLAG_SNAPSHOT
from spymaster_ingest.dbn.records import field_names

_CLEAR = b"R"


class GroupTimes:
    """The time of each record's event group in the records of a source; it never falls.

    A group of an instrument runs up to a record with LAST, a clear, or a change of snapshot, as in
    the engines. Its time is the ts_event of its first record, of a snapshot the ts_recv. Records
    of schemas without groups have their capture time, bars the start of their interval, and best
    quotes at the end of an interval the last nanosecond of it.
    """

    def __init__(self) -> None:
        """Begin with the first record of a source."""
        # of each instrument: whether its group is a snapshot, and its time; None after a group
        self._open: dict[int, tuple[bool, int] | None] = {}
        self._last_ns = 0

    def __call__(self, records: np.ndarray) -> np.ndarray:
        """Return the times of the next records of the source, int64 ns UTC, shape (n,)."""
        if not len(records):
            return np.empty(0, np.int64)
        names = set(field_names(records.dtype))
        if {"flags", "action", "ts_recv"} <= names:
            times = self._of_groups(records)
        elif {"flags", "ts_recv"} <= names:
            times = records["ts_recv"].astype(np.int64) - 1
        else:
            times = records["ts_recv" if "ts_recv" in names else "ts_event"].astype(np.int64)
        times = np.maximum.accumulate(np.maximum(times, self._last_ns))
        self._last_ns = int(times[-1])
        return times

    def _of_groups(self, records: np.ndarray) -> np.ndarray:
        ids = records["instrument_id"]
        order = np.argsort(ids, kind="stable")
        flags = records["flags"][order]
        is_snapshot = flags & FLAG_SNAPSHOT != 0
        ends = (flags & FLAG_LAST != 0) | (records["action"][order] == _CLEAR)
        own = np.where(is_snapshot, records["ts_recv"][order], records["ts_event"][order])
        times = own.astype(np.int64)
        begins = np.empty(len(records), np.bool_)
        begins[1:] = ends[:-1] | (is_snapshot[1:] != is_snapshot[:-1])
        starts = np.flatnonzero(np.r_[True, np.diff(ids[order]) != 0])
        for start in starts.tolist():
            known = self._open.get(int(ids[order[start]]))
            begins[start] = True
            if known is not None and known[0] == is_snapshot[start]:
                times[start] = known[1]
        times = times[np.maximum.accumulate(np.where(begins, np.arange(len(records)), 0))]
        for last in [*(starts[1:] - 1).tolist(), len(records) - 1]:
            group = None if ends[last] else (bool(is_snapshot[last]), int(times[last]))
            self._open[int(ids[order[last]])] = group
        merged = np.empty_like(times)
        merged[order] = times
        return merged
