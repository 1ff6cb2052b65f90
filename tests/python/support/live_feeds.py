"""Feeds and clocks of tests of live mode."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from spymaster.live.feeds import FUTURE, Chunk, Source

from support.dbn_files import DAY_START_NS, ESH4, mbo, metadata

MS = 1_000_000
SECOND_NS = 1_000 * MS


@dataclass
class FakeClock:
    """A clock that moves only while somebody waits; ``waits`` are the times waited for."""

    time_ns: int = DAY_START_NS

    def __post_init__(self) -> None:
        self.waits: list[int] = []

    def now_ns(self) -> int:
        return self.time_ns

    def wait_until(self, time_ns: int) -> None:
        self.waits.append(time_ns)
        self.time_ns = max(self.time_ns, time_ns)


@dataclass(frozen=True)
class Given:
    """Records of a source in memory, in chunks."""

    source: Source
    records: np.ndarray
    cuts: Sequence[int] = ()

    def chunks(self) -> Iterator[np.ndarray]:
        for part in np.split(self.records, list(self.cuts)):
            if len(part):
                yield part


def source(product_type: str = FUTURE, product: str = "ESH4", schema: str = "mbo") -> Source:
    return Source(schema, product_type, product, metadata(schema, {ESH4: "ESH4"}))


def bids(*at_ms: float, **fields: object) -> np.ndarray:
    """Return one group of one record at each ms of the day."""
    records = mbo(len(at_ms), **fields)
    records["ts_event"] = DAY_START_NS + np.array(at_ms) * MS
    records["ts_recv"] = np.maximum.accumulate(records["ts_event"]) + 1_000
    return records


def joined(chunks: Sequence[Chunk]) -> list[tuple[str, int]]:
    """Return source and order of each record."""
    return [
        (chunk.source.name, int(number)) for chunk in chunks for number in chunk.records["order_id"]
    ]


def write_records(path: Path, records: np.ndarray) -> Path:
    path.write_bytes(metadata("mbo", {ESH4: "ESH4"}) + records.tobytes())
    return path
