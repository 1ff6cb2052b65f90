"""Messages in Parquet, one row per key: a message that comes twice changes nothing."""

from __future__ import annotations

import contextlib
import fcntl
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from spymaster_ingest.durable import put_in_place, remove_temporary, sync, temporary_sibling
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.units import NS_PER_S

from spymaster.transport.interface import Delivery
from spymaster.transport.messages import MARKET_DATA, Key, is_plain

SCHEMA = pa.schema(
    [
        pa.field("key", pa.string(), nullable=False),
        pa.field("symbol", pa.string(), nullable=False),
        pa.field("time_ns", pa.uint64(), nullable=False),
        pa.field("seq", pa.int64()),
        pa.field("payload", pa.string(), nullable=False),
    ]
)
# a file holds so many seconds: one is written again for each flush until its time is over
_RECORDS_S, _ROWS_S = 10, 60
_LOCK = ".lock"
# key as text, the key, payload
_Row = tuple[str, Key, str]


@dataclass
class Written:
    """What became of messages.

    Attributes:
        n_new: rows that were not there.
        n_known: rows that were there, with the same payload.
        n_different: keys that were there with another payload, which stays.
        n_without_key: messages whose key or subject is none of ours, which are left out.
    """

    n_new: int = 0
    n_known: int = 0
    n_different: int = 0
    n_without_key: int = 0

    def __iadd__(self, other: Written) -> Written:
        """Add the counts of others."""
        self.n_new += other.n_new
        self.n_known += other.n_known
        self.n_different += other.n_different
        self.n_without_key += other.n_without_key
        return self


class ParquetStore:
    """Files ``<subject>/run=<run>/<begin of its seconds>.parquet`` below a folder.

    One process at a time writes there.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: set[Path] = set()

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder; the system lets it go when the process dies.

        Raises:
            SpymasterError: Another process holds it, or it cannot be written.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            lock = (self._folder / _LOCK).open("w")
            sync(self._folder.parent)
        except OSError as error:
            raise SpymasterError(self._folder, f"cannot be written: {error.strerror}") from error
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise SpymasterError(
                    self._folder, "another `persist` writes there", "end it first"
                ) from error
            yield

    def write(self, deliveries: Sequence[Delivery]) -> Written:
        """Return when all messages with a key lie on the disk.

        Raises:
            OSError: The disk takes no more; what was written before stays whole.
        """
        written = Written()
        files: dict[Path, list[_Row]] = defaultdict(list)
        for delivery in deliveries:
            key = Key.read(delivery.key)
            if key is None or not is_plain(delivery.subject):
                written.n_without_key += 1
                continue
            payload = delivery.payload.decode(errors="replace")
            files[self._path(delivery.subject, key)].append((delivery.key, key, payload))
        for path, rows in files.items():
            written += self._merge(path, rows)
        return written

    def _path(self, subject: str, key: Key) -> Path:
        step_ns = (_RECORDS_S if MARKET_DATA.takes(subject) else _ROWS_S) * NS_PER_S
        begin_s = key.time_ns // step_ns * step_ns // NS_PER_S
        return self._folder / subject / f"run={key.run}" / f"{begin_s}.parquet"

    def _merge(self, path: Path, rows: list[_Row]) -> Written:
        self._make_folder(path.parent)
        before = pq.ParquetFile(path).read() if path.exists() else SCHEMA.empty_table()
        known = dict(zip(*(before.column(x).to_pylist() for x in ("key", "payload")), strict=True))
        written, new = Written(), []
        for text, key, payload in rows:
            if text not in known:
                known[text] = payload
                new.append((text, key.symbol, key.time_ns, key.seq, payload))
            elif known[text] == payload:
                written.n_known += 1
            else:
                written.n_different += 1
        written.n_new = len(new)
        if new:
            columns = zip(zip(*new, strict=True), SCHEMA, strict=True)
            arrays = [pa.array(values, field.type) for values, field in columns]
            merged = pa.concat_tables([before, pa.Table.from_arrays(arrays, schema=SCHEMA)])
            order = [(name, "ascending") for name in ("time_ns", "seq", "key")]
            temporary = temporary_sibling(path)
            pq.write_table(merged.sort_by(order), temporary, compression="zstd")
            put_in_place(temporary, path)
        return written

    def _make_folder(self, folder: Path) -> None:
        """Make a folder, and remove what a killed process left in it."""
        if folder in self._known:
            return
        folder.mkdir(parents=True, exist_ok=True)
        for above in (folder.parent, folder.parent.parent):
            sync(above)
        remove_temporary(folder)
        self._known.add(folder)
