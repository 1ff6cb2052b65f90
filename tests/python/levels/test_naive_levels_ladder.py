"""Plain ladder on hand-made books, with the state that a trader would name."""

from __future__ import annotations

from dataclasses import replace
from math import log

import pytest
from naive.levels_ladder import (
    OPTION_COLUMNS,
    LadderRules,
    RungSide,
    level_ladder_1s,
)
from naive.levels_model import Row
from support.levels_market import RULES, Cell, at, book_day, described, resting, timestamp_of

T = at("10:00:00")
SPOT, LEVEL, USUAL = 1000, 1006, 30
RUNG = range(LEVEL, LEVEL + 4)
MIRROR = {"A": "B", "B": "A"}
SIDES = {"ask": "bid", "bid": "ask"}

# contracts of a rung five seconds ago, then its adds, pulls and fills
Story = tuple[int, int, int, int]


def mirrored(cells: list[Cell]) -> list[Cell]:
    return [(MIRROR[side], 2 * SPOT - ticks, quantities) for side, ticks, quantities in cells]


def split(total: int) -> list[int]:
    """Split a number over the four ticks of a rung."""
    return [total // 4 + (n < total % 4) for n in range(4)]


def background(ahead: int = 45, qty: int = USUAL) -> list[Cell]:
    """The same depth at every tick outside the rung, on both sides of spot."""
    asks = [resting("A", SPOT + n, qty) for n in range(1, ahead + 1) if SPOT + n not in RUNG]
    return asks + [resting("B", SPOT - n, qty) for n in range(1, ahead + 1)]


def seconds_of(story: Story, side: str = "A") -> list[list[Cell]]:
    """Cells of the rung in the last five seconds; all flow is in the fourth."""
    start, add, pull, fill = story
    before = [resting(side, tick, qty) for tick, qty in zip(RUNG, split(start), strict=True)]
    end = split(start + add - pull - fill)
    flows = list(zip(split(start), end, split(add), split(pull), split(fill), strict=True))
    # only the rung's sums must add up, not each tick's
    then = [
        (
            side,
            tick,
            {
                "depth_qty_start": s,
                "depth_qty_end": e,
                "add_qty": a,
                "pull_qty_total": p,
                "fill_qty": f,
            },
        )
        for tick, (s, e, a, p, f) in zip(RUNG, flows, strict=True)
    ]
    after = [resting(side, tick, qty) for tick, qty in zip(RUNG, end, strict=True)]
    return [before, before, before, then, after]


def ladder(
    stories: list[list[Cell]],
    *,
    level: int = LEVEL,
    usual: list[Cell] | None = None,
    n_seconds: int = 60,
    is_mirrored: bool = False,
    invalid: tuple[int, ...] = (),
    **config: int,
) -> dict[int, Row]:
    """Rungs at T after some seconds of the background; the last five have the rung's flows."""
    usual = background() if usual is None else usual
    books = {}
    for back in range(n_seconds):
        cells = usual + (stories[-1 - back] if back < len(stories) else stories[0])
        cells = mirrored(cells) if is_mirrored else cells
        books[T - back] = (SPOT, cells, [])
    day = book_day(dict(sorted(books.items())), invalid, **config)
    if is_mirrored:
        level = 2 * SPOT - level - 3
    rows = level_ladder_1s(day, *described(day, {T: level}), RULES)
    return {offset: row for (_, _, offset), row in rows.items()}


def rung(story: Story, **settings: object) -> Row:
    return ladder(seconds_of(story), **settings)[0]


# ---------------------------------------------------------------- states

STORIES = {
    "4 of 748 cancelled: the wall stands": ((748, 0, 4, 0), "wall_holds"),
    "a wall of 529 without any flow": ((529, 0, 0, 0), "wall_holds"),
    "a wall of which a sixth was cancelled": ((529, 0, 90, 0), "wall_holds"),
    "as much added as cancelled": ((529, 100, 100, 0), "wall_holds"),
    "as much added as filled": ((529, 300, 0, 300), "wall_holds"),
    "a wall that was just added": ((120, 300, 0, 0), "wall_holds"),
    "three times the usual": ((372, 0, 0, 0), "wall_holds"),
    "most of a wall cancelled": ((529, 0, 400, 0), "wall_pulled"),
    "a quarter of a wall cancelled": ((400, 0, 100, 0), "wall_pulled"),
    "a wall cancelled and nothing left": ((529, 0, 529, 0), "wall_pulled"),
    "a wall more cancelled than hit": ((529, 0, 150, 100), "wall_pulled"),
    "a wall hit and half gone": ((529, 0, 0, 300), "wall_eaten"),
    "a wall more hit than cancelled": ((529, 0, 100, 150), "wall_eaten"),
    "a wall hit as often as cancelled": ((529, 0, 100, 100), "wall_eaten"),
    "nothing rests where asks could": ((0, 0, 0, 0), "thin"),
    "a few rest where many usually do": ((8, 0, 0, 0), "thin"),
    "hit until little is left": ((120, 0, 0, 100), "thin"),
    "cancelled until a third is left": ((120, 0, 80, 0), "thin"),
    "the usual and no flow": ((120, 0, 0, 0), "quiet"),
    "not quite a wall": ((371, 0, 0, 0), "quiet"),
    "as many added as removed": ((120, 200, 190, 0), "quiet"),
    "too few cancelled for a pull": ((60, 0, 19, 0), "quiet"),
    "the usual, and half as much is added": ((120, 60, 0, 0), "building"),
    "more added than hit": ((120, 90, 0, 20), "building"),
    "less than the usual, and more is added": ((50, 40, 0, 0), "building"),
    "nearly half of the usual cancelled": ((120, 0, 50, 0), "pulled"),
    "few, but twenty of seventy cancelled": ((70, 0, 20, 0), "pulled"),
    "cancelled rather than hit": ((160, 0, 50, 20), "pulled"),
    "nearly half of the usual hit": ((120, 0, 0, 50), "eaten"),
    "hit as often as cancelled": ((120, 0, 30, 30), "eaten"),
    "hit rather than cancelled, with some added": ((160, 20, 10, 70), "eaten"),
}


@pytest.mark.parametrize("what", STORIES)
def test_state_a_trader_would_give(what: str) -> None:
    story, state = STORIES[what]
    row = rung(story)
    assert row["ask_state"] == state
    # the other side has no depth there, and could not have
    assert (row["bid_state"], row["bid_depth"], row["bid_net_flow_share"]) == (None, 0, None)
    below = rung(story, is_mirrored=True)
    assert (below["bid_state"], below["ask_state"]) == (state, None)
    assert below["bid_wall_ratio"] == row["ask_wall_ratio"] == row["wall_ratio"]
    assert below["bid_net_flow_share"] == row["ask_net_flow_share"]
    if row["long_physics"] is not None:
        assert below["short_physics"] == pytest.approx(row["long_physics"])


# ---------------------------------------------------------------- by hand


def test_rung_by_hand() -> None:
    """529 contracts, 40 more, 150 cancelled, 100 hit; the usual is 30 a tick, 36 of 40 ticks."""
    row = rung((529, 40, 150, 100))
    assert row == {
        "symbol": "ESZ5",
        "dt": RULES.dt,
        "window_start_ts": timestamp_of(T - 1),
        "window_end_ts": timestamp_of(T),
        "level_id": "pm_high",
        "level_price_int": LEVEL * RULES.tick_int,
        "k_ticks": 6,
        "window_valid": True,
        "point_offset": 0,
        "bid_depth": 0,
        "bid_add": 0,
        "bid_pull": 0,
        "bid_fill": 0,
        "ask_depth": 319,
        "ask_add": 40,
        "ask_pull": 150,
        "ask_fill": 100,
        # fills ease a rise as cancels do
        "long_physics": pytest.approx(log(251 / 41)),
        "short_physics": pytest.approx(-log(251 / 41)),
        "bid_wall_ratio": 0.0,
        "ask_wall_ratio": pytest.approx(319 / 4 / 31),
        "wall_ratio": pytest.approx(319 / 4 / 31),
        "bid_usual_depth": 120.0,
        "ask_usual_depth": 120.0,
        "bid_net_flow_share": None,
        "ask_net_flow_share": pytest.approx(-210 / 569),
        "bid_state": None,
        "ask_state": "wall_pulled",
        **dict.fromkeys(OPTION_COLUMNS),
    }


def test_a_wall_does_not_enter_its_own_ratio() -> None:
    """For any earlier depth of the rung and any size of the wall."""
    for qty in (529, 5290):
        assert rung((qty, 0, 0, 0))["ask_wall_ratio"] == qty / 4 / 31
    # it enters the ratios of other rungs, as four of their 36 or 40 prices
    rows = ladder(seconds_of((529, 0, 0, 0)))
    assert {rows[offset]["ask_wall_ratio"] for offset in (1, 2, 3, 4)} == {30 / 31}


def test_usual_depth_is_the_median_over_the_prices() -> None:
    """Every second tick has 10, and a few are full: the median of the 36 is between 10 and 30."""
    full = {1020: 900, 1024: 900, 1030: 900}
    usual = [
        resting("A", tick, full.get(tick, 10 if tick % 2 else 30))
        for tick in range(SPOT + 1, SPOT + 60)
        if tick not in RUNG
    ]
    usual += [resting("B", SPOT - n, 500) for n in range(1, 60)]
    row = rung((400, 0, 0, 0), usual=usual)
    # 18 even and 18 odd prices
    assert row["ask_wall_ratio"] == pytest.approx(100 / (20 + 1))
    # prices more than 40 ticks ahead and the other side do not count
    row = rung((400, 0, 0, 0), usual=[*background(40), resting("A", 1050, 9000)])
    assert row["ask_wall_ratio"] == pytest.approx(100 / 31)


def test_usual_depth_is_a_mean_over_the_minute() -> None:
    """Twice the depth in the last 15 of 60 seconds, none before."""
    day = book_day(
        {
            T - back: (SPOT, background(qty=60 if back < 15 else 20), [])
            for back in sorted(range(70), reverse=True)
        }
    )
    rows = level_ladder_1s(day, *described(day, {T: LEVEL}), RULES)
    assert rows[T, "pm_high", 2]["ask_wall_ratio"] == pytest.approx(60 / 31)


@pytest.mark.parametrize(("n_seconds", "is_known"), [(30, True), (29, False)])
def test_half_a_minute_must_be_known(n_seconds: int, *, is_known: bool) -> None:
    row = rung((529, 0, 0, 0), n_seconds=n_seconds)
    assert (row["ask_wall_ratio"] is not None) == is_known
    assert (row["ask_state"], row["bid_state"]) == ("wall_holds" if is_known else None, None)
    assert row["ask_depth"] == 529
    gaps = tuple(T - back for back in range(10, 41))
    assert rung((529, 0, 0, 0), invalid=gaps)["ask_wall_ratio"] is None
    assert rung((529, 0, 0, 0), invalid=gaps[1:])["ask_wall_ratio"] is not None


def test_empty_prices_within_the_wall_count_as_nothing() -> None:
    """Only the rung has depth ahead of spot: the ratio is to one contract."""
    row = rung((8, 0, 0, 0), usual=[resting("B", 990, 1)])
    assert row["ask_wall_ratio"] == 2.0


def test_prices_outside_the_wall_are_left_out() -> None:
    """A wall of 20 ticks has 16 known prices; the other 20 do not count as empty."""
    row = rung((529, 0, 0, 0), usual=background(20), wall_max_ticks=20)
    assert row["ask_wall_ratio"] == 529 / 4 / 31


# ---------------------------------------------------------------- which side


def test_rungs_above_spot_belong_to_asks() -> None:
    """Rung -1 spans 1002 ... 1005; -2 holds spot: 998 ... 1001, three bids and an ask."""
    rows = ladder(seconds_of((120, 0, 0, 0)))
    for offset, row in rows.items():
        names = {True: "ask_wall_ratio", False: "bid_wall_ratio"}
        assert row["wall_ratio"] == row[names[offset > -2]]
    # bids at 998 and 999, an ask at 1001
    assert (rows[-2]["bid_depth"], rows[-2]["ask_depth"]) == (60, 30)
    assert rows[-2]["wall_ratio"] == rows[-2]["bid_wall_ratio"] == pytest.approx(60 / 4 / 31)
    below = ladder(seconds_of((120, 0, 0, 0)), is_mirrored=True)
    for offset, row in rows.items():
        assert below[-offset]["wall_ratio"] == row["wall_ratio"]
        assert (below[-offset]["ask_state"], below[-offset]["bid_state"]) == (
            row["bid_state"],
            row["ask_state"],
        )


def test_a_side_can_stand_only_before_the_other() -> None:
    """Best ask 1001, best bid 999: no bid can stand from 1001 on, and no ask up to 999."""
    quiet = seconds_of((120, 0, 0, 0))
    by_first_tick = {
        1005 + 4 * offset: (row["bid_state"], row["ask_state"])
        for offset, row in ladder(quiet, level=1005).items()
    }
    assert (by_first_tick[1001], by_first_tick[997]) == ((None, "quiet"), ("quiet", "thin"))
    by_first_tick = {
        1004 + 4 * offset: (row["bid_state"], row["ask_state"])
        for offset, row in ladder(quiet, level=1004).items()
    }
    assert (by_first_tick[1000], by_first_tick[996]) == (("thin", "quiet"), ("quiet", None))


def test_quotes_that_price_went_through_have_a_state() -> None:
    """50 bids above the present ask were hit within the five seconds."""
    hit = {"depth_qty_start": 50, "fill_qty": 50}
    bids = [resting("B", LEVEL, 50)] * 3 + [("B", LEVEL, hit)]
    story = seconds_of((120, 0, 0, 0))
    row = ladder([*([*cells, bid] for cells, bid in zip(story, bids, strict=False)), story[4]])[0]
    assert (row["bid_depth"], row["bid_fill"], row["bid_net_flow_share"]) == (0, 50, -1.0)
    assert row["bid_state"] == "thin"


# ---------------------------------------------------------------- support


def test_share_and_physics_need_twenty_contracts_of_flow() -> None:
    row = rung((100, 0, 19, 0))
    assert (row["ask_net_flow_share"], row["long_physics"]) == (None, None)
    row = rung((100, 0, 12, 8))
    assert row["ask_net_flow_share"] == -0.2
    assert row["long_physics"] == -row["short_physics"] == pytest.approx(log(21))
    # the physics needs 20 of both sides together; 12 added bids ease a rise
    story = seconds_of((100, 8, 0, 0))
    come = {"depth_qty_end": 12, "add_qty": 12}
    story[3] = [*story[3], ("B", LEVEL, come)]
    row = ladder(story)[0]
    assert (row["ask_net_flow_share"], row["bid_net_flow_share"]) == (None, None)
    assert row["long_physics"] == pytest.approx(log(13 / 9))


@pytest.mark.parametrize("back", range(6))
def test_flows_need_five_valid_seconds(back: int) -> None:
    row = rung((529, 40, 150, 100), invalid=(T - back,))
    assert (row["ask_state"] is None) == (row["ask_pull"] is None) == (back < 5)
    assert (row["ask_wall_ratio"] is None) == (row["ask_depth"] is None) == (back == 0)
    assert (row["ask_net_flow_share"] is None) == (row["long_physics"] is None) == (back < 5)


def test_rungs_beyond_the_wall_are_unknown() -> None:
    """The wall reaches 45 ticks; spot was elsewhere before, so the level's zone was outside."""
    for before, is_known in ((1000, True), (980, True), (979, False), (1030, True), (1031, False)):
        spots = {T - n: before if n == 3 else SPOT for n in range(59, -1, -1)}
        day = book_day(
            {end_s: (spot, [resting("A", spot, 1)], []) for end_s, spot in spots.items()},
            wall_max_ticks=45,
        )
        rows = level_ladder_1s(day, *described(day, {T: 1005}), RULES)
        assert all(row["ask_depth"] is not None for row in rows.values())
        assert {row["ask_add"] is not None for row in rows.values()} == {is_known}
        assert is_known or all(row["ask_state"] is None for row in rows.values())


def test_unknown_rungs_have_no_state() -> None:
    rules = LadderRules()
    side = RungSide(100, 100, 0, 0, 0, can_stand=True)
    assert side.state(1.0, 1.0, rules) == "quiet"
    assert side.state(None, None, rules) is None
    assert replace(side, depth=None).state(1.0, 1.0, rules) is None
    assert replace(side, add=None, pull=None, fill=None).state(1.0, 1.0, rules) is None


# ---------------------------------------------------------------- identities


def test_translation() -> None:
    def moved(cells: list[Cell]) -> list[Cell]:
        return [(side, ticks + 77, quantities) for side, ticks, quantities in cells]

    story = seconds_of((529, 40, 150, 100))
    books = {
        T - back: (SPOT + 77, moved(background() + story[max(-5, -1 - back)]), [])
        for back in range(59, -1, -1)
    }
    day = book_day(books)
    rows = level_ladder_1s(day, *described(day, {T: LEVEL + 77}), RULES)
    for offset, row in ladder(story).items():
        other = rows[T, "pm_high", offset]
        assert {**other, "level_price_int": None} == {**row, "level_price_int": None}
