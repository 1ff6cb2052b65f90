"""Point-in-time reference data: which instrument a record belongs to."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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


class DefinitionCatalog:
    """Reads the landed definitions of a date when they are first asked for."""

    def __init__(self, lake: Lake) -> None:
        self._lake = lake
        self._instruments: dict[dt.date, Mapping[int, Instrument]] = {}
        self._hashes: dict[dt.date, Mapping[str, str]] = {}

    def instruments(self, day: dt.date) -> Mapping[int, Instrument]:
        """Return the definitions landed for ``day`` by instrument id; empty when there are none.

        Raises:
            SpymasterError: an outright's id with two symbols, classes or ticks on one day.
        """
        if day not in self._instruments:
            self._instruments[day] = self._load(day)
        return self._instruments[day]

    def input_hash(self, day: dt.date, roots: Iterable[str]) -> str | None:
        """Return one hash over the definitions of product roots on ``day``.

        A root without definitions does not change it; None when no root has any.
        """
        if day not in self._hashes:
            self._hashes[day] = {
                manifest["symbol"]: manifest["content_hash"]
                for _, manifest in self._partitions(day)
            }
        landed = self._hashes[day]
        text = "".join(f"{root}:{landed[root]};" for root in sorted(roots) if root in landed)
        return hashlib.sha256(text.encode()).hexdigest() if text else None

    def forget(self) -> None:
        """Read everything afresh, after definitions were landed."""
        self._instruments.clear()
        self._hashes.clear()

    def _partitions(self, day: dt.date) -> Iterator[tuple[Path, dict[str, Any]]]:
        """Yield the finished definition partitions of a day with their manifests."""
        pattern = (
            f"product_type={DEFINITION.product_type}/symbol=*/table={DEFINITION.table}"
            f"/dt={day.isoformat()}"
        )
        for partition in sorted(self._lake.bronze.glob(pattern)):
            manifest = read_manifest(partition)
            if manifest is not None:
                yield partition, manifest

    def _load(self, day: dt.date) -> dict[int, Instrument]:
        instruments: dict[int, Instrument] = {}
        for partition, manifest in self._partitions(day):
            root = manifest["symbol"]
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
        return instruments


def _words(instrument: Instrument) -> str:
    return f"{instrument.symbol} (class {instrument.instrument_class}, tick {instrument.tick})"
