"""Plain key movements, their matches and profile, with answers counted by hand."""

from __future__ import annotations

from math import exp, sqrt

import numpy as np
import pytest
from naive.key_movements import (
    Candidate,
    Match,
    Moment,
    Movement,
    MovementRules,
    Turn,
    candidates,
    half_hour,
    key_movements,
    matches,
    profile_element,
    turn_at,
)
from naive.levels_model import Row
from support.levels_market import DAY, RULES, SYMBOL, TICK_INT, at, timestamp_of

T = at("10:00:00")
SETTINGS = MovementRules()
BASE = 1000


def moment(after: int, ticks: float, sigma: float | None = 0.1, **fields: object) -> Moment:
    """A second of the study that ends some seconds after T; `ticks` may be halves."""
    values = {
        "end_s": T + after,
        "is_study": True,
        "is_valid": True,
        "half_ticks": round(2 * (BASE + ticks)),
        "sigma_ticks": sigma,
        "spread_ticks": 1,
    }
    return Moment(**values | fields)


def path(ticks: list[float], sigma: float | None = 0.1) -> list[Moment]:
    return [moment(n, value, sigma) for n, value in enumerate(ticks)]


def found(moments: list[Moment]) -> list[tuple]:
    """Direction, scanned second, start, end and last second looked at, after T."""
    names = ("scanned_window_end_ts", "start_window_end_ts", "end_window_end_ts", "label_end_ts")
    return [
        (row["direction"], *((row[name] - timestamp_of(T)).total_seconds() for name in names))
        for row in key_movements(moments, RULES)
    ]


def test_movement_by_hand() -> None:
    """From 0 down to -1.5, twice, then up by 8 from the scanned second and 9.5 from the start."""
    moments = path([0, -1, -1.5, -1, -1.5, 2, 5, 8, 8, 8])
    assert key_movements(moments, RULES) == [
        {
            "symbol": SYMBOL,
            "dt": DAY,
            "direction": "up",
            "scanned_window_end_ts": timestamp_of(T),
            "start_window_end_ts": timestamp_of(T + 4),
            "end_window_end_ts": timestamp_of(T + 7),
            "move_ticks": 9.5,
            "threshold_ticks": 8,
            "duration_s": 3,
            "sigma_1s_ticks": 0.1,
            "spread_ticks": 1,
            "start_mid_price_int": (2 * BASE - 3) * TICK_INT // 2,
            "label_end_ts": timestamp_of(T + 7),
        }
    ]


@pytest.mark.parametrize(
    ("ticks", "expected"),
    [
        # a third of 8 is 2.67: 2.5 the other way is allowed, 3 is not, and the search moves on
        ([0, -2.5, 8], [("up", 0, 1, 2, 2)]),
        ([0, -3, 8], [("up", 1, 1, 2, 2)]),
        # 3 the other way ends the search for up, not that for down
        ([0, -3, -8], [("down", 0, 0, 2, 2)]),
        # 7.5 is not enough
        ([0, 7.5, 0], []),
        # the next search begins at the end: 8 up, then 8 down
        ([0, 8, 0], [("up", 0, 0, 1, 1), ("down", 1, 1, 2, 2)]),
        # the last of equal highs is the start
        ([0, 2, 2, -8], [("down", 0, 2, 3, 3)]),
    ],
)
def test_where_movements_start_and_end(ticks: list[float], expected: list[tuple]) -> None:
    assert found(path(ticks)) == expected
    mirrored = [({"up": "down", "down": "up"}[row[0]], *row[1:]) for row in expected]
    assert found(path([-value for value in ticks])) == mirrored


@pytest.mark.parametrize(("after", "n"), [(60, 1), (61, 0)])
def test_a_movement_takes_at_most_a_minute(after: int, n: int) -> None:
    """The level of second 0 is left at once, so that no later second reaches 8."""
    assert len(found(path([0, *[1] * (after - 1), 8]))) == n


