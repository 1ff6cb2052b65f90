"""The pass of the seconds of the market over a contract-day and source."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from spymaster_engine.kernels.book.bronze_records import records_in
from spymaster_engine.kernels.market.kernel_state import Rows
from spymaster_engine.kernels.market.level_rows import level_rows_in
from spymaster_engine.kernels.market.market_day import (
    MarketSettings,
    SecondsOfLevels,
    SecondsOfOrders,
    market_arrays,
)
from spymaster_engine.kernels.saved_state import restore_state, saved_state


class MarketPass:
    """A pass of kernel ``market_seconds``."""

    def __init__(self, source: str, settings: dict[str, Any]) -> None:
        """Begin a pass.

        Args:
            source: ``mbo`` or ``mbp10``.
            settings: of the kernel.
        """
        self._source = source
        self._settings = MarketSettings(**settings)
        of_orders = source == "mbo"
        self._seconds: Any = (SecondsOfOrders if of_orders else SecondsOfLevels)(self._settings)
        self._decode: Any = records_in if of_orders else level_rows_in

    def decode(self, batch: pa.RecordBatch) -> Any:
        """Return a batch as records by order, or as rows of levels."""
        return self._decode(batch)

    def feed(self, records: Any) -> Iterator[Rows]:
        """Apply a chunk. The rows of a day have room, so none are yielded."""
        self._seconds.observe(records)
        return iter(())

    def close(self, second_s: int) -> Iterator[Rows]:
        """End seconds by the clock."""
        self._seconds.end_until(second_s)
        return iter(())

    def ended(self) -> Iterator[Rows]:
        """Yield the rows of ended seconds."""
        rows = self._seconds.ended_seconds()
        if len(rows.head):
            yield rows

    def finish(self) -> Iterator[Rows]:
        """End the day."""
        yield self._seconds.end()

    def saved(self) -> dict[str, np.ndarray]:
        """Return the state of the seconds."""
        return saved_state(self._seconds)

    def restore(self, saved: dict[str, np.ndarray]) -> None:
        """Go on from a state."""
        restore_state(self._seconds, saved)

    def columns(self, rows: Rows) -> Iterator[tuple[str, dict[str, pa.Array]]]:
        """Yield rows as columns."""
        yield "seconds", market_arrays(rows, self._source, self._settings)

    def summary(self) -> Iterator[tuple[str, dict[str, pa.Array]]]:
        """Yield nothing: the seconds are all that is known of the day."""
        return iter(())
