"""Engines of a run: the streaming kernels, advanced by the chunks of a feed.

All engines end their seconds together, so that a step over a second finds the rows of all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from spymaster_engine.door import KERNELS
from spymaster_ingest.content_hash import hash_of
from spymaster_ingest.landing.batches import landed_batch
from spymaster_ingest.landing.table_schemas import SCHEMAS, TableSchema

from spymaster.live.feeds import Chunk, Source


@dataclass(frozen=True)
class Engine:
    """A kernel and the records that it takes.

    Attributes:
        name: of the engine in the run.
        kernel: its name at the door.
        stream: the input of the kernel that the records are.
        schema: the vendor's name of their schema.
        product_type, product: of their source.
        instruments: ids of the records that it takes; None for all.
        settings: of the kernel.
    """

    name: str
    kernel: str
    stream: str
    schema: str
    product_type: str
    product: str
    instruments: frozenset[int] | None
    settings: dict[str, Any]

    @property
    def table(self) -> TableSchema:
        """Return the landed table whose columns the kernel takes."""
        tables = SCHEMAS[self.schema].tables
        return next(table for table in tables if table.product_type == self.product_type)

    def takes(self, source: Source) -> bool:
        """Return whether its records come from a source."""
        mine = (self.schema, self.product_type, self.product)
        return mine == (source.schema, source.product_type, source.product)


class EngineRows(NamedTuple):
    """Rows of ended seconds.

    Attributes:
        engine: name of the engine.
        output: name of the kernel's output.
        rows: at least one.
    """

    engine: str
    output: str
    rows: pa.RecordBatch


class Quotes(NamedTuple):
    """Best prices and spot of a book.

    Attributes:
        bid_int: best bid, 1e-9 units; None without one.
        ask_int: best ask, 1e-9 units; None without one.
        spot_int: 1e-9 units; None without quotes on both sides.
        tick_int: minimum price increment, 1e-9 units.
    """

    bid_int: int | None
    ask_int: int | None
    spot_int: int | None
    tick_int: int


class Engines:
    """Engines that are advanced together."""

    def __init__(self, engines: Sequence[Engine]) -> None:
        """Begin a pass of each engine."""
        self._engines = [(x, KERNELS[x.kernel].begun(x.stream, x.settings)) for x in engines]

    @property
    def version(self) -> str:
        """Return a hash of what the state of the engines depends on beside the records."""
        of_engines = [
            asdict(engine)
            | {
                "instruments": sorted(engine.instruments or ()),
                "version": KERNELS[engine.kernel].version,
            }
            for engine, _ in self._engines
        ]
        return hash_of({"engines": of_engines, "code": version("spymaster")})

    def saved(self) -> dict[str, np.ndarray]:
        """Return the state of every engine as arrays by name."""
        return {
            f"{engine.name}/{name}": array
            for engine, running in self._engines
            for name, array in running.saved().items()
        }

    def restore(self, saved: Mapping[str, np.ndarray]) -> None:
        """Go on from the state of engines of the same version."""
        for engine, running in self._engines:
            prefix = f"{engine.name}/"
            running.restore(
                {n.removeprefix(prefix): x for n, x in saved.items() if n.startswith(prefix)}
            )

    def feed(self, chunk: Chunk) -> list[EngineRows]:
        """Apply a chunk to the engines that take it; return the rows of seconds that it ended.

        Raises:
            KernelError: The records cannot be turned into rows.
        """
        found = []
        for engine, running in self._engines:
            if not engine.takes(chunk.source):
                continue
            records = chunk.records
            if engine.instruments is not None:
                wanted = np.isin(records["instrument_id"], list(engine.instruments))
                records = records if wanted.all() else records[wanted]
            if len(records):
                names = KERNELS[engine.kernel].inputs[engine.stream].schema.names
                found += _named(engine, running.feed(landed_batch(engine.table, records, names)))
        return found

    def quotes(self) -> Quotes | None:
        """Return best prices and spot after the last record that the book was given.

        None without an engine of the book. A book of ten prices takes them from its last record.
        """
        for engine, running in self._engines:
            if (found := running.quotes()) is not None:
                return Quotes(
                    found["best_bid_price_int"],
                    found["best_ask_price_int"],
                    found["spot_ref_price_int"],
                    engine.settings["tick_int"],
                )
        return None

    def change(self, kernel: str, **settings: Any) -> None:
        """Let the engines of a kernel take other values of settings from the open second on.

        Raises:
            KernelError: The settings of the kernel are those of the whole day.
        """
        for engine, running in self._engines:
            if engine.kernel == kernel:
                running.change(**settings)

    def close(self, second_s: int) -> list[EngineRows]:
        """End the seconds up to one, s UTC, in every engine; return their rows."""
        found = []
        for engine, running in self._engines:
            found += _named(engine, running.close(second_s))
        return found

    def finish(self) -> list[EngineRows]:
        """End the day in every engine; return the rows that are left and the summaries.

        Raises:
            KernelError: What holds over a whole day does not hold.
        """
        found = []
        for engine, running in self._engines:
            found += _named(engine, running.finish())
        return found


def _named(engine: Engine, rows: list[tuple[str, pa.RecordBatch]]) -> list[EngineRows]:
    return [EngineRows(engine.name, output, batch) for output, batch in rows]
