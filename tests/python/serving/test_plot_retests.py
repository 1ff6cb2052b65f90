"""Breaks of levels and their retests on the picture."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import numpy as np
import pytest
from PIL import Image
from spymaster.plot import picture
from spymaster.plot.colours import BREAK, CHOP, REJECT, Colour
from spymaster.plot.layers import draw_retests
from spymaster.plot.read import open_reader
from spymaster.plot.requests import RETESTS
from spymaster.plot.retests import Retest
from spymaster.plot.scene import Scene, make_scene
from spymaster_ingest.lake import Lake
from support import plot_lake
from support.clock import NEW_YORK
from support.plot_lake import COUNT, DAY, START, SYMBOL, TICK_INT

SECONDS = NEW_YORK.time_range(DAY, dt.time(9, 30), dt.time(9, 30, COUNT))
SECOND_PX, TICK_PX = 60, 9
HIGH = 26608
# direction, seconds of break and retest, outcome
EVENTS = (
    ("approach_up", 2.7, 5.2, "CONTINUES"),
    ("approach_down", 7.0, None, "NO_RETEST"),
    # broken before the picture
    ("approach_up", -30.0, 9.9, "FAILS"),
    # neither step is in the picture
    ("approach_up", -60.0, COUNT, "FAILS"),
)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    lake = plot_lake.write_lake(Lake(tmp_path_factory.mktemp("lake")))
    with duckdb.connect(str(lake.published)) as connection:
        connection.execute("create schema if not exists gold")
        connection.execute(
            "create table gold.retest_events (symbol varchar, dt date, level_id varchar, "
            "approach_dir varchar, basis varchar, level_price_int bigint, cross_ts timestamp_ns, "
            "retest_ts timestamp_ns, outcome varchar)"
        )
        for basis in ("seconds", "bars"):
            for direction, cross, retest, outcome in EVENTS:
                shown = outcome if basis == "seconds" else "CENSORED"
                connection.execute(
                    "insert into gold.retest_events values (?, ?, 'pm_high', ?, ?, ?, ?, ?, ?)",
                    [
                        *(SYMBOL, DAY, direction, basis, HIGH * TICK_INT, at(cross)),
                        *(None if retest is None else at(retest), shown),
                    ],
                )
    return lake


def at(second: float) -> dt.datetime:
    return START + dt.timedelta(seconds=second)


@pytest.fixture(scope="module")
def scene(lake: Lake) -> Scene:
    with open_reader(lake, SYMBOL, SECONDS) as reader:
        size = {"second_px": SECOND_PX, "tick_px": TICK_PX}
        return make_scene(reader, SYMBOL, SECONDS, marks=[RETESTS], **size)


def test_steps_are_columns(scene: Scene) -> None:
    assert scene.retests == (
        Retest(-30, 9, HIGH, True, "FAILS"),
        Retest(2, 5, HIGH, True, "CONTINUES"),
        Retest(7, None, HIGH, False, "NO_RETEST"),
    )
    assert not any("retests" in remark for remark in scene.remarks)


def test_marks_lie_on_the_level_at_the_middle_of_their_second(scene: Scene, tmp_path: Path) -> None:
    path = tmp_path / "retests.png"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(picture, "LAYERS", (draw_retests,))
        layout = picture.draw_picture(scene, path)
    box = layout.main
    pixels = np.asarray(Image.open(path).convert("RGB"))
    top = layout.height - box.bottom - box.height
    inside = pixels[top : top + box.height, box.left : box.left + box.width]
    row = (scene.rows.high_tick - HIGH) * TICK_PX + TICK_PX // 2

    def middles(colour: Colour) -> list[tuple[int, int]]:
        """Return the middle of each mark, in columns of a second."""
        rows, columns = np.nonzero((inside == colour).all(axis=2))
        found = []
        for second in np.unique(columns // SECOND_PX):
            own = columns // SECOND_PX == second
            found.append((int(np.median(columns[own])) - int(second) * SECOND_PX, int(second)))
            assert abs(np.median(rows[own]) - row) <= 3
        return found

    for colour, seconds in ((BREAK, [2, 5]), (CHOP, [7]), (REJECT, [9])):
        marks = middles(colour)
        assert [second for _, second in marks] == seconds
        assert all(abs(middle - SECOND_PX // 2) <= 1 for middle, _ in marks)


def test_marks_are_drawn_on_request_only(lake: Lake, tmp_path: Path) -> None:
    with open_reader(lake, SYMBOL, SECONDS) as reader:
        assert make_scene(reader, SYMBOL, SECONDS).retests == ()
    older = plot_lake.write_lake(Lake(tmp_path / "lake"))
    with open_reader(older, SYMBOL, SECONDS) as reader:
        scene = make_scene(reader, SYMBOL, SECONDS, marks=[RETESTS])
    assert scene.retests == ()
    assert "no marks of retests: gold.retest_events is not in this lake" in scene.remarks[-1]
