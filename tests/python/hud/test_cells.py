"""The arithmetic of cells: what rests in them, how colours lie over each other, enlarging."""

from __future__ import annotations

import numpy as np
import pytest
from spymaster.hud.cells import (
    PriceRows,
    depth_cells,
    depth_grid,
    known_cells,
    lay_over,
    to_pixels,
)
from spymaster.hud.paint import THEMES, DepthScale, ease_index, gex_alpha, theme_named, vacuum_alpha

NAN = np.nan
ROWS = PriceRows(100, 104)
THEME = theme_named("dark")
COLOUR = np.uint8((1, 2, 3, 255))


def test_depth_keeps_its_absolute_price() -> None:
    second, is_bid = np.array([0, 1, 2, 2, 2]), np.array([0, 0, 0, 1, 1])
    tick, qty = np.array([103, 103, 103, 101, 99]), np.array([5, 6, 7, 8, 9])
    asks, bids = depth_grid(second, is_bid, tick, qty, ROWS, 4)
    assert asks.tolist() == [[0] * 4, [0] * 4, [0] * 4, [5, 6, 7, 0], [0] * 4]
    # 99 lies below the picture
    assert bids.tolist() == [[0] * 4, [0, 0, 8, 0], [0] * 4, [0] * 4, [0] * 4]


def test_absence_is_zero_only_where_walls_are_written() -> None:
    spot = np.array([102, 100, NAN, 102, 102])
    covered = np.array([True, True, True, False, True])
    outside_empty = np.array([False, False, False, False, True])
    known = known_cells(spot, covered, 1, outside_empty, ROWS)
    assert known.T.tolist() == [
        [False, True, True, True, False],
        [True, True, False, False, False],
        [False] * 5,
        [False] * 5,
        [True] * 5,
    ]


def test_zero_is_not_null() -> None:
    depth = np.zeros((2, 1, 2), np.int64)
    image = depth_cells(depth, np.array([[True, False]]), DepthScale(1, 2), THEME)
    assert image[0].tolist() == [THEME.colours["zero_depth"].tolist(), [0, 0, 0, 0]]
    assert THEME.colours["zero_depth"][3] > 0


def test_side_with_more_depth_gives_the_hue() -> None:
    depth = np.array([[[1, 10, 5, 100]], [[0, 5, 10, 100]]])
    image = depth_cells(depth, np.ones((1, 4), bool), DepthScale(1, 100), THEME)
    asks, bids = THEME.ramps["ask"], THEME.ramps["bid"]
    # 10 is half way, at step 107 between steps 1 and 213
    middle = 106 * 255 // 212
    assert image[0].tolist() == [
        asks[0].tolist(),
        asks[middle].tolist(),
        bids[middle].tolist(),
        asks[-1].tolist(),
    ]


def test_scale_is_logarithmic_between_its_ends() -> None:
    index = DepthScale(10, 1000).index(np.array([1, 10, 100, 1000, 5000]))
    assert index.tolist() == [0, 0, 127, 255, 255]
    # the first contracts, too, are as far apart as their ratio says
    index = DepthScale(1, 8).index(np.array([1, 2, 3, 4, 8]))
    assert index.tolist() == [0, 85, 132, 170, 255]


def test_equal_ends_of_the_scale_part_less_from_more() -> None:
    assert DepthScale(7, 7).index(np.array([6, 7, 8])).tolist() == [0, 0, 255]


def test_cells_become_whole_pixels_with_the_highest_price_on_top() -> None:
    cells = np.zeros((3, 4, 4), np.uint8)
    cells[2, 1] = COLOUR
    image = to_pixels(cells, second_px=5, tick_px=2)
    assert image.shape == (6, 20, 4)
    rows, columns = np.nonzero(image[..., 3])
    assert (set(rows), set(columns)) == ({0, 1}, {5, 6, 7, 8, 9})


@pytest.mark.parametrize("alpha", [0, 1, 127, 128, 254, 255])
def test_colours_lie_over_each_other_rounded_to_the_nearest(alpha: int) -> None:
    over, under = np.meshgrid(np.arange(256), np.arange(256))
    image = np.stack([over, over, over, np.full_like(over, alpha)], axis=2).astype(np.uint8)
    shown = np.stack([under] * 3, axis=2).astype(np.uint8)
    lay_over(shown, image)
    exact = (over * alpha + under * (255 - alpha)) / 255
    assert np.abs(shown - exact[..., None]).max() <= 0.5


def test_ease_goes_from_one_end_of_its_ramp_to_the_other() -> None:
    ease = np.array([-1, -0.5, 0, 0.5, 1])
    assert ease_index(ease).tolist() == [0, 64, 128, 191, 255]


def test_opacity_of_exposure_is_a_power_of_its_share() -> None:
    ratio = np.array([0, 0.001, 0.1, 0.5, 1])
    expected = 40 + 180 * ratio**0.4
    assert gex_alpha(ratio).tolist() == np.floor(expected).astype(int).tolist()


def test_opacity_of_a_vacuum_score_of_zero_is_not_zero() -> None:
    alpha = vacuum_alpha(np.array([0, 0.5, 1]))
    assert alpha[0] > 0
    assert alpha[-1] <= 255
    assert alpha[1] * 2 == alpha[0] + alpha[2]


@pytest.mark.parametrize("name", THEMES)
def test_thick_depth_covers_what_is_behind_it(name: str) -> None:
    for side in ("ask", "bid"):
        alpha = theme_named(name).ramps[side][:, 3].astype(int)
        assert alpha[0] < 128
        assert alpha[-1] == 255
        assert (np.diff(alpha) >= 0).all()
