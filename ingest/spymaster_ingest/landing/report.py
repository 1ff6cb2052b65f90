"""The outcome of one call of ``land``."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.landing.table_schemas import RELATIONS

LANDED = "landed"
UNCHANGED = "unchanged"


@dataclass(frozen=True)
class PartitionResult:
    """Outcome for one partition.

    Attributes:
        dataset: dataset key.
        schema: the vendor's schema of its files.
        symbol: contract, or product root for definitions.
        day: UTC date of the records.
        rows: rows of the partition.
        status: ``landed`` or ``unchanged``.
        bytes: size of the Parquet file.
        seconds: time spent on its files; 0 when unchanged.
    """

    dataset: str
    schema: str
    symbol: str
    day: dt.date
    rows: int
    status: str
    bytes: int
    seconds: float = 0.0

    @property
    def relation(self) -> str:
        """Relation that holds the rows."""
        return RELATIONS[self.dataset]

    def line(self) -> str:
        """Return the line the command prints; it names the relation that holds the rows."""
        text = (
            f"{self.relation} {self.symbol} {self.day} {self.rows} rows {self.status} "
            f"{self.bytes / 1e6:.1f} MB"
        )
        if self.seconds:
            text += f" {self.rows / self.seconds / 1e6:.2f} M rec/s"
        return text


@dataclass
class LandReport:
    """Outcome of one call: partitions in order, one error per bad file, notes."""

    partitions: list[PartitionResult] = field(default_factory=list)
    errors: list[SpymasterError] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def landed(self) -> set[tuple[str, str]]:
        """Schema and relation of every partition that was written."""
        return {(each.schema, each.relation) for each in self.partitions if each.status == LANDED}

    @property
    def ok(self) -> bool:
        """True when no file failed."""
        return not self.errors
