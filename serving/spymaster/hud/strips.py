"""Strips of break scores below the prices: one strip a level, one column a second.

A strip has, from above, room, the signal, and the score: a bar from below in the colour of the
barrier's state, and a line at each limit of a signal. A second in which the score is not known has
no cells.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from spymaster.hud.cells import lay_over
from spymaster.hud.frame import Frame, Surface
from spymaster.hud.paint import Theme, paint_tables

SCORES = "scores"
_FULL_SCORE = 100
_SIGNALS = {"BREAK": "break", "REJECT": "reject", "CONTESTED": "contested"}


@dataclass(frozen=True)
class Strips:
    """Strips of a picture.

    Attributes:
        level_ids: level of each strip, the highest price first.
        cells: uint8 (strips * rows of a strip, columns, 3), the lowest row first.
    """

    level_ids: tuple[str, ...]
    cells: np.ndarray


def strip_rows() -> int:
    """Return the rows of cells of a strip."""
    grid = paint_tables()["grid"]
    rows: int = grid["strip_room_rows"] + grid["signal_rows"] + grid["score_rows"]
    return rows


def score_height(score: np.ndarray) -> np.ndarray:
    """Return the rows, int64, that scores of 0 to 100 (float64) reach, half a row rounded up."""
    rows = paint_tables()["grid"]["score_rows"]
    return np.floor(score * rows / _FULL_SCORE + 0.5).astype(np.int64)


def draw_strips(frame: Frame, scores: Surface, theme: Theme) -> Strips:
    """Draw the strips of the levels with a row in the picture.

    Args:
        frame: place of the picture in time and price.
        scores: rows of the compact surface ``scores`` in seconds that exist.
        theme: colours.
    """
    level_ids = _levels(frame, scores)
    columns = frame.size.seconds + frame.size.future
    cells = np.empty((len(level_ids) * strip_rows(), columns, 3), np.uint8)
    cells[:] = theme.colours["background"][:3]
    known = scores.chosen(scores.known("score_smooth", "barrier_state"))
    for place, level_id in enumerate(reversed(level_ids)):
        strip = cells[place * strip_rows() : (place + 1) * strip_rows()]
        rows = known.chosen(np.asarray(known["level_id"]) == level_id)
        lay_over(strip, _empty_cells(rows, columns, theme))
        lay_over(strip, _lines(rows, columns, theme))
        lay_over(strip, _readings(rows, columns, theme))
    if frame.size.future:
        cells[:, frame.size.seconds] = theme.colours["separator"][:3]
    return Strips(level_ids, cells)


def _levels(frame: Frame, scores: Surface) -> tuple[str, ...]:
    """Return the levels with a strip: of too many, those that were last the nearest to spot."""
    newest = {
        level_id: tick
        for _, level_id, tick in sorted(
            zip(
                scores.column.tolist(),
                scores["level_id"].tolist(),
                scores["level_tick"].tolist(),
                strict=True,
            )
        )
    }
    by_distance = sorted(newest, key=lambda name: (abs(newest[name] - frame.spot_tick), name))
    shown = by_distance[: paint_tables()["grid"]["strips"]]
    return tuple(sorted(shown, key=lambda name: (-newest[name], name)))


def _empty_cells(rows: Surface, columns: int, theme: Theme) -> np.ndarray:
    """Return the cells of seconds with a score, as where nothing rests: measured, but zero."""
    image = _no_cells(columns)
    image[: _signal_top(), rows.column] = theme.colours["zero_depth"]
    return image


def _lines(rows: Surface, columns: int, theme: Theme) -> np.ndarray:
    """Return a line at each limit of a signal."""
    image = _no_cells(columns)
    highest = paint_tables()["grid"]["score_rows"] - 1
    for name in ("break_score_min", "reject_score_max"):
        limited = rows.chosen(rows.known(name))
        height = score_height(np.asarray(limited[name], np.float64))
        image[np.minimum(height, highest), limited.column] = theme.colours["score_line"]
    return image


def _readings(rows: Surface, columns: int, theme: Theme) -> np.ndarray:
    """Return the bars of scores in the colours of states, and the signals."""
    image = _no_cells(columns)
    score_rows = paint_tables()["grid"]["score_rows"]
    height = score_height(np.asarray(rows["score_smooth"], np.float64))
    for state in set(rows["barrier_state"].tolist()):
        is_state = np.asarray(rows["barrier_state"]) == state
        filled = np.arange(score_rows)[:, None] < height[is_state]
        image[:score_rows, rows.column[is_state]] = np.where(
            filled[..., None], theme.colours[f"barrier_{state.lower()}"], 0
        )
    for signal, colour in _SIGNALS.items():
        marked = rows.column[np.asarray(rows["signal"]) == signal]
        image[score_rows : _signal_top(), marked] = theme.colours[colour]
    return image


def _signal_top() -> int:
    grid = paint_tables()["grid"]
    top: int = grid["score_rows"] + grid["signal_rows"]
    return top


def _no_cells(columns: int) -> np.ndarray:
    return np.zeros((strip_rows(), columns, 4), np.uint8)
