"""Write cells as a PNG, exactly or with title, prices and times around them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from spymaster.clock import TimeRange
from spymaster.hud.cells import to_pixels
from spymaster.hud.frame import frame_at
from spymaster.hud.moment import Moment
from spymaster.hud.paint import theme_named
from spymaster.hud.render import Look
from spymaster.plot import scale
from spymaster.plot.canvas import Canvas, own_settings
from spymaster.plot.picture_layout import Box

_OPAQUE = 255
_LEFT_PX, _RIGHT_PX, _BOTTOM_PX, _TOP_PX = 86, 22, 50, 44
_TITLE_PX = 16
_TIME_LABELS_PX, _PRICE_LABELS_PX = 90, 26


def write_picture(
    moment: Moment,
    look: Look,
    cells: np.ndarray,
    path: Path,
    second_px: int,
    tick_px: int,
    *,
    with_axes: bool,
) -> None:
    """Write cells, uint8 (rows, columns, 3), lowest price first, in whole pixels each."""
    pixels = to_pixels(cells, second_px, tick_px)
    height, width = pixels.shape[:2]
    image = np.concatenate([pixels, np.full((height, width, 1), _OPAQUE, np.uint8)], axis=2)
    with own_settings():
        if not with_axes:
            canvas = Canvas(width, height)
            canvas.paint(image, 0, 0)
        else:
            canvas = Canvas(
                width + _LEFT_PX + _RIGHT_PX,
                height + _BOTTOM_PX + _TOP_PX,
                theme_named(look.theme),
            )
            _add_axes(canvas, moment, look, image, second_px, tick_px)
        canvas.save(path)


def _add_axes(
    canvas: Canvas, moment: Moment, look: Look, image: np.ndarray, second_px: int, tick_px: int
) -> None:
    size = look.size
    rows = frame_at(moment.tables["snap"], moment.end_second, size).rows
    # a window is drawn from its start to its end
    seconds = TimeRange(moment.end_s - size.seconds, moment.end_s + size.future)
    box = Box(_LEFT_PX, _BOTTOM_PX, image.shape[1], image.shape[0])
    panel = canvas.panel(box, (0, seconds.count), (rows.low_tick - 0.5, rows.high_tick + 0.5))
    panel.paint(image)
    step = scale.price_step_ticks(moment.tick_int, tick_px, _PRICE_LABELS_PX)
    labelled = range(-(-rows.low_tick // step) * step, rows.high_tick + 1, step)
    panel.axes.set_yticks(labelled, [scale.price_label(tick, moment.tick_int) for tick in labelled])
    labels, form = scale.time_ticks(seconds, second_px, _TIME_LABELS_PX)
    panel.axes.set_xticks([column for column, _ in labels], [label for _, label in labels])
    panel.label("price, points")
    canvas.text(box.left + box.width / 2, 8, f"New York time, {form}", ha="center")
    text = theme_named(look.theme).rgb("text")
    now = seconds.local(size.seconds)
    title = f"{moment.symbol}   {now:%Y-%m-%d %H:%M:%S} New York"
    canvas.text(box.left, box.top + 14, title, colour=text, size_px=_TITLE_PX, fontweight="bold")
