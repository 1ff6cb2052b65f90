"""A captured run, read back: its records in the order in which they came, and what the clock did.

A killed run is read like a sealed one: what its index does not name yet comes after what it does.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from spymaster_ingest.dbn.reader import read_header
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.units import NS_PER_S

from spymaster.live.capture import CLOSED, ENTRY, FORMAT, GAPS, INDEX, RUN, runs_of
from spymaster.live.feeds import Chunk, Gap, Source


@dataclass(frozen=True)
class Closing:
    """The clock ended the seconds up to this one, s UTC."""

    second_s: int


class CapturedRun:
    """The record of a run.

    Attributes:
        sources: in the order in which they came.
        index: entries (``ENTRY``) of the records that are on the disk.
        gaps: by the name of a source, where it lacks records that nobody gives again.
        n_missing: by the name of a source that numbers its records, how many those are.
    """

    def __init__(self, folder: Path) -> None:
        """Read the index.

        Raises:
            SpymasterError: The folder holds no run, or one of another version.
        """
        try:
            # a run that goes on adds to both: then the sources of its index are known
            index = (folder / INDEX).read_bytes() if (folder / INDEX).exists() else b""
            files = records_of_part(folder)
        except FileNotFoundError as error:
            raise SpymasterError(folder, "holds no captured run") from error
        self.sources = [source for source, _ in files]
        self._records = [records for _, records in files]
        self.gaps, self.n_missing = _read_gaps(folder / GAPS)
        self.index = self._entries(np.frombuffer(index, ENTRY, len(index) // ENTRY.itemsize))

    def records(self, source: Source) -> np.ndarray:
        """Return the records of a source in the order in which they came, shape (n,)."""
        return self._records[self.sources.index(source)]

    def __iter__(self) -> Iterator[Chunk | Closing]:
        """Yield the records as they came, and where the clock ended seconds."""
        return self.since(0)

    def since(self, seq: int) -> Iterator[Chunk | Closing]:
        """Yield what came after a number of records, which end a chunk."""
        for step in self._from(int(np.searchsorted(self.index["seq"], seq))):
            yield step if isinstance(step, Closing) else step[0]

    def after(self, n_before: Mapping[str, int]) -> Iterator[tuple[Chunk, int]]:
        """Yield the records as they came, without the first ones of each source.

        Args:
            n_before: how many are left out, by the name of their source.

        Returns:
            Chunks, each with the number of its first record among those of its source.
        """
        begin = len(self.index)
        for number, source in enumerate(self.sources):
            of_source = np.flatnonzero(self.index["source"] == number)
            ends = np.cumsum(self.index["count"][of_source].astype(np.int64))
            begin = min([begin, *of_source[ends > n_before.get(source.name, 0)][:1].tolist()])
        for step in self._from(begin):
            if isinstance(step, Closing):
                continue
            chunk, first = step
            seen = min(max(n_before.get(chunk.source.name, 0) - first, 0), len(chunk.records))
            if seen < len(chunk.records):
                yield Chunk(chunk.source, chunk.records[seen:]), first + seen

    def _from(self, begin: int) -> Iterator[tuple[Chunk, int] | Closing]:
        """Yield the steps from an entry of the index on; records with the number of the first."""
        before, index = self.index[:begin], self.index[begin:]
        at = [
            int(before["count"][before["source"] == number].sum())
            for number in range(len(self.sources))
        ]
        number = index["source"]
        cuts = np.flatnonzero((number[1:] != number[:-1]) | (number[1:] == CLOSED)) + 1
        for start, end in pairwise([0, *cuts.tolist(), len(index)]):
            part = index[start:end]
            if not len(part):
                continue
            source = int(part["source"][0])
            if source == CLOSED:
                yield Closing(int(part["ts_event"][0]) // NS_PER_S - 1)
                continue
            count = int(part["count"].sum())
            first = at[source]
            yield Chunk(self.sources[source], self._records[source][first:][:count]), first
            at[source] += count

    def counts(self, source: Source, from_ns: int) -> dict[tuple[int, int], int]:
        """Return how many records of a source were captured, by instrument and ts_event.

        Args:
            source: whose records.
            from_ns: earliest ts_event that counts, ns UTC.
        """
        number = self.sources.index(source)
        found: dict[tuple[int, int], int] = {}
        of_source = (self.index["source"] == number) & (self.index["ts_event"] >= from_ns)
        for entry in self.index[of_source]:
            key = (int(entry["instrument_id"]), int(entry["ts_event"]))
            found[key] = found.get(key, 0) + int(entry["count"])
        return found

    def _entries(self, index: np.ndarray) -> np.ndarray:
        """Return the index as far as the files have its records, and with all they have."""
        found = []
        for number, records in enumerate(self._records):
            of_source = np.flatnonzero(index["source"] == number)
            ends = np.cumsum(index["count"][of_source])
            missing = of_source[ends > len(records)]
            if len(missing):
                index = index[: missing[0]]
        for number, records in enumerate(self._records):
            named = int(index["count"][index["source"] == number].sum())
            found.append(runs_of(records[named:], number, 0))
        whole = np.concatenate([index, *found])
        counts = whole["count"].astype(np.uint64)
        whole["seq"] = np.cumsum(counts) - counts
        return whole


def records_of_part(folder: Path) -> list[tuple[Source, np.ndarray]]:
    """Return the sources of a captured part in their order, each with its whole records.

    Raises:
        SpymasterError: The folder holds a run of another version.
        FileNotFoundError: It holds none.
    """
    run = json.loads((folder / RUN).read_text(encoding="utf-8"))
    if run.get("format") != FORMAT:
        raise SpymasterError(folder, f"holds a run of format {run.get('format')}, read is {FORMAT}")
    return [
        _read(folder / name, *product)
        for name, product in zip(run["files"], run["products"], strict=True)
    ]


def _read_gaps(path: Path) -> tuple[dict[str, list[Gap]], Counter[str]]:
    found: dict[str, list[Gap]] = {}
    n_missing: Counter[str] = Counter()
    if path.exists():
        for gap in json.loads(path.read_text(encoding="utf-8")):
            found.setdefault(gap["source"], []).append(Gap(gap["start_ns"], gap["end_ns"]))
            n_missing[gap["source"]] += gap.get("n_records", 0)
    return found, n_missing


def _read(path: Path, product_type: str, product: str) -> tuple[Source, np.ndarray]:
    """Return the whole records of a captured file."""
    with path.open("rb") as stream:
        header = read_header(path, stream)
        stream.seek(0)
        source = Source(header.schema, product_type, product, stream.read(header.length))
    size = path.stat().st_size - header.length
    count = size // source.dtype.itemsize
    if not count:
        return source, np.empty(0, source.dtype)
    return source, np.memmap(path, source.dtype, "r", header.length, (count,))
