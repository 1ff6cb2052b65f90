"""Where things lie in the lake: the only place that builds a path below its root."""

from __future__ import annotations

import datetime as dt
import os
import re
from dataclasses import dataclass
from pathlib import Path

from spymaster.errors import SpymasterError

PROJECT_ROOT = Path(__file__).resolve().parents[2]
LAKE_VARIABLE = "SPYMASTER_LAKE"

_PATH_PART = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]*( [A-Za-z0-9_.:-]+)*")


def _part(value: str) -> str:
    """Return ``value`` when it is safe as one path component; raise otherwise."""
    if not _PATH_PART.fullmatch(value):
        raise SpymasterError(repr(value), "cannot be part of a path in the lake")
    return value


@dataclass(frozen=True)
class Lake:
    """Paths below one lake root (an absolute directory)."""

    root: Path

    @classmethod
    def from_environment(cls) -> Lake:
        """Use ``$SPYMASTER_LAKE``, or ``lake/`` in the project when it is not set."""
        configured = os.environ.get(LAKE_VARIABLE)
        return cls(Path(configured).expanduser().resolve() if configured else PROJECT_ROOT / "lake")

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
    def published(self) -> Path:
        """The read-only copy analysts open."""
        return self.root / "spymaster.duckdb"

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
        return (
            self.root
            / "silver"
            / "book_engine"
            / f"symbol={_part(symbol)}"
            / f"dt={day.isoformat()}"
        )

    def relative(self, path: Path) -> str:
        """Return ``path`` relative to the lake root, with forward slashes."""
        return Path(os.path.relpath(path, self.root)).as_posix()
