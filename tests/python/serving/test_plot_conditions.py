"""The strip of the four conditions on the picture."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from pathlib import Path

import duckdb
import numpy as np
import pytest
from PIL import Image
from spymaster.plot import picture
from spymaster.plot.colours import BACKGROUND, CONDITION_MET, CONDITION_NOT_MET, Colour
from spymaster.plot.picture_layout import CONDITION_PX, Layout
from spymaster.plot.read import open_reader
from spymaster.plot.scene import Scene, make_scene
from spymaster_ingest.lake import Lake
from support import plot_lake
from support.clock import NEW_YORK
from support.plot_lake import COUNT, DAY, START, SYMBOL

SECONDS = NEW_YORK.time_range(DAY, dt.time(9, 30), dt.time(9, 30, COUNT))
SECOND_PX, TICK_PX = 60, 9
# level: distance, whether price approaches, conditions of seconds 2 to 5; the nearest is not first
# of its stack
LEVELS = {
    "or_high": (9, False, (True, False, True, False)),
    "pm_high": (3, True, (True, False, None, True)),
    "pm_low": (5, False, (False, False, False, False)),
    "sma_200": (1, True, (True, True, True, True)),
    "sma_90": (20, False, (True, True, True, True)),
}
NOT_FIRST = "sma_200"
FIRST, LAST = 2, 5


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    lake = plot_lake.write_lake(Lake(tmp_path_factory.mktemp("lake")))
    with duckdb.connect(str(lake.published)) as connection:
        write_conditions(connection)
    with open_reader(lake, SYMBOL, SECONDS) as reader:
        return make_scene(reader, SYMBOL, SECONDS, second_px=SECOND_PX, tick_px=TICK_PX)


def write_conditions(connection: duckdb.DuckDBPyConnection) -> None:
    """Write the conditions of four levels, and those of another contract."""
    connection.execute("create schema if not exists gold")
    connection.execute(
        "create table gold.conditions_in_use_1s (symbol varchar, dt date, window_end_ts timestamp, "
        "level_id varchar, k_ticks integer, approach_dir varchar, "
        "c1 boolean, c2 boolean, c3 boolean, c4 boolean)"
    )
    connection.execute(
        "create table silver.levels_1s (symbol varchar, dt date, window_end_ts timestamp, "
        "level_id varchar, level_price_int bigint, is_active boolean, is_primary boolean)"
    )
    for level_id in LEVELS:
        for second in range(COUNT):
            connection.execute(
                "insert into silver.levels_1s values (?, ?, ?, ?, 0, true, ?)",
                [
                    SYMBOL,
                    DAY,
                    START + dt.timedelta(seconds=second + 1),
                    level_id,
                    level_id != NOT_FIRST,
                ],
            )
    for symbol in (SYMBOL, "ESH6"):
        for level_id, (ticks, is_approached, met) in LEVELS.items():
            for second in range(FIRST, LAST + 1):
                connection.execute(
                    "insert into gold.conditions_in_use_1s values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    [
                        symbol,
                        DAY,
                        START + dt.timedelta(seconds=second + 1),
                        level_id,
                        -ticks,
                        "approach_down" if is_approached else "approach_none",
                        *(met if symbol == SYMBOL else (True,) * 4),
                    ],
                )


@pytest.fixture(scope="module")
def drawn(scene: Scene, tmp_path_factory: pytest.TempPathFactory) -> tuple[np.ndarray, Layout]:
    path = tmp_path_factory.mktemp("drawn") / "picture.png"
    layout = picture.draw_picture(scene, path)
    return np.asarray(Image.open(path).convert("RGB")).astype(int), layout


def colour_of(drawn: tuple, level_id: str, row: int, second: int) -> Colour:
    """Return the colour in the middle of a cell of a strip."""
    pixels, layout = drawn
    box = layout.conditions[level_id]
    top = layout.height - box.top + row * CONDITION_PX + CONDITION_PX // 2
    return tuple(pixels[top, box.left + second * SECOND_PX + SECOND_PX // 2].tolist())


def test_the_levels_that_are_approached_or_near_are_shown(scene: Scene) -> None:
    assert list(scene.conditions) == ["pm_high", "pm_low", "or_high"]
    known = ~np.isnan(scene.conditions["or_high"])
    assert known.all(axis=0).nonzero()[0].tolist() == list(range(FIRST, LAST + 1))


def test_a_cell_is_met_not_met_or_not_known(drawn: tuple) -> None:
    second = FIRST + 1
    assert colour_of(drawn, "pm_high", 0, second) == CONDITION_MET
    assert colour_of(drawn, "pm_high", 1, second) == CONDITION_NOT_MET
    assert colour_of(drawn, "pm_high", 2, second) == BACKGROUND
    assert colour_of(drawn, "pm_high", 3, second) == CONDITION_MET
    assert colour_of(drawn, "pm_low", 3, second) == CONDITION_NOT_MET
    assert colour_of(drawn, "pm_high", 0, FIRST - 1) == BACKGROUND
    assert colour_of(drawn, "pm_high", 0, LAST + 1) == BACKGROUND


def test_met_and_not_met_differ_in_brightness() -> None:
    """Whatever colours somebody sees, one is far brighter [relative luminance of sRGB]."""

    def brightness(colour: Colour) -> float:
        linear = ((np.array(colour) / 255 + 0.055) / 1.055) ** 2.4
        return float(linear @ np.array([0.2126, 0.7152, 0.0722])) + 0.05

    assert brightness(CONDITION_MET) / brightness(CONDITION_NOT_MET) > 4.5


def test_strips_stand_between_prices_and_scores(drawn: tuple) -> None:
    layout = drawn[1]
    boxes = [layout.main, *layout.conditions.values(), layout.scores]
    for above, below in pairwise(boxes):
        assert above.bottom > below.top
        assert (above.left, above.width) == (below.left, below.width)


def test_a_lake_without_conditions_has_no_strip(tmp_path: Path) -> None:
    lake = plot_lake.write_lake(Lake(tmp_path / "lake"))
    with open_reader(lake, SYMBOL, SECONDS) as reader:
        assert make_scene(reader, SYMBOL, SECONDS).conditions == {}
