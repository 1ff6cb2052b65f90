"""Where things lie in the lake: the only place that builds a path below its root."""

from __future__ import annotations

import datetime as dt
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from spymaster_ingest.errors import SpymasterError

PROJECT_ROOT = Path(__file__).resolve().parents[2]
LAKE_VARIABLE = "SPYMASTER_LAKE"

# DuckDB takes the first for a pattern or an escape and `name=value` in a path for a column; quotes
# and braces end strings where dbt writes the path into SQL, and the adapter ends a path at #
UNUSABLE_CHARACTERS = "[]*?\\='\"{}#"

_REMEDY = f"point {LAKE_VARIABLE} at a directory of yours"

# says that a directory is a lake, written when it becomes one
MARKER = ".spymaster-lake"
_MARKER_TEXT = "The root of a lake of Spymaster, which writes here and removes what it wrote.\n"
# what a lake without a marker is known by: nothing else makes these
_SIGNS = (
    "bronze/source=databento",
    "raw/source=databento",
    ".build.lock",
    ".publication.json",
    ".demo",
)
# what may lie in a directory that is to become a lake
_NOT_FOREIGN = frozenset({"README.md", ".gitignore", ".gitkeep", ".DS_Store", "lost+found"})

_PATH_PART = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]*( [A-Za-z0-9_.:-]+)*")


def _part(value: str) -> str:
    """Return ``value`` when it is safe as one path component; raise otherwise."""
    if not _PATH_PART.fullmatch(value):
        raise SpymasterError(repr(value), "cannot be part of a path in the lake")
    return value


def _check_root(root: Path) -> None:
    """Raise unless a lake can lie at an absolute path, or lies there and can be read."""
    character = next((one for one in str(root) if one in UNUSABLE_CHARACTERS), None)
    if character is not None:
        raise SpymasterError(
            root, f"the path of a lake cannot hold the character {character}", _REMEDY
        )
    try:
        is_directory = stat.S_ISDIR(root.stat().st_mode)
    except FileNotFoundError:
        return
    if not is_directory:
        raise SpymasterError(root, "cannot be the lake: it is not a directory", _REMEDY)
    if not os.access(root, os.R_OK | os.X_OK):
        raise SpymasterError(root, "the lake cannot be read", _REMEDY)


@dataclass(frozen=True)
class Lake:
    """Paths below one lake root (an absolute directory)."""

    root: Path

    @classmethod
    def from_environment(cls) -> Lake:
        """Use ``$SPYMASTER_LAKE``, or ``lake/`` in the project when it is not set.

        The directory need not exist yet (see ``make_root``).

        Raises:
            SpymasterError: The path cannot be a lake's: a character in it, what lies there, or
                its permissions.
        """
        configured = os.environ.get(LAKE_VARIABLE) or str(PROJECT_ROOT / "lake")
        if "://" in configured:
            raise SpymasterError(configured, "a lake is a directory of this machine", _REMEDY)
        try:
            root = Path(configured).expanduser().resolve()
            _check_root(root)
        except (OSError, RuntimeError) as error:
            # RuntimeError: a loop of links, or the home of a user there is not
            why = getattr(error, "strerror", None) or error
            raise SpymasterError(configured, f"cannot be the lake: {why}", _REMEDY) from error
        return cls(root)

    def make_root(self) -> None:
        """Make sure that the root is there, is a lake and can be written.

        An empty directory becomes a lake; what somebody else keeps things in does not.

        Raises:
            SpymasterError: It cannot be made, cannot be written, or holds what no lake holds and
                nothing that tells of a lake.
        """
        try:
            self.root.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SpymasterError(
                self.root, f"the lake cannot be created: {error.strerror}", _REMEDY
            ) from error
        if not os.access(self.root, os.W_OK | os.X_OK):
            raise SpymasterError(self.root, "the lake cannot be written", _REMEDY)
        self._claim()

    def _claim(self) -> None:
        """Mark the root as a lake; raise when it is somebody else's directory."""
        marker = self.root / MARKER
        if marker.exists():
            return
        if not any((self.root / sign).exists() for sign in _SIGNS):
            foreign = sorted(path.name for path in self.root.iterdir())
            foreign = [name for name in foreign if name not in _NOT_FOREIGN]
            if foreign:
                raise SpymasterError(
                    self.root,
                    f"is not a lake: it holds {foreign[0]!r} and nothing of Spymaster's",
                    f"point {LAKE_VARIABLE} at an empty directory",
                )
        marker.write_text(_MARKER_TEXT, encoding="utf-8")

    @property
    def raw(self) -> Path:
        """Root of the vendor's files; nothing in the product changes one."""
        return self.root / "raw" / "source=databento"

    @property
    def bronze(self) -> Path:
        """Root of the landed partitions."""
        return self.root / "bronze" / "source=databento"

    @property
    def warehouse(self) -> Path:
        """The database dbt writes; one process at a time."""
        return self.root / "warehouse.duckdb"

    @property
    def spill(self) -> Path:
        """Scratch of a build: what DuckDB spills beyond its memory limit, files between models."""
        return self.root / ".spymaster-scratch"

    @property
    def published(self) -> Path:
        """The read-only copy analysts open."""
        return self.root / "spymaster.duckdb"

    @property
    def engine(self) -> Path:
        """Root of the book engine's files."""
        return self.root / "silver" / "book_engine"

    @property
    def relations(self) -> Path:
        """Root of the files of relations that are built partition by partition."""
        return self.root / "silver" / "relations"

    @property
    def indexes(self) -> Path:
        """Root of the libraries of vectors and of the indexes over them."""
        return self.root / "indexes"

    @property
    def evaluation(self) -> Path:
        """What the last evaluation of retrieval found."""
        return self.root / "evaluation"

    @property
    def pictures(self) -> Path:
        """Where the demonstration puts its picture."""
        return self.root / "pictures"

    @property
    def build_lock(self) -> Path:
        """Held by whoever builds or publishes; names that command while it is at work."""
        return self.root / ".build.lock"

    @property
    def publication_record(self) -> Path:
        """The Parquet files that the last publications refer to."""
        return self.root / ".publication.json"

    def raw_table(self, product_type: str, root: str, table: str) -> Path:
        """Directory of the vendor's files of one product root and schema."""
        return (
            self.raw
            / f"product_type={_part(product_type)}"
            / f"symbol={_part(root)}"
            / f"table={_part(table)}"
        )

    def bronze_partition(self, product_type: str, symbol: str, table: str, day: dt.date) -> Path:
        """Directory of one landed partition."""
        return (
            self.bronze
            / f"product_type={_part(product_type)}"
            / f"symbol={_part(symbol)}"
            / f"table={_part(table)}"
            / f"dt={day.isoformat()}"
        )

    def engine_partition(self, symbol: str, day: dt.date) -> Path:
        """Directory of the book engine's files for one contract-day."""
        return self.engine / f"symbol={_part(symbol)}" / f"dt={day.isoformat()}"

    def relative(self, path: Path) -> str:
        """Return ``path`` relative to the lake root, with forward slashes."""
        return Path(os.path.relpath(path, self.root)).as_posix()
