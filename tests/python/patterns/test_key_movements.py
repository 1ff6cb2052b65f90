"""The scan for key movements: every rule on a scripted path, and what must not change it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
from spymaster_engine.kernels.patterns import key_movements

WITHIN_S, DIVISOR, LEAST = 60, 3.0, 8.0


class Movement(NamedTuple):
    """A movement with its seconds."""

    scanned: int
    start: int
    end: int
    looked_until: int
    direction: int


def scan(
    path_ticks: list[float],
    seconds: list[int] | None = None,
    least: float | list[float] = LEAST,
) -> list[Movement]:
    """Return the movements of a path of mids in ticks, one a second unless seconds are given."""
    n = len(path_ticks)
    found = key_movements(
        {
            "second_s": np.arange(n) if seconds is None else np.array(seconds, np.int64),
            "mid_half_ticks": np.array([round(2 * ticks) for ticks in path_ticks], np.int64),
            "threshold_ticks": np.broadcast_to(np.array(least, np.float64), n),
        },
        WITHIN_S,
        DIVISOR,
    )
    return [Movement(*map(int, row)) for row in zip(*found.values(), strict=True)]


def flat(ticks: float, count: int) -> list[float]:
    return [ticks] * count


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param([0, 3, 5, 8], [(0, 0, 3, 1)], id="a move up"),
        pytest.param([0, -3, -5, -8], [(0, 0, 3, -1)], id="a move down"),
        pytest.param([0, 3, 5, 7.5], [], id="half a tick short"),
        pytest.param([0, -2, 8], [(0, 1, 2, 1)], id="it starts at the extreme after the scan"),
        pytest.param([0, -1, -1, 3, 7], [(1, 2, 4, 1)], id="at the last second of the extreme"),
        pytest.param([0, -2.5, 7.5, 8], [(0, 1, 3, 1)], id="less than a third the other way"),
        pytest.param([0, -3, 8], [(1, 1, 2, 1)], id="a third the other way ends the candidate"),
        pytest.param(
            [*flat(0, WITHIN_S), 8], [(0, WITHIN_S - 1, WITHIN_S, 1)], id="within the seconds"
        ),
        pytest.param(
            [*flat(0, WITHIN_S + 1), 8], [(1, WITHIN_S, WITHIN_S + 1, 1)], id="a second too late"
        ),
        pytest.param([0, 8, 16, 24], [(0, 0, 1, 1), (1, 1, 2, 1), (2, 2, 3, 1)], id="one by one"),
        pytest.param([0, 4, 8, 12, 15], [(0, 0, 2, 1)], id="the scan goes on at the end"),
        pytest.param([0, 9, 1], [(0, 0, 1, 1), (1, 1, 2, -1)], id="and turns there"),
        pytest.param([0, 2.5, -8, 0], [(0, 1, 2, -1), (2, 2, 3, 1)], id="what is reached first"),
        pytest.param([], [], id="no seconds"),
        pytest.param([0], [], id="one second"),
    ],
)
def test_each_rule_of_the_scan(path: list[float], expected: list[tuple]) -> None:
    found = [(row.scanned, row.start, row.end, row.direction) for row in scan(path)]
    assert found == expected


@pytest.mark.parametrize("sign", [1, -1])
def test_exactly_a_third_the_other_way_ends_the_candidate(sign: int) -> None:
    [found] = scan([0, -3 * sign, 9 * sign], least=9.0)
    assert found[:3] == (1, 1, 2)
    assert found.direction == sign


def test_a_missing_second_ends_the_candidate() -> None:
    assert scan([0, 4, 8], seconds=[0, 1, 2])
    assert scan([0, 4, 8], seconds=[0, 1, 3]) == []
    # what lies behind it is scanned on its own
    after = scan([0, 4, 8, 16], seconds=[0, 1, 3, 4])
    assert [(row.scanned, row.start, row.end) for row in after] == [(3, 3, 4)]


def test_a_second_of_unknown_volatility_is_looked_at_and_not_scanned() -> None:
    assert [row.scanned for row in scan([0, 0, 8], least=[np.nan, 8, 8])] == [1]
    assert [row.scanned for row in scan([0, 0, 8], least=[8, np.nan, np.nan])] == [0]
    assert scan([0, 8], least=[np.nan, np.nan]) == []


def test_the_least_move_is_that_of_the_scanned_second() -> None:
    [movement] = scan([0, 0, 8, 20], least=[20, 8, 8, 8])[:1]
    # the first second needs twenty ticks, and has them before the second one is looked at
    assert (movement.scanned, movement.start, movement.end) == (0, 1, 3)


def test_the_label_ends_where_the_scan_last_looked() -> None:
    # from half a tick above the start eight ticks are never reached, but might have been
    path = [0.5, 0, *flat(8, 100)]
    assert scan(path) == [(1, 1, 2, WITHIN_S, 1)]
    # a missing second ends the look, and is itself looked at
    assert scan(path[:4]) == [(1, 1, 2, 4, 1)]


def random_path(rng: np.random.Generator) -> tuple[list[float], list[int]]:
    steps = rng.choice([-4, -2, -1, 0, 0, 1, 2, 4], size=300) / 2
    kept = np.flatnonzero(rng.random(300) > 0.01)
    return np.cumsum(steps)[kept].tolist(), kept.tolist()


@pytest.mark.parametrize("seed", range(20))
def test_mirrored_and_moved_prices_have_the_same_movements(seed: int) -> None:
    path, seconds = random_path(np.random.default_rng(seed))
    movements = scan(path, seconds)
    assert movements
    mirrored = scan([-ticks for ticks in path], seconds)
    assert [row._replace(direction=-row.direction) for row in mirrored] == movements
    assert scan([ticks + 1_000 for ticks in path], seconds) == movements


def test_later_seconds_change_no_finished_label() -> None:
    compared = reaching = 0
    for seed in range(300):
        rng = np.random.default_rng(seed)
        path, seconds = random_path(rng)
        moment = int(rng.integers(60, 280))
        known = int(np.searchsorted(seconds, moment, side="right"))
        other, other_seconds = random_path(rng)
        tail = [place for place, second in enumerate(other_seconds) if second > moment]
        changed = scan(
            path[:known] + [other[place] for place in tail],
            seconds[:known] + [other_seconds[place] for place in tail],
        )
        before, after = (
            [row for row in rows if row.looked_until <= moment]
            for rows in (scan(path, seconds), changed)
        )
        assert before == after
        compared += len(before)
        reaching += sum(row.end <= moment < row.looked_until for row in scan(path, seconds))
    # some movements end before the moment and are certain only after it
    assert compared > 300
    assert reaching > 10