def test_the_threshold_grows_with_volatility_of_the_scanned_second() -> None:
    """3 x 0.5 x root of 60 is 11.6."""
    moments = [moment(0, 0, 0.5), moment(1, 0, 0.5), moment(2, 11.5, 0.5), moment(3, 12, 0.5)]
    [row] = key_movements(moments, RULES)
    assert row["end_window_end_ts"] == timestamp_of(T + 3)
    assert row["threshold_ticks"] == pytest.approx(1.5 * sqrt(60))
    assert found([moment(0, 0, 0.0), moment(1, 8, 0.0)]) == [("up", 0, 0, 1, 1)]
    # without sigma nothing is sought, but a movement may pass and begin there
    assert found([moment(0, 0, None), moment(1, 8)]) == []
    [row] = key_movements([moment(0, 0), moment(1, -1, None), moment(2, 8)], RULES)
    assert (row["start_window_end_ts"], row["sigma_1s_ticks"]) == (timestamp_of(T + 1), None)


@pytest.mark.parametrize(
    "fields", [{"is_valid": False}, {"half_ticks": None}, {"is_study": False}, None]
)
def test_no_movement_passes_an_unknown_second(fields: dict | None) -> None:
    moments = path([0, 0, 8])
    moments[1:2] = [] if fields is None else [moment(1, 0, **fields)]
    assert found(moments) == []


def test_a_label_covers_what_earlier_searches_looked_at() -> None:
    """From second 0 it is up by 7.5 and then down by 3; from second 1 it is up by 8."""
    assert found(path([0, -0.5, 1, 7.5, -3]))[0] == ("up", 1, 1, 3, 4)
    assert found([*path([0, -0.5, 1, 7.5]), moment(5, 0)]) == [("up", 1, 1, 3, 4)]
    assert found(path([0, -0.5, 1, 7.5, 0, 0, -3]))[0] == ("up", 1, 1, 3, 6)


def test_half_hours_of_new_york() -> None:
    assert half_hour(at("10:00:00")) == (9, 1)
    assert half_hour(at("10:00:01")) == half_hour(at("10:30:00")) == (10, 0)


# ---------------------------------------------------------------- turns


@pytest.mark.parametrize(
    ("ticks", "expected"),
    [
        # a low of two seconds, left upwards; an equal second before counts on both sides
        ([-1, 2, 0, 0, 1], Turn(2, 1, True, False)),
        # at the first second nothing is known before
        ([0, 1], Turn(0, 0, True, False)),
        # price stands: no turn
        ([1, 0, 0], Turn(1, 0, False, False)),
        # still falling
        ([1, 0, -1], Turn(1, 0, False, True)),
        # an unknown second ends the count although the ones before are higher
        ([5, None, 3, 0, 1], Turn(1, 0, True, False)),
        # what comes after is unknown
        ([1, 0, None], Turn(1, 0, False, False)),
        # unknown itself
        ([1, None, 2], Turn(None, None, False, False)),
        # at most 30 seconds
        ([*[7] * 40, 0, 1], Turn(30, 0, True, False)),
        ([*[0] * 40, 0, 1], Turn(30, 30, True, False)),
        # half a tick is a difference
        ([0.5, 0, 0.5], Turn(1, 0, True, False)),
    ],
)
def test_turns_by_hand(ticks: list[float | None], expected: Turn) -> None:
    """The last but one second of each path, and the same upside down."""
    for sign in (1, -1):
        values = [
            moment(n, sign * (x or 0), half_ticks=None) if x is None else moment(n, sign * x)
            for n, x in enumerate(ticks)
        ]
        own = turn_at({one.end_s: one for one in values}, T + len(ticks) - 2, SETTINGS)
        assert own == (expected if sign == 1 else upside_down(expected))


def upside_down(turn: Turn) -> Turn:
    return Turn(turn.high_for_s, turn.low_for_s, turn.turned_down, turn.turned_up)


def test_turns_beside_missing_and_invalid_seconds() -> None:
    """A missing or an invalid second is unknown; one outside the session is known."""
    moments = {one.end_s - T: one for one in path([3, 2, 1, 0, 1])}

    def own(changed: dict[int, Moment | None]) -> Turn:
        both = {**moments, **changed}
        return turn_at({T + s: one for s, one in both.items() if one}, T + 3, SETTINGS)

    assert own({}) == Turn(3, 0, True, False)
    assert own({1: None}) == own({1: moment(1, 2, is_valid=False)}) == Turn(1, 0, True, False)
    assert own({4: None}) == own({4: moment(4, 1, is_valid=False)}) == Turn(3, 0, False, False)
    assert own({1: moment(1, 2, is_study=False)}) == Turn(3, 0, True, False)
    assert own({4: moment(4, 1, is_study=False)}) == Turn(3, 0, True, False)


