"""The kernel of the four conditions on small books with known answers."""

from __future__ import annotations

import numpy as np
import pytest
from spymaster_engine.kernels.levels import turn_flows
from spymaster_engine.turn_flow_columns import CELLS, LEVELS, MOVES, SECONDS

LEVEL, ZONE, WINDOW = 100, 20, 2
# distance from the level up to which prices have rows
SEEN = 400
ASK, BID = 0, 1


class Book:
    """Three seconds of a book: the start and two seconds with events."""

    def __init__(self, quotes: list[tuple[int, int]]) -> None:
        """Take (best bid, best ask) at the end of each second."""
        self.seconds = [
            (second, *quote, LEVEL - SEEN, LEVEL + SEEN) for second, quote in enumerate(quotes)
        ]
        self.cells: list[tuple[int, ...]] = []
        self.moves: list[tuple[int, ...]] = []

    def cell(self, second: int, side: int, tick: int, depth: int, **flows: int) -> None:
        """Add a price whose whole depth has rested."""
        flow = (flows.get(name, 0) for name in ("add", "pull", "fill"))
        self.cells.append((second, side, tick, depth, depth, *flow))

    def mirrored(self) -> Book:
        """Return the book with its prices reflected at the level."""
        book = Book([(2 * LEVEL - ask, 2 * LEVEL - bid) for _, bid, ask, *_ in self.seconds])
        book.cells = [(s, 1 - side, 2 * LEVEL - p, *rest) for s, side, p, *rest in self.cells]
        book.moves = [
            (s, 1 - side, 2 * LEVEL - start, 2 * LEVEL - end, qty)
            for s, side, start, end, qty in self.moves
        ]
        return book

    def sums(self, level: int = LEVEL, shift: int = 0) -> dict[str, int] | None:
        """Return the sums of the window that ends with the last second, None where unknown."""
        tables = [np.array(self.seconds), np.array(sorted(self.cells)).reshape(-1, len(CELLS))]
        tables += [
            np.array(sorted(self.moves)).reshape(-1, len(MOVES)),
            np.array([(2, level, WINDOW)]),
        ]
        columns = [
            {name: table[:, i].astype(np.int64) for i, name in enumerate(names)}
            for table, names in zip(tables, (SECONDS, CELLS, MOVES, LEVELS), strict=True)
        ]
        for table in columns:
            for name in table:
                if name.endswith("tick"):
                    table[name] = table[name] + shift
        is_known, sums = turn_flows(*columns, ZONE)
        return {name: int(values[0]) for name, values in sums.items()} if is_known[0] else None


def retreat_by_depth(sums: dict[str, int], side: str) -> float:
    """Return how far the centre of the open prices moved, ticks."""
    start, end = (
        sums[f"{side}_open_{name}_ticks"] / sums[f"{side}_open_{name}"] for name in ("start", "end")
    )
    return end - start


def static(quotes: list[tuple[int, int]]) -> Book:
    """Return a static book, 10 contracts at each price open to a side."""
    book = Book(quotes)
    for second, bid, ask, *_ in book.seconds:
        for tick in range(LEVEL - 40, LEVEL + 41):
            if tick >= ask:
                book.cell(second, ASK, tick, 10)
            elif tick <= bid:
                book.cell(second, BID, tick, 10)
    return book


def test_spot_that_moves_through_a_static_book_is_no_condition() -> None:
    """Asks are eaten up to the level and bids follow: nobody retreated or pulled."""
    book = static([(98, 99), (100, 101), (102, 103)])
    for second, tick in ((1, 99), (1, 100), (2, 101), (2, 102)):
        book.cell(second, ASK, tick, 0, fill=10)
        book.cells = [c for c in book.cells if c[:3] != (second, BID, tick)]
        book.cell(second, BID, tick, 10, add=10)
    sums = book.sums()
    for side in ("ask", "bid"):
        assert sums[f"{side}_repriced"] == sums[f"{side}_pull"] == sums[f"{side}_add"] == 0
        assert retreat_by_depth(sums, side) == 0


