"""The first picture: the last seconds of the surfaces."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pyarrow as pa

from spymaster.stream.reader import SurfaceReader
from spymaster.stream.surfaces import FULL, SURFACES, default_surfaces

# the ring of the screen, and how far from spot it looks unless asked
WINDOWS, MAX_TICKS = 1_800, 100


def read_bootstrap(
    reader: SurfaceReader,
    symbol: str,
    day: dt.date,
    end_s: int | None = None,
    windows: int = WINDOWS,
    surfaces: Sequence[str] = (),
    max_ticks: int = MAX_TICKS,
    layout: str = FULL,
) -> dict[str, pa.Table]:
    """Return the surfaces of the last windows up to a moment.

    Args:
        reader: open published file.
        symbol: raw symbol of the contract.
        day: UTC date of the contract-day.
        end_s: end of the newest window, seconds since 1970; None for the last of the day.
        windows: most windows; seconds without a row count. Some surfaces send fewer.
        surfaces: names; without any those of the layout that the build holds.
        max_ticks: largest distance from spot of a surface with ticks.
        layout: ``full`` or ``compact``.

    Raises:
        NotFoundError: The contract-day or a named surface does not exist.
    """
    of = reader.contract_day(symbol, day)
    chosen = chosen_surfaces(reader, surfaces, layout)
    seconds = of.last_windows(end_s, windows)
    return {
        name: reader.read(name, layout, of, SURFACES[name].newest(seconds), max_ticks)
        for name in chosen
    }


def chosen_surfaces(reader: SurfaceReader, named: Sequence[str], layout: str) -> tuple[str, ...]:
    """Return the named surfaces, or without any those of the layout that the build holds.

    Raises:
        NotFoundError: A named surface cannot be read.
    """
    if named:
        return tuple(dict.fromkeys(reader.surface(name, layout).name for name in named))
    return tuple(name for name in default_surfaces(layout) if not reader.missing(SURFACES[name]))