# ---------------------------------------------------------------- matches


def no_lot(day: str, end_s: int) -> int:
    return 0


def calm(first: int, last: int, **fields: object) -> list[Moment]:
    return [moment(n, 0, **fields) for n in range(first, last)]


UP = Turn(9, 0, True, False)
DOWN = upside_down(UP)
MOVEMENT = Movement("a", "up", T + 900, T + 930, 1.0, 2, UP)


def test_candidates_by_hand() -> None:
    """30 valid seconds before, and 120 s from the movement of 400 to 420."""
    moments = calm(0, 600)
    moments[100] = moment(100, 0, is_valid=False)
    moments[150] = moment(150, 0, sigma=0.0)
    moments[151] = moment(151, 0, spread_ticks=None)
    del moments[200]
    movement = MOVEMENT._replace(start_s=T + 400, end_s=T + 420)
    own = {one.moment.end_s - T for one in candidates({"a": moments}, [movement], SETTINGS)}
    assert own == {
        *range(30, 100),
        *range(131, 200),
        *range(231, 281),
        *range(540, 600),
    } - {150, 151}
    # the movement of another contract-day does not matter
    other = movement._replace(day="b")
    assert len(candidates({"a": moments}, [other], SETTINGS)) == 70 + 69 - 2 + (600 - 231)


def test_matches_by_hand() -> None:
    """Divisors are the spreads over the candidates of the half-hour: ln sigma 1, spread 1.

    The movement lies at (0, 2). Squared distances: 0, 1, 1, 2 and 4 + 1.
    """
    places = {0: (0, 2), 40: (1, 2), 80: (0, 1), 120: (-1, 3), 160: (2, 3)}
    possible = [
        Candidate("a", moment(1 + after, 0, exp(x), spread_ticks=spread), UP)
        for after, (x, spread) in places.items()
    ]
    xs, spreads = zip(*places.values(), strict=True)
    taken = matches(MOVEMENT, possible, SETTINGS, lambda day, end_s: -end_s)
    dx, dy = np.std(xs, ddof=1), np.std(spreads, ddof=1)
    expected = {
        after: sqrt((x / dx) ** 2 + ((spread - 2) / dy) ** 2)
        for after, (x, spread) in places.items()
    }
    assert {match.end_s - T - 1: match.distance for match in taken} == pytest.approx(expected)
    distances = [match.distance for match in taken]
    assert distances == sorted(distances)
    # at another half-hour of the day there are none
    assert matches(MOVEMENT._replace(start_s=T + 1801), possible, SETTINGS, no_lot) == []
    for sigma in (None, 0.0):
        assert matches(MOVEMENT._replace(sigma_ticks=sigma), possible, SETTINGS, no_lot) == []


def test_matches_lie_apart_and_the_lot_decides_between_equals() -> None:
    """All candidates are equal, so every quantity is left out; 30 s apart means 30 or more."""
    possible = [Candidate("a", one, UP) for one in calm(1, 200)]
    possible += [Candidate("b", one, UP) for one in calm(1, 3)]
    movement = MOVEMENT._replace(sigma_ticks=0.5, spread_ticks=3)
    first = matches(movement, possible, SETTINGS, lambda day, end_s: end_s)
    assert [(match.day, match.end_s - T) for match in first] == [
        ("a", 1),
        ("b", 1),
        ("a", 31),
        ("a", 61),
        ("a", 91),
    ]
    assert {match.distance for match in first} == {0.0}
    last = matches(movement, possible, SETTINGS, lambda day, end_s: -end_s)
    assert [match.end_s - T for match in last] == [199, 169, 139, 109, 79]
    # fewer where there are no more
    assert len(matches(movement, possible[:40], SETTINGS, no_lot)) == 2


