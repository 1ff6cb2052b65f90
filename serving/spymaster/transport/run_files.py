"""What a run has on the disk for its publisher: what was acknowledged, and what was not.

``published.json`` in the run's folder says how many records of each source the publisher has, from
the first on, and up to which second it has rows of ``gold.level_signals``. The rest can be sent
again: records lie in the captured parts, rows in the files of their minutes.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import pyarrow.parquet as pq
from spymaster_ingest.durable import write_text
from spymaster_ingest.units import epoch_ns

from spymaster.live.captured_run import CapturedRun, records_of_part
from spymaster.live.feeds import Chunk, Source, times_of
from spymaster.live.lines import SIGNALS
from spymaster.live.run_folder import RunFolder
from spymaster.live.run_rows import whole_files
from spymaster.transport.kinds import kind_of

PUBLISHED = "published.json"
_FORMAT = 1


class RunFiles:
    """The files of a run, as far as its publisher needs them.

    Attributes:
        sources: whose records have a subject and were captured when this was made, by name.
        n_captured: how many records of each that was, by name.
        last_ns: time of capture of the last of them, ns UTC, by name.
        n_acknowledged: how many records the publisher has, by name of their source.
        row_ns: end of the last second whose row it has, ns UTC; 0 without one.
    """

    def __init__(self, folder: RunFolder, to: str) -> None:
        """Read what was captured and acknowledged so far.

        Args:
            folder: of the run.
            to: names the publisher; what another one has says nothing of it.

        Raises:
            SpymasterError: A captured part is of another version.
        """
        self._folder, self._to = folder, to
        self.sources: dict[str, Source] = {}
        self.n_captured: Counter[str] = Counter()
        self.last_ns: dict[str, int] = {}
        for part in folder.whole_captures:
            for source, records in records_of_part(part):
                if kind_of(source) is None or not len(records):
                    continue
                self.sources.setdefault(source.name, source)
                self.n_captured[source.name] += len(records)
                self.last_ns[source.name] = int(times_of(records[-1:])[0])
        known, self.row_ns = self._known()
        # records that a machine lost with its power are captured anew, under the same numbers
        self.n_acknowledged = Counter(
            {name: min(known[name], count) for name, count in self.n_captured.items()}
        )

    @property
    def written_ns(self) -> int:
        """Return the end of the last second whose row is in a file, ns UTC; 0 without one."""
        return max((epoch_ns(end_ts) for end_ts, _ in self._files_of_rows()), default=0)

    def keep(self, n_acknowledged: Mapping[str, int], row_ns: int) -> None:
        """Write down what the publisher has, in place of what it had.

        Raises:
            OSError: The disk takes no more.
        """
        content = {
            "format": _FORMAT,
            "to": self._to,
            "records": dict(n_acknowledged),
            "row_ns": row_ns,
        }
        self._folder.path.mkdir(parents=True, exist_ok=True)
        write_text(self._path, json.dumps(content) + "\n")

    def records(self, n_before: Mapping[str, int]) -> Iterator[tuple[Chunk, int]]:
        """Yield what was captured so far, in its order, without the first records of each source.

        Args:
            n_before: how many are left out, by the name of their source.

        Returns:
            Chunks, each with the number of its first record among those of its source in the run.
        """
        n_earlier: Counter[str] = Counter()
        for path in self._folder.whole_captures:
            counts = {source.name: len(records) for source, records in records_of_part(path)}
            if any(n_before.get(x, 0) < n_earlier[x] + count for x, count in counts.items()):
                part = CapturedRun(path)
                left_out = {x: n_before.get(x, 0) - n_earlier[x] for x in counts}
                for chunk, first in part.after(left_out):
                    if kind_of(chunk.source) is not None:
                        yield chunk, n_earlier[chunk.source.name] + first
            n_earlier.update(counts)

    def rows(self, after_ns: int) -> Iterator[tuple[int, str]]:
        """Yield the rows of ``gold.level_signals`` in the files, in the order of their seconds.

        Args:
            after_ns: seconds that end later count, ns UTC.

        Returns:
            The end of each second, ns UTC, and its payload.
        """
        for end_ts, path in self._files_of_rows():
            if epoch_ns(end_ts) <= after_ns:
                continue
            with path.open("rb") as opened:
                table = pq.read_table(opened, columns=["window_end_ts", "payload"])
            columns = (table.column(name).to_pylist() for name in table.column_names)
            for end, payload in sorted(zip(*columns, strict=True)):
                if epoch_ns(end) > after_ns:
                    yield epoch_ns(end), payload

    @property
    def _path(self) -> Path:
        return self._folder.path / PUBLISHED

    def _files_of_rows(self) -> list[tuple[dt.datetime, Path]]:
        return whole_files(self._folder.rows, SIGNALS)

    def _known(self) -> tuple[Counter[str], int]:
        """Return records by source and the second up to which the publisher has rows."""
        try:
            found = json.loads(self._path.read_text(encoding="utf-8"))
            if (found["format"], found["to"]) == (_FORMAT, self._to):
                return Counter(found["records"]), int(found["row_ns"])
        except (FileNotFoundError, ValueError, KeyError):
            pass
        return Counter(), 0
