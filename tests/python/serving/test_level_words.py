"""A level in a line: its distance, the wall at it or past it, and the support behind price."""

from __future__ import annotations

import datetime as dt
import math

import pytest
from spymaster.levels.read import LevelView, MomentView
from spymaster.levels.sentences import at_a_glance, beyond_sentence, exposure_sentence
from spymaster.levels.walls import gamma_wall_sentence
from support.clock import NEW_YORK
from support.settings import word_settings

SETTINGS = word_settings()
AT = dt.datetime(2025, 10, 1, 13, 40)
TICK, POINT = 250_000_000, 1_000_000_000


@pytest.mark.parametrize(
    ("points", "words"),
    [
        (0, "6800 (at spot)"),
        (1, "6801 (1 point above spot)"),
        (-1, "6799 (1 point below spot)"),
        (-2.5, "6797.5 (2.5 points below spot)"),
    ],
)
def test_how_far_a_wall_of_options_is(points: float, words: str) -> None:
    spot = 6800 * POINT
    row = {"call_wall_price_int": spot + round(points * POINT), "put_wall_price_int": None}
    exposure = row | {"gamma_flip_price": None}
    view = MomentView("ESZ5", AT, spot, TICK, True, [], exposure, [], SETTINGS, {}, None, NEW_YORK)
    assert exposure_sentence(view).startswith(f"options: call wall {words}, put wall not shown")


@pytest.mark.parametrize(
    ("added", "pulled", "words"),
    [
        (1, 2, None),
        (4, 15, None),
        (4, 16, "support behind is being pulled"),
        (16, 4, "support behind is being added"),
        (10, 10, "support behind is balanced"),
    ],
)
def test_support_needs_size(added: int, pulled: int, words: str | None) -> None:
    facts = {"corridor_rel_depth": None, "beyond_rel_depth": 1.0, "beyond_max_depth": 0}
    facts |= {"behind_add_qty": added, "behind_pull_qty": pulled}
    facts |= {"behind_pull_add_log": math.log((pulled + 1) / (added + 1))}
    found = beyond_sentence(facts, SETTINGS).split("; ")
    assert [part for part in found if "support" in part] == ([words] if words else [])


def rungs_of(k_ticks: int, asks: dict[int, int], bids: dict[int, int], **more: object) -> list:
    """Return a ladder at rest with these depths, whose usual depth is 200 of a side."""
    found = []
    for offset in range(4, -5, -1):
        row = {"point_offset": offset, "k_ticks": k_ticks, "rung_ticks": 4}
        for side, depths in (("ask", asks), ("bid", bids)):
            depth = depths.get(offset, 0)
            state = "wall_holds" if depth >= 600 else "quiet" if depth else None
            row |= {f"{side}_depth": depth, f"{side}_state": state, f"{side}_usual_depth": 200.0}
            row |= {f"{side}_add": 0, f"{side}_pull": 0, f"{side}_fill": 0}
            row |= {f"{side}_wall_ratio": depth / 204, f"{side}_net_flow_share": None}
        found.append(row | (more if row["point_offset"] == more.get("point_offset") else {}))
    return found


NO_WALL_PAST = dict.fromkeys(
    f"beyond_wall_{name}" for name in ("ratio", "depth", "from_ticks", "to_ticks")
)


def glance(k_ticks: int, rungs: list, *, level_side: int | None = None, **facts: object) -> str:
    """Return the line of a level at 6800."""
    found = {"level_id": "pm_high", "level_price_int": 6800 * POINT, "k_ticks": k_ticks}
    found |= {"is_active": True, "is_provisional": False, "stacked_with": [], **NO_WALL_PAST}
    conditions = None if level_side is None else {"level_side": level_side}
    level = LevelView(found | facts, rungs, [], conditions, None, None)
    spot = 6800 * POINT - k_ticks * TICK
    view = MomentView("ESZ5", AT, spot, TICK, True, [level], None, [], SETTINGS, {}, None, NEW_YORK)
    return at_a_glance(view, level)


USUAL_ASKS = dict.fromkeys(range(5), 200)
USUAL_BIDS = dict.fromkeys(range(-4, 0), 200)


def test_a_wall_at_the_level_counts_on_either_side() -> None:
    asks, bids = USUAL_ASKS | {1: 900}, USUAL_BIDS | {-1: 900}
    above, below = rungs_of(0, asks, USUAL_BIDS), rungs_of(0, USUAL_ASKS, bids)
    for side in (None, 1):
        words = "pm_high 6800, at spot: wall of 900 asks at +1 holds"
        assert glance(0, above, level_side=side) == words
    for side in (None, -1):
        words = "pm_high 6800, at spot: wall of 900 bids at -1 holds"
        assert glance(0, below, level_side=side) == words
    assert (
        glance(0, above, level_side=-1) == "pm_high 6800, at spot: no wall up to 4 points past it"
    )


