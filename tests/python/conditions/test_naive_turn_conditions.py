"""Plain measures of a turn on small markets, and invariants of the conditions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from naive.levels_model import Row
from naive.surfaces import SurfaceDay
from naive.turn_conditions import (
    Calibration,
    TurnRules,
    measured_levels,
    side_flows,
    side_measures,
)
from naive.turn_states import CONDITIONS, MEASURES, turn_conditions_1s
from support.levels_market import RULES, TICK_INT, at
from support.turn_market import QTY, Event, Events, described, full_book, market_day, reflected

START = at("10:00:00")
SPOT, LEVEL, N = 1000, 1005, 12
TURN = TurnRules()
ASK = "ask", "bid"
NOTHING = {"retreat_ticks": 0.0, "retreat_qty": 0, "pull_share": 0.0, "pull_qty": 0}
UNKNOWN = dict.fromkeys(NOTHING)


def day_of(events: Events, n: int = N, **settings: object) -> SurfaceDay:
    return market_day(START, settings.pop("spots", [SPOT] * n), events, **settings)


def flows(events: Events, side: str = "ask", second: int = 9, **settings: object) -> dict | None:
    """Sums of the five seconds 5 ... 9; their start is the end of second 4."""
    day = day_of(events, **settings)
    return side_flows(day, START + second, LEVEL * TICK_INT, side, TURN)


def measures(events: Events, side: str = "ask", second: int = 9, **settings: object) -> dict:
    day = day_of(events, **settings)
    return side_measures(day, START + second, LEVEL * TICK_INT, side, TURN)


# ---------------------------------------------------------------- sums by hand


def test_sums_by_hand() -> None:
    """Asks from 1005 to 1025: 21 ticks of 30; 10 go from 1006 to 1009, 5 are pulled, 4 arrive."""
    events = {
        5: [Event("move", "A", 1006, 10, 1009)],
        7: [Event("pull", "A", 1005, 5), Event("add", "A", 1020, 4)],
        8: [Event("fill", "A", 1005, 3)],
    }
    assert flows(events) == {
        "rest_start": 21 * QTY,
        "depth_start": 21 * QTY,
        "add": 4,
        "pull": 5,
        "repriced": 10,
        "repriced_ticks": 30,
    }
    assert measures(events) == {
        "retreat_ticks": 30 / 630,
        "retreat_qty": 10,
        "pull_share": 1 / 630,
        "pull_qty": 9,
    }
    # bids from 1005 down to 985: fifteen of their ticks hold depth
    assert flows(events, "bid")["depth_start"] == 15 * QTY
    assert measures(events, "bid") == NOTHING


@pytest.mark.parametrize(
    ("left", "entered", "ticks"),
    [
        (1006, 1009, 3),
        (1009, 1006, -3),
        (1005, 1006, 1),
        # what lies outside counts as one tick outside
        (1008, 1040, 18),
        (1040, 1008, -18),
        (1005, 1040, 21),
        (1002, 1005, 1),
        (1005, 1001, -1),
        (1002, 1040, None),
        (1026, 1030, None),
        (1001, 1004, None),
    ],
)
def test_places_of_a_reprice(left: int, entered: int, ticks: int | None) -> None:
    found = flows({6: [Event("move", "A", left, 10, entered)]})
    assert found["repriced"] == (0 if ticks is None else 10)
    assert found["repriced_ticks"] == (0 if ticks is None else 10 * ticks)
    # and counts neither as a pull nor as an arrival
    assert (found["add"], found["pull"]) == (0, 0)


@pytest.mark.parametrize(("second", "counts"), [(4, False), (5, True), (9, True), (10, False)])
def test_a_window_is_five_seconds(second: int, *, counts: bool) -> None:
    found = measures({second: [Event("pull", "A", 1010, 10)]})
    # a pull before the window lowers the depth at its start
    depth = 630 - (10 if second == 4 else 0)
    assert found["pull_qty"] == (10 if counts else 0)
    assert found["pull_share"] == (10 / depth if counts else 0.0)


def test_executions_and_arrivals_are_no_retreat() -> None:
    """Buyers take the nearest asks of the zone, others arrive far out: nothing moved away."""
    events = {
        6: [Event("fill", "A", 1005, 30), Event("fill", "A", 1006, 30)],
        7: [Event("add", "A", 1025, 90)],
    }
    found = measures(events)
    assert (found["retreat_ticks"], found["retreat_qty"]) == (0.0, 0)
    assert found["pull_share"] == -90 / 630
    assert measures({6: events[6]})["pull_share"] == 0.0


def test_prices_that_were_not_open_do_not_count() -> None:
    """Bids stood up to 1010 and fell back to 999; asks follow them down and have not added."""
    book = {key: qty for key, qty in full_book(SPOT).items() if key != ("A", SPOT)}
    book = {key: qty for key, qty in book.items() if key[0] == "B" or key[1] > 1010}
    book |= {("B", tick): QTY for tick in range(1000, 1011)}
    events = {
        6: [Event("pull", "B", tick, QTY) for tick in range(1000, 1011)],
        7: [Event("add", "A", tick, QTY) for tick in range(1001, 1011)],
        8: [Event("add", "A", 1012, 6), Event("pull", "A", 1013, 16)],
    }
    found = flows(events, book=book)
    assert found["depth_start"] == found["rest_start"] == 15 * QTY
    assert (found["add"], found["pull"]) == (6, 16)
    # the next window, without depth there, has all prices open
    assert flows({}, book=full_book(SPOT))["depth_start"] == 21 * QTY


# ---------------------------------------------------------------- a static book


@pytest.mark.parametrize("side", ASK)
def test_static_book_with_moving_spot(side: str) -> None:
    """The last trade bounces, and jumps far; no order moves."""
    spots = [SPOT + n for n in (0, 1, -1, 1, 0, -1, 1, 0, 1, -1, 0, 1)]
    assert measures({}, side, spots=spots) == NOTHING
    assert measures({}, side, spots=[SPOT + 3 * n for n in range(N)]) == NOTHING


def test_price_that_eats_its_way_up_is_no_condition() -> None:
    """A tick of asks is executed each second and bids follow: asks did not retreat."""
    events = {
        n: [Event("fill", "A", SPOT + 1 + n, QTY), Event("add", "B", SPOT + 1 + n, QTY)]
        for n in range(N)
    }
    spots = [SPOT + n for n in range(N)]
    assert measures(events, spots=spots) == NOTHING
    assert measures(events, "bid", spots=spots)["retreat_ticks"] == 0.0


@pytest.mark.parametrize(
    ("spot_ticks", "own_ticks"), [(3, 0), (9, 0), (2, 1), (1, 2), (0, 3), (-1, 3)]
)
@pytest.mark.parametrize("side", ASK)
def test_what_follows_spot_has_not_retreated(side: str, spot_ticks: int, own_ticks: int) -> None:
    """10 contracts are re-priced 3 ticks away."""
    events = {6: [Event("move", "A", 1010, 10, 1013)]}
    spots = [SPOT] * 7 + [SPOT + spot_ticks] * 5
    if side == "bid":
        events = reflected(events, LEVEL)
        spots = [2 * LEVEL - spot for spot in spots]
    found = measures(events, side, spots=spots)
    assert found["retreat_ticks"] == pytest.approx(10 * own_ticks / (21 * QTY), abs=1e-15)


# ---------------------------------------------------------------- unknown values


@pytest.mark.parametrize("kind", ["invalid", "missing"])
@pytest.mark.parametrize("bad", range(12))
def test_a_gap_makes_sums_unknown(kind: str, bad: int) -> None:
    """Seconds 4 ... 9 are needed for the row of second 9; the ends count from the first second."""
    settings = {kind: (bad,)}
    if (kind, bad) == ("missing", 9):
        # the row itself is missing
        return
    found = measures({}, **settings)
    assert found == (UNKNOWN if 4 <= bad <= 9 else NOTHING)


def test_the_first_seconds_are_not_known() -> None:
    assert measures({}, second=4) == UNKNOWN
    assert measures({}, second=5) == NOTHING


def test_a_new_order_has_not_rested() -> None:
    """Depth at the start counts it, rest does not."""
    found = flows({4: [Event("add", "A", 1010, 50)]})
    assert (found["rest_start"], found["depth_start"]) == (630, 680)


def test_levels_that_have_rows() -> None:
    day = day_of({})
    for tick, is_near in ((1020, True), (1021, False), (980, True), (979, False), (1000, True)):
        assert bool(measured_levels(day, *described(day, tick), TURN)) == is_near
    assert measured_levels(day, *described(day, 1005, is_active=False), TURN) == []


# ---------------------------------------------------------------- identities


def random_events(seed: int, n: int) -> dict[int, list[Event]]:
    """Arrivals, cancels and re-prices within 30 ticks of a constant spot."""
    rng = np.random.default_rng(seed)
    depth = full_book(SPOT)
    events: dict[int, list[Event]] = {}
    for second in range(n):
        # an order that moved in this second has not rested
        young: set[tuple[str, int]] = set()
        for _ in range(int(rng.integers(0, 9))):
            side = str(rng.choice(["A", "B"]))
            sense = 1 if side == "A" else -1
            ticks, to_ticks = (SPOT + sense * int(x) for x in rng.integers(1, 31, 2))
            kind, qty = str(rng.choice(["add", "pull", "move"])), int(rng.integers(1, 25))
            key, entered = (side, ticks), (side, to_ticks)
            if kind != "add":
                if key in young or ticks == to_ticks or depth[key] <= qty:
                    continue
                depth[key] -= qty
            if kind in ("add", "move"):
                entered = key if kind == "add" else entered
                depth[entered] += qty
                young.add(entered)
            event = Event(kind, side, ticks, qty, to_ticks if kind == "move" else None)
            events.setdefault(second, []).append(event)
    return events


RANDOM_RULES = replace(TURN, min_seconds=60)
SECONDS = 400


def conditions_of(day: SurfaceDay, tick: int) -> dict[int, Row]:
    levels, offsets = described(day, tick)
    own = measured_levels(day, levels, offsets, RANDOM_RULES)
    calibration = Calibration([], own, RANDOM_RULES)
    rows = turn_conditions_1s(own, calibration, offsets, day, RULES, RANDOM_RULES)
    return {end_s: row for (end_s, _), row in rows.items()}


@pytest.mark.parametrize("seed", range(3))
def test_mirror_exchanges_the_sides_and_keeps_the_state(seed: int) -> None:
    events = random_events(seed, SECONDS)
    invalid = (150, 151)
    rows = conditions_of(day_of(events, SECONDS, invalid=invalid), LEVEL)
    image = day_of(reflected(events, SPOT), SECONDS, invalid=invalid)
    others = conditions_of(image, 2 * SPOT - LEVEL)
    swapped = {"asks_retreat": "bids_recede", "asks_pull": "bids_pull"}
    swapped |= {other: name for name, other in swapped.items()}
    in_words = dict(zip(CONDITIONS, (*CONDITIONS[2:], *CONDITIONS[:2]), strict=True))
    assert rows.keys() == others.keys()
    states = set()
    for end_s, row in rows.items():
        other = others[end_s]
        for name in ("state", "held_s", "ahead_withdraws", "behind_withdraws"):
            assert row[name] == other[name]
        assert [row[f"c{n}"] for n in (1, 2, 3, 4)] == [other[f"c{n}"] for n in (3, 4, 1, 2)]
        for name, (_, kind) in MEASURES.items():
            unit = "ticks" if kind == "retreat_ticks" else "share"
            for column in (unit, "qty", "z"):
                assert row[f"{name}_{column}"] == other[f"{swapped[name]}_{column}"]
        missing = (
            None
            if row["missing"] is None
            else {in_words[condition] for condition in row["missing"]}
        )
        assert missing == (None if other["missing"] is None else set(other["missing"]))
        states.add(row["state"])
        if row["state"] is not None:
            # the invalid seconds and the five after each of them
            assert not 150 <= end_s - START <= 156
    assert states >= {None, "none", "partial"}


def test_translation_changes_prices_only() -> None:
    events = random_events(5, SECONDS)
    moved = {
        n: [
            event._replace(
                ticks=event.ticks + 77,
                to_ticks=None if event.to_ticks is None else event.to_ticks + 77,
            )
            for event in of_second
        ]
        for n, of_second in events.items()
    }
    rows = conditions_of(day_of(events, SECONDS), LEVEL)
    others = conditions_of(day_of(moved, spots=[SPOT + 77] * SECONDS), LEVEL + 77)
    assert {end_s: {**row, "level_price_int": None} for end_s, row in rows.items()} == {
        end_s: {**row, "level_price_int": None} for end_s, row in others.items()
    }


def test_nothing_looks_ahead() -> None:
    events, others = random_events(7, SECONDS), random_events(8, SECONDS)
    cut = 250
    changed = {n: events.get(n, []) for n in range(cut)}
    # only arrivals, so that every cancelled order exists
    changed |= {
        n: [event for event in others.get(n, []) if event.kind == "add"]
        for n in range(cut, SECONDS)
    }
    rows = conditions_of(day_of(events, SECONDS), LEVEL)
    also = conditions_of(day_of(changed, SECONDS), LEVEL)
    before = {end_s for end_s in rows if end_s - START < cut}
    assert len(before) == cut
    assert all(rows[end_s] == also[end_s] for end_s in before)
    assert rows != also
