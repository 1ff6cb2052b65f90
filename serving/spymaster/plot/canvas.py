"""A matplotlib figure addressed in whole pixels, without global state."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patheffects import withStroke
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from spymaster.hud.cells import lay_over
from spymaster.hud.paint import Theme
from spymaster.plot.colours import BACKGROUND, FAINT_TEXT, THEME, Colour, unit_colour
from spymaster.plot.picture_layout import Box

# a power of two, so that sizes in inches are exact
_PIXELS_PER_INCH = 128
_POINTS_PER_INCH = 72
_BELOW_ALL = -10

LABEL_PX = 12
# names are drawn over everything else in a panel
_NAMES_ORDER = 5
# distance of a name from its line, and between names
_NAME_GAP_PX = 4
# names that stack above a line, and below it
_NAMES_DEEP = 3

Pixels = TypeVar("Pixels", float, np.ndarray)


def points(pixels: Pixels) -> Pixels:
    """Return a length in points, matplotlib's unit for lines and text."""
    return pixels * _POINTS_PER_INCH / _PIXELS_PER_INCH


@contextmanager
def own_settings() -> Iterator[None]:
    """Draw with matplotlib's own defaults, whatever the user has configured."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams["font.family"] = ["DejaVu Sans"]
        yield


@dataclass(frozen=True)
class Panel:
    """Axes that fill a box exactly, and rasters under them."""

    axes: Axes
    box: Box
    canvas: Canvas
    taken: list[Bbox] = field(default_factory=list)

    def paint(self, image: np.ndarray) -> None:
        """Put an image of the panel's size in pixels under everything drawn on the axes."""
        if image.shape[:2] != (self.box.height, self.box.width):
            raise ValueError(f"image of {image.shape[:2]} in a panel of {self.box}")
        self.canvas.paint(image, self.box.left, self.box.bottom)

    def say(self, x: float, words: str, height: float = 0.5) -> None:
        """Write words in place of missing data, at a share of the panel's height."""
        text = self.axes.text(
            x,
            height,
            words,
            transform=self.axes.get_xaxis_transform(),
            color=unit_colour(FAINT_TEXT),
            fontsize=points(LABEL_PX),
            ha="center",
            va="center",
            path_effects=[withStroke(linewidth=points(4), foreground=unit_colour(BACKGROUND))],
            zorder=_NAMES_ORDER,
        )
        self.taken.append(self.canvas.extent_of(text))

    def name(self, x: float, y: float, words: str, colour: Colour) -> bool:
        """Write a name at a data point, where it covers no other words of the panel.

        The name stands just above the point, else below it, else farther away. It starts at the
        point, or ends at the right side of the panel.

        Returns:
            Whether there was room for the name.
        """
        text = self.axes.annotate(
            words,
            (x, y),
            (0, 0),
            textcoords="offset points",
            color=unit_colour(colour),
            fontsize=points(LABEL_PX),
            path_effects=[withStroke(linewidth=points(3), foreground=unit_colour(BACKGROUND))],
            zorder=_NAMES_ORDER,
        )
        inside = self.axes.get_window_extent()
        size = self.canvas.extent_of(text)
        right = min(_NAME_GAP_PX, math.floor(inside.x1 - size.x1 - _NAME_GAP_PX))
        for up in _name_heights(math.ceil(size.height) + _NAME_GAP_PX):
            text.set_position((points(right), points(up)))
            extent = self.canvas.extent_of(text)
            fits = inside.x0 <= extent.x0 and inside.y0 <= extent.y0 and extent.y1 <= inside.y1
            if fits and not any(extent.overlaps(other) for other in self.taken):
                self.taken.append(extent)
                return True
        text.remove()
        return False

    def label(self, text: str) -> None:
        """Name the vertical axis, with its unit."""
        middle = self.box.bottom + self.box.height / 2
        self.canvas.text(14, middle, text, rotation=90, ha="center", va="center")


