"""The headless renderer: the picture of the screen, cell by cell, from Arrow tables alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from spymaster.hud.bubbles import draw_bubbles
from spymaster.hud.cells import lay_over
from spymaster.hud.edges import EDGES, line_pixels
from spymaster.hud.frame import Frame, Size, Surface, default_size, frame_at, surface_in
from spymaster.hud.layers import LAYERS, Picture
from spymaster.hud.paint import DepthScale, Theme, theme_named
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
        depth_scale: scale of depth; None takes the range of the depths in the picture.
    """

    size: Size = field(default_factory=default_size)
    theme: str = "dark"
    layers: tuple[str, ...] = LAYER_NAMES
    depth_scale: DepthScale | None = None


def hud_cells(
    tables: Mapping[str, pa.Table],
    end_second: int,
    max_ticks: int,
    look: Look | None = None,
    tick_px: int = 1,
) -> np.ndarray:
    """Draw the prices of the picture that ends in a second, one pixel a second wide.

    Args:
        tables: compact surfaces by name; ``snap`` is needed, any other may be missing.
        end_second: newest second, seconds since the base of the tables.
        max_ticks: distance from spot up to which the tables hold walls.
        look: what to show; the start of the screen by default.
        tick_px: pixels a row.

    Returns:
        uint8 (rows * tick_px, columns, 3), lowest price first.

    Raises:
        SpymasterError: No second of the picture has a spot.
    """
    look = look or Look()
    return _cells(_picture(tables, end_second, max_ticks, look, tick_px), look)


def hud_pixels(
    tables: Mapping[str, pa.Table],
    end_second: int,
    max_ticks: int,
    look: Look,
    second_px: int,
    tick_px: int,
) -> np.ndarray:
    """Draw the prices of the picture that ends in a second in whole pixels, with its bubbles.

    Args:
        tables: as in ``hud_cells``.
        end_second: as in ``hud_cells``.
        max_ticks: as in ``hud_cells``.
        look: what to show.
        second_px: pixels a column.
        tick_px: pixels a row.

    Returns:
        uint8 (rows * tick_px, columns * second_px, 3), highest price first.
    """
    picture = _picture(tables, end_second, max_ticks, look, tick_px)
    pixels = np.repeat(_cells(picture, look)[::-1], second_px, axis=1)
    if "trades" in look.layers:
        draw_bubbles(pixels, picture, second_px)
    return pixels


def _picture(
    tables: Mapping[str, pa.Table], end_second: int, max_ticks: int, look: Look, tick_px: int
) -> Picture:
    frame = frame_at(tables["snap"], end_second, look.size)
    surfaces, exists = _in_frame(frame, tables)
    theme = theme_named(look.theme)
    return Picture(frame, surfaces, exists, max_ticks, look.depth_scale, theme, tick_px)


def _cells(picture: Picture, look: Look) -> np.ndarray:
    tick_px, theme = picture.tick_px, picture.theme
    images = {name: layer(picture) for name, layer in LAYERS.items() if name in look.layers}
    insides = [image for name, image in images.items() if name not in EDGES]
    pixels = np.repeat(_blended(insides, picture.no_cells().shape, theme), tick_px, axis=0)
    return _with_lines(pixels, images, tick_px, theme)


def _blended(images: list[np.ndarray], shape: tuple[int, ...], theme: Theme) -> np.ndarray:
    """Return layers, back to front, over the background, uint8 (rows, columns, 3)."""
    cells = np.tile(theme.colours["background"][:3], (*shape[:2], 1))
    for image in images:
        lay_over(cells, image)
    return cells


def _with_lines(
    pixels: np.ndarray, images: Mapping[str, np.ndarray], tick_px: int, theme: Theme
) -> np.ndarray:
    """Draw the layers that are lines at the edges of rows into their pixels, in place."""
    for name in (name for name in EDGES if name in images):
        place = np.nonzero(images[name][..., 3])
        if not len(place[0]):
            continue
        seen = [
            image[place][None] for other, image in images.items() if other in (name, *_insides())
        ]
        colours = _blended(seen, seen[0].shape, theme)[0]
        for pixel in line_pixels(name, tick_px):
            # a row's pixels are counted from above, the rows from below
            pixels[(place[0] + 1) * tick_px - 1 - pixel, place[1]] = colours
    return pixels


def _insides() -> tuple[str, ...]:
    return tuple(name for name in LAYERS if name not in EDGES)


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
