"""Write cells as a PNG, exactly or with title, prices and times around them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from spymaster.clock import TimeRange
from spymaster.hud.card import WIDTH_PX as _CARD_PX
from spymaster.hud.card import CardView, card_sheet
from spymaster.hud.cells import to_pixels
from spymaster.hud.frame import frame_at
from spymaster.hud.moment import Moment
from spymaster.hud.paint import theme_named
from spymaster.hud.render import Look, hud_pixels, score_strips
from spymaster.hud.sheet import Sheet
from spymaster.plot import scale
from spymaster.plot.canvas import Canvas, Panel, own_settings
from spymaster.plot.picture_layout import Box

_OPAQUE = 255
_LEFT_PX, _RIGHT_PX, _BOTTOM_PX, _TOP_PX = 86, 22, 50, 44
_TITLE_PX = 16
# around the card; a picture with a card is at least so high that frames of a film are equal
_CARD_MARGIN_PX, _LEAST_CARD_PX = 16, 720
# rows of a strip in the height of a tick: prices keep most of the room
_STRIP_ROWS_PER_TICK = 3
_TIME_LABELS_PX, _PRICE_LABELS_PX = 90, 26


def write_picture(
    moment: Moment,
    look: Look,
    path: Path,
    second_px: int,
    tick_px: int,
    *,
    with_axes: bool,
    card: CardView | None = None,
) -> None:
    """Write the cells of a moment in whole pixels each, strips of scores below the prices.

    The cells begin at the same distance from the upper left corner with a card and without.
    """
    of = moment.tables, moment.end_second, moment.max_ticks, look
    prices = _opaque(hud_pixels(*of, second_px, tick_px))
    strips = score_strips(moment.tables, moment.end_second, look)
    below = prices[:0]
    level_ids: tuple[str, ...] = ()
    if strips is not None:
        below = _image(strips.cells, second_px, -(-tick_px // _STRIP_ROWS_PER_TICK))
        level_ids = strips.level_ids
    theme = theme_named(look.theme)
    with own_settings():
        sheet = None if card is None else card_sheet(card, theme, Canvas(1, 1).width_of_words)
        size = prices.shape[1], prices.shape[0] + below.shape[0]
        if with_axes:
            size = size[0] + _LEFT_PX + _RIGHT_PX, size[1] + _BOTTOM_PX + _TOP_PX
        canvas = Canvas(*_with_card(size, sheet), theme)
        # room below the cells that the card needs
        spare_px = canvas.height - size[1]
        if not with_axes:
            canvas.paint(np.concatenate([prices, below]), 0, spare_px)
        else:
            strip_box = Box(_LEFT_PX, spare_px + _BOTTOM_PX, below.shape[1], below.shape[0])
            price_box = Box(_LEFT_PX, strip_box.top, prices.shape[1], prices.shape[0])
            panels = [_add_prices(canvas, price_box, moment, look, tick_px)]
            if level_ids:
                panels.append(_add_strips(canvas, strip_box, look, level_ids))
            _add_times(canvas, panels[-1], moment, look, second_px)
            # after the frames, each of which lies over the edge of its neighbor
            for panel, image in zip(panels, (prices, below), strict=False):
                panel.paint(image)
        if sheet is not None:
            sheet.draw(canvas, size[0] + _CARD_MARGIN_PX, _CARD_MARGIN_PX)
        canvas.save(path)


def _with_card(size: tuple[int, int], sheet: Sheet | None) -> tuple[int, int]:
    """Return width and height of a picture with a card at its right."""
    width, height = size
    if sheet is None:
        return size
    card_px = sheet.height + 2 * _CARD_MARGIN_PX
    return width + _CARD_PX + 2 * _CARD_MARGIN_PX, max(height, card_px, _LEAST_CARD_PX)


def _image(cells: np.ndarray, second_px: int, row_px: int) -> np.ndarray:
    """Return opaque pixels, uint8 (height, width, 4), of cells, the lowest row first."""
    return _opaque(to_pixels(cells, second_px, row_px))


def _opaque(pixels: np.ndarray) -> np.ndarray:
    height, width = pixels.shape[:2]
    return np.concatenate([pixels, np.full((height, width, 1), _OPAQUE, np.uint8)], axis=2)


def _add_prices(canvas: Canvas, box: Box, moment: Moment, look: Look, tick_px: int) -> Panel:
    rows = frame_at(moment.tables["snap"], moment.end_second, look.size).rows
    panel = canvas.panel(box, _columns(look), (rows.low_tick - 0.5, rows.high_tick + 0.5))
    step = scale.price_step_ticks(moment.tick_int, tick_px, _PRICE_LABELS_PX)
    labelled = range(-(-rows.low_tick // step) * step, rows.high_tick + 1, step)
    panel.axes.set_yticks(labelled, [scale.price_label(tick, moment.tick_int) for tick in labelled])
    panel.label("price, points")
    text = theme_named(look.theme).rgb("text")
    now = _seconds(moment, look).local(look.size.seconds)
    title = f"{moment.symbol}   {now:%Y-%m-%d %H:%M:%S} {moment.clock.city}"
    canvas.text(box.left, box.top + 14, title, colour=text, size_px=_TITLE_PX, fontweight="bold")
    return panel


def _add_strips(canvas: Canvas, box: Box, look: Look, level_ids: tuple[str, ...]) -> Panel:
    panel = canvas.panel(box, _columns(look), (len(level_ids), 0))
    middles = np.arange(len(level_ids)) + 0.5
    panel.axes.set_yticks(middles, [level_id.replace("_", " ") for level_id in level_ids])
    return panel


def _add_times(canvas: Canvas, panel: Panel, moment: Moment, look: Look, second_px: int) -> None:
    labels, form = scale.time_ticks(_seconds(moment, look), second_px, _TIME_LABELS_PX)
    panel.axes.set_xticks([column for column, _ in labels], [label for _, label in labels])
    middle = panel.box.left + panel.box.width / 2
    canvas.text(middle, panel.box.bottom - 42, f"{moment.clock.city} time, {form}", ha="center")


def _seconds(moment: Moment, look: Look) -> TimeRange:
    """Return the seconds of the columns; a window is drawn from its start to its end."""
    start_s = moment.end_s - look.size.seconds
    return TimeRange(start_s, moment.end_s + look.size.future, moment.clock)


def _columns(look: Look) -> tuple[float, float]:
    return 0, look.size.seconds + look.size.future