def _name_heights(step_px: int) -> list[int]:
    """Return distances above a point, in pixels, at which a name may stand, best first."""
    places = range(_NAMES_DEEP)
    pairs = [(_NAME_GAP_PX + deep * step_px, -(deep + 1) * step_px) for deep in places]
    return [up for pair in pairs for up in pair]


class Canvas:
    """A picture of a fixed size in pixels; the origin is its lower left corner.

    Text without a colour of its own takes the faint one of the theme.
    """

    def __init__(self, width: int, height: int, theme: Theme = THEME) -> None:
        self.width, self.height = width, height
        self._theme = theme
        size = (width / _PIXELS_PER_INCH, height / _PIXELS_PER_INCH)
        background = theme.rgb("background")
        self._figure = Figure(size, dpi=_PIXELS_PER_INCH, facecolor=unit_colour(background))
        self._agg = FigureCanvasAgg(self._figure)
        self._raster = np.full((height, width, 3), background, np.uint8)

    def panel(self, box: Box, x_range: tuple[float, float], y_range: tuple[float, float]) -> Panel:
        """Add axes without ticks that fill a box."""
        place = (
            box.left / self.width,
            box.bottom / self.height,
            box.width / self.width,
            box.height / self.height,
        )
        axes = self._figure.add_axes(place, facecolor="none")
        axes.set(xlim=x_range, ylim=y_range, xticks=[], yticks=[])
        axes.tick_params(
            # grid lines mark the place; a tick mark would cover pixels of the panel
            length=0,
            pad=points(7),
            labelcolor=unit_colour(self._theme.rgb("text")),
            labelsize=points(LABEL_PX),
        )
        axes.spines[:].set_visible(False)
        self.frame(box)
        return Panel(axes, box, self)

    def frame(self, box: Box) -> None:
        """Draw a line of one pixel around a box, outside of its pixels."""
        colour = self._theme.colours["frame"]
        ring = np.full((box.height + 2, box.width + 2, 4), colour, np.uint8)
        ring[1:-1, 1:-1] = 0
        self.paint(ring, box.left - 1, box.bottom - 1)

    def paint(self, image: np.ndarray, left: int, bottom: int) -> None:
        """Put an image, uint8 (height, width, 4), over the rasters there, under all axes."""
        height, width = image.shape[:2]
        top = self.height - bottom - height
        under = self._raster[top : top + height, left : left + width]
        lay_over(under, image)

    def text(
        self,
        left: float,
        bottom: float,
        text: str,
        *,
        colour: Colour | None = None,
        size_px: float = LABEL_PX,
        **settings: Any,
    ) -> Text:
        """Write text at a place in pixels."""
        return self._figure.text(
            left / self.width,
            bottom / self.height,
            text,
            color=unit_colour(colour or self._theme.rgb("faint_text")),
            fontsize=points(size_px),
            **settings,
        )

    def width_of_words(self, words: str, size_px: float, weight: str) -> float:
        """Return the width in pixels that words would have."""
        font = FontProperties(size=points(size_px), weight=weight)
        width, _, _ = self._agg.get_renderer().get_text_width_height_descent(words, font, False)
        return float(width)

    def overlay(self) -> Axes:
        """Add axes over the whole picture whose data coordinates are its pixels."""
        axes = self._figure.add_axes((0, 0, 1, 1), facecolor="none")
        axes.set(xlim=(0, self.width), ylim=(0, self.height))
        axes.axis("off")
        return axes

    def width_of(self, text: Text) -> float:
        """Return the width of a text in pixels."""
        return self.extent_of(text).width

    def extent_of(self, text: Text) -> Bbox:
        """Return the pixels that a text covers."""
        return text.get_window_extent(self._agg.get_renderer())

    def save(self, path: Path) -> None:
        """Write a PNG that depends on nothing but the drawing.

        The file appears whole or not at all.
        """
        self._figure.figimage(self._raster, 0, 0, origin="upper", zorder=_BELOW_ALL)
        temporary = path.with_name(f".tmp-{os.getpid()}-{path.name}")
        try:
            self._agg.print_png(temporary, metadata={"Software": None})
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