def test_a_wall_with_unknown_flow_is_not_denied() -> None:
    hidden = {"point_offset": 1, "ask_state": None, "ask_add": None}
    rungs = rungs_of(4, USUAL_ASKS | {1: 900}, {}, **hidden)
    where = "pm_high 6800, 1 point above spot"
    assert glance(4, rungs) == f"{where}: whether a wall stands up to 4 points past it is not shown"
    past = {"beyond_wall_ratio": 4.4, "beyond_wall_depth": 900}
    past |= {"beyond_wall_from_ticks": 4, "beyond_wall_to_ticks": 7}
    assert glance(4, rungs, **past) == f"{where}: wall of 900 asks 4 to 7 ticks past it"
    assert glance(4, rungs_of(4, USUAL_ASKS, {})) == f"{where}: no wall up to 4 points past it"


def test_walls_below_and_above_are_searched_equally_far() -> None:
    """The ladder's lowest rung ends 16 ticks below its level, its highest 19 above."""
    past = {"beyond_wall_ratio": 4.4, "beyond_wall_depth": 900}
    past |= {"beyond_wall_from_ticks": 16, "beyond_wall_to_ticks": 19}
    rungs = rungs_of(-4, {}, USUAL_BIDS | {0: 200})
    assert glance(-4, rungs, **past) == (
        "pm_high 6800, 1 point below spot: wall of 900 bids 16 to 19 ticks past it"
    )
    assert glance(-4, rungs, **past | {"beyond_wall_ratio": 2.9}).endswith(
        "no wall up to 4 points past it"
    )
    # few contracts are no wall, however small the usual depth
    assert glance(-4, rungs, **past | {"beyond_wall_depth": 19}).endswith(
        "no wall up to 4 points past it"
    )


FATE = {"n_walls": 120, "support": "enough", "side": "A", "price_int": 6802 * POINT + TICK}
FATE |= {"pulled_share": 0.41, "pulled_late_share": 0.08, "eaten_share": 0.22, "held_share": 0.29}


def glance_beside(*walls: dict) -> str:
    """Return the line of a level a point above spot with a wall of asks two points past it."""
    rungs = [
        row | {"level_price_int": 6800 * POINT} for row in rungs_of(4, USUAL_ASKS | {2: 900}, {})
    ]
    facts = {"level_id": "pm_high", "level_price_int": 6800 * POINT, "k_ticks": 4}
    facts |= {"is_active": True, "is_provisional": False, "stacked_with": [], **NO_WALL_PAST}
    level = LevelView(facts, rungs, [], None, None, None)
    moment = ("ESZ5", AT, 6799 * POINT, TICK, True, [level], None, [], SETTINGS, {}, None)
    line = at_a_glance(MomentView(*moment, walls=walls), level)
    start = "pm_high 6800, 1 point above spot: wall of 900 asks at +2 holds"
    assert line.startswith(start)
    return line.removeprefix(start)


def test_a_wall_says_what_became_of_walls_like_it() -> None:
    words = "41% pulled before price came, 8% pulled once it was there, 22% eaten, 29% held, of 120"
    # the largest comes first; bids and prices of other rungs are other walls
    bid, above = FATE | {"side": "B"}, FATE | {"price_int": 6803 * POINT}
    smaller = FATE | {"price_int": 6802 * POINT, "n_walls": 7}
    assert glance_beside(bid, above, FATE, smaller) == f"; walls like this one at +2: {words}"
    few = FATE | {"support": "too few walls", "n_walls": None}
    assert glance_beside(few) == "; walls like this one at +2: too few to say"
    assert glance_beside() == glance_beside(bid, above) == ""


@pytest.mark.parametrize(
    ("sign", "words"),
    [
        ("long", "held 61% of 214 approaches; other strikes 52%: dealers look long gamma"),
        ("short", "broke 30% of 214 approaches; other strikes 40%: dealers look short gamma"),
        (
            "not shown",
            "held 61% of 214 approaches; other strikes 52%: no sign of dealers' gamma is shown",
        ),
        (
            "too few episodes",
            "held 61% of 214 approaches; other strikes 52%: too few to say",
        ),
    ],
)
def test_gamma_walls_in_a_line(sign: str, words: str) -> None:
    row = {"n_episodes": 214, "held_share": 0.61, "other_held_share": 0.52, "preferred_sign": sign}
    row |= {"broke_share": 0.3, "other_broke_share": 0.4}
    assert gamma_wall_sentence(row) == f"gamma walls {words}"
    assert gamma_wall_sentence(None) == ""
