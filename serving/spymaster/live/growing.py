"""A DBN stream that is still being written: a growing file, a FIFO, or standard input."""

from __future__ import annotations

import os
import select
import stat
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from spymaster_ingest.dbn.frames import ZSTD_MAGIC
from spymaster_ingest.dbn.reader import check_records, read_header
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.units import NS_PER_S

from spymaster.live.feeds import Chunk, Clock, Source

_POLL_NS = NS_PER_S // 20
_READ_BYTES = 1 << 20


class GrowingDbn:
    """A feed of one plain DBN stream, whose records are read as they come.

    A FIFO ends with its writer. A file ends when ``has_ended`` says so and all was read.

    Attributes:
        source: of the records.
        is_file: whether the stream is a file, which keeps what is not read yet.
    """

    def __init__(
        self,
        descriptor: int,
        path: Path,
        product_type: str,
        product: str,
        clock: Clock,
        has_ended: Callable[[], bool] = lambda: False,
    ) -> None:
        """Read the header, waiting until it is there.

        Args:
            descriptor: of the open stream.
            path: names the stream in messages.
            product_type: of the records, by the definitions.
            product: root of the product.
            clock: says when a file is looked at again.
            has_ended: whether nobody writes a file any more.

        Raises:
            SpymasterError: It is no plain DBN stream, or its schema is not read.
        """
        self._descriptor = descriptor
        self._path = path
        self._clock = clock
        self._has_ended = has_ended
        self._n_before = 0
        self.is_file = stat.S_ISREG(os.fstat(descriptor).st_mode)
        header = _HeaderBytes(self._wait_for_bytes)
        try:
            self._header = read_header(path, header)
        except SpymasterError as error:
            if header.taken.startswith(ZSTD_MAGIC):
                remedy = "pass what `zstd -dc` makes of it"
                raise SpymasterError(path, "is a compressed stream", remedy) from error
            raise
        self.source = Source(self._header.schema, product_type, product, bytes(header.taken))

    def go_on_after(self, captured: Sequence[np.ndarray]) -> int:
        """Leave out what earlier starts of the run have read of a file; return how many records.

        A FIFO gives nothing again, and a file that was begun anew has other records.

        Args:
            captured: records of the source by start of the run, the oldest first.
        """
        if not self.is_file:
            return 0
        size = self.source.dtype.itemsize
        begin = os.lseek(self._descriptor, 0, os.SEEK_CUR)
        parts = [records for records in captured if len(records)]
        for first in range(len(parts)):
            count = sum(map(len, parts[first:]))
            ends = ((0, parts[first][:1]), (count - 1, parts[-1][-1:]))
            if all(
                os.pread(self._descriptor, size, begin + number * size) == record.tobytes()
                for number, record in ends
            ):
                os.lseek(self._descriptor, count * size, os.SEEK_CUR)
                self._n_before = count
                return count
        return 0

    def __iter__(self) -> Iterator[Chunk]:
        """Yield what has come, and an empty chunk whenever nothing has.

        Raises:
            SpymasterError: A record of another type, or the stream ends inside a record.
        """
        dtype, total, rest = self.source.dtype, self._n_before, b""
        while (data := self._next_bytes()) is not None:
            data = rest + data
            count = len(data) // dtype.itemsize
            records = np.frombuffer(data, dtype, count)
            check_records(self._path, self._header, records, total)
            rest = data[count * dtype.itemsize :]
            total += count
            yield Chunk(self.source, records)
        if rest:
            raise SpymasterError(
                self._path, f"ends inside a record, {len(rest)} bytes after record {total}"
            )

    def _next_bytes(self) -> bytes | None:
        """Return the next bytes, none when nothing has come for a while; None at the end."""
        if not self.is_file:
            ready, _, _ = select.select([self._descriptor], [], [], _POLL_NS / NS_PER_S)
            return (os.read(self._descriptor, _READ_BYTES) or None) if ready else b""
        # what was written before the end was said is read after it
        has_ended = self._has_ended()
        data = os.read(self._descriptor, _READ_BYTES)
        if data or not has_ended:
            if not data:
                self._clock.wait_until(self._clock.now_ns() + _POLL_NS)
            return data
        return None

    def _wait_for_bytes(self, size: int) -> bytes:
        """Return that many bytes; fewer only at the end."""
        found = b""
        while len(found) < size:
            if self.is_file:
                has_ended = self._has_ended()
                data = os.read(self._descriptor, size - len(found))
                if not data and not has_ended:
                    self._clock.wait_until(self._clock.now_ns() + _POLL_NS)
                    continue
            else:
                data = os.read(self._descriptor, size - len(found))
            if not data:
                break
            found += data
        return found


class _HeaderBytes:
    """The start of a stream, kept while it is read."""

    def __init__(self, read: Callable[[int], bytes]) -> None:
        self._read = read
        self.taken = bytearray()

    def read(self, size: int, /) -> bytes:
        """Return the next bytes."""
        data = self._read(size)
        self.taken += data
        return data
