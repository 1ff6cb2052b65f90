"""The words of a rung, on rungs made by hand."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from spymaster.levels import rungs
from spymaster.levels.rungs import NOT_SHOWN, TOO_LITTLE
from support.settings import word_settings

SETTINGS = word_settings()
is_notable, rung, wall = (
    partial(words, settings=SETTINGS) for words in (rungs.is_notable, rungs.rung, rungs.wall_rung)
)
USUAL = 120
RUNG_TICKS = 4
SIDES = ("bid", "ask")
FLOWS = ("add", "pull", "fill")

# start, added, pulled, filled of a side
Story = tuple[int, int, int, int]


def state_of(story: Story, *, can_stand: bool = True) -> str | None:
    """Return the state of a side as the ladder has it."""
    start, add, pull, fill = story
    depth, flow = start + add - pull - fill, add + pull + fill
    ratio, ratio_start = (qty / (USUAL + RUNG_TICKS) for qty in (depth, start))
    share = (add - pull - fill) / (start + add) if flow >= 20 else 0
    if not depth and not flow and not can_stand:
        return None
    cases = (
        ("wall_pulled", ratio_start >= 3 and share <= -0.25 and pull > fill),
        ("wall_eaten", ratio_start >= 3 and share <= -0.25),
        ("wall_holds", ratio >= 3),
        ("thin", ratio <= 0.33),
        ("building", share >= 0.25),
        ("pulled", share <= -0.25 and pull > fill),
        ("eaten", share <= -0.25),
    )
    return next((state for state, holds in cases if holds), "quiet")


def row(
    asks: Story = (0, 0, 0, 0), bids: Story = (0, 0, 0, 0), *, offset: int = 2, k_ticks: int = 2
) -> dict[str, Any]:
    """Return a rung of the ladder; its level lies above spot unless said otherwise."""
    found: dict[str, Any] = {
        "point_offset": offset,
        "k_ticks": k_ticks,
        "rung_ticks": RUNG_TICKS,
    }
    from_ticks = k_ticks + RUNG_TICKS * offset
    can_stand = {"ask": from_ticks + RUNG_TICKS > 0, "bid": from_ticks < 1}
    for side, story in (("ask", asks), ("bid", bids)):
        start, add, pull, fill = story
        flow, depth = add + pull + fill, start + add - pull - fill
        found |= {
            f"{side}_depth": depth,
            f"{side}_add": add,
            f"{side}_pull": pull,
            f"{side}_fill": fill,
            f"{side}_usual_depth": float(USUAL),
            f"{side}_wall_ratio": depth / (USUAL + RUNG_TICKS),
            f"{side}_net_flow_share": (add - pull - fill) / (start + add) if flow >= 20 else None,
            f"{side}_state": state_of(story, can_stand=can_stand[side]),
        }
    return found


# asks of a rung two points past a level above spot
AHEAD = {
    # walls
    (533, 0, 4, 0): "wall of 529 asks at +2 holds, 4 pulled",
    (529, 0, 0, 0): "wall of 529 asks at +2 holds",
    (520, 0, 20, 11): "wall of 489 asks at +2 holds, 20 pulled, 11 filled",
    (480, 40, 10, 0): "wall of 510 asks at +2 holds, 10 pulled, 40 added",
    (480, 90, 10, 0): "wall of 560 asks at +2 holds and grows, 10 pulled, 90 added",
    (551, 52, 121, 19): "wall of 463 asks at +2 still holds, 121 pulled, 19 filled, 52 added",
    (200, 300, 0, 0): "wall of 500 asks at +2 builds: 300 added",
    (427, 562, 467, 82): (
        "wall of 440 asks at +2 stands, orders in it come and go: 562 added, 467 pulled, 82 filled"
    ),
    (529, 0, 400, 0): "wall of 529 asks at +2 is being pulled: 400 pulled, 129 left",
    (529, 20, 200, 60): (
        "wall of 529 asks at +2 is being pulled: 200 pulled, 60 filled, 20 added, 289 left"
    ),
    (529, 0, 529, 0): "wall of 529 asks at +2 is pulled: 529 pulled, nothing left",
    (1_529, 0, 1_000, 0): "wall of 1,529 asks at +2 is being pulled: 1,000 pulled, 529 left",
    (529, 0, 0, 200): "wall of 529 asks at +2 is being eaten: 200 filled, 329 left",
    (529, 30, 40, 300): (
        "wall of 529 asks at +2 is being eaten: 300 filled, 40 pulled, 30 added, 219 left"
    ),
    # thin air
    (0, 0, 0, 0): "no asks at +2 where 120 are usual",
    (8, 0, 0, 0): "few asks at +2, 8 where 120 are usual",
    (40, 0, 2, 0): "few asks at +2, 38 where 120 are usual",
    (190, 0, 150, 0): "few asks at +2, 40 where 120 are usual: 150 pulled",
    (90, 0, 10, 75): "few asks at +2, 5 where 120 are usual: 10 pulled, 75 filled",
    (5, 40, 10, 0): "few asks at +2, 35 where 120 are usual: 10 pulled, 40 added",
    # as usual
    (120, 0, 0, 0): "120 asks rest at +2",
    (120, 9, 10, 0): "119 asks rest at +2",
    (748, 0, 600, 0): "wall of 748 asks at +2 is being pulled: 600 pulled, 148 left",
    (300, 25, 5, 0): "320 asks rest at +2, 25 added, 5 pulled",
    # coming and going
    (120, 100, 95, 0): "asks come and go at +2: 100 added, 95 pulled, 125 there",
    (150, 90, 60, 40): "asks come and go at +2: 90 added, 60 pulled, 40 filled, 140 there",
    (117, 281, 118, 155): (
        "asks eaten and refilled at +2: 155 filled, 281 added, 118 pulled, 125 there"
    ),
    (120, 30, 29, 19): "asks come and go at +2: 30 added, 29 pulled, 19 filled, 102 there",
    (120, 60, 10, 45): "asks eaten and refilled at +2: 45 filled, 60 added, 10 pulled, 125 there",
    (120, 80, 50, 45): "asks come and go at +2: 80 added, 50 pulled, 45 filled, 105 there",
    (387, 9, 107, 0): "fewer asks at +2: 107 pulled, 9 added, 289 left",
    (350, 9, 95, 0): "fewer asks at +2: 95 pulled, 9 added, 264 left",
    (200, 65, 5, 0): "more asks at +2: 65 added, 5 pulled, 260 there",
    (60, 60, 0, 0): "asks build at +2: 60 added, 120 there",
    (100, 120, 20, 10): "asks build at +2: 120 added, 20 pulled, 10 filled, 190 there",
    (190, 0, 60, 0): "asks pulled at +2: 60 pulled, 130 left",
    (190, 10, 70, 20): "asks pulled at +2: 70 pulled, 20 filled, 10 added, 110 left",
    (190, 0, 0, 90): "asks eaten at +2: 90 filled, 100 left",
    (190, 0, 20, 60): "asks eaten at +2: 60 filled, 20 pulled, 110 left",
    (190, 0, 40, 60): "asks eaten and pulled at +2: 60 filled, 40 pulled, 90 left",
    (190, 0, 60, 40): "asks pulled and eaten at +2: 60 pulled, 40 filled, 90 left",
    (204, 8, 42, 0): "fewer asks at +2: 42 pulled, 8 added, 170 left",
}
MIRRORED = {"asks": "bids", "at +2": "at -2"}


@pytest.mark.parametrize("asks", AHEAD)
def test_a_side_ahead_of_price(asks: Story) -> None:
    assert rung(row(asks)) == AHEAD[asks]


@pytest.mark.parametrize("asks", AHEAD)
def test_a_side_ahead_of_price_that_comes_from_above(asks: Story) -> None:
    expected = AHEAD[asks]
    for word, mirrored in MIRRORED.items():
        expected = expected.replace(word, mirrored)
    # four ticks lower the rung spans the ticks that the one above does
    assert rung(row(bids=asks, offset=-2, k_ticks=-5)) == expected


AT_SPOT = {
    "both sides are said, one tick of asks is not few of them": (
        ((20, 209, 127, 51), (164, 187, 178, 28)),
        "more asks: 209 added, 127 pulled, 51 filled, 51 there; "
        "bids come and go: 187 added, 178 pulled, 28 filled, 145 there",
    ),
    "bids come up under price, asks are hit": (
        ((90, 5, 10, 60), (30, 90, 0, 5)),
        "asks eaten: 60 filled, 10 pulled, 5 added, 25 left; "
        "bids build: 90 added, 5 filled, 115 there",
    ),
    "one side is taken while the other doubles": (
        ((225, 224, 189, 123), (91, 362, 215, 35)),
        "fewer asks: 189 pulled, 123 filled, 224 added, 137 left; "
        "more bids: 362 added, 215 pulled, 35 filled, 203 there",
    ),
    "an eighth less is fewer, a little less is not": (
        ((217, 15, 43, 0), (126, 99, 105, 8)),
        "fewer asks: 43 pulled, 15 added, 189 left; "
        "bids come and go: 99 added, 105 pulled, 8 filled, 112 there",
    ),
    "seventeen contracts are no building": (
        ((120, 0, 0, 0), (0, 49, 10, 22)),
        "120 asks rest; bids come and go: 49 added, 10 pulled, 22 filled, 17 there",
    ),
    "a side with less than twenty contracts is not said": (
        ((120, 0, 0, 0), (5, 7, 5, 1)),
        "120 asks rest",
    ),
    "what price went through": (
        ((100, 0, 40, 60), (0, 80, 0, 0)),
        "asks gone: 60 filled, 40 pulled, none left; bids build: 80 added, 80 there",
    ),
    "orders that came were all gone again": (
        ((120, 0, 0, 0), (0, 68, 47, 21)),
        "120 asks rest; bids came and went: 68 added, 47 pulled, 21 filled, none left",
    ),
    "nothing worth a word": (((3, 0, 0, 0), (2, 4, 1, 0)), TOO_LITTLE),
}


@pytest.mark.parametrize("what", AT_SPOT)
def test_the_rung_that_holds_spot(what: str) -> None:
    (asks, bids), sentence = AT_SPOT[what]
    assert rung(row(asks, bids, offset=0, k_ticks=-1), has_place=False) == sentence


def test_the_level_and_the_points_around_it_are_named() -> None:
    assert rung(row((130, 0, 0, 0), offset=0)) == "130 asks rest at the level"
    assert rung(row(bids=(130, 0, 0, 0), offset=-1, k_ticks=-1)) == "130 bids rest at -1"
    assert rung(row(bids=(130, 0, 0, 0), offset=3, k_ticks=-40)) == "130 bids rest at +3"


def test_a_rung_behind_price_belongs_to_the_other_side() -> None:
    """Bids build under a price that comes up to a level."""
    found = rung(row(bids=(60, 70, 5, 0), offset=-2))
    assert found == "bids build at -2: 70 added, 5 pulled, 125 there"


def test_unknown_values_are_not_shown() -> None:
    for names in ((f"{side}_depth" for side in SIDES), (f"{side}_pull" for side in SIDES)):
        hidden = row((533, 0, 4, 0)) | dict.fromkeys(names)
        hidden |= {f"{side}_state": None for side in SIDES}
        hidden |= {f"{side}_{flow}": None for side in SIDES for flow in FLOWS}
        assert rung(hidden) == NOT_SHOWN
        assert not is_notable(hidden)


def test_without_a_usual_depth_nothing_is_a_wall() -> None:
    nothing_usual = {
        f"{side}_{name}": None for side in SIDES for name in ("state", "wall_ratio", "usual_depth")
    }
    assert rung(row((533, 0, 4, 0)) | nothing_usual) == NOT_SHOWN


def test_thin_needs_twenty_contracts_that_are_missing() -> None:
    """Where the usual depth is small, small depth is not thin."""
    empty = row() | {"ask_usual_depth": 15.0}
    assert rung(empty) == TOO_LITTLE
    assert rung(row() | {"ask_usual_depth": 20.0}) == "no asks at +2 where 20 are usual"


@pytest.mark.parametrize("asks", AHEAD)
def test_no_word_predicts_price(asks: Story) -> None:
    words = rung(row(asks, (70, 900, 1, 0)))
    assert "price" not in words
    assert "rise" not in words


def test_a_rung_at_rest_is_not_notable() -> None:
    assert not is_notable(row((120, 9, 10, 0)))
    assert is_notable(row((533, 0, 4, 0)))
    assert is_notable(row((190, 0, 60, 0)))


def test_the_highest_wall_ahead_is_the_wall_of_a_level() -> None:
    ladder = [row((400 + 50 * n, 0, 0, 0), offset=n) for n in (-1, 0, 1)]
    ladder.append(row((120, 0, 0, 0), offset=3))
    assert wall(ladder, 1)["point_offset"] == 1
    assert wall(ladder[-1:], 1) is None
    # the bids of a level below, from it on
    below = [row(bids=(500 + 50 * n, 0, 0, 0), offset=n, k_ticks=-9) for n in (-1, 0, 1)]
    assert wall(below, -1)["point_offset"] == 0


def test_at_the_level_both_sides_count_unless_the_approach_is_known() -> None:
    above = row((900, 0, 0, 0), bids=(0, 0, 0, 0), offset=1, k_ticks=0)
    below = row(bids=(900, 0, 0, 0), offset=-1, k_ticks=0)
    at = row((120, 0, 0, 0), (110, 0, 0, 0), offset=0, k_ticks=0)
    usual_above = row((120, 0, 0, 0), offset=1, k_ticks=0)
    usual_below = row(bids=(120, 0, 0, 0), offset=-1, k_ticks=0)
    for side, ladder, offset in (
        (None, [above, at, usual_below], 1),
        (None, [usual_above, at, below], -1),
        (1, [above, at, below], 1),
        (-1, [above, at, below], -1),
    ):
        assert wall(ladder, side)["point_offset"] == offset
    assert wall([above, at, usual_below], -1) is None
    assert wall([usual_above, at, below], 1) is None


@pytest.mark.parametrize("name", ["add", "wall_ratio", "depth"])
def test_an_unknown_rung_leaves_the_wall_unknown(name: str) -> None:
    usual = row((120, 0, 0, 0), offset=0)
    unknown = {"ask_state": None, f"ask_{name}": None}
    hidden = row((900, 0, 0, 0), offset=1) | unknown
    assert wall([hidden, usual], 1) == NOT_SHOWN
    # another wall that is known is one all the same
    assert wall([hidden, row((600, 0, 0, 0), offset=0)], 1)["point_offset"] == 0
    # behind price asks cannot stand: nothing is missing
    behind = row(offset=0, k_ticks=-9) | unknown
    assert wall([behind, row((120, 0, 0, 0), offset=3, k_ticks=-9)], 1) is None
