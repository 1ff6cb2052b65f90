"""From rows to columns and pixels, integers only; cells are those of ``spymaster.hud.cells``.

Second ``i`` is column ``i`` whether or not it has a row; a price is its number of ticks from zero
(``price_int // tick_int``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from spymaster.hud.cells import PriceRows
from spymaster.hud.paint import DepthScale, Theme
from spymaster.plot.colours import THEME, Colour

_OPAQUE = 255


def ticks_of(price_int: np.ma.MaskedArray, tick_int: int) -> np.ndarray:
    """Return prices (1e-9 units) in ticks as float64, NaN for NULL."""
    prices = np.ma.asarray(price_int)
    ticks = (prices.filled(0) // tick_int).astype(np.float64)
    ticks[np.ma.getmaskarray(prices)] = np.nan
    return ticks


def floats_of(values: np.ma.MaskedArray) -> np.ndarray:
    """Return values as float64, NaN for NULL."""
    return np.ma.filled(np.ma.asarray(values, np.float64), np.nan)


def by_second(second: np.ndarray, values: np.ndarray, count: int) -> np.ndarray:
    """Put one value per row into its column; NaN in a column without a row.

    Args:
        second: int64 (n,), columns, each at most once.
        values: float64 (n,).
        count: columns of the picture.

    Returns:
        float64 (count,).
    """
    columns = np.full(count, np.nan)
    columns[np.asarray(second)] = values
    return columns


def rows_around(ticks: np.ndarray, margin_ticks: int, margin_share: float) -> PriceRows:
    """Return the rows that hold all prices and a margin on either side.

    Args:
        ticks: float64, prices in ticks, NaN ignored, at least one a number.
        margin_ticks: least margin.
        margin_share: margin as a part of the range, where that is more.
    """
    low, high = int(np.nanmin(ticks)), int(np.nanmax(ticks))
    margin = max(margin_ticks, int((high - low) * margin_share))
    return PriceRows(low - margin, high + margin)


def rows_about_middle(ticks: np.ndarray, half_ticks: int) -> PriceRows:
    """Return ``half_ticks`` rows above and below the middle of the range of prices."""
    middle = (int(np.nanmin(ticks)) + int(np.nanmax(ticks))) // 2
    return PriceRows(middle - half_ticks, middle + half_ticks)


def depth_scale(depth: np.ndarray, low_share: float, high_share: float) -> DepthScale | None:
    """Return a scale between two quantiles of the depths above zero; None when there are none."""
    resting = np.sort(depth[depth > 0])
    if not resting.size:
        return None
    low, high = (int(resting[int(share * (resting.size - 1))]) for share in (low_share, high_share))
    return DepthScale(low, max(high, low + 1))


def hatched(
    marked: np.ndarray,
    second_px: int,
    height_px: int,
    hatch: Callable[[np.ndarray, np.ndarray, Theme], np.ndarray],
) -> np.ndarray:
    """Return diagonal lines over marked columns, transparent elsewhere.

    The lines continue from column to column, so they show even in columns of one pixel.

    Args:
        marked: bool (count,).
        second_px: pixels a column.
        height_px: height of the panel.
        hatch: ``invalid_hatch`` or ``gap_hatch``.

    Returns:
        uint8 (height_px, count * second_px, 4).
    """
    columns = np.repeat(np.asarray(marked, bool), second_px)
    image = np.zeros((height_px, columns.size, 4), np.uint8)
    up = np.arange(height_px)[::-1]
    image[:, columns] = hatch(np.flatnonzero(columns), up, THEME)
    return image


def row_tops(tick: np.ndarray, rows: PriceRows, tick_px: int, thickness_px: int) -> np.ndarray:
    """Return the first pixel of a line in the middle of each price's row.

    Lines of one and of three pixels share their middle.

    Args:
        tick: float64 (n,), prices in ticks; NaN stays.
        rows: rows of the picture.
        tick_px: pixels a row.
        thickness_px: pixels of the line.

    Returns:
        float64 (n,), whole pixels from the top of the panel, outside of it for other prices.
    """
    return (rows.high_tick - tick) * tick_px + (tick_px - thickness_px) // 2


def step_line(
    top_px: np.ndarray, thickness_px: int, second_px: int, height_px: int, colour: Colour
) -> np.ndarray:
    """Return a step line: level in each column, upright between columns, broken at NaN.

    Args:
        top_px: float64 (count,), first pixel of the level part from the top of the panel, whole
            numbers or NaN.
        thickness_px: pixels of the line.
        second_px: pixels a column.
        height_px: height of the panel.
        colour: colour of the line.

    Returns:
        uint8 (height_px, count * second_px, 4), transparent beside the line.
    """
    tops = np.repeat(top_px, second_px)
    y = np.arange(height_px)[:, None]
    line = (y >= tops) & (y < tops + thickness_px)
    change = np.diff(top_px)
    for column in np.flatnonzero((change != 0) & ~np.isnan(change)) + 1:
        upper, lower = sorted(top_px[column - 1 : column + 1].astype(np.int64))
        left = column * second_px - thickness_px // 2
        span = slice(max(upper, 0), max(lower + thickness_px, 0))
        line[span, left : left + thickness_px] = True
    return coloured(line, colour)


def bars(
    from_px: int, size_px: np.ndarray, second_px: int, height_px: int, colour: Colour, alpha: int
) -> np.ndarray:
    """Return a bar in each column that grows up or down from a row of pixels.

    Args:
        from_px: row of pixels from the top of the panel that no bar covers.
        size_px: float64 (count,), whole numbers, up if positive and down if negative; NaN for no
            bar.
        second_px: pixels a column.
        height_px: height of the panel.
        colour: colour of the bars.
        alpha: opacity of the bars, 0 to 255.

    Returns:
        uint8 (height_px, count * second_px, 4), transparent beside the bars.
    """
    size = np.nan_to_num(np.repeat(size_px, second_px))
    up = from_px - np.arange(height_px)[:, None]
    mask = (up * np.sign(size) > 0) & (np.abs(up) <= np.abs(size))
    return coloured(mask, colour, alpha)


def coloured(mask: np.ndarray, colour: Colour, alpha: int = _OPAQUE) -> np.ndarray:
    """Return an image, uint8 (height, width, 4), of one colour where a mask is set."""
    image = np.zeros((*mask.shape, 4), np.uint8)
    image[mask] = (*colour, alpha)
    return image


def running_total(change: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the line of a running total that is 0 at the start of the picture.

    Args:
        change: float64 (count,), whole numbers; NaN in a column without a row, which breaks the
            line and adds nothing.

    Returns:
        x, float64 (2 * count,), left and right edge of each column; y, the total before and after
        it.
    """
    after = np.cumsum(np.nan_to_num(change))
    total = np.stack([after - np.nan_to_num(change), after], axis=1)
    total[np.isnan(change)] = np.nan
    left = np.arange(len(change), dtype=np.float64)
    return np.stack([left, left + 1], axis=1).ravel(), total.ravel()


def runs(marked: np.ndarray) -> Iterator[tuple[int, int]]:
    """Yield ``[start, end)`` of every run of marked columns."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], np.asarray(marked, np.int8), [0]])))
    for start, end in edges.reshape(-1, 2):
        yield int(start), int(end)
