"""Point-in-time reference data: which instrument a record belongs to."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

import pyarrow.parquet as pq

from spymaster.errors import SpymasterError
from spymaster.lake import Lake
from spymaster.landing.manifest import PART_NAME, read_manifest
from spymaster.landing.tables import DEFINITION, FUTURE_CLASS

_NEEDED = ["instrument_id", "raw_symbol", "instrument_class", "min_price_increment_int"]


@dataclass(frozen=True)
class Instrument:
    """One landed definition: contract symbol, product root, class letter, tick (1e-9 points)."""

    symbol: str
    root: str
    instrument_class: str
    tick: int | None


@dataclass(frozen=True)
class DayDefinitions:
    """All landed definitions of one UTC date.

    Attributes:
        instruments: by instrument id.
        inputs: content hash of each definition partition, by root.
    """

    instruments: Mapping[int, Instrument] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)

    @property
    def input_hash(self) -> str | None:
        """One hash over all definition partitions of the day; None when there is none."""
        if not self.inputs:
            return None
        text = "".join(f"{root}:{value};" for root, value in sorted(self.inputs.items()))
        return hashlib.sha256(text.encode()).hexdigest()


class DefinitionCatalog:
    """Reads the landed definitions of a date when they are first asked for."""

    def __init__(self, lake: Lake) -> None:
        self._lake = lake
        self._days: dict[dt.date, DayDefinitions] = {}

    def day(self, day: dt.date) -> DayDefinitions:
        """Return the definitions landed for ``day``; empty when there are none.

        Raises:
            SpymasterError: an outright's id with two symbols, classes or ticks on one day.
        """
        if day not in self._days:
            self._days[day] = self._load(day)
        return self._days[day]

    def forget(self) -> None:
        """Read everything afresh, after definitions were landed."""
        self._days.clear()

    def _load(self, day: dt.date) -> DayDefinitions:
        instruments: dict[int, Instrument] = {}
        inputs: dict[str, str] = {}
        pattern = (
            f"product_type={DEFINITION.product_type}/symbol=*/table={DEFINITION.table}"
            f"/dt={day.isoformat()}"
        )
        for partition in sorted(self._lake.bronze.glob(pattern)):
            manifest = read_manifest(partition)
            if manifest is None:
                continue
            root = manifest["symbol"]
            inputs[root] = manifest["content_hash"]
            rows = pq.ParquetFile(partition / PART_NAME).read(columns=_NEEDED)
            for number, symbol, letter, tick in zip(
                *(rows[name].to_pylist() for name in _NEEDED), strict=True
            ):
                new = Instrument(symbol, root, letter, tick)
                known = instruments.setdefault(number, new)
                if known != new and FUTURE_CLASS in (known.instrument_class, letter):
                    raise SpymasterError(
                        partition,
                        f"instrument {number} is defined twice on {day}: "
                        f"{_words(known)} and {_words(new)}",
                    )
        return DayDefinitions(instruments, inputs)


def _words(instrument: Instrument) -> str:
    return f"{instrument.symbol} (class {instrument.instrument_class}, tick {instrument.tick})"
