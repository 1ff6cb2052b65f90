"""Layers of the picture, back to front: one function a layer, each returns its cells.

A layer is a function of the ``Picture`` and returns uint8 (rows, columns, 4): red, green, blue and
alpha of each cell, lowest price first, transparent where the layer has nothing.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from spymaster.hud.cells import BID, depth_cells, depth_grid, gap_hatch, invalid_hatch, known_cells
from spymaster.hud.edges import gex_drawn, level_drawn
from spymaster.hud.frame import Frame, Surface, per_column
from spymaster.hud.paint import (
    DepthScale,
    Theme,
    default_depth_scale,
    ease_index,
    gex_alpha,
    paint_tables,
    scale_of_depths,
    vacuum_alpha,
)

BUYER, SELLER, NOBODY = 1, -1, 0
# the order decides ties
AGGRESSORS = {BUYER: "buy", SELLER: "sell", NOBODY: "no_aggressor"}


@dataclass(frozen=True)
class Picture:
    """What the layers draw.

    Attributes:
        frame: place of the picture in time and price.
        surfaces: rows of each surface in seconds that exist; ``gaps`` in any second.
        exists: bool (seconds,), the second has a row in ``snap``.
        max_ticks: distance from spot up to which walls were read.
        depth_scale: scale of depth; None takes the range of the depths in the picture.
        theme: colours.
        tick_px: pixels a row, which decide how the lines of levels and gamma are drawn.
    """

    frame: Frame
    surfaces: Mapping[str, Surface]
    exists: np.ndarray
    max_ticks: int
    depth_scale: DepthScale | None
    theme: Theme
    tick_px: int = 1

    @property
    def spot_tick(self) -> np.ndarray:
        """Spot of each second, float64 (seconds,), NaN without one."""
        return per_column(self.surfaces["snap"], "spot_tick", self.frame.size.seconds)

    @functools.cached_property
    def scale(self) -> DepthScale:
        """Scale of depth: the one that was asked for, or that of the depths in the picture."""
        if self.depth_scale:
            return self.depth_scale
        surface, _ = self.in_rows("wall", "tick", "depth_qty_end")
        if not len(surface.column):
            return default_depth_scale()
        return scale_of_depths(np.asarray(surface["depth_qty_end"], np.int64))

    def no_cells(self) -> np.ndarray:
        """Return a layer without cells."""
        size = self.frame.size
        return np.zeros((self.frame.rows.count, size.seconds + size.future, 4), np.uint8)

    def in_rows(self, name: str, tick: str, *known: str) -> tuple[Surface, np.ndarray]:
        """Return a surface's rows with values in ``known`` and prices in the picture.

        Returns:
            The rows; the row of cells of each, int64 (n,).
        """
        surface = self.surfaces.get(name)
        if surface is None:
            return Surface(np.zeros(0, np.int64), {}), np.zeros(0, np.int64)
        surface = surface.chosen(surface.known(tick, *known))
        ticks = np.asarray(surface[tick], np.int64)
        inside = self.frame.rows.hold(ticks)
        return surface.chosen(inside), ticks[inside] - self.frame.rows.low_tick


Layer = Callable[[Picture], np.ndarray]


def physics(picture: Picture) -> np.ndarray:
    """Return the ease of moving through each price, above and below spot."""
    image = picture.no_cells()
    surface, row = picture.in_rows("physics_surface", "tick")
    if not len(row):
        return image
    # side, row, column; NaN for NULL
    ease = np.full((2, *image.shape[:2]), np.nan)
    has_row = np.zeros(ease.shape, bool)
    place = np.asarray(surface["is_bid"], np.int64), row, surface.column
    ease[place] = np.ma.filled(surface["ease_signed"].astype(np.float64), np.nan)
    has_row[place] = True
    from_spot = np.zeros(image.shape[:2])
    seconds = picture.frame.size.seconds
    # without a spot the price is neither above nor below, as at spot
    from_spot[:, :seconds] = np.nan_to_num(picture.frame.rows.ticks[:, None] - picture.spot_tick)
    asks, bids = np.abs(ease)
    at_spot = (from_spot == 0) & ((bids > asks) | np.isnan(asks))
    takes_bid = has_row[BID] & (~has_row[1 - BID] | (from_spot < 0) | at_spot)
    shown = np.where(takes_bid, ease[BID], ease[1 - BID])
    known = ~np.isnan(shown)
    image[known] = picture.theme.ramps["ease"][ease_index(shown[known])]
    return image


def wall(picture: Picture) -> np.ndarray:
    """Return resting depth: zero where a row is missing within reach, else transparent."""
    image = picture.no_cells()
    surface, row = picture.in_rows("wall", "tick", "depth_qty_end")
    walls = picture.surfaces.get("wall")
    if walls is None:
        return image
    seconds, rows = picture.frame.size.seconds, picture.frame.rows
    covered = np.zeros(seconds, bool)
    covered[walls.column] = True
    nowhere = np.zeros(seconds, bool)
    known = known_cells(picture.spot_tick, covered, picture.max_ticks, nowhere, rows)
    known[row, surface.column] = True
    depth = depth_grid(
        surface.column,
        surface["is_bid"],
        row + rows.low_tick,
        np.asarray(surface["depth_qty_end"], np.int64),
        rows,
        seconds,
    )
    image[:, :seconds] = depth_cells(depth, known, picture.scale, picture.theme)
    return image


def gex(picture: Picture) -> np.ndarray:
    """Return gamma exposure of the strikes, in the hue of the larger part, where it is drawn."""
    image = picture.no_cells()
    parts = ("gex_abs", "gex_call_abs", "gex_put_abs")
    surface, row = picture.in_rows("gex", "strike_tick", *parts)
    if not len(row):
        return image
    total, calls, puts = (np.asarray(surface[name], np.float64) for name in parts)
    largest = total.max()
    ratio = total / largest if largest > 0 else np.zeros(len(total))
    colours = np.where(
        (puts > calls)[:, None],
        picture.theme.colours["gex_put"],
        picture.theme.colours["gex_call"],
    )
    colours[:, 3] = gex_alpha(ratio)
    # of two strikes in one row the higher one shows
    order = np.argsort(np.asarray(surface["strike_points"], np.float64), kind="stable")
    image[row[order], surface.column[order]] = colours[order]
    image[:, ~gex_drawn(picture.frame.seconds, picture.tick_px)] = 0
    return image


def vacuum(picture: Picture) -> np.ndarray:
    """Return the darkening of thinning prices."""
    image = picture.no_cells()
    surface, row = picture.in_rows("vacuum", "tick", "vacuum_score")
    if len(row):
        alpha = np.zeros(image.shape[:2], np.int64)
        scores = np.asarray(surface["vacuum_score"], np.float64)
        np.maximum.at(alpha, (row, surface.column), vacuum_alpha(scores))
        measured = alpha > 0
        image[measured] = picture.theme.colours["vacuum"]
        image[measured, 3] = alpha[measured]
    return image


def quality(picture: Picture) -> np.ndarray:
    """Return falling lines over invalid seconds, and over them rising ones over recording gaps.

    A second that a gap touches is hatched whether or not it exists.
    """
    image = picture.no_cells()
    snap, gaps = picture.surfaces["snap"], picture.surfaces.get("gaps")
    invalid = snap.column[~np.asarray(snap["window_valid"], bool)]
    unrecorded = invalid[:0] if gaps is None else gaps.column
    seconds, ticks = picture.frame.seconds, picture.frame.rows.ticks
    image[:, invalid] = invalid_hatch(seconds[invalid], ticks, picture.theme)
    over = gap_hatch(seconds[unrecorded], ticks, picture.theme)
    image[:, unrecorded] = np.where(over[..., 3:] > 0, over, image[:, unrecorded])
    return image


def grid(picture: Picture) -> np.ndarray:
    """Return a line at every fourth tick, through seconds and future."""
    image = picture.no_cells()
    lines = picture.frame.rows.ticks % paint_tables()["grid"]["grid_line_ticks"] == 0
    image[lines] = picture.theme.colours["grid_line"]
    return image


def strikes(picture: Picture) -> np.ndarray:
    """Return lines in the future at the strikes of the newest second of gamma exposure."""
    image = picture.no_cells()
    exposure = picture.surfaces.get("gex")
    if exposure is not None and len(exposure.column):
        surface, row = picture.in_rows("gex", "strike_tick")
        newest = row[surface.column == exposure.column.max()]
        image[newest, picture.frame.size.seconds :] = picture.theme.colours["strike_line"]
    return image


def levels(picture: Picture) -> np.ndarray:
    """Return a line at each active level, dashed where provisional, on into the future."""
    image = picture.no_cells()
    surface, row = picture.in_rows("levels", "level_tick")
    if not len(row):
        return image
    # nothing, dashed, solid
    line = np.zeros(image.shape[:2], np.int8)
    kind = np.where(np.asarray(surface["is_provisional"], bool), 1, 2)
    np.maximum.at(line, (row, surface.column), kind)
    seconds = picture.frame.size.seconds
    line[:, seconds:] = line[:, np.flatnonzero(picture.exists)[-1], None]
    for number, is_provisional in ((1, True), (2, False)):
        drawn = level_drawn(picture.frame.seconds, picture.tick_px, is_provisional=is_provisional)
        image[(line == number) & drawn] = picture.theme.colours["level"]
    return image


def spot(picture: Picture) -> np.ndarray:
    """Return spot of each second, and its newest value in the future."""
    image = picture.no_cells()
    surface, row = picture.in_rows("snap", "spot_tick")
    image[row, surface.column] = picture.theme.colours["spot"]
    now = picture.frame.size.reach_ticks
    image[now, picture.frame.size.seconds :] = picture.theme.colours["spot"]
    return image


def traded_qty(picture: Picture) -> np.ndarray:
    """Return the contracts of each aggressor, int64 (aggressors, rows, columns)."""
    qty = np.zeros((len(AGGRESSORS), *picture.no_cells().shape[:2]), np.int64)
    surface, row = picture.in_rows("trades", "tick", "qty", "aggressor")
    for number, aggressor in enumerate(AGGRESSORS if len(row) else ()):
        chosen = np.asarray(surface["aggressor"]) == aggressor
        place = number, row[chosen], surface.column[chosen]
        np.add.at(qty, place, np.asarray(surface["qty"], np.int64)[chosen])
    return qty


def trades(picture: Picture) -> np.ndarray:
    """Return the cells of trades in the colour of the aggressor of most contracts."""
    image = picture.no_cells()
    qty = traded_qty(picture)
    traded = qty.any(axis=0)
    colours = np.array([picture.theme.colours[name] for name in AGGRESSORS.values()])
    image[traded] = colours[qty.argmax(axis=0)[traded]]
    return image


def separator(picture: Picture) -> np.ndarray:
    """Return the line between the newest second and the future."""
    image = picture.no_cells()
    if picture.frame.size.future:
        image[:, picture.frame.size.seconds] = picture.theme.colours["separator"]
    return image


# back to front
LAYERS: dict[str, Layer] = {
    "physics": physics,
    "wall": wall,
    "gex": gex,
    "vacuum": vacuum,
    "quality": quality,
    "grid": grid,
    "strikes": strikes,
    "levels": levels,
    "spot": spot,
    "trades": trades,
    "separator": separator,
}
