"""Names and legend of a crowded picture: no words over others."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from spymaster.plot.break_scores import BreakScore
from spymaster.plot.canvas import Canvas
from spymaster.plot.colours import BARRIER_COLOURS, DIRECTION_COLOURS, SIGNAL_COLOURS, TEXT
from spymaster.plot.conditions import CONDITION_ROWS
from spymaster.plot.levels import Approach
from spymaster.plot.picture_layout import Box, lay_out
from spymaster.plot.read import open_reader
from spymaster.plot.scene import Scene, make_scene
from spymaster.plot.strikes import Strike
from spymaster_ingest.lake import Lake
from support import plot_lake
from support.clock import NEW_YORK
from support.drawn_texts import assert_none_is_cut_or_covers_another, draw_texts
from support.plot_lake import COUNT, DAY, SYMBOL

SECONDS = NEW_YORK.time_range(DAY, dt.time(9, 30), dt.time(9, 30, COUNT))
SECOND_PX, TICK_PX = 40, 9
HIGH, LOW = 26603, 26597


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """Levels a tick from strikes, three outcomes a second at both, and every sign of the legend."""
    lake = plot_lake.write_lake(Lake(tmp_path_factory.mktemp("lake")))
    with open_reader(lake, SYMBOL, SECONDS) as reader:
        scene = make_scene(reader, SYMBOL, SECONDS, second_px=SECOND_PX, tick_px=TICK_PX)
    whole = np.ones(COUNT)
    outcomes = ("BREAK", "REJECT", "NOT_REACHED")
    return replace(
        scene,
        levels={f"level_{tick}": whole * tick for tick in (LOW, LOW + 1, HIGH)},
        approaches=tuple(
            Approach(0, second, tick, outcome, second)
            for second in range(1, COUNT)
            for tick in (HIGH, LOW)
            for outcome in outcomes
        ),
        conditions={"level_high": np.ones((len(CONDITION_ROWS), COUNT))},
        break_scores={
            f"level_{name}": BreakScore(
                50 * whole,
                *(
                    np.resize(list(each), COUNT)
                    for each in (DIRECTION_COLOURS, BARRIER_COLOURS, SIGNAL_COLOURS)
                ),
                20,
                80,
            )
            for name in ("high", "low")
        },
        strikes=tuple(Strike(tick, whole, 2 * whole) for tick in (HIGH + 1, LOW)),
        calibration_steps=(3,),
    )


def test_no_words_stand_over_others(
    crowded: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    extents, whole = draw_texts(crowded, tmp_path / "picture.png", monkeypatch)
    words = [name.split(" ", 1)[1] for name in extents]
    assert {"REJECT", "level_26597", "level_26603"} <= set(words)
    # some outcomes have no room
    assert 8 < sum(word in ("BREAK", "REJECT", "NOT REACHED") for word in words) < 60
    assert_none_is_cut_or_covers_another(extents, whole)


def test_the_legend_ends_where_the_profile_begins(
    crowded: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    extents, _ = draw_texts(crowded, tmp_path / "picture.png", monkeypatch)
    layout = lay_out(crowded, 0)
    signs = [name for name in extents if name.endswith(("in 1 s", "point\N{SUPERSCRIPT TWO}"))]
    assert len(signs) == 5
    for name in signs:
        assert extents[name].x1 < layout.profile.left
        assert extents[name].y0 > layout.main.top
    depth = next(name for name in extents if "resting depth" in name)
    assert "98% quantile and more: top colour" in depth


def test_an_outcome_stands_at_its_second(
    crowded: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    approaches = (
        Approach(0, 2, HIGH, "REJECT", 7),
        Approach(0, 3, HIGH, "REJECT", 7),
        Approach(2, 5, LOW, "BREAK", COUNT),
        Approach(8, 9, LOW, None, None),
    )
    scene = replace(crowded, approaches=approaches, levels={}, strikes=())
    extents, _ = draw_texts(scene, tmp_path / "picture.png", monkeypatch)
    left = lay_out(scene, 0).main.left
    # the same outcome is named once, and one beyond the picture not at all
    words = {name: extent for name, extent in extents.items() if ":" not in name}
    [reject] = [extent for name, extent in words.items() if name.endswith(" REJECT")]
    assert left + 7 * SECOND_PX < reject.x0 < left + 7 * SECOND_PX + 8
    assert not any(name.endswith(" BREAK") for name in words)
    [none] = [extent for name, extent in words.items() if name.endswith(" no outcome")]
    assert left + 8 * SECOND_PX < none.x0 < left + 9 * SECOND_PX


def test_names_of_one_point_stack_until_there_is_no_room() -> None:
    panel = Canvas(220, 110).panel(Box(10, 10, 200, 90), (0, 200), (0, 90))
    places = [panel.name(100, 45, "REJECT", TEXT) for _ in range(5)]
    assert places == [True] * 4 + [False]
    above, below, higher, lower = (extent.y0 for extent in panel.taken)
    assert lower < below < 10 + 45 < above < higher
    # near the right side the name ends there
    assert panel.name(199, 45, "REJECT", TEXT)
    assert 200 < panel.taken[-1].x1 <= 210
