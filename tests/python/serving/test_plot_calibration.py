"""Steps of the calibration on the panels of the scores."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import numpy as np
import pytest
from PIL import Image
from spymaster.plot import picture
from spymaster.plot.colours import CALIBRATION_STEP
from spymaster.plot.read import open_reader
from spymaster.plot.scene import Scene, make_scene
from spymaster_ingest.lake import Lake
from support import plot_lake
from support.clock import NEW_YORK
from support.plot_lake import COUNT, DAY, START, SYMBOL

SECONDS = NEW_YORK.time_range(DAY, dt.time(9, 30), dt.time(9, 30, COUNT))
SECOND_PX, TICK_PX = 5, 7
# metric, second from which it holds, 5 % and 95 % quantile
QUANTILES = (
    ("wall_strength_log", -60, 1.0, 3.0),
    # a fifth of the range
    ("wall_strength_log", 2, 1.4, 3.0),
    # a quarter and more of the range, and back within the next second
    ("wall_strength_log", 5, 1.4, 3.5),
    ("pull_add_log", -60, None, None),
    # the first after the warm-up is no step
    ("pull_add_log", 3, 0.0, 0.0),
    ("pull_add_log", 7, 0.0, 0.5),
    ("gex_abs", -60, 0.0, 1.0),
    ("gex_abs", 9, 0.0, 9.0),
    ("pull_add_log", COUNT, 0.0, 9.0),
)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    lake = plot_lake.write_lake(Lake(tmp_path_factory.mktemp("lake")))
    with duckdb.connect(str(lake.published)) as connection:
        connection.execute("create schema gold")
        connection.execute(
            "create table steps.physics_calibration_modes (symbol varchar, dt date, root varchar)"
        )
        connection.execute(
            "insert into steps.physics_calibration_modes values (?, ?, 'ES')", [SYMBOL, DAY]
        )
        connection.execute(
            "create table gold.physics_norm_calibration (root varchar, dt date, "
            "valid_from_ts timestamp, metric_name varchar, q05 double, q95 double)"
        )
        for metric, second, low, high in QUANTILES:
            moment = START + dt.timedelta(seconds=second)
            # another root has a step in every row
            for root, factor in (("ES", 1), ("CL", (second + 99) ** 2)):
                values = [None if value is None else value * factor for value in (low, high)]
                connection.execute(
                    "insert into gold.physics_norm_calibration values (?, ?, ?, ?, ?, ?)",
                    [root, DAY, moment, metric, *values],
                )
    with open_reader(lake, SYMBOL, SECONDS) as reader:
        return make_scene(reader, SYMBOL, SECONDS, second_px=SECOND_PX, tick_px=TICK_PX)


def test_a_leap_of_a_quantile_of_the_scores_is_a_step(scene: Scene) -> None:
    assert scene.calibration_steps == (5, 7)


def test_a_step_is_a_line_in_the_panels_of_the_scores(scene: Scene, tmp_path: Path) -> None:
    layout = picture.draw_picture(scene, tmp_path / "picture.png")
    pixels = np.asarray(Image.open(tmp_path / "picture.png").convert("RGB")).astype(int)
    for box in (layout.scores, layout.total):
        panel = pixels[layout.height - box.top : layout.height - box.bottom, box.left : box.right]
        is_step = (panel == CALIBRATION_STEP).all(axis=2)
        assert np.flatnonzero(is_step.any(axis=0)).tolist() == [5 * SECOND_PX, 7 * SECOND_PX]
        assert 0.4 < is_step[:, 5 * SECOND_PX].mean() < 0.6


def test_a_lake_without_calibration_has_no_steps(tmp_path: Path) -> None:
    lake = plot_lake.write_lake(Lake(tmp_path / "lake"))
    with open_reader(lake, SYMBOL, SECONDS) as reader:
        assert make_scene(reader, SYMBOL, SECONDS).calibration_steps == ()
