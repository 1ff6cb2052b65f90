"""A rendered picture, checked pixel by pixel."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from matplotlib.text import Text
from PIL import Image
from spymaster.plot import canvas, layers, picture
from spymaster.plot.colours import (
    ABOVE,
    BACKGROUND,
    BELOW,
    BUY,
    DEPTH_RAMPS,
    SPOT,
    ZERO_DEPTH,
)
from spymaster.plot.picture_layout import Box, Layout
from spymaster.plot.read import open_reader
from spymaster.plot.scene import Scene, make_scene
from spymaster_ingest.lake import Lake
from support import plot_lake
from support.clock import NEW_YORK
from support.drawn_texts import assert_none_is_cut_or_covers_another, draw_texts
from support.plot_lake import COUNT, DAY, SYMBOL

SECONDS = NEW_YORK.time_range(DAY, dt.time(9, 30), dt.time(9, 30, COUNT))
SECOND_PX, TICK_PX = 5, 7


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return plot_lake.write_lake(Lake(tmp_path_factory.mktemp("lake")))


def scene_of(lake: Lake, **options: int) -> Scene:
    with open_reader(lake, SYMBOL, SECONDS) as reader:
        return make_scene(reader, SYMBOL, SECONDS, **options)


@pytest.fixture(scope="module")
def scene(lake: Lake) -> Scene:
    return scene_of(lake, second_px=SECOND_PX, tick_px=TICK_PX)


@pytest.fixture
def drawn(scene: Scene, tmp_path: Path) -> tuple[np.ndarray, Layout]:
    layout = picture.draw_picture(scene, tmp_path / "picture.png")
    return pixels(tmp_path / "picture.png"), layout


def pixels(path: Path) -> np.ndarray:
    """Return red, green and blue, (height, width, 3), the top row first."""
    return np.asarray(Image.open(path).convert("RGB")).astype(int)


def inside(image: np.ndarray, box: Box) -> np.ndarray:
    """Return the pixels of a box, whose bottom counts from the lower edge of the picture."""
    top = image.shape[0] - box.top
    return image[top : top + box.height, box.left : box.right]


def cell(panel: np.ndarray, scene: Scene, second: int, tick: int) -> np.ndarray:
    """Return the pixels of a cell of the main panel, (TICK_PX, SECOND_PX, 3)."""
    top = (scene.rows.high_tick - tick) * TICK_PX
    return panel[top : top + TICK_PX, second * SECOND_PX : (second + 1) * SECOND_PX]


def columns_that_differ(panel: np.ndarray) -> list[int]:
    """Return the columns of pixels in which something is drawn on the background."""
    return np.flatnonzero((panel != BACKGROUND).any(axis=(0, 2))).tolist()


def test_every_cell_is_whole_pixels_of_its_colour(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picture, "LAYERS", (layers.draw_depth,))
    layout = picture.draw_picture(scene, tmp_path / "depth.png")
    panel = inside(pixels(tmp_path / "depth.png"), layout.main)
    assert panel.shape == (scene.rows.count * TICK_PX, COUNT * SECOND_PX, 3)
    assert (scene.depth_scale.low_qty, scene.depth_scale.high_qty) == (2, 64)
    # of a scale from 2 to 64: 2 at the start, 4 a fifth, 8 two fifths, 16, 32, 64 at the end
    place = {2: 0, 4: 51, 8: 102, 16: 153, 32: 204, 64: 255}
    for second in range(COUNT):
        walls = plot_lake.depth(second)
        spot = plot_lake.spot_tick(second)
        for tick in range(scene.rows.low_tick, scene.rows.high_tick + 1):
            resting = {side: walls.get((side, tick), 0) for side in "AB"}
            side = max(resting, key=resting.get)
            if resting[side]:
                expected = DEPTH_RAMPS[side][place[resting[side]]]
            elif walls and (
                second == plot_lake.NOTHING_BEYOND or abs(tick - spot) <= plot_lake.REACH_TICKS
            ):
                expected = ZERO_DEPTH
            else:
                expected = BACKGROUND
            assert (cell(panel, scene, second, tick) == expected).all(), (second, tick)


def test_wall_keeps_its_row_while_spot_moves(drawn: tuple, scene: Scene) -> None:
    image, layout = drawn
    panel = inside(image, layout.main)
    assert scene.spot[0] != scene.spot[5]
    for second in (0, 3, 5, 8):
        colours = cell(panel, scene, second, plot_lake.ASK_WALL)[1:-1, 1:-1]
        # a line of the grid may be on it
        assert (colours == DEPTH_RAMPS["A"][-1]).all(axis=2).mean() > 0.6, second


def test_spot_quotes_and_bubbles_lie_on_their_prices(drawn: tuple, scene: Scene) -> None:
    image, layout = drawn
    panel = inside(image, layout.main)
    middle = cell(panel, scene, 11, 26602)[TICK_PX // 2, SECOND_PX // 2]
    assert np.abs(middle - SPOT).max() < 90
    # four bought in second 1, three at 26601 and one at 26605
    red, green, _ = cell(panel, scene, 1, 26602)[TICK_PX // 2, SECOND_PX // 2]
    assert green > 110 > red


def test_missing_second_is_an_empty_column_and_squeezes_nothing(drawn: tuple, scene: Scene) -> None:
    image, layout = drawn
    panel = inside(image, layout.main)
    # where no bubble of a neighbor reaches, and its neighbors have zero depth and a wall
    rows = (scene.rows.high_tick - plot_lake.ASK_WALL + 1) * TICK_PX
    column = panel[:rows, plot_lake.MISSING * SECOND_PX : (plot_lake.MISSING + 1) * SECOND_PX]
    # nothing but the faint lines of the price grid
    assert (column == column[:, :1]).all()
    assert (column == BACKGROUND).all(axis=2).mean() > 0.6
    assert column.max() < 45
    assert scene.missing.tolist() == [second == plot_lake.MISSING for second in range(COUNT)]
    assert len(scene.spot) == COUNT


def test_invalid_seconds_are_hatched_in_every_panel(drawn: tuple, scene: Scene) -> None:
    image, layout = drawn
    assert np.flatnonzero(scene.invalid).tolist() == [plot_lake.INVALID, plot_lake.NO_SPOT]
    hatched = range(plot_lake.INVALID * SECOND_PX, (plot_lake.NO_SPOT + 1) * SECOND_PX)
    zero = inside(image, layout.main)[: 2 * TICK_PX]
    assert set(columns_that_differ(zero[:, 5 * SECOND_PX : 8 * SECOND_PX])) >= {
        column - 5 * SECOND_PX for column in hatched
    }
    # the lower panels have nothing else in these seconds and the one before
    for box in (layout.scores, layout.total):
        panel = inside(image, box)
        found = columns_that_differ(panel[:, 5 * SECOND_PX : 8 * SECOND_PX])
        assert [column + 5 * SECOND_PX for column in found] == list(hatched)


def test_recording_gaps_are_hatched_in_every_panel(
    drawn: tuple, scene: Scene, tmp_path: Path
) -> None:
    image, layout = drawn
    assert np.flatnonzero(scene.unrecorded).tolist() == [9, 10]
    picture.draw_picture(replace(scene, unrecorded=np.zeros(COUNT, bool)), tmp_path / "without.png")
    without = pixels(tmp_path / "without.png")
    for box in (layout.main, layout.scores, layout.total, layout.delta):
        changed = (inside(image, box) != inside(without, box)).any(axis=(0, 2))
        assert np.flatnonzero(changed).tolist() == list(range(9 * SECOND_PX, 11 * SECOND_PX))


def test_a_gap_that_began_before_the_picture_is_hatched_from_its_edge(lake: Lake) -> None:
    later = NEW_YORK.time_range(DAY, dt.time(9, 30, 10), dt.time(9, 30, COUNT))
    with open_reader(lake, SYMBOL, later) as reader:
        assert make_scene(reader, SYMBOL, later).unrecorded.tolist() == [True, False]


def test_panels_share_their_axes_to_the_pixel(drawn: tuple, scene: Scene) -> None:
    image, layout = drawn
    assert layout.main.width == layout.scores.width == layout.total.width == layout.delta.width
    assert layout.main.left == layout.scores.left == layout.total.left == layout.delta.left
    assert (layout.main.bottom, layout.main.height) == (
        layout.profile.bottom,
        layout.profile.height,
    )
    # the first score is that of second 8
    scores = inside(image, layout.scores)
    orange = (scores[:, :, 0] > ABOVE[0] // 3) & (scores[:, :, 2] < scores[:, :, 0] // 2)
    assert np.flatnonzero(orange.any(axis=0))[0] == 8 * SECOND_PX
    # the first volume of the profile's rows
    bought = (inside(image, layout.profile) == BUY).all(axis=2)[:, 1]
    rows = {(scene.rows.high_tick * TICK_PX + row) for row in np.flatnonzero(bought)}
    expected = [
        (2 * scene.rows.high_tick - tick) * TICK_PX + pixel
        for tick in (26605, 26601)
        for pixel in range(TICK_PX - 1)
    ]
    # a line of the price grid may cross a bar
    assert rows <= set(expected)
    assert len(rows) >= len(expected) - 2


def test_sides_of_the_scores_never_share_a_pixel(drawn: tuple, scene: Scene) -> None:
    image, layout = drawn
    scores = inside(image, layout.scores)
    middle = layout.scores.height // 2
    for colour, half in ((ABOVE, scores[:middle]), (BELOW, scores[middle + 1 :])):
        other = BELOW if colour == ABOVE else ABOVE
        assert (half == colour).all(axis=2).any()
        assert not (half == other).all(axis=2).any()
    # 0.75 and 0.25 in second 8, 0.5 and 1 in second 9
    for second, above, below in ((8, 0.75, 0.25), (9, 0.5, 1.0)):
        column = scores[:, second * SECOND_PX + SECOND_PX // 2]
        [up] = np.flatnonzero((column == ABOVE).all(axis=1))
        [down] = np.flatnonzero((column == BELOW).all(axis=1))
        assert abs((middle - up) / middle - above) < 0.06
        assert abs((down - middle) / middle - below) < 0.06
    assert (scores[middle, 8 * SECOND_PX : 9 * SECOND_PX] == BACKGROUND).all()


def test_delta_starts_at_zero(scene: Scene) -> None:
    after = scene.delta_y[1::2]
    np.testing.assert_array_equal(after, [0, 4, 0, -1, np.nan, *[-1] * 7])
    np.testing.assert_array_equal(scene.delta_y[:4], [0, 0, 0, 4])


def test_profile_counts_every_aggressor(scene: Scene) -> None:
    assert {side: int(volume.sum()) for side, volume in scene.profile.items()} == {
        "B": 4,
        "A": 5,
        "N": 2,
    }


def test_frame_is_around_a_panel_not_over_it(drawn: tuple) -> None:
    image, layout = drawn
    for box in (layout.main, layout.profile, layout.scores, layout.total, layout.delta):
        ring = inside(image, Box(box.left - 1, box.bottom - 1, box.width + 2, box.height + 2))
        for edge in (ring[:, 0], ring[:, -1], ring[0], ring[-1]):
            assert (edge != BACKGROUND).any(axis=1).all()


def test_same_picture_whatever_is_configured(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture.draw_picture(scene, tmp_path / "first.png")
    monkeypatch.setitem(matplotlib.rcParams, "lines.linestyle", ":")
    monkeypatch.setitem(matplotlib.rcParams, "font.family", ["serif"])
    picture.draw_picture(scene, tmp_path / "second.png")
    first = (tmp_path / "first.png").read_bytes()
    assert first == (tmp_path / "second.png").read_bytes()
    assert b"tEXt" not in first
    assert b"tIME" not in first
    assert matplotlib.rcParams["lines.linestyle"] == ":"


@pytest.mark.parametrize(
    "options",
    [{}, {"second_px": 1, "tick_px": 4}, {"second_px": 130, "half_ticks": 1}, {"half_ticks": 300}],
)
def test_no_text_is_cut_or_covers_another(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: dict
) -> None:
    extents, whole = draw_texts(scene_of(lake, **options), tmp_path / "picture.png", monkeypatch)
    assert len(extents) > 25
    assert_none_is_cut_or_covers_another(extents, whole)


def test_words_name_what_is_shown_and_what_is_not(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = words_of(scene_of(lake), tmp_path, monkeypatch)
    assert f"{SYMBOL}   2025-10-01   09:30:00 to 09:30:12 New York" in words
    assert any(text.startswith("calibration_mode: intraday_expanding") for text in words)
    assert any("12 s: 2 invalid, 1 missing, 2 in gaps" in text for text in words)
    for unit in ("price, points", "contracts", "score, 0 to 1", "volume by price, contracts"):
        assert unit in words
    assert "New York time, HH:MM:SS" in words
    reasons = {text.replace("\n", " ") for text in words if text.startswith("not shown")}
    assert reasons == {
        "not shown: no such second in the lake",
        "not shown: no spot price",
        "not shown: outside surface_window: build with a wider one",
        "not shown: no row in silver.physics_bands_1s "
        "(outside surface_window: build with a wider one)",
        "not shown: calibration in warm-up (or just after a gap)",
        "not shown: seconds are not valid",
    }


def test_lake_without_scores_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lake = plot_lake.write_lake(Lake(tmp_path / "lake"), bands=False)
    words = words_of(scene_of(lake), tmp_path, monkeypatch)
    reason = "not shown: silver.physics_bands_1s is not in this lake, which an older version built"
    assert words.count(reason) == 2


def words_of(scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Draw a scene and return every text of the picture."""
    words: list[str] = []

    def save(drawing: canvas.Canvas, path: Path) -> None:
        words.extend(text.get_text() for text in drawing._figure.findobj(Text))

    monkeypatch.setattr(canvas.Canvas, "save", save)
    picture.draw_picture(scene, tmp_path / "never-written.png")
    return words