def test_asks_that_are_repriced_a_tick_up_retreat_by_a_tick() -> None:
    """Every ask moves away at constant spot: a tick by orders, nearly a tick by depth."""
    book = Book([(99, 100), (99, 101), (99, 101)])
    for tick in range(100, 131):
        book.cell(0, ASK, tick, 10)
        book.cell(2, ASK, tick + 1, 10)
        book.moves.append((1, ASK, tick, tick + 1, 10))
    sums = book.sums()
    assert sums["ask_repriced_ticks"] == sums["ask_rest_start"] == 210
    assert sums["ask_pull"] == sums["ask_add"] == 0
    assert retreat_by_depth(sums, "ask") == pytest.approx(0.5)


def test_executed_asks_do_not_retreat() -> None:
    """The nearest asks are executed and nobody replaces them, the bid stays where it is."""
    book = Book([(98, 100), (98, 101), (98, 102)])
    for tick in range(100, 121):
        book.cell(0, ASK, tick, 10)
        for second in (1, 2):
            if tick >= 100 + second:
                book.cell(second, ASK, tick, 10)
    book.cell(1, ASK, 100, 0, fill=10)
    book.cell(2, ASK, 101, 0, fill=10)
    sums = book.sums()
    assert sums["ask_repriced"] == sums["ask_pull"] == sums["ask_open_change"] == 0
    assert retreat_by_depth(sums, "ask") == 0


def test_pulled_near_asks_are_a_retreat_by_depth_and_a_pull() -> None:
    """Rested asks at the level and a tick past it are cancelled, two contracts of them new."""
    book = Book([(98, 100), (98, 102), (98, 102)])
    for tick in range(100, 121):
        book.cell(0, ASK, tick, 10)
        if tick >= 102:
            book.cell(2, ASK, tick, 10)
    book.cell(1, ASK, 100, 0, pull=10)
    book.cell(1, ASK, 101, 0, pull=8)
    sums = book.sums()
    assert (sums["ask_pull"], sums["ask_add"], sums["ask_depth_start"]) == (18, 0, 210)
    assert retreat_by_depth(sums, "ask") == pytest.approx(1.0)
    assert sums["ask_open_change"] == 20


def test_a_reprice_over_an_end_of_the_zone_counts_a_tick_beyond_it() -> None:
    """Re-prices that touch the zone count with their ticks inside it and one outside."""
    book = static([(95, 96)] * 3)
    book.moves = [
        (1, ASK, 118, 150, 3),
        (1, ASK, 97, 104, 5),
        (2, ASK, 97, 130, 7),
        (2, ASK, 125, 160, 9),
        (2, BID, 90, 85, 11),
        (0, ASK, 100, 110, 99),
    ]
    sums = book.sums()
    assert (sums["ask_repriced"], sums["ask_repriced_ticks"]) == (8, 3 * (21 - 18) + 5 * (4 + 1))
    assert (sums["bid_repriced"], sums["bid_repriced_ticks"]) == (11, 55)


def test_a_window_with_a_missing_second_is_not_known() -> None:
    """An invalid second is left out of the seconds."""
    book = static([(95, 96)] * 3)
    del book.seconds[1]
    assert book.sums() is None


@pytest.mark.parametrize(("place", "end"), [(3, LEVEL - ZONE), (4, LEVEL + ZONE)])
def test_a_window_with_its_zone_outside_the_wall_is_unknown(place: int, end: int) -> None:
    """Spot stood so far away at the start that prices of the zone had no rows."""
    book = static([(98, 99)] * 3)
    first = list(book.seconds[0])
    for beyond, is_known in ((0, True), (1, False)):
        first[place] = end + beyond * (1 if place == 3 else -1)
        book.seconds[0] = tuple(first)
        assert (book.sums() is not None) == is_known


def test_reflected_and_moved_prices_change_only_the_sides() -> None:
    """Reflection turns asks into bids; moving book and level by whole ticks changes nothing."""
    book = static([(98, 99), (97, 98), (99, 101)])
    generator = np.random.default_rng(5)
    book.cells = [(*cell[:5], *generator.integers(0, 9, 3)) for cell in book.cells]
    book.moves = [
        (int(generator.integers(0, 3)), int(generator.integers(0, 2)), *map(int, ticks), 4)
        for ticks in generator.integers(LEVEL - 30, LEVEL + 30, (40, 2))
    ]
    sums = book.sums()
    assert book.sums(LEVEL, shift=1_000) == sums
    other = {"ask": "bid", "bid": "ask"}
    mirrored = book.mirrored().sums()
    assert mirrored == {f"{other[name[:3]]}{name[3:]}": value for name, value in sums.items()}
