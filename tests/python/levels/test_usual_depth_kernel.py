"""The kernel of the usual depth against the plain implementation, on random seconds."""

from __future__ import annotations

import duckdb
import numpy as np
import pytest
from naive.usual_depth import Second, plain_usual_depth
from spymaster_engine.door import KERNELS, register
from spymaster_engine.kernels.levels import usual_depth
from spymaster_engine.level_book_columns import USUAL_CELLS, USUAL_SECONDS

SETTINGS = {"ahead_ticks": 7, "lookback_s": 6, "min_known_s": 3, "reach_ticks": 9}
RUNG_TICKS = 3


def random_seconds(seed: int) -> dict[int, Second]:
    """Return seconds with gaps, invalid seconds, jumps of spot and prices without depth."""
    draw = np.random.default_rng(seed)
    seconds: dict[int, Second] = {}
    spot, second = 100, 50
    for _ in range(40):
        second += int(draw.choice([1, 1, 1, 1, 2, 9]))
        spot += int(draw.choice([-1, 0, 0, 1, 6]))
        depth = {
            (side, price): int(draw.integers(0, 30))
            for side in (0, 1)
            for price in range(spot - 9, spot + 10)
            if draw.random() < 0.7
        }
        seconds[second] = (spot, bool(draw.random() < 0.9), depth)
    return seconds


def columns_of(seconds: dict[int, Second]) -> tuple[dict, dict]:
    """Return the seconds and their cells as columns."""
    rows = [(second, spot, int(is_valid)) for second, (spot, is_valid, _) in seconds.items()]
    cells = [
        (second, side, price, qty)
        for second, (_, _, depth) in seconds.items()
        for (side, price), qty in depth.items()
    ]
    return tuple(
        dict(zip(names, np.array(part, np.int32).reshape(-1, len(names)).T, strict=True))
        for names, part in ((USUAL_SECONDS, rows), (USUAL_CELLS, cells[::-1]))
    )


def plain(seconds: dict[int, Second]) -> list[list[list[float | None]]]:
    """Return the medians of each second and side in the order of the kernel."""
    places = [range(0), *(range(d, d + RUNG_TICKS) for d in range(2 - RUNG_TICKS, 8))]
    return [
        [
            [plain_usual_depth(seconds, now, side, rung, **SETTINGS) for rung in places]
            for side in (0, 1)
        ]
        for now in seconds
    ]


@pytest.mark.parametrize("seed", range(10))
def test_medians_match_the_plain_implementation(seed: int) -> None:
    seconds = random_seconds(seed)
    found = usual_depth(*columns_of(seconds), rung_ticks=RUNG_TICKS, **SETTINGS)
    expected = np.array(plain(seconds), float)
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    assert np.isnan(expected).any()
    assert (expected > 0).sum() > 100


def test_a_wall_does_not_enter_its_own_reference_depth() -> None:
    depth = {(0, 100 + n): 10 for n in range(1, 8)} | {(0, 104): 500, (0, 105): 500, (0, 106): 500}
    seconds = dict.fromkeys(range(6), (100, True, depth))
    found = usual_depth(*columns_of(seconds), rung_ticks=RUNG_TICKS, **SETTINGS)
    # four of the seven prices are usual; without the wall all are, without the others only the wall
    # is left
    at = 4 + RUNG_TICKS - 1
    assert found[5, 0, at] == 10
    assert found[5, 0, 2 + RUNG_TICKS - 1] == 255


def test_without_seconds_there_is_no_result() -> None:
    found = usual_depth(*columns_of({}), rung_ticks=RUNG_TICKS, **SETTINGS)
    assert found.shape == (0, 2, 10)


def test_sql_gets_a_list_per_second() -> None:
    partitions = [random_seconds(seed) for seed in (3, 4)]
    lists = []
    for seconds in partitions:
        of_seconds, of_cells = columns_of(seconds)
        lists.append(
            [
                [
                    {name: int(columns[name][i]) for name in columns}
                    for i in range(len(next(iter(columns.values()))))
                ]
                for columns in (of_seconds, of_cells)
            ]
        )
    settings = {**SETTINGS, "rung_ticks": RUNG_TICKS}
    with duckdb.connect() as connection:
        register(connection, KERNELS.values())
        found = [
            connection.execute("select usual_depth(?, ?, ?)", [*rows, settings]).fetchone()[0]
            for rows in lists
        ]
    expected = [[{"ask": ask, "bid": bid} for ask, bid in plain(seconds)] for seconds in partitions]
    for depths, plain_depths in zip(found, expected, strict=True):
        assert len(depths) == len(plain_depths)
        for ours, theirs in zip(depths, plain_depths, strict=True):
            for side in ("ask", "bid"):
                # None is nan
                np.testing.assert_allclose(
                    np.array(ours[side], float), np.array(theirs[side], float), rtol=1e-12
                )
