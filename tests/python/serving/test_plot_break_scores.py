"""The strips of the break score on the picture."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from pathlib import Path

import duckdb
import numpy as np
import pytest
from PIL import Image
from spymaster.plot import picture
from spymaster.plot.break_scores import read_break_scores
from spymaster.plot.colours import (
    ABOVE,
    BACKGROUND,
    BARRIER_COLOURS,
    BELOW,
    BREAK,
    REJECT,
    SIGNAL_COLOURS,
    TEXT,
    Colour,
)
from spymaster.plot.legend import Legend
from spymaster.plot.picture_layout import BARRIER_PX, SCORE_PX, SIGNAL_PX, Layout
from spymaster.plot.read import open_reader
from spymaster.plot.scene import Scene, make_scene
from spymaster_ingest.lake import Lake
from support import plot_lake
from support.clock import NEW_YORK
from support.plot_lake import COUNT, DAY, START, SYMBOL

SECONDS = NEW_YORK.time_range(DAY, dt.time(9, 30), dt.time(9, 30, COUNT))
SECOND_PX, TICK_PX = 60, 9
# second -> score, direction, state of the barrier, signal; price goes through after second 3
PM_HIGH = {
    1: (0.0, "UP", "WALL", "NEUTRAL"),
    2: (50.0, "UP", "NEUTRAL", "CONTESTED"),
    3: (100.0, "UP", "VACUUM", "BREAK"),
    4: (10.0, "DOWN", "ABSORPTION", "REJECT"),
    5: (12.0, "DOWN", "ABSORPTION", "REJECT"),
    8: (None, None, None, None),
}
UNKNOWN = 6
# level -> distance, whether in the monitor band
OTHERS = {"pm_low": (3, True), "sma_90": (30, False), "or_low": (1, False), "or_high": (2, False)}


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    lake = plot_lake.write_lake(Lake(tmp_path_factory.mktemp("lake")))
    with duckdb.connect(str(lake.published)) as connection:
        write_scores(connection)
    return lake


def write_scores(connection: duckdb.DuckDBPyConnection) -> None:
    """Write the readings of five levels, and those of another contract."""
    for schema in ("gold", "reference"):
        connection.execute(f"create schema {schema}")
    connection.execute(
        "create table reference.engine_constants as "
        "select * from (values ('break_score_min', 75), ('reject_score_max', 25), ('hold_s', 3)) "
        "as constants (name, value)"
    )
    key = "symbol varchar, dt date, window_end_ts timestamp, level_id varchar"
    connection.execute(
        f"create table gold.break_score_1s ({key}, k_ticks integer, in_monitor_band boolean, "
        "score_smooth double, break_direction varchar, signal varchar)"
    )
    connection.execute(f"create table silver.barrier_engine_1s ({key}, state varchar)")
    calm = dict.fromkeys(range(3), (40.0, "DOWN", "NEUTRAL", "NEUTRAL"))
    levels = {"pm_high": (-5, True, PM_HIGH)}
    levels |= {name: (*where, calm) for name, where in OTHERS.items()}
    for symbol in (SYMBOL, "ESH6"):
        for level_id, (ticks, is_near, seconds) in levels.items():
            for second, (score, direction, state, signal) in seconds.items():
                at = [symbol, DAY, START + dt.timedelta(seconds=second + 1), level_id]
                connection.execute(
                    "insert into gold.break_score_1s values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    [*at, ticks, is_near, score if symbol == SYMBOL else 99.0, direction, signal],
                )
                connection.execute(
                    "insert into silver.barrier_engine_1s values (?, ?, ?, ?, ?)", [*at, state]
                )


@pytest.fixture(scope="module")
def scene(lake: Lake) -> Scene:
    with open_reader(lake, SYMBOL, SECONDS) as reader:
        return make_scene(reader, SYMBOL, SECONDS, second_px=SECOND_PX, tick_px=TICK_PX)


@pytest.fixture(scope="module")
def drawn(scene: Scene, tmp_path_factory: pytest.TempPathFactory) -> tuple[np.ndarray, Layout]:
    path = tmp_path_factory.mktemp("drawn") / "picture.png"
    layout = picture.draw_picture(scene, path)
    return np.asarray(Image.open(path).convert("RGB")).astype(int), layout


def column_of(drawn: tuple, second: int) -> np.ndarray:
    """Return the pixels in the middle of a second of the strip of pm_high, from its top."""
    pixels, layout = drawn
    box = layout.break_scores["pm_high"]
    left = box.left + second * SECOND_PX + SECOND_PX // 2
    return pixels[layout.height - box.top : layout.height - box.bottom, left]


def signal_of(drawn: tuple, second: int) -> Colour:
    return tuple(column_of(drawn, second)[SIGNAL_PX // 2].tolist())


def barrier_of(drawn: tuple, second: int) -> Colour:
    return tuple(column_of(drawn, second)[-BARRIER_PX // 2].tolist())


def score_of(drawn: tuple, second: int) -> float | None:
    """Return the height of the line, two pixels thick, as a score; None without a line."""
    column = column_of(drawn, second)[SIGNAL_PX + 1 : SIGNAL_PX + 1 + SCORE_PX]
    [places] = np.nonzero((column == TEXT).all(axis=1))
    return None if not places.size else (SCORE_PX - 1 - places[-1]) / (SCORE_PX - 2) * 100


def test_the_nearest_levels_have_strips_without_conditions(scene: Scene) -> None:
    """Seconds in the monitor band count first, then the distance."""
    assert list(scene.break_scores) == ["pm_high", "pm_low", "or_low"]


def test_levels_with_conditions_come_first(lake: Lake) -> None:
    with open_reader(lake, SYMBOL, SECONDS) as reader:
        found = read_break_scores(reader, ["sma_90", "no_scores", "or_high"], COUNT)
    assert list(found) == ["sma_90", "or_high"]


def test_signals_are_marked_and_no_signal_is_not(drawn: tuple) -> None:
    assert signal_of(drawn, 2) == SIGNAL_COLOURS["CONTESTED"]
    assert signal_of(drawn, 3) == SIGNAL_COLOURS["BREAK"] == BREAK
    assert signal_of(drawn, 5) == SIGNAL_COLOURS["REJECT"] == REJECT
    for second in (0, 1, UNKNOWN, 8):
        assert signal_of(drawn, second) == BACKGROUND


def test_a_state_is_a_colour(drawn: tuple) -> None:
    for second, (_, _, state, _) in PM_HIGH.items():
        assert barrier_of(drawn, second) == (BARRIER_COLOURS[state] if state else BACKGROUND)
    assert barrier_of(drawn, UNKNOWN) == BACKGROUND
    assert len(set(BARRIER_COLOURS.values())) == 6


def test_a_score_is_a_height(drawn: tuple) -> None:
    for second, (score, *_) in PM_HIGH.items():
        height = score_of(drawn, second)
        assert height == (None if score is None else pytest.approx(score, abs=100 / SCORE_PX))
    assert score_of(drawn, UNKNOWN) is None


def test_the_fill_names_the_direction(drawn: tuple) -> None:
    """Below the line, the fill is nearer to the colour of its break than to the other."""
    lowest = SIGNAL_PX + SCORE_PX
    for second, one, other in ((2, ABOVE, BELOW), (5, BELOW, ABOVE)):
        fill = column_of(drawn, second)[lowest] - BACKGROUND
        likeness = [fill @ colour / np.linalg.norm(colour) for colour in (one, other)]
        assert likeness[0] > likeness[1] > 0


def test_the_line_breaks_where_the_score_begins_anew(drawn: tuple) -> None:
    pixels, layout = drawn
    box = layout.break_scores["pm_high"]
    middle = layout.height - box.top + SIGNAL_PX + SCORE_PX // 4

    def uprights(second: int) -> int:
        """Return the pixels of a line in the middle between two scores, where a second begins."""
        at = box.left + second * SECOND_PX
        return int((pixels[middle, at - 2 : at + 2] == TEXT).all(axis=1).sum())

    assert uprights(3) > 0
    assert uprights(4) == 0


def test_bounds_of_signals_are_those_of_the_constants(drawn: tuple, scene: Scene) -> None:
    found = scene.break_scores["pm_high"]
    assert (found.reject_below, found.break_above) == (25, 75)
    pixels, layout = drawn
    box = layout.break_scores["pm_high"]
    bottom = layout.height - box.bottom - BARRIER_PX - 2
    # a second without a score, so that nothing covers them
    columns = slice(box.left + 9 * SECOND_PX, box.left + 10 * SECOND_PX)
    for score, strong, weak in ((75, BREAK, REJECT), (25, REJECT, BREAK)):
        row = pixels[bottom - int(score / 100 * (SCORE_PX - 2)), columns]
        dashes = row[(row != BACKGROUND).any(axis=1)]
        assert 0 < len(dashes) < len(row)
        nearer, farther = (np.abs(dashes.mean(axis=0) - colour).sum() for colour in (strong, weak))
        assert nearer < farther


def test_strips_stand_between_prices_and_scores(drawn: tuple) -> None:
    layout = drawn[1]
    boxes = [layout.main, *layout.break_scores.values(), layout.scores]
    for above, below in pairwise(boxes):
        assert above.bottom > below.top
        assert (above.left, above.width) == (below.left, below.width)


def test_the_legend_names_what_the_strips_show(scene: Scene) -> None:
    words = {item.words for item in Legend(scene)._items}
    assert {"score: break UP", "score: break DOWN"} <= words
    shown = {"WALL", "NEUTRAL", "VACUUM", "ABSORPTION"}
    assert {f"barrier: {state}" for state in shown} <= words
    assert {f"signal: {signal}" for signal in ("BREAK", "CONTESTED", "REJECT")} <= words
    assert not words & {"barrier: WEAK", "barrier: CONSUMED", "signal: NEUTRAL"}


def test_a_lake_without_engines_has_no_strip(tmp_path: Path) -> None:
    lake = plot_lake.write_lake(Lake(tmp_path / "lake"))
    with open_reader(lake, SYMBOL, SECONDS) as reader:
        assert make_scene(reader, SYMBOL, SECONDS).break_scores == {}
