"""Levels and approaches on the picture."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np
import pytest
from PIL import Image
from spymaster.plot import picture
from spymaster.plot.colours import BREAK, CHOP, LEVEL, Colour
from spymaster.plot.layers import APPROACH_LINE_PX
from spymaster.plot.levels import Approach
from spymaster.plot.picture_layout import Layout
from spymaster.plot.read import open_reader
from spymaster.plot.scene import Scene, make_scene
from spymaster_ingest.lake import Lake
from support import plot_lake
from support.clock import NEW_YORK
from support.plot_lake import COUNT, DAY, START, SYMBOL, TICK_INT

SECONDS = NEW_YORK.time_range(DAY, dt.time(9, 30), dt.time(9, 30, COUNT))
SECOND_PX, TICK_PX = 60, 9
HIGH, LOW = 26608, 26592


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    lake = plot_lake.write_lake(Lake(tmp_path_factory.mktemp("lake")))
    with duckdb.connect(str(lake.published)) as connection:
        write_levels(connection)
    return lake


def write_levels(connection: duckdb.DuckDBPyConnection) -> None:
    """pm_high from second 3 on, one tick up from second 8 on; a break, and one still open."""
    connection.execute("create schema gold")
    connection.execute(
        "create table silver.levels_1s (symbol varchar, dt date, window_end_ts timestamp, "
        "level_id varchar, level_price_int bigint, is_active boolean, is_primary boolean)"
    )
    rows = [("pm_high", second, HIGH + (second >= 8), second >= 3, True) for second in range(COUNT)]
    rows += [("sma_90", second, HIGH, True, False) for second in range(COUNT)]
    for level_id, second, tick, active, primary in rows:
        connection.execute(
            "insert into silver.levels_1s values (?, ?, ?, ?, ?, ?, ?)",
            [SYMBOL, DAY, at(second + 1), level_id, tick * TICK_INT, active, primary],
        )
    connection.execute(
        "create table gold.approach_episodes (symbol varchar, dt date, level_id varchar, "
        "first_window_end_ts timestamp, last_window_end_ts timestamp, level_tick_first bigint)"
    )
    connection.execute(
        "create table gold.level_outcomes (symbol varchar, dt date, level_id varchar, "
        "window_end_ts timestamp, barrier_kind varchar, horizon_id varchar, "
        "outcome_reached varchar, reached_hit_ts timestamp_ns, label_end_ts timestamp)"
    )
    for level_id, first, last, tick in (
        ("pm_high", 2, 6, HIGH),
        ("pm_low", 9, 30, LOW),
        ("pm_high", -40, -30, HIGH),
        ("pm_high", -60, -50, HIGH),
    ):
        connection.execute(
            "insert into gold.approach_episodes values (?, ?, ?, ?, ?, ?)",
            [SYMBOL, DAY, level_id, at(first), at(last), tick],
        )
    connection.execute(
        "create table silver.level_decisions (symbol varchar, dt date, level_id varchar, "
        "window_end_ts timestamp, barrier_mode varchar)"
    )
    connection.execute("create table gold.retrieval_settings as select 's240' as horizon_id")
    for last, kind, horizon, outcome, hit, end in (
        (6, "fixed", "s240", "BREAK", 9.5, 246),
        (6, "fixed", "s120", "CHOP", None, 126),
        (6, "vol", "s240", "REJECT", 8, 246),
        # decided in the picture, and before it
        (-30, "fixed", "s240", "CHOP", None, 4),
        (-50, "fixed", "s240", "REJECT", -0.5, 190),
    ):
        connection.execute(
            "insert into gold.level_outcomes values (?, ?, 'pm_high', ?, ?, ?, ?, ?, ?)",
            [SYMBOL, DAY, at(last), kind, horizon, outcome, hit and at(hit), at(end)],
        )
    for last in (6, -30, -50):
        connection.execute(
            "insert into silver.level_decisions values (?, ?, 'pm_high', ?, 'fixed')",
            [SYMBOL, DAY, at(last)],
        )


def at(second: float) -> dt.datetime:
    return START + dt.timedelta(seconds=second)


@pytest.fixture(scope="module")
def scene(lake: Lake) -> Scene:
    with open_reader(lake, SYMBOL, SECONDS) as reader:
        return make_scene(reader, SYMBOL, SECONDS, second_px=SECOND_PX, tick_px=TICK_PX)


@pytest.fixture(scope="module")
def drawn(scene: Scene, tmp_path_factory: pytest.TempPathFactory) -> tuple[np.ndarray, Layout]:
    return draw(scene, tmp_path_factory.mktemp("drawn") / "picture.png")


def draw(scene: Scene, path: Path) -> tuple[np.ndarray, Layout]:
    layout = picture.draw_picture(scene, path)
    return np.asarray(Image.open(path).convert("RGB")).astype(int), layout


def coloured_px(drawn: tuple, scene: Scene, second: int, tick: int, colour: Colour) -> int:
    """Count the pixels of a colour in one column of pixels of a cell, near its right edge."""
    pixels, layout = drawn
    box = layout.main
    x = box.left + second * SECOND_PX + SECOND_PX - 2
    top = layout.height - box.bottom - box.height + (scene.rows.high_tick - tick) * TICK_PX
    return int((pixels[top : top + TICK_PX, x] == colour).all(axis=1).sum())


def test_a_level_is_a_line_while_it_is_active(scene: Scene, tmp_path: Path) -> None:
    drawn = draw(replace(scene, approaches=()), tmp_path / "picture.png")
    # only the first level of a stack is drawn
    assert list(scene.levels) == ["pm_high"]
    expected = [np.nan] * 3 + [HIGH] * 5 + [HIGH + 1] * 4
    assert np.array_equal(scene.levels["pm_high"], expected, equal_nan=True)
    assert coloured_px(drawn, scene, 2, HIGH, LEVEL) == 0
    assert coloured_px(drawn, scene, 6, HIGH, LEVEL) == 1
    assert coloured_px(drawn, scene, 10, HIGH, LEVEL) == 0
    assert coloured_px(drawn, scene, 10, HIGH + 1, LEVEL) == 1


def test_an_approach_shows_what_followed(scene: Scene, drawn: tuple) -> None:
    # the windows end at 2 to 6 and at 9 to 30, beyond the picture
    assert scene.approaches == (
        Approach(0, 0, HIGH, "CHOP", 4),
        Approach(1, 6, HIGH, "BREAK", 9),
        Approach(8, COUNT, LOW, None, None),
    )
    assert coloured_px(drawn, scene, 0, HIGH, BREAK) == 0
    assert coloured_px(drawn, scene, 1, HIGH, BREAK) == APPROACH_LINE_PX
    assert coloured_px(drawn, scene, 5, HIGH, BREAK) == APPROACH_LINE_PX
    # a thin line leads to the mark of the outcome, which is as high as the row
    assert coloured_px(drawn, scene, 6, HIGH, BREAK) == 1
    assert coloured_px(drawn, scene, 8, HIGH, BREAK) == 1
    assert coloured_px(drawn, scene, 9, HIGH, BREAK) == TICK_PX
    assert coloured_px(drawn, scene, 10, HIGH, BREAK) == 0
    assert coloured_px(drawn, scene, 9, LOW, CHOP) == APPROACH_LINE_PX


def test_a_lake_without_levels_has_none(tmp_path: Path) -> None:
    lake = plot_lake.write_lake(Lake(tmp_path / "lake"))
    with open_reader(lake, SYMBOL, SECONDS) as reader:
        scene = make_scene(reader, SYMBOL, SECONDS)
    assert (scene.levels, scene.approaches) == ({}, ())


def test_outcomes_are_of_the_horizon_that_the_lake_was_built_with(tmp_path: Path) -> None:
    lake = plot_lake.write_lake(Lake(tmp_path / "lake"))
    with duckdb.connect(str(lake.published)) as connection:
        write_levels(connection)
        connection.execute("update gold.retrieval_settings set horizon_id = 's120'")
    with open_reader(lake, SYMBOL, SECONDS) as reader:
        scene = make_scene(reader, SYMBOL, SECONDS)
    assert [approach.outcome for approach in scene.approaches] == ["CHOP", None]
    assert [approach.outcome_at for approach in scene.approaches] == [126, None]
