"""Break and retest on a day made by hand, every event counted by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.retest_days import LEVEL, Book, Day, Row, events_of
from support.selection_tables import Compiler

L = 27_000
BOOK = Book(
    (True, True, False, None),
    "ahead_only",
    0.25,
    0.5,
    ("quiet", "wall_holds", "thin", "filled", "quiet", None, None, None, None),
    (None, None, None, None, "thin", "quiet", "pulled", "wall_holds", "quiet"),
)
# every transition in turn; x is ticks past the level
X = (
    # goes away: no break without a new approach
    (12, -3),
    (15, -21),
    (17, 5),
    # a break that does not hold, as price trades at the level again, then one that does; a trade at
    # its very end is not back yet
    (31, -2),
    (32.5, 4),
    (36, 0),
    (38, 1),
    (40, 4),
    (44, 9),
    (50, 1),
    (50.2, 2),
    (60, -7),
    (61.5, 8),
    # back and through in the same second
    (70.25, 6),
    (85, 12),
    (90.1, 2),
    (90.6, -2),
    (90.8, -9),
    # one tick through is a retest, which fails
    (101, 4),
    (120, 2),
    (120.9, -1),
    (130, -8),
    # neither in time: the trade at the end of the horizon comes too late
    (141, 4),
    (160, 0),
    (300, -7),
    (600, 7),
    (641, 8),
    # the path ends after the retest
    (651, 5),
    (665, 2),
    (701, -9),
    # and before it
    (711, 4),
    (790, 3),
    # and before it is known that the break holds
    (801, 4),
    (812, 4),
    # no trade while price approaches until the recording stops; then the level moves
    (832, -4),
    (872, 0),
    (876, 4),
    (880, 7),
    (895, 4),
)
APPROACHES = (
    (10, 0),
    (30, 0),
    (34, 7),
    (55, 0),
    (62, 0),
    (100, 0),
    (140, 0),
    (640, 0),
    (650, 0),
    (710, 0),
    (800, 0),
    (810, 0),
    (830, 0),
    (870, 0),
    (875, 3),
    (885, 9),
)
DAY = Day(
    trades=tuple((at, L + x) for at, x in X),
    approaches=tuple((at, L + moved) for at, moved in APPROACHES),
    n_seconds=1_000,
    invalid=(700, 800, 820),
    gaps=((850.5, 860.0, 865.0), (900.5, 904.0, 905.2)),
    books={51: BOOK},
)
# approach, cross, broken, known, retest, retest known, excursion, retest x, deepest x, outcome,
# when, label end
SECONDS = (
    (30, 40, 50, 51, 50.2, 51, 9, 1, -7, "CONTINUES", 61.5, 62),
    (62, 70.25, 80.25, 81, None, None, None, None, None, "THROUGH", 90.6, 91),
    (100, 101, 111, 112, 120, 121, 4, -1, -8, "FAILS", 130, 131),
    (140, 141, 151, 152, 160, 161, 4, 0, -7, "CHOP", None, 641),
    (650, 651, 661, 662, 665, 666, 5, 2, 2, "CENSORED", None, 700),
    (710, 711, 721, 722, None, None, None, None, None, "NO_RETEST", None, 800),
    # the level moved by three; that the recording stopped at 900.5 is known at 905.2
    (870, 880, 890, 891, 895, 896, 4, 1, 1, "CENSORED", None, 906),
)
BARS = (
    (120, -5),
    (240, 4),
    (360, 20),
    (480, 1),
    (600, -3),
    (720, 8),
    # too far away to approach, then near enough
    (840, -21),
    (960, -20),
    (1_080, 5),
    (1_200, -2),
    (1_320, -1),
    (1_440, 4),
    (1_560, 2),
    # the close at the end of the horizon still counts, the next one does not
    (2_040, 7),
    (2_160, -8),
    (2_280, 4),
)
BARS_DAY = Day(
    bars=tuple((at, L + x) for at, x in BARS),
    levels=tuple((at, L) for at, _ in BARS),
    n_seconds=2_400,
)
BARS_UP = (
    (120, 240, 240, 240, 480, 480, 20, 1, -3, "CONTINUES", 720, 720),
    (960, 1_080, 1_080, 1_080, None, None, None, None, None, "THROUGH", 1_200, 1_200),
    # the close that went through begins the next approach
    (1_200, 1_440, 1_440, 1_440, 1_560, 1_560, 4, 2, 2, "CHOP", None, 2_040),
    (2_160, 2_280, 2_280, 2_280, None, None, None, None, None, "NO_RETEST", None, 2_400),
)
# the same closes from above
BARS_DOWN = (
    (240, 840, 840, 840, None, None, None, None, None, "THROUGH", 1_080, 1_080),
    (1_080, 2_160, 2_160, 2_160, None, None, None, None, None, "THROUGH", 2_280, 2_280),
)
COLUMNS = (
    "approach_ts",
    "cross_ts",
    "broken_ts",
    "broken_window_end_ts",
    "retest_ts",
    "retest_window_end_ts",
    "excursion_ticks",
    "retest_x_ticks",
    "deepest_x_ticks",
    "outcome",
    "outcome_ts",
    "label_end_ts",
)
DIRECTIONS = ("approach_up", "approach_down")
OF_BOOK = ("c1", "c2", "c3", "c4", "turn_state", "above_score", "below_score")


@pytest.fixture(scope="module")
def query(tmp_path_factory: pytest.TempPathFactory) -> str:
    return Compiler(tmp_path_factory.mktemp("retests")).compile("--select", "retest_events")


@pytest.fixture(scope="module")
def found(query: str) -> list[Row]:
    return events_of(DAY, query)


@pytest.fixture(scope="module")
def found_in_bars(query: str) -> list[Row]:
    return events_of(BARS_DAY, query)


def of(rows: list[Row], direction: str) -> list[Row]:
    return [row for row in rows if row["approach_dir"] == direction]


def steps(rows: list[Row]) -> tuple[tuple[object, ...], ...]:
    return tuple(tuple(row[name] for name in COLUMNS) for row in rows)


def test_every_transition(found: list[Row]) -> None:
    assert steps(found) == SECONDS
    for row in found:
        key = (row["level_id"], row["approach_dir"], row["basis"])
        assert row["conditions_basis"] == "orders"
        assert key == (LEVEL, "approach_up", "seconds")
        assert row["available_from_ts"] == row["label_end_ts"]
    assert [row["level_tick"] - L for row in found] == [0, 0, 0, 0, 0, 0, 3]
    assert [row["cross_tick"] - L for row in found] == [4, 6, 4, 4, 5, 4, 7]
    back = [row["retest_tick"] and row["retest_tick"] - L for row in found]
    assert back == [2, None, 2, 0, 2, None, 4]
    waits = [row["retest_wait_s"] for row in found]
    assert waits == [pytest.approx(0.2), None, 9, 9, 4, None, 5]


def test_the_book_at_the_retest(found: list[Row]) -> None:
    first, *others = found
    assert [first[name] for name in OF_BOOK] == [*BOOK.c, BOOK.state, BOOK.above, BOOK.below]
    assert tuple(first["bid_states"]) == BOOK.bids
    assert tuple(first["ask_states"]) == BOOK.asks
    # what is not known is missing
    for row in others:
        unknown = [row[name] for name in (*OF_BOOK, "missing", "bid_states", "ask_states")]
        assert unknown == [None] * 10


def test_the_book_at_the_retest_without_orders(query: str) -> None:
    """The conditions are net; ease and the states of the ladder need orders."""
    first, *others = events_of(replace(DAY, has_orders=False), query)
    assert steps([first, *others]) == SECONDS
    assert {row["conditions_basis"] for row in (first, *others)} == {"net"}
    assert [first[name] for name in OF_BOOK] == [*BOOK.c, BOOK.state, None, None]
    assert first["bid_states"] is first["ask_states"] is None
    assert first["held_s"] == 3


def test_bars(found_in_bars: list[Row]) -> None:
    assert steps(of(found_in_bars, "approach_up")) == BARS_UP
    assert steps(of(found_in_bars, "approach_down")) == BARS_DOWN
    assert {row["basis"] for row in found_in_bars} == {"bars"}
    waits = [row["retest_wait_s"] for row in of(found_in_bars, "approach_up")]
    assert waits == [240, None, 120, None]


def test_both_bases_lie_side_by_side(query: str) -> None:
    day = replace(DAY, bars=BARS_DAY.bars, levels=BARS_DAY.levels, invalid=(700,), gaps=())
    rows = events_of(day, query)
    seconds = steps([row for row in rows if row["basis"] == "seconds"])
    assert seconds[:5] == SECONDS[:5]
    # the invalid second ends the path of the bars too
    [first, *_] = steps(of([row for row in rows if row["basis"] == "bars"], "approach_up"))
    assert first == (*BARS_UP[0][:9], "CENSORED", None, 700)


@pytest.mark.parametrize("basis", ["found", "found_in_bars"])
def test_mirror(basis: str, query: str, request: pytest.FixtureRequest) -> None:
    rows, day = request.getfixturevalue(basis), DAY if basis == "found" else BARS_DAY
    mirrored = events_of(day.at_prices(-1, 2 * L), query)
    for direction, other_direction in (DIRECTIONS, DIRECTIONS[::-1]):
        own_rows, other_rows = of(rows, direction), of(mirrored, other_direction)
        assert steps(other_rows) == steps(own_rows)
        for own, other in zip(own_rows, other_rows, strict=True):
            assert other["level_tick"] - L == L - own["level_tick"]
            assert other["turn_state"] == own["turn_state"]
            scores = [own["below_score"], own["above_score"]]
            assert [other["above_score"], other["below_score"]] == scores
            conditions = [own[name] for name in ("c3", "c4", "c1", "c2")]
            assert [other[name] for name in ("c1", "c2", "c3", "c4")] == conditions
            assert (other["bid_states"] or [])[::-1] == (own["ask_states"] or [])


@pytest.mark.parametrize("basis", ["found", "found_in_bars"])
def test_translation(basis: str, query: str, request: pytest.FixtureRequest) -> None:
    rows, day = request.getfixturevalue(basis), DAY if basis == "found" else BARS_DAY
    moved = events_of(day.at_prices(1, 40), query)
    for own, other in zip(rows, moved, strict=True):
        prices = {name: own[name] and own[name] + 40 for name in own if name.endswith("_tick")}
        assert other == own | prices


@pytest.mark.parametrize("second", [651, 655, 661])
def test_an_invalid_second_before_the_break_is_known_leaves_no_event(
    second: int, query: str
) -> None:
    rows = events_of(replace(DAY, invalid=(second,)), query)
    assert 651 not in [row["cross_ts"] for row in rows]


@pytest.mark.parametrize("second", [666, 700, 709])
def test_an_invalid_second_censors(second: int, query: str) -> None:
    rows = events_of(replace(DAY, invalid=(second,)), query)
    [row] = [row for row in rows if row["cross_ts"] == 651]
    # the trade of 701 decides if it comes before the invalid second
    assert row["outcome"] == ("FAILS" if second > 701 else "CENSORED")
    assert row["label_end_ts"] == (702 if second > 701 else second)


@pytest.mark.parametrize("cut_s", [45, 51, 62, 91, 121, 666, 725, 891])
def test_what_comes_later_changes_nothing_that_is_known(
    cut_s: int, found: list[Row], query: str
) -> None:
    later = tuple((at, L + (-1) ** int(at) * 30) for at in range(cut_s, 1_000))
    trades = tuple(trade for trade in DAY.trades if trade[0] < cut_s) + later
    changed = events_of(replace(DAY, trades=trades), query)
    known = [row for row in found if row["label_end_ts"] <= cut_s]
    assert [row for row in changed if row["label_end_ts"] <= cut_s] == known
    labels = ("deepest_x_ticks", "outcome", "outcome_ts", "label_end_ts", "available_from_ts")

    def features(rows: list[Row]) -> list[Row]:
        return [
            {name: value for name, value in row.items() if name not in labels}
            for row in rows
            if (row["retest_window_end_ts"] or cut_s + 1) <= cut_s
        ]

    assert features(changed) == features(found)
    assert changed != found
