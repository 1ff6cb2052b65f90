"""The headless renderer: the picture of the screen, cell by cell, from Arrow tables alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from spymaster.hud.cells import lay_over
from spymaster.hud.frame import Frame, Size, Surface, default_size, frame_at, surface_in
from spymaster.hud.layers import LAYERS, Picture
from spymaster.hud.paint import DepthScale, default_depth_scale, theme_named
from spymaster.hud.strips import SCORES, Strips, draw_strips

# layers over the prices, and the strips below them
LAYER_NAMES = (*LAYERS, SCORES)


@dataclass(frozen=True)
class Look:
    """What a picture shows, and how.

    Attributes:
        size: cells of the picture.
        theme: ``dark`` or ``light``.
        layers: names of the layers.
        depth_scale: scale of depth.
    """

    size: Size = field(default_factory=default_size)
    theme: str = "dark"
    layers: tuple[str, ...] = LAYER_NAMES
    depth_scale: DepthScale = field(default_factory=default_depth_scale)


def hud_cells(
    tables: Mapping[str, pa.Table], end_second: int, max_ticks: int, look: Look | None = None
) -> np.ndarray:
    """Draw the prices of the picture that ends in a second.

    Args:
        tables: compact surfaces by name; ``snap`` is needed, any other may be missing.
        end_second: newest second, seconds since the base of the tables.
        max_ticks: distance from spot up to which the tables hold walls.
        look: what to show; the start of the screen by default.

    Returns:
        uint8 (rows, columns, 3), lowest price first.

    Raises:
        SpymasterError: No second of the picture has a spot.
    """
    look = look or Look()
    size = look.size
    frame = frame_at(tables["snap"], end_second, size)
    surfaces, exists = _in_frame(frame, tables)
    picture = Picture(
        frame,
        surfaces,
        exists,
        max_ticks,
        look.depth_scale,
        theme_named(look.theme),
    )
    background = picture.theme.colours["background"][:3]
    cells = np.tile(background, (*picture.no_cells().shape[:2], 1))
    for name, layer in LAYERS.items():
        if name in look.layers:
            lay_over(cells, layer(picture))
    return cells


def score_strips(tables: Mapping[str, pa.Table], end_second: int, look: Look) -> Strips | None:
    """Draw the strips below the prices; None where the look or the tables have no scores.

    Args:
        tables: compact surfaces by name, with ``snap``.
        end_second: newest second, seconds since the base of the tables.
        look: what to show.

    Raises:
        SpymasterError: No second of the picture has a spot.
    """
    if SCORES not in look.layers or SCORES not in tables:
        return None
    frame = frame_at(tables["snap"], end_second, look.size)
    surfaces, _ = _in_frame(frame, {name: tables[name] for name in ("snap", SCORES)})
    return draw_strips(frame, surfaces[SCORES], theme_named(look.theme))


def _in_frame(
    frame: Frame, tables: Mapping[str, pa.Table]
) -> tuple[dict[str, Surface], np.ndarray]:
    """Return the rows of seconds that exist, ``gaps`` of all; and which exist, bool (seconds,)."""
    surfaces = {name: surface_in(frame, table) for name, table in tables.items()}
    exists = np.zeros(frame.size.seconds, bool)
    exists[surfaces["snap"].column] = True
    kept = {
        name: rows if name == "gaps" else rows.chosen(exists[rows.column])
        for name, rows in surfaces.items()
    }
    return kept, exists
