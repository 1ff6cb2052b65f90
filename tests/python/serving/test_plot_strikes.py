"""Strikes of options and their gamma on the picture."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import numpy as np
import pytest
from PIL import Image
from spymaster.plot import grid, picture
from spymaster.plot.colours import CALLS, PUTS
from spymaster.plot.layers import STRIKE_PX
from spymaster.plot.picture_layout import Layout
from spymaster.plot.read import open_reader
from spymaster.plot.scene import Scene, make_scene
from spymaster.plot.strikes import largest_exposure
from spymaster_ingest.lake import Lake
from support import plot_lake
from support.clock import NEW_YORK
from support.plot_lake import COUNT, DAY, START, SYMBOL, TICK_INT

SECONDS = NEW_YORK.time_range(DAY, dt.time(9, 30), dt.time(9, 30, COUNT))
SECOND_PX, TICK_PX = 60, 9
# no quote, wall or trade near it
STRIKE, FAR_STRIKE, NOT_LISTED = 26610, 26630, 26590
# from where on gamma is known, and from where on there are as many puts as calls
KNOWN_FROM, PUTS_FROM = 2, 5
CALLS_GAMMA = 400.0


def puts_gamma(second: int) -> float:
    return CALLS_GAMMA if second >= PUTS_FROM else CALLS_GAMMA / 4


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    lake = plot_lake.write_lake(Lake(tmp_path_factory.mktemp("lake")))
    with duckdb.connect(str(lake.published)) as connection:
        connection.execute(
            "create table silver.gex_surface_1s (symbol varchar, dt date, "
            "window_start_ts timestamp, strike_price_int bigint, gex_call_abs double, "
            "gex_put_abs double, n_options integer)"
        )
        for second in range(COUNT):
            at, is_known = START + dt.timedelta(seconds=second), second >= KNOWN_FROM
            gammas = [CALLS_GAMMA, puts_gamma(second)] if is_known else [None, None]
            for tick, values, n_options in (
                (STRIKE, gammas, 2),
                (FAR_STRIKE, [9 * CALLS_GAMMA] * 2, 2),
                (NOT_LISTED, [0.0, 0.0], 0),
            ):
                connection.execute(
                    "insert into silver.gex_surface_1s values (?, ?, ?, ?, ?, ?, ?)",
                    [SYMBOL, DAY, at, tick * TICK_INT, *values, n_options],
                )
    return lake


@pytest.fixture(scope="module")
def scene(lake: Lake) -> Scene:
    with open_reader(lake, SYMBOL, SECONDS) as reader:
        return make_scene(
            reader, SYMBOL, SECONDS, half_ticks=16, second_px=SECOND_PX, tick_px=TICK_PX
        )


@pytest.fixture(scope="module")
def drawn(scene: Scene, tmp_path_factory: pytest.TempPathFactory) -> tuple[np.ndarray, Layout]:
    path = tmp_path_factory.mktemp("drawn") / "picture.png"
    layout = picture.draw_picture(scene, path)
    return np.asarray(Image.open(path).convert("RGB")).astype(int), layout


def test_the_scene_has_the_known_gamma_of_listed_strikes(scene: Scene) -> None:
    # one lies beyond the rows, at the other nothing is listed
    [strike] = scene.strikes
    assert strike.tick == STRIKE
    seconds = np.arange(COUNT)
    known = seconds >= KNOWN_FROM
    assert np.array_equal(strike.calls, np.where(known, CALLS_GAMMA, np.nan), equal_nan=True)
    puts = np.where(known, [puts_gamma(second) for second in seconds], np.nan)
    assert np.array_equal(strike.puts, puts, equal_nan=True)
    assert largest_exposure(scene.strikes) == CALLS_GAMMA


def near(pixels: np.ndarray, colour: tuple[int, int, int]) -> np.ndarray:
    """Where the hue of a see-through colour shows: its strongest channels over its weakest."""
    strong = [i for i in range(3) if colour[i] == max(colour)] or [int(np.argmax(colour))]
    weak = int(np.argmin(colour))
    return (pixels[:, strong].min(axis=1) > 100) & (pixels[:, weak] < pixels[:, strong].min(axis=1))


def test_calls_grow_upwards_and_puts_downwards(scene: Scene, drawn: tuple) -> None:
    pixels, layout = drawn
    box = layout.main
    middle = (
        layout.height - box.top + (scene.rows.high_tick - STRIKE) * TICK_PX + (TICK_PX - 1) // 2
    )

    def bars(second: int) -> tuple[int, int]:
        x = box.left + second * SECOND_PX + SECOND_PX // 3
        above = pixels[middle - 2 * STRIKE_PX : middle, x]
        below = pixels[middle + 1 : middle + 1 + 2 * STRIKE_PX, x]
        return int(near(above, CALLS).sum()), int(near(below, PUTS).sum())

    assert bars(KNOWN_FROM - 1) == (0, 0)
    assert bars(KNOWN_FROM) == (STRIKE_PX, STRIKE_PX // 4)
    assert bars(PUTS_FROM) == (STRIKE_PX, STRIKE_PX)


def test_bars_by_hand() -> None:
    size = np.array([2, -1, np.nan, 0])
    painted = grid.bars(3, size, 1, 6, (1, 2, 3), 9)
    assert painted.shape == (6, 4, 4)
    shown = painted[..., 3] > 0
    assert np.array_equal(np.argwhere(shown), [[1, 0], [2, 0], [4, 1]])
    assert painted[1, 0].tolist() == [1, 2, 3, 9]


def test_a_lake_without_options_has_no_strikes(tmp_path: Path) -> None:
    lake = plot_lake.write_lake(Lake(tmp_path / "lake"))
    with open_reader(lake, SYMBOL, SECONDS) as reader:
        assert make_scene(reader, SYMBOL, SECONDS).strikes == ()
    with duckdb.connect(str(lake.published)) as connection:
        connection.execute(
            "create table silver.gex_surface_1s (symbol varchar, dt date, "
            "window_start_ts timestamp, strike_price_int bigint, gex_call_abs double, "
            "gex_put_abs double, n_options integer)"
        )
    with open_reader(lake, SYMBOL, SECONDS) as reader:
        scene = make_scene(reader, SYMBOL, SECONDS)
    assert (scene.strikes, largest_exposure(scene.strikes)) == ((), 0)
