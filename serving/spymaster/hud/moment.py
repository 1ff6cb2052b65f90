"""Read the surfaces that a picture of one moment shows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake
from spymaster_ingest.units import NS_PER_S

from spymaster.clock import LocalClock
from spymaster.hud.paint import paint_tables
from spymaster.hud.render import Look
from spymaster.hud.strips import SCORES
from spymaster.stream.bootstrap import read_bootstrap
from spymaster.stream.reader import ContractDay, SurfaceReader, open_reader
from spymaster.stream.surfaces import COMPACT, SURFACES

# layer -> surface that it draws, besides snap
_SURFACES = {
    "physics": "physics_surface",
    "wall": "wall",
    "gex": "gex",
    "strikes": "gex",
    "vacuum": "vacuum",
    "quality": "gaps",
    "levels": "levels",
    "trades": "trades",
    SCORES: "scores",
}


@dataclass(frozen=True)
class Moment:
    """The surfaces up to a moment.

    Attributes:
        symbol: raw symbol of the contract.
        end_s: end of the newest window, seconds since 1970.
        tables: compact surfaces by name.
        clock: the lake's clock.
    """

    symbol: str
    end_s: int
    tables: Mapping[str, pa.Table]
    clock: LocalClock

    @property
    def end_second(self) -> int:
        """Newest second, seconds since the base of the tables."""
        return self.end_s - self._metadata("snap", "base_ts_ns") // NS_PER_S

    @property
    def tick_int(self) -> int:
        """Minimum price increment, 1e-9 units."""
        return self._metadata("snap", "tick_int")

    @property
    def max_ticks(self) -> int:
        """Distance from spot up to which walls were read; 0 without walls."""
        return self._metadata("wall", "max_ticks") if "wall" in self.tables else 0

    def _metadata(self, surface: str, name: str) -> int:
        return int(self.tables[surface].schema.metadata[name.encode()])


def read_moment(lake: Lake, symbol: str, day: dt.date, end_s: int | None, look: Look) -> Moment:
    """Read what a picture shows; surfaces that the build left out are left out.

    Raises:
        SpymasterError: Nothing is published, or the contract-day or the moment is not in it.
    """
    wanted = ["snap", *(_SURFACES[layer] for layer in look.layers if layer in _SURFACES)]
    with open_reader(lake) as reader:
        of = reader.contract_day(symbol, day)
        clock = reader.clock
        tables = read_bootstrap(
            reader,
            symbol,
            day,
            _checked(of, end_s, clock),
            look.size.seconds,
            [name for name in wanted if _is_built(reader, name)],
            # of a second whose spot was elsewhere other prices are in the picture
            paint_tables()["grid"]["reach_ticks"],
            COMPACT,
        )
    return Moment(symbol, of.last_s if end_s is None else end_s, tables, clock)


def _is_built(reader: SurfaceReader, name: str) -> bool:
    return not reader.missing(SURFACES[name])


def _checked(of: ContractDay, end_s: int | None, clock: LocalClock) -> int | None:
    if end_s is not None and end_s not in of.windows:
        held = " to ".join(_text(second, clock) for second in (of.first_s, of.last_s))
        raise SpymasterError(
            f"{of.symbol} {of.day}",
            f"has no window that ends at {_text(end_s, clock)}",
            f"its windows end at {held} {clock.city}",
        )
    return end_s


def _text(second: int, clock: LocalClock) -> str:
    return f"{clock.local(dt.datetime.fromtimestamp(second, dt.UTC)):%Y-%m-%d %H:%M:%S}"
