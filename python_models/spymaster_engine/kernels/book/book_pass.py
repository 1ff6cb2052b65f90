"""The pass of the book over a contract-day: rows of the engine as columns, and their hashes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
from spymaster_ingest.content_hash import ColumnHasher, hash_of

from spymaster_engine import ENGINE_VERSION
from spymaster_engine.kernels.book import surface_files as surfaces
from spymaster_engine.kernels.book.bronze_records import records_in
from spymaster_engine.kernels.book.config import BookConfig
from spymaster_engine.kernels.book.engine import BookEngine
from spymaster_engine.kernels.book.kernel_state import Output
from spymaster_engine.kernels.book.mbp_day import PriceBookEngine, price_rows_in
from spymaster_engine.kernels.saved_state import restore_state, saved_state

# of each relation but the summary, in the order in which a pass yields them
_COLUMNS = {
    surfaces.SNAPSHOT: surfaces.snapshot_columns,
    surfaces.WALL: surfaces.wall_columns,
    surfaces.REPRICE: surfaces.reprice_columns,
}


class BookPass:
    """A pass of kernel ``book_engine`` over records by order, or else by price."""

    def __init__(self, stream: str, settings: dict[str, Any]) -> None:
        """Begin a pass.

        Args:
            stream: ``orders`` or ``prices``.
            settings: of the kernel.
        """
        self._settings = settings
        self._input_content_hash = settings["input_content_hash"]
        config = _config(settings)
        of_orders = stream == "orders"
        self._engine: Any = BookEngine(config) if of_orders else PriceBookEngine(config)
        self._decode: Any = records_in if of_orders else price_rows_in
        self._hashers = {
            name: ColumnHasher(tuple(schema.names)) for name, schema in surfaces.SCHEMAS.items()
        }
        self._n_rows = dict.fromkeys(self._hashers, 0)
        self._is_restored = False

    def decode(self, batch: pa.RecordBatch) -> Any:
        """Return a batch as records or rows of the engine."""
        return self._decode(batch)

    def feed(self, records: Any) -> Iterator[Output]:
        """Apply a chunk."""
        return self._engine.feed(records)

    def close(self, second_s: int) -> Iterator[Output]:
        """End seconds by the clock."""
        return self._engine.close(second_s)

    def change(self, **settings: Any) -> None:
        """Take other hours of trading, ``trading_intervals``, from the open second on."""
        self._engine.config = _config(self._settings | settings)
        self._engine.kernel_config = self._engine.config.for_kernel()

    def ended(self) -> Iterator[Output]:
        """Yield the rows of ended seconds."""
        return self._engine.ended()

    def finish(self) -> Iterator[Output]:
        """End the day."""
        return self._engine.finish()

    def saved(self) -> dict[str, np.ndarray]:
        """Return the state of the engine."""
        return saved_state(self._engine)

    def restore(self, saved: dict[str, np.ndarray]) -> None:
        """Go on from a state; the content of the rows before it is not known."""
        restore_state(self._engine, saved)
        self._is_restored = True

    def quotes(self) -> dict[str, int | None]:
        """Return best prices and spot after the last record, named as in ``book_snapshot_1s``."""
        return self._engine.quotes()

    def columns(self, output: Output) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield the columns of a buffer by relation, then give it back to the engine."""
        for relation, columns_of in _COLUMNS.items():
            found = columns_of(output)
            count = len(found["window_start_ts"])
            if count:
                self._hashers[relation].update(found)
                self._n_rows[relation] += count
                yield relation, surfaces.arrow_columns(found, surfaces.SCHEMAS[relation])
        self._engine.recycle(output)

    def summary(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Check the day; yield its summary, then the rows and content hash of each relation.

        A pass that was restored has seen a part of the rows: its output has no hash.
        """
        self._engine.check_day()
        hashes = {relation: hasher.hexdigest() for relation, hasher in self._hashers.items()}
        summary = self._engine.summary()
        summary |= {
            "engine_version": ENGINE_VERSION,
            "input_content_hash": self._input_content_hash,
            "output_content_hash": None
            if self._is_restored
            else hash_of({"files": hashes, "summary": summary}),
        }
        yield (
            surfaces.QA,
            {
                field.name: pa.array([summary[field.name]], field.type)
                for field in surfaces.SUMMARY_SCHEMA
            },
        )
        if self._is_restored:
            return
        hashes[surfaces.QA] = hash_of(summary)
        n_rows = self._n_rows | {surfaces.QA: 1}
        yield (
            surfaces.CONTENTS,
            {
                "relation": list(hashes),
                "n_rows": [n_rows[relation] for relation in hashes],
                "content_hash": list(hashes.values()),
            },
        )


def _config(settings: dict[str, Any]) -> BookConfig:
    return surfaces.book_config(
        **{name: value for name, value in settings.items() if name != "input_content_hash"}
    )
