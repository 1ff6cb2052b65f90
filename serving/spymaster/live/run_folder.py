"""The folder of a run: what it captured, the rows that it made, and where it stood."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from spymaster_ingest.durable import write_text
from spymaster_ingest.lake import Lake

from spymaster.live.capture import RUN

_CAPTURE = "capture-{:03d}"


@dataclass(frozen=True)
class RunFolder:
    """A run of a contract-day. Each start of its process adds a captured part.

    Attributes:
        path: of the folder.
    """

    path: Path

    @property
    def name(self) -> str:
        """Return the name of the run."""
        return self.path.name

    @property
    def rows(self) -> Path:
        """Return the folder of the rows, one folder for each relation."""
        return self.path / "rows"

    @property
    def checkpoint(self) -> Path:
        """Return the file that says where the run stood."""
        return self.path / "checkpoint"

    @property
    def captures(self) -> list[Path]:
        """Return the folders of the captured parts, the oldest first."""
        return sorted(self.path.glob("capture-*"))

    @property
    def whole_captures(self) -> list[Path]:
        """Return the parts that hold records: one that was killed early has none."""
        return [path for path in self.captures if (path / RUN).exists()]

    def next_capture(self) -> Path:
        """Return the folder of a further part, which does not exist yet."""
        return self.path / _CAPTURE.format(len(self.captures) + 1)

    @property
    def is_ended(self) -> bool:
        """Return whether the run came to its end."""
        return (self.path / "ended.txt").exists()

    def end(self, why: str) -> None:
        """Note that the run came to its end."""
        write_text(self.path / "ended.txt", f"{why}\n")


def runs_of(lake: Lake, symbol: str, day: dt.date, kind: str) -> list[RunFolder]:
    """Return the runs of a contract-day, the oldest first.

    Args:
        lake: whose runs.
        symbol: of the contract.
        day: UTC date.
        kind: ``live`` or ``replay``.
    """
    return [folder for _, folder in sorted(_numbered(lake, _stem(symbol, day, kind)))]


def new_run(lake: Lake, symbol: str, day: dt.date, kind: str) -> RunFolder:
    """Return the folder of a further run of a contract-day, which its first record makes."""
    stem = _stem(symbol, day, kind)
    number = max((number for number, _ in _numbered(lake, stem)), default=0) + 1
    return RunFolder(lake.live / f"{stem}-{number}")


def _stem(symbol: str, day: dt.date, kind: str) -> str:
    # a symbol may hold what no file name does
    return f"{re.sub('[^A-Za-z0-9.]', '_', symbol)}-{day}-{kind}"


def _numbered(lake: Lake, stem: str) -> Iterator[tuple[int, RunFolder]]:
    for path in lake.live.glob(f"{stem}-*"):
        number = path.name.removeprefix(f"{stem}-")
        if number.isdigit() and path.is_dir():
            yield int(number), RunFolder(path)