def test_matches_are_turns_after_extremes_as_long() -> None:
    """The start was the low of 9 seconds, so a match is one of 9 or more that price left upwards.

    The divisor of ln sigma stays that of all candidates.
    """
    turns = [UP, UP._replace(low_for_s=8), UP._replace(low_for_s=30, high_for_s=30)]
    turns += [UP._replace(turned_up=False), UP._replace(turned_up=False, turned_down=True), DOWN]
    for sign in (1, -1):
        possible = [
            Candidate("a", moment(1 + 40 * n, 0, exp(n)), turn if sign == 1 else upside_down(turn))
            for n, turn in enumerate(turns)
        ]
        direction, own = ("up", UP) if sign == 1 else ("down", DOWN)
        movement = MOVEMENT._replace(direction=direction, turn=own, spread_ticks=1)
        taken = matches(movement, possible, SETTINGS, no_lot)
        assert [(match.end_s - T - 1) // 40 for match in taken] == [0, 2]
        spread = np.std(range(len(turns)), ddof=1)
        assert [match.distance for match in taken] == pytest.approx([0.0, 2 / spread])
    # a start that was the extreme of no second before takes every turn
    short = MOVEMENT._replace(turn=UP._replace(low_for_s=0))
    possible = [Candidate("a", moment(1, 0), UP._replace(low_for_s=0))]
    assert len(matches(short, possible, SETTINGS, no_lot)) == 1


def test_candidates_carry_their_turns() -> None:
    moments = calm(0, 40)
    moments[35] = moment(35, -1)
    turns = {one.moment.end_s - T: one.turn for one in candidates({"a": moments}, [], SETTINGS)}
    assert turns[34] == Turn(30, 30, False, True)
    assert turns[35] == Turn(30, 0, True, False)
    assert turns[36] == Turn(0, 30, False, False)


# ---------------------------------------------------------------- profile


def test_profile_by_hand() -> None:
    """Means 2 and 3; the matches are 1, 3, 5: spread 2, so z is -0.5.

    Variances 2 of two and 4 of three: the standard error is the root of 7 / 3.
    """
    movements = {
        ("a", 100): [Match("a", 300, 0.0), Match("b", 500, 0.0)],
        ("b", 200): [Match("b", 700, 0.0), Match("b", 800, 0.0)],
        ("b", 250): [],
    }
    readings = {("a", 95): 1.0, ("b", 195): 3.0, ("b", 245): None, ("b", 100): 50.0}
    readings |= {("a", 295): 1.0, ("b", 495): 3.0, ("b", 695): 5.0, ("b", 795): None}
    assert profile_element(movements, readings, -5) == {
        "n_movements": 2,
        "n_matches": 3,
        "n_days": 2,
        "mean": 2.0,
        "matched_mean": 3.0,
        "matched_std": 2.0,
        "z": -0.5,
        "welch_t": pytest.approx(-1 / sqrt(7 / 3)),
    }


def test_profile_without_readings() -> None:
    row: Row = profile_element({("a", 100): [Match("a", 300, 0.0)]}, {("a", 299): 2.0}, -1)
    assert row == {
        **dict.fromkeys(("mean", "matched_std", "z", "welch_t")),
        **dict.fromkeys(("n_movements", "n_days"), 0),
        "n_matches": 1,
        "matched_mean": 2.0,
    }


# ---------------------------------------------------------------- identities


def test_movements_of_random_walks() -> None:
    """Mirrored, translated, and every movement checked against its definition."""
    rng = np.random.default_rng(7)
    n_movements = 0
    for _ in range(10):
        walk = (np.cumsum(rng.integers(-2, 3, 900)) / 2).tolist()
        rows, mirrored, moved = (
            key_movements(path([sign * x + shift for x in walk]), RULES)
            for sign, shift in ((1, 0), (-1, 0), (1, 70))
        )
        for row, mirror, shifted in zip(rows, mirrored, moved, strict=True):
            names = [name for name in row if name.endswith("_ts") or name.endswith("_ticks")]
            assert all(row[name] == mirror[name] == shifted[name] for name in names)
            assert {row["direction"], mirror["direction"]} == {"up", "down"}
            first, start, end = (
                int((row[f"{name}_window_end_ts"] - timestamp_of(T)).total_seconds())
                for name in ("scanned", "start", "end")
            )
            sign = 1 if row["direction"] == "up" else -1
            places = [sign * x for x in walk[first : end + 1]]
            assert first <= start < end <= first + 60
            assert places[-1] - places[0] >= 8
            assert max(places[:-1]) - places[0] < 8
            assert min(places) > places[0] - 8 / 3
            assert sign * walk[start] == min(places)
            assert row["move_ticks"] == places[-1] - min(places)
        ends = [row["end_window_end_ts"] for row in rows]
        assert all(
            row["start_window_end_ts"] >= end for row, end in zip(rows[1:], ends, strict=False)
        )
        n_movements += len(rows)
    assert n_movements >= 40
