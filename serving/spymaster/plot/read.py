"""Read the rows of a picture from the published file; models do the computing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake

from spymaster.book_source import missing_orders
from spymaster.clock import TimeRange
from spymaster.contracts import built_instead
from spymaster.published import Columns, ask_columns, open_published, relations_of

BANDS = "silver.physics_bands_1s"
CALIBRATION = "gold.physics_norm_calibration"
TEN_LEVELS = "silver.top10_1s"
CALIBRATION_MODES = "steps.physics_calibration_modes"
_REQUIRED = (
    "bronze.ingest_manifest",
    "steps.book_records",
    "silver.book_snapshot_1s",
    "silver.wall_surface_1s",
    "silver.recording_gaps",
)
_QUERIES = Path(__file__).parent / "queries"


@dataclass(frozen=True)
class Reading:
    """Rows of one contract and range; ``second`` counts from the start of the range.

    Attributes:
        tick_int: minimum price increment, 1e-9 units.
        snapshots: one row per second of book_snapshot_1s.
        covered: seconds that have rows in wall_surface_1s.
        reach_ticks: largest distance from spot of any wall row of the partitions.
        recording_gaps: first and last second of each gap; they may lie outside the range.
        trades: traded contracts (``qty``) per second, aggressor side and price.
        bands: one row per second of physics_bands_1s; None if the lake lacks the relation.
        bands_missing: why ``bands`` is None.
        orders_missing: what the first partition lacks without market by order; None with it.
    """

    tick_int: int
    snapshots: Columns
    covered: np.ndarray
    reach_ticks: int
    recording_gaps: Columns
    trades: Columns
    bands: Columns | None
    bands_missing: str | None
    orders_missing: str | None


class Reader:
    """Queries of one contract and range against an open published file."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, symbol: str, seconds: TimeRange
    ) -> None:
        self._connection = connection
        self._symbol = symbol
        self._seconds = seconds
        self._where = f"{symbol} {seconds.days[0]}"

    def read(self) -> Reading:
        """Read everything but the walls, whose query needs the prices of the picture.

        Raises:
            SpymasterError: The partition, its seconds or a relation is missing.
        """
        for relation in _REQUIRED:
            why = self.why_unusable(relation)
            if why:
                raise SpymasterError(relation, why, "run `spymaster build` with this version")
        tick_int = self._tick_int()
        snapshots = self.ask("snapshots")
        if not len(snapshots["second"]):
            raise SpymasterError(self._where, *self._why_empty())
        why = self.why_unusable(BANDS)
        return Reading(
            tick_int=tick_int,
            snapshots=snapshots,
            covered=self.ask("covered")["second"].data,
            reach_ticks=int(self.ask("reach")["reach_ticks"][0]),
            recording_gaps=self.ask("recording_gaps"),
            trades=self.ask("trades"),
            bands=None if why else self.ask("bands"),
            bands_missing=why and f"{BANDS} {why}",
            orders_missing=missing_orders(self._connection, self._symbol, self._seconds.days[0]),
        )

    def read_walls(self, low_price_int: int, high_price_int: int) -> Columns:
        """Return resting depth at the end of each second, prices from low to high inclusive."""
        return self.ask("walls", low_price_int=low_price_int, high_price_int=high_price_int)

    def read_ten_levels(self) -> Columns | None:
        """Return the ten best levels of days without orders at the end of each second.

        None if the lake lacks their relation.
        """
        return None if self.why_unusable(TEN_LEVELS) else self.ask("ten_levels")

    def _tick_int(self) -> int:
        ticks = self.ask("tick")["tick_int"]
        if not len(ticks):
            raise SpymasterError(self._where, "there is no such partition", self._landed())
        if len(ticks) > 1 or ticks.mask.any():
            raise SpymasterError(self._where, "has no single minimum price increment")
        return int(ticks[0])

    def _landed(self) -> str:
        days = [str(day) for day in self.ask("partitions")["dt"].data.astype("datetime64[D]")]
        if not days:
            return built_instead(self._connection, self._symbol)
        return (
            f"there is {days[0]}"
            if len(days) == 1
            else (f"there are {len(days)}: {days[0]} to {days[-1]}")
        )

    def _why_empty(self) -> tuple[str, str]:
        bounds = self.ask("bounds")
        if np.ma.getmaskarray(bounds["first_ts"])[0]:
            return "is landed but not built", "run `spymaster build`"
        first, end = (
            bounds[name].data[0].astype("datetime64[s]").item() for name in ("first_ts", "end_ts")
        )
        clock = self._seconds.local_clock
        local = " to ".join(f"{clock.local(each):%Y-%m-%d %H:%M:%S}" for each in (first, end))
        return "has no second in this range", f"it holds {local} {clock.city}"

    def ask(self, name: str, **more: object) -> Columns:
        """Run a query file with the parameters that it names."""
        parameters = {
            "symbol": self._symbol,
            "days": list(self._seconds.days),
            "start_ts": self._seconds.start_utc,
            "end_ts": self._seconds.end_utc,
            **more,
        }
        return ask_columns(self._connection, _QUERIES / f"{name}.sql", parameters)

    def why_unusable(self, relation: str) -> str | None:
        """Return why a relation cannot be read, or None."""
        if relation in relations_of(self._connection):
            return None
        return "is not in this lake, which an older version built"


@contextmanager
def open_reader(lake: Lake, symbol: str, seconds: TimeRange) -> Iterator[Reader]:
    """Open the published file for the queries of a picture.

    Raises:
        SpymasterError: Nothing is published, or the file cannot be read.
    """
    with open_published(lake) as connection:
        yield Reader(connection, symbol, seconds)
