"""Point-in-time reference data: the instrument of each record."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake
from spymaster_ingest.landing.manifest import PART_NAME, read_manifest
from spymaster_ingest.landing.table_schemas import DEFINITIONS, FUTURE_CLASS

_NEEDED = {
    "instrument_id": "instrument_id",
    "symbol": "raw_symbol",
    "instrument_class": "instrument_class",
    "tick": "min_price_increment_int",
    "underlying": "underlying",
    "strike_price_int": "strike_price_int",
    "expiration_ns": "expiration",
    "valid_from_ns": "ts_recv",
}
_TIMES = ("expiration_ns", "valid_from_ns")


@dataclass(frozen=True)
class LandedDefinition:
    """One landed definition.

    Attributes:
        symbol: raw symbol.
        root: product root it is landed under.
        instrument_class: class letter.
        tick: minimum price increment, 1e-9 points; None when undefined.
        underlying: symbol of an option's underlying contract; None if the instrument has none.
        strike_price_int: strike, 1e-9 points; None if the instrument has none.
        expiration_ns: expiration, ns UTC; None when undefined.
        valid_from_ns: when it was captured, ns UTC.
    """

    symbol: str
    root: str
    instrument_class: str
    tick: int | None
    underlying: str | None
    strike_price_int: int | None
    expiration_ns: int | None
    valid_from_ns: int = field(compare=False)

    @property
    def _contract(self) -> tuple[str, str, str, int | None]:
        return (self.symbol, self.root, self.instrument_class, self.tick)

    def contradicts(self, other: LandedDefinition) -> bool:
        """Return whether two definitions of one id name different outrights."""
        is_outright = FUTURE_CLASS in (self.instrument_class, other.instrument_class)
        return is_outright and self._contract != other._contract


class DefinitionCatalog:
    """Reads the landed definitions of a date at their first use."""

    def __init__(self, lake: Lake) -> None:
        self._lake = lake
        self._instruments: dict[dt.date, Mapping[int, tuple[LandedDefinition, ...]]] = {}
        self._hashes: dict[dt.date, Mapping[str, str]] = {}

    def instruments(self, day: dt.date) -> Mapping[int, tuple[LandedDefinition, ...]]:
        """Return the definitions landed for ``day`` by instrument id; empty when there are none.

        The definitions of an id are in the order in which they come into force, without repeats.
        The first holds from the start of the day, because the vendor publishes the day's list
        at 00:00 UTC.

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
        """Clear the cache, after definitions were landed."""
        self._instruments.clear()
        self._hashes.clear()

    def _partitions(self, day: dt.date) -> Iterator[tuple[Path, dict[str, Any]]]:
        """Yield the finished definition partitions of a day with their manifests."""
        pattern = (
            f"product_type={DEFINITIONS.product_type}/symbol=*/table={DEFINITIONS.table}"
            f"/dt={day.isoformat()}"
        )
        for partition in sorted(self._lake.bronze.glob(pattern)):
            manifest = read_manifest(partition)
            if manifest is not None:
                yield partition, manifest

    def _load(self, day: dt.date) -> dict[int, tuple[LandedDefinition, ...]]:
        found: dict[int, list[tuple[LandedDefinition, Path]]] = {}
        for partition, manifest in self._partitions(day):
            for number, instrument in _read(partition / PART_NAME, manifest["symbol"]):
                found.setdefault(number, []).append((instrument, partition))
        return {number: _in_force(number, day, listed) for number, listed in found.items()}


def _read(part: Path, root: str) -> Iterator[tuple[int, LandedDefinition]]:
    """Yield the definitions of a landed file with their instrument ids, in file order."""
    rows = pq.ParquetFile(part).read(columns=list(_NEEDED.values()))
    columns = {
        name: rows[source].cast(pa.int64()) if name in _TIMES else rows[source]
        for name, source in _NEEDED.items()
    }
    for values in zip(*(column.to_pylist() for column in columns.values()), strict=True):
        named = dict(zip(columns, values, strict=True))
        yield named.pop("instrument_id"), LandedDefinition(root=root, **named)


def _in_force(
    number: int, day: dt.date, listed: Iterable[tuple[LandedDefinition, Path]]
) -> tuple[LandedDefinition, ...]:
    """Return the different definitions of one id in the order in which they come into force."""
    kept: list[LandedDefinition] = []
    for new, partition in sorted(listed, key=lambda item: item[0].valid_from_ns):
        known = kept[-1] if kept else new
        if known.contradicts(new):
            raise SpymasterError(
                partition,
                f"instrument {number} is defined twice on {day}: {_words(known)} and {_words(new)}",
            )
        if not kept or known != new:
            kept.append(new)
    return tuple(kept)


def _words(instrument: LandedDefinition) -> str:
    return f"{instrument.symbol} (class {instrument.instrument_class}, tick {instrument.tick})"
