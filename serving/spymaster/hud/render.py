"""The headless renderer: the picture of the screen, cell by cell, from Arrow tables alone."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
import pyarrow as pa
from spymaster_ingest.errors import SpymasterError

from spymaster.hud.cells import lay_over
from spymaster.hud.frame import Frame, Size, default_size, surface_in
from spymaster.hud.layers import LAYERS, Picture
from spymaster.hud.paint import DepthScale, default_depth_scale, theme_named


def hud_cells(
    tables: Mapping[str, pa.Table],
    end_second: int,
    max_ticks: int,
    *,
    size: Size | None = None,
    theme: str = "dark",
    layers: Collection[str] = tuple(LAYERS),
    depth_scale: DepthScale | None = None,
) -> np.ndarray:
    """Draw the picture that ends in a second.

    Args:
        tables: compact surfaces by name; ``snap`` is needed, any other may be missing.
        end_second: newest second, seconds since the base of the tables.
        max_ticks: distance from spot up to which the tables hold walls.
        size: cells of the picture; that of the screen by default.
        theme: ``dark`` or ``light``.
        layers: names of the layers to draw.
        depth_scale: scale of depth; that of the screen's start by default.

    Returns:
        uint8 (rows, columns, 3), lowest price first.

    Raises:
        SpymasterError: No second of the picture has a spot.
    """
    size = size or default_size()
    frame = Frame(size, end_second, _spot_now(tables["snap"], end_second, size))
    surfaces = {name: surface_in(frame, table) for name, table in tables.items()}
    exists = np.zeros(size.seconds, bool)
    exists[surfaces["snap"].column] = True
    picture = Picture(
        frame,
        {
            name: rows if name == "gaps" else rows.chosen(exists[rows.column])
            for name, rows in surfaces.items()
        },
        exists,
        max_ticks,
        depth_scale or default_depth_scale(),
        theme_named(theme),
    )
    background = picture.theme.colours["background"][:3]
    cells = np.tile(background, (*picture.no_cells().shape[:2], 1))
    for name, layer in LAYERS.items():
        if name in layers:
            lay_over(cells, layer(picture))
    return cells


def _spot_now(snap: pa.Table, end_second: int, size: Size) -> int:
    """Return spot of the newest second that has one, ticks."""
    second, spot = (snap[name].to_pylist() for name in ("second", "spot_tick"))
    first = end_second - size.seconds
    seen = [
        (at, tick)
        for at, tick in zip(second, spot, strict=True)
        if first < at <= end_second and tick is not None
    ]
    if not seen:
        raise SpymasterError("hud", "no second of the picture has a spot price")
    return int(max(seen)[1])
