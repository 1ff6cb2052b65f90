"""Paths of the lake: the only module that builds a path below its root."""

from __future__ import annotations

import datetime as dt
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from spymaster_ingest.errors import SpymasterError

_CHECKOUT = Path(__file__).resolve().parents[2]
IS_INSTALLED = not (_CHECKOUT / "dbt_project.yml").is_file()
# the dbt project; an installed package has it beside its own modules
PROJECT_ROOT = (
    Path(__file__).resolve().parents[1] / "spymaster_project" if IS_INSTALLED else _CHECKOUT
)
LAKE_VARIABLE = "SPYMASTER_LAKE"

# DuckDB takes the first for a pattern or an escape and `name=value` in a path for a column; quotes
# and braces end strings where dbt writes the path into SQL, and the adapter ends a path at #
UNUSABLE_CHARACTERS = "[]*?\\='\"{}#"

_REMEDY = f"point {LAKE_VARIABLE} at a directory of yours"

# schemas whose relations may have files of their own
SCHEMAS = ("silver", "gold", "steps")

# marker file of a lake
MARKER = ".spymaster-lake"
_MARKER_TEXT = "The root of a lake of Spymaster, which writes here and removes what it wrote.\n"
# entries that identify a lake without a marker
_SIGNS = (
    "bronze/source=databento",
    "raw/source=databento",
    ".build.lock",
    ".publication.json",
    ".demo",
    "spymaster.toml",
)
# entries that an empty directory may hold when it becomes a lake
_NOT_FOREIGN = frozenset(
    {
        "spymaster.toml",
        "levels.csv",
        "README.md",
        ".gitignore",
        ".gitkeep",
        ".DS_Store",
        "lost+found",
    }
)

_PATH_PART = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]*( [A-Za-z0-9_.:-]+)*")


def _part(value: str) -> str:
    """Return ``value`` when it is safe as one path component; raise otherwise."""
    if not _PATH_PART.fullmatch(value):
        raise SpymasterError(repr(value), "cannot be part of a path in the lake")
    return value


def _check_root(root: Path) -> None:
    """Raise unless an absolute path can become a lake or is a readable one."""
    character = next((letter for letter in str(root) if letter in UNUSABLE_CHARACTERS), None)
    if character is not None:
        raise SpymasterError(
            root, f"the path of a lake cannot hold the character {character}", _REMEDY
        )
    try:
        str(root).encode()
    except UnicodeEncodeError as error:
        # DuckDB cannot open a file below it
        raise SpymasterError(root, "the path of a lake must be UTF-8", _REMEDY) from error
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

        An installed package uses ``lake/`` in the working directory.

        The directory need not exist yet (see ``make_root``).

        Raises:
            SpymasterError: The path has an unusable character, is no directory, or cannot be read.
        """
        default = Path.cwd() if IS_INSTALLED else PROJECT_ROOT
        configured = os.environ.get(LAKE_VARIABLE) or str(default / "lake")
        if "://" in configured:
            raise SpymasterError(configured, "a lake is a directory of this machine", _REMEDY)
        try:
            root = Path(configured).expanduser().resolve()
            _check_root(root)
        except (OSError, RuntimeError) as error:
            # RuntimeError: a loop of links, or the home of an unknown user
            why = getattr(error, "strerror", None) or error
            raise SpymasterError(configured, f"cannot be the lake: {why}", _REMEDY) from error
        return cls(root)

    def make_root(self) -> None:
        """Make sure that the root exists, is a lake and can be written.

        An empty directory becomes a lake; a directory with other files does not.

        Raises:
            SpymasterError: It cannot be created or written, or holds other files and is no lake.
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
        """Mark the root as a lake; raise when it is a directory with other files."""
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
    def settings(self) -> Path:
        """The settings of the lake, which its user writes."""
        return self.root / "spymaster.toml"

    @property
    def raw(self) -> Path:
        """Root of the vendor's files, which nothing in the product changes."""
        return self.root / "raw" / "source=databento"

    @property
    def live(self) -> Path:
        """Root of the live runs, a folder each."""
        return self.root / "live"

    def captured(self, day: dt.date) -> Path:
        """Directory of the files of a UTC day that live runs captured, as they are landed."""
        return self.root / "raw" / "source=captured" / f"dt={day.isoformat()}"

    @property
    def bronze(self) -> Path:
        """Root of the landed partitions."""
        return self.root / "bronze" / "source=databento"

    @property
    def remote_bronze(self) -> Path:
        """The address of the bronze storage that the lake has copies of; without any, no file."""
        return self.bronze / ".remote.txt"

    @property
    def warehouse(self) -> Path:
        """The database dbt writes; one process at a time."""
        return self.root / "warehouse.duckdb"

    @property
    def spill(self) -> Path:
        """Scratch of a build: DuckDB's spill files, and files passed between models."""
        return self.root / ".spymaster-scratch"

    @property
    def dbt(self) -> Path:
        """What dbt writes of an installed project, whose own folder is not to be written."""
        return self.root / ".dbt"

    @property
    def inputs(self) -> Path:
        """Tables of the build that workers read, for as long as it runs."""
        return self.root / ".inputs"

    @property
    def fetched(self) -> Path:
        """Records of the bronze storage, for as long as a partition is made of them."""
        return self.inputs / "landed"

    @property
    def published(self) -> Path:
        """The read-only copy analysts open."""
        return self.root / "spymaster.duckdb"

    def relations(self, schema: str) -> Path:
        """Root of the files of a schema's relations that are built partition by partition."""
        return self.root / schema / "relations"

    @property
    def indexes(self) -> Path:
        """Root of the libraries of vectors and of the indexes over them."""
        return self.root / "indexes"

    @property
    def evaluation(self) -> Path:
        """Results of the last evaluation of retrieval."""
        return self.root / "evaluation"

    @property
    def models(self) -> Path:
        """What `spymaster train` has learned, and its relations."""
        return self.root / "models"

    @property
    def messages(self) -> Path:
        """Messages of live runs that came over NATS."""
        return self.root / "live" / "nats"

    @property
    def jetstream(self) -> Path:
        """Streams of the server of NATS that runs beside the lake."""
        return self.root / "live" / "jetstream"

    @property
    def pictures(self) -> Path:
        """Where the demonstration puts its picture."""
        return self.root / "pictures"

    @property
    def build_lock(self) -> Path:
        """Lock of the command that builds or publishes; it holds that command's name."""
        return self.root / ".build.lock"

    @property
    def publication_record(self) -> Path:
        """The list of Parquet files that the last publications refer to."""
        return self.root / ".publication.json"

    @property
    def build_record(self) -> Path:
        """Fingerprints of what the last build read and wrote."""
        return self.root / ".build.json"

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

    def relative(self, path: Path) -> str:
        """Return ``path`` relative to the lake root, with forward slashes."""
        return Path(os.path.relpath(path, self.root)).as_posix()
