"""The marks of breaks and retests: a triangle where a level broke, a ring where price came back."""

from __future__ import annotations

import numpy as np

from spymaster.plot import grid
from spymaster.plot.canvas import Panel
from spymaster.plot.colours import BREAK, CHOP, REJECT, Colour
from spymaster.plot.scene import Scene

# other ends take the colour of CHOP
RETEST_COLOURS: dict[str, Colour] = {"CONTINUES": BREAK, "FAILS": REJECT}
_SIZE_PX = 13
_RING_PX = 3


def break_sign(*, is_up: bool) -> np.ndarray:
    """Return a triangle that points in the direction of a break, bool (size, size)."""
    rows, columns = np.indices((_SIZE_PX, _SIZE_PX))
    triangle = np.abs(columns - _SIZE_PX // 2) * 2 <= rows
    return triangle if is_up else triangle[::-1]


def retest_sign() -> np.ndarray:
    """Return a ring, bool (size, size)."""
    rows, columns = np.indices((_SIZE_PX, _SIZE_PX)) - _SIZE_PX // 2
    distance = np.hypot(rows, columns)
    return (distance <= _SIZE_PX / 2) & (distance > _SIZE_PX / 2 - _RING_PX)


def draw_retests(panel: Panel, scene: Scene) -> None:
    """Draw each break and its retest on the level, in the colour of how it ended."""
    for retest in scene.retests:
        if not scene.rows.low_tick <= retest.tick <= scene.rows.high_tick:
            continue
        image = np.zeros((panel.box.height, panel.box.width), bool)
        top = int(grid.row_tops(np.array(retest.tick), scene.rows, scene.cell.tick_px, 1))
        _stamp(image, break_sign(is_up=retest.is_up), top, _middle_px(scene, retest.break_at))
        if retest.retest_at is not None:
            _stamp(image, retest_sign(), top, _middle_px(scene, retest.retest_at))
        panel.paint(grid.coloured(image, RETEST_COLOURS.get(retest.outcome, CHOP)))


def _middle_px(scene: Scene, column: int) -> int:
    return int((column + 0.5) * scene.cell.second_px)


def _stamp(image: np.ndarray, sign: np.ndarray, middle_row: int, middle_column: int) -> None:
    """Put a sign into an image around a pixel, as far as it lies inside."""
    rows, columns = np.nonzero(sign)
    rows, columns = rows + middle_row - _SIZE_PX // 2, columns + middle_column - _SIZE_PX // 2
    inside = (rows >= 0) & (rows < image.shape[0]) & (columns >= 0) & (columns < image.shape[1])
    image[rows[inside], columns[inside]] = True
