"""The record of a run: what a feed gave, on disk before anything reads it.

A run's folder holds a DBN file per source, ``run.json`` with their names, and ``index.bin``: runs
of records that came together, numbered over all sources, and the seconds that the clock ended.
``gaps.json`` is there where a source lacks records that nobody gives again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from spymaster_ingest.dbn.reader import read_header
from spymaster_ingest.dbn.records import Records
from spymaster_ingest.durable import sync, write_text
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.landing.table_schemas import SCHEMAS
from spymaster_ingest.units import NS_PER_S

from spymaster.live.feeds import Chunk, Clock, Feed, Gap, Source

FLUSH_NS = NS_PER_S // 4
RUN, INDEX, GAPS = "run.json", "index.bin", "gaps.json"
FORMAT = 1
# the source of an entry that says which second the clock ended
CLOSED = np.iinfo(np.uint16).max

# ``seq`` is the number of the first record of the run of ``count`` records of one source,
# instrument and ts_event; of an ended second ``ts_event`` is its end, and ``count`` 0
ENTRY = np.dtype(
    [
        ("seq", "<u8"),
        ("ts_event", "<u8"),
        ("instrument_id", "<u4"),
        ("count", "<u4"),
        ("source", "<u2"),
    ]
)
_REMEDY = "free space on its disk and start again: what was captured is kept"


@dataclass
class _CapturedFile:
    """A DBN file being written, whole records only."""

    path: Path
    descriptor: int
    number: int
    size: int = 0
    is_synced: bool = True

    def append(self, data: bytes) -> None:
        """Write bytes at the end, all or none.

        Raises:
            SpymasterError: The disk takes no more.
        """
        left = memoryview(data)
        self.is_synced = False
        try:
            while left:
                left = left[os.write(self.descriptor, left) :]
        except OSError as error:
            os.ftruncate(self.descriptor, self.size)
            raise _stopped(self.path, error) from error
        self.size += len(data)

    def flush(self) -> None:
        """Bring what was written to the disk.

        Raises:
            SpymasterError: The disk does not take it.
        """
        if self.is_synced:
            return
        try:
            os.fsync(self.descriptor)
        except OSError as error:
            raise _stopped(self.path, error) from error
        self.is_synced = True


class Capture:
    """Writes the record of a run. Any failure stops the run; nothing is left out.

    Attributes:
        seq: number of records so far.
    """

    def __init__(self, folder: Path, clock: Clock, flush_ns: int = FLUSH_NS) -> None:
        """Make the folder of a run.

        Args:
            folder: must not exist yet, or be empty.
            clock: says when to flush.
            flush_ns: longest time for which records are not on the disk.

        Raises:
            SpymasterError: The folder holds a run, or cannot be made.
        """
        self.folder = folder
        self.seq = 0
        self._clock = clock
        self._flush_ns = flush_ns
        self._flushed_ns = clock.now_ns()
        self._files: dict[Source, _CapturedFile] = {}
        self._gaps: list[dict[str, str | int]] = []
        self._waiting: list[Callable[[], None]] = []
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if any(folder.iterdir()):
                raise SpymasterError(folder, "holds another run", "name a new folder")
            self._index = _CapturedFile(folder / INDEX, _made(folder / INDEX), CLOSED)
        except OSError as error:
            raise _stopped(folder, error) from error

    def append(self, chunk: Chunk) -> None:
        """Write the records of a chunk; flush when it is time.

        Raises:
            SpymasterError: The disk takes no more.
        """
        records = chunk.records
        if chunk.gap is not None:
            self._note_gap(chunk.source, chunk.gap, chunk.n_missing)
        if len(records) or chunk.gap is not None:
            file = self._files.get(chunk.source) or self._begun(chunk.source)
        if len(records):
            file.append(records.tobytes())
            # what a killed process wrote is there: only so are the sources of the end in order
            self._index.append(runs_of(records, file.number, self.seq).tobytes())
            self.seq += len(records)
        if chunk.on_disk is not None:
            self._waiting.append(chunk.on_disk)
        if self._clock.now_ns() - self._flushed_ns >= self._flush_ns:
            self.flush()

    def note_closed(self, second_s: int) -> None:
        """Note that the clock ended the seconds up to one (s UTC) before the next record."""
        end_ns = (second_s + 1) * NS_PER_S
        self._index.append(np.array([(self.seq, end_ns, 0, 0, CLOSED)], ENTRY).tobytes())

    def flush(self) -> None:
        """Bring records, then their index, to the disk.

        Raises:
            SpymasterError: The disk takes no more.
        """
        for file in self._files.values():
            file.flush()
        self._index.flush()
        waiting, self._waiting = self._waiting, []
        for on_disk in waiting:
            on_disk()
        self._flushed_ns = self._clock.now_ns()

    def seal(self) -> list[Path]:
        """Flush and close; return the DBN files, which can be landed."""
        try:
            self.flush()
        finally:
            for file in (*self._files.values(), self._index):
                os.close(file.descriptor)
        return [file.path for file in self._files.values()]

    def _note_gap(self, source: Source, gap: Gap, n_missing: int) -> None:
        counted = {"n_records": n_missing} if n_missing else {}
        self._gaps.append({"source": source.name, **gap._asdict(), **counted})
        try:
            write_text(self.folder / GAPS, json.dumps(self._gaps) + "\n")
        except OSError as error:
            raise _stopped(self.folder / GAPS, error) from error

    def _begun(self, source: Source) -> _CapturedFile:
        path = self.folder / f"{source.name}.dbn"
        names = [f"{known.name}.dbn" for known in (*self._files, source)]
        products = [[known.product_type, known.product] for known in (*self._files, source)]
        try:
            file = _CapturedFile(path, _made(path), len(self._files))
            file.append(source.header)
            run = {"format": FORMAT, "files": names, "products": products}
            write_text(self.folder / RUN, json.dumps(run) + "\n")
        except OSError as error:
            raise _stopped(path, error) from error
        self._files[source] = file
        return file


def captured(feed: Feed, capture: Capture) -> Iterator[Chunk]:
    """Yield the chunks of a feed after they were captured and their values checked.

    Raises:
        SpymasterError: The disk takes no more, or a record fails a check of landing.
    """
    checks = {}
    try:
        for chunk in feed:
            capture.append(chunk)
            source = chunk.source
            if len(chunk.records):
                if source not in checks:
                    path = capture.folder / f"{source.name}.dbn"
                    with path.open("rb") as stream:
                        header = read_header(path, stream)
                    checks[source] = SCHEMAS[source.schema].check(path, header)
                checks[source].check(Records(chunk.records))
            yield chunk
    finally:
        capture.seal()


def runs_of(records: np.ndarray, source: int, seq: int) -> np.ndarray:
    """Return the runs of records that share instrument and ts_event as entries of the index."""
    if not len(records):
        return np.empty(0, ENTRY)
    ids, times = records["instrument_id"], records["ts_event"]
    begins = np.flatnonzero(np.r_[True, (ids[1:] != ids[:-1]) | (times[1:] != times[:-1])])
    entries = np.empty(len(begins), ENTRY)
    entries["seq"] = seq + begins
    entries["ts_event"] = times[begins]
    entries["instrument_id"] = ids[begins]
    entries["count"] = np.diff(np.append(begins, len(records)))
    entries["source"] = source
    return entries


def _made(path: Path) -> int:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o644)
    sync(path.parent)
    return descriptor


def _stopped(path: Path, error: OSError) -> SpymasterError:
    return SpymasterError(path, f"the run stops: {error.strerror or error}", _REMEDY)
