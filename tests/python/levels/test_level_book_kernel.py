"""The kernel of the book around levels against the plain implementation, on random seconds."""

from __future__ import annotations

import duckdb
import numpy as np
import pytest
from naive.level_book import Cell, Move, plain_level_book
from spymaster_engine.door import KERNELS, register
from spymaster_engine.kernels.levels import level_book
from spymaster_engine.level_book_columns import CELLS, MOVES, RUNG_SUMS, SUMS

BUCKETS = {"at": (0, 2), "near": (3, 5), "mid": (6, 14), "far": (15, 20)}
RUNGS, RUNG_TICKS = 2, 3

Second = tuple[list[Cell], list[Move], list[int]]


def random_second(draw: np.random.Generator) -> Second:
    """Return a second with crossed prices, empty ones, equal depths and any number of levels."""
    cells = [
        Cell(side, height, *draw.integers(0, 4, 6).tolist())
        for side in (0, 1)
        for height in draw.permutation(np.arange(-8, 50)).tolist()
        if draw.random() < 0.8
    ]
    moves = [
        Move(*(int(draw.integers(low, high)) for low, high in ((0, 2), (-8, 50), (0, 2), (1, 9))))
        for _ in range(draw.integers(0, 40))
    ]
    levels = draw.integers(-30, 31, draw.integers(0, 5)).tolist()
    if draw.random() < 0.1:
        return [], [], levels
    return cells, moves, levels


def seconds_of(seed: int, count: int = 8) -> list[Second]:
    """Return some seconds."""
    draw = np.random.default_rng(seed)
    return [random_second(draw) for _ in range(count)]


def bounds_of(lists: list[list]) -> np.ndarray:
    """Return the start of each list in the concatenation, and the end."""
    return np.cumsum([0, *(len(part) for part in lists)])


def columns_of(names: tuple[str, ...], lists: list[list[tuple]]) -> dict[str, np.ndarray]:
    """Return the rows of all lists by column."""
    rows = [row for part in lists for row in part]
    table = np.array(rows, np.int32).reshape(len(rows), len(names))
    return {name: table[:, i] for i, name in enumerate(names)}


@pytest.mark.parametrize("seed", range(20))
def test_sums_match_the_plain_implementation(seed: int) -> None:
    cells, moves, levels = (list(part) for part in zip(*seconds_of(seed), strict=True))
    found = level_book(
        columns_of(CELLS, cells),
        bounds_of(cells),
        columns_of(MOVES, moves),
        bounds_of(moves),
        np.array([k for part in levels for k in part], np.int32),
        bounds_of(levels),
        list(BUCKETS.values()),
        RUNGS,
        RUNG_TICKS,
    )
    assert set(found) == {*SUMS, *RUNG_SUMS}
    expected = [
        plain_level_book(*second, k, BUCKETS, RUNGS, RUNG_TICKS)
        for *second, of_second in zip(cells, moves, levels, strict=True)
        for k in of_second
    ]
    rows = [{name: found[name][i].tolist() for name in found} for i in range(len(expected))]
    assert rows == expected


def test_the_order_of_cells_does_not_matter() -> None:
    cells, moves, _ = random_second(np.random.default_rng(3))
    backwards = [cells[::-1], moves[::-1]]
    found = [
        level_book(
            columns_of(CELLS, [some]),
            bounds_of([some]),
            columns_of(MOVES, [others]),
            bounds_of([others]),
            np.array([-4, 0, 11]),
            np.array([0, 3]),
            list(BUCKETS.values()),
            RUNGS,
            RUNG_TICKS,
        )
        for some, others in ([cells, moves], backwards)
    ]
    assert all(np.array_equal(found[0][name], found[1][name]) for name in found[0])


def test_the_rungs_beyond_a_level_match_its_mirror_image() -> None:
    cells, _, _ = random_second(np.random.default_rng(8))
    mirrored = [cell._replace(side_no=1 - cell.side_no) for cell in cells]
    by_side = [
        level_book(
            columns_of(CELLS, [some]),
            bounds_of([some]),
            columns_of(MOVES, [[]]),
            bounds_of([[]]),
            np.array(k_ticks),
            np.array([0, 3]),
            list(BUCKETS.values()),
            RUNGS,
            RUNG_TICKS,
        )
        for some, k_ticks in ((cells, [2, 7, 11]), (mirrored, [-2, -7, -11]))
    ]
    assert by_side[0]["ask_beyond_depths"].any()
    for side, other in (("ask", "bid"), ("bid", "ask")):
        assert np.array_equal(
            by_side[0][f"{side}_beyond_depths"], by_side[1][f"{other}_beyond_depths"]
        )


def test_sql_gets_a_list_per_second_in_the_order_of_its_levels() -> None:
    """More seconds than a vector of DuckDB holds, some of them empty."""
    seconds = seconds_of(seed=5, count=40)
    rows = [
        (
            second_no,
            [cell._asdict() for cell in cells],
            [move._asdict() for move in moves],
            levels,
        )
        for second_no, (cells, moves, levels) in enumerate(seconds)
    ]
    buckets = [list(bounds) for bounds in BUCKETS.values()]
    with duckdb.connect() as connection:
        register(connection, KERNELS.values())
        connection.execute(
            f"create table seconds (second_no integer, cells {struct_of(CELLS)}[], "
            f"moves {struct_of(MOVES)}[], levels integer[])"
        )
        connection.executemany("insert into seconds values (?, ?, ?, ?)", rows)
        found = connection.execute(
            f"""
            select second_no, level_book(
                cells, moves, levels, {buckets},
                {{'rungs': {RUNGS}, 'rung_ticks': {RUNG_TICKS}}}
            )
            from seconds
            cross join range(100)
            order by all
            """
        ).fetchall()
    expected = [
        (second_no, [plain_level_book(cells, moves, k, BUCKETS, RUNGS, RUNG_TICKS) for k in levels])
        for second_no, (cells, moves, levels) in enumerate(seconds)
        for _ in range(100)
    ]
    assert found == expected


def struct_of(names: tuple[str, ...]) -> str:
    """Return the SQL type of a struct of whole numbers."""
    return f"struct({', '.join(f'{name} integer' for name in names)})"
