"""What a feed gives: chunks of DBN records, each of one schema and product, in their order.

A feed is an iterable of :class:`Chunk`. An empty chunk says that nothing has come for a while, so
that its reader can do what is due by the clock. A further feed needs nothing but to yield chunks.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

import numpy as np
from spymaster_ingest.dbn.layouts import LAYOUTS, RecordLayout
from spymaster_ingest.dbn.records import field_names
from spymaster_ingest.landing.table_schemas import SCHEMAS, TableSchema

FUTURE, FUTURE_OPTION = "future", "future_option"
# position of the DBN version in a header
_VERSION_BYTE = 3


@dataclass(frozen=True)
class Source:
    """Records of one schema and product.

    Attributes:
        schema: the vendor's name.
        product_type: ``future`` or ``future_option``.
        product: root of the product, or a contract.
        header: the DBN header of the records, encoded.
    """

    schema: str
    product_type: str
    product: str
    header: bytes = field(compare=False, repr=False)

    @property
    def name(self) -> str:
        """Return a name that no other source of a feed has."""
        return f"{self.product}.{self.product_type}.{self.schema}"

    @property
    def version(self) -> int:
        """Return the DBN version of the records."""
        return self.header[_VERSION_BYTE]

    @property
    def tables(self) -> list[TableSchema]:
        """Return the tables of a contract in which its records are landed."""
        return [x for x in SCHEMAS[self.schema].tables if x.product_type == self.product_type]

    @property
    def layout(self) -> RecordLayout:
        """Return the record layout of the schema."""
        return LAYOUTS[self.schema]

    @property
    def dtype(self) -> np.dtype:
        """Return the type of the records."""
        return self.layout.dtype(self.version)


class Gap(NamedTuple):
    """A time of which a source lacks records, which nobody gives again; ns UTC.

    Attributes:
        start_ns: of the last record before.
        end_ns: of the first record after.
    """

    start_ns: int
    end_ns: int


@dataclass(frozen=True)
class Chunk:
    """Records of one source in the order in which they came.

    Attributes:
        source: of the records.
        records: structured array, shape (n,).
        gap: what is missing before the first of them; None where nothing is.
        n_missing: how many records that is, of a source that numbers them.
        on_disk: called once the records, and those before them, are on the disk.
    """

    source: Source
    records: np.ndarray
    gap: Gap | None = None
    n_missing: int = 0
    on_disk: Callable[[], None] | None = field(default=None, compare=False, repr=False)


def times_of(records: np.ndarray) -> np.ndarray:
    """Return the times of capture, of records that have none the ts_event, ns, shape (n,)."""
    return records["ts_recv" if "ts_recv" in field_names(records.dtype) else "ts_event"]


class Clock(Protocol):
    """The time that paces a replay and says when something is due; it enters no row."""

    def now_ns(self) -> int:
        """Return the time, ns since the epoch."""

    def wait_until(self, time_ns: int) -> None:
        """Return when a time has come, ns since the epoch."""


class SystemClock:
    """The clock of the machine."""

    def now_ns(self) -> int:
        """Return the time, ns since the epoch."""
        return time.time_ns()

    def wait_until(self, time_ns: int) -> None:
        """Sleep until a time."""
        while (left_ns := time_ns - self.now_ns()) > 0:
            time.sleep(left_ns / 1e9)


class Feed(Protocol):
    """Chunks of records in order."""

    def __iter__(self) -> Iterator[Chunk]:
        """Yield the chunks."""


class LiveFeed(Feed, Protocol):
    """A feed that knows what it may give before it does."""

    @property
    def sources(self) -> Sequence[Source]:
        """Return the sources whose records may come."""
