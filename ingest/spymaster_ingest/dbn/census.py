"""Count what a DBN file of market records holds, without landing it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from spymaster_ingest.dbn.layouts import flag_words
from spymaster_ingest.dbn.reader import DEFAULT_CHUNK_RECORDS, DbnFile
from spymaster_ingest.dbn.records import field_names
from spymaster_ingest.errors import SpymasterError

_BYTE_VALUES = 256
_COUNTED_FIELDS = {"action", "side", "flags"}


@dataclass(frozen=True)
class Census:
    """Counts of one file.

    Attributes:
        file: the file and its header.
        actions_flags: records per action byte and flags byte, int64, shape (256, 256).
        sides: records per side byte, int64, shape (256,).
        instruments: records per instrument id.
        first_recv_ns, last_recv_ns: smallest and largest ts_recv, ns UTC.
        first_event_ns, last_event_ns: smallest and largest ts_event, ns UTC.
    """

    file: DbnFile
    actions_flags: np.ndarray
    sides: np.ndarray
    instruments: dict[int, int]
    first_recv_ns: int
    last_recv_ns: int
    first_event_ns: int
    last_event_ns: int

    @property
    def records(self) -> int:
        """Number of records."""
        return int(self.actions_flags.sum())

    @property
    def actions(self) -> dict[str, int]:
        """Records per action letter."""
        return _letters(self.actions_flags.sum(axis=1))

    @property
    def flags(self) -> dict[int, int]:
        """Records per flags value, most frequent first."""
        counts = self.actions_flags.sum(axis=0)
        found = {value: int(counts[value]) for value in np.flatnonzero(counts).tolist()}
        return dict(sorted(found.items(), key=lambda item: -item[1]))

    def symbol(self, instrument_id: int) -> str:
        """Return the header's symbol of an instrument id, empty when it names none."""
        for interval in self.file.header.mappings:
            if interval.instrument_id == instrument_id:
                return interval.symbol
        return ""

    def as_json(self) -> dict[str, Any]:
        """Return the census as plain values for JSON."""
        header = self.file.header
        return {
            "file": str(self.file.path),
            "dataset": header.dataset,
            "schema": header.schema,
            "dbn_version": header.version,
            "records": self.records,
            "first_ts_recv": iso(self.first_recv_ns),
            "last_ts_recv": iso(self.last_recv_ns),
            "first_ts_event": iso(self.first_event_ns),
            "last_ts_event": iso(self.last_event_ns),
            "symbols": [
                {"instrument_id": number, "symbol": self.symbol(number), "records": count}
                for number, count in sorted(self.instruments.items())
            ],
            "actions": self.actions,
            "sides": _letters(self.sides),
            "flags": [
                {
                    "flags": value,
                    "meaning": flag_words(value),
                    "records": count,
                    "actions": _letters(self.actions_flags[:, value]),
                }
                for value, count in self.flags.items()
            ],
        }


def take_census(path: Path, chunk_records: int = DEFAULT_CHUNK_RECORDS) -> Census:
    """Count actions, sides, flags and instruments of a file of orders, trades or prices.

    Raises:
        SpymasterError: the container is damaged, or the schema has no action and flags.
    """
    file = DbnFile(path)
    if not _COUNTED_FIELDS.issubset(field_names(file.layout.dtype(file.header.version))):
        raise SpymasterError(path, f"{file.header.schema} records have no action and flags")
    pairs = np.zeros(_BYTE_VALUES**2, dtype=np.int64)
    sides = np.zeros(_BYTE_VALUES, dtype=np.int64)
    instruments: dict[int, int] = {}
    lows, highs = [], []
    for records in file.chunks(chunk_records):
        action = np.ascontiguousarray(records["action"]).view(np.uint8).astype(np.uint16)
        pairs += np.bincount(action * _BYTE_VALUES + records["flags"], minlength=len(pairs))
        side = np.ascontiguousarray(records["side"]).view(np.uint8)
        sides += np.bincount(side, minlength=_BYTE_VALUES)
        for number, count in zip(
            *(part.tolist() for part in np.unique(records["instrument_id"], return_counts=True)),
            strict=True,
        ):
            instruments[number] = instruments.get(number, 0) + count
        times = (records["ts_recv"], records["ts_event"])
        lows.append([int(time.min()) for time in times])
        highs.append([int(time.max()) for time in times])
    first_recv, first_event = (min(column) for column in zip(*lows, strict=True))
    last_recv, last_event = (max(column) for column in zip(*highs, strict=True))
    return Census(
        file=file,
        actions_flags=pairs.reshape(_BYTE_VALUES, _BYTE_VALUES),
        sides=sides,
        instruments=instruments,
        first_recv_ns=first_recv,
        last_recv_ns=last_recv,
        first_event_ns=first_event,
        last_event_ns=last_event,
    )


def iso(nanoseconds: int) -> str:
    """Return a time in ns since the epoch as ISO text, UTC; empty when it is undefined."""
    if nanoseconds > np.iinfo(np.int64).max:
        return ""
    return str(np.datetime64(nanoseconds, "ns"))


def _letters(counts: np.ndarray) -> dict[str, int]:
    return {chr(value): int(counts[value]) for value in np.flatnonzero(counts).tolist()}
