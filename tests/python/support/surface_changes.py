"""Calm books, and the same books with more pulls or more resting depth in every fourth second."""

from __future__ import annotations

from dataclasses import replace

from naive.surfaces import Row, second_of

from support.strategies.surface_books import Books

# a second and the three before it that its differences use
PERIOD_S = 4
GRID_TICKS = 20
PULLED_PARTS = (1, 3, 100)
ADDED_DEPTHS = (1, 40)
STRIDE = 5


def is_changed(row: Row) -> bool:
    """Whether a row lies in a changed second."""
    return second_of(row["window_start_ts"]) % PERIOD_S == 0


def renamed(books: Books, symbol: str) -> Books:
    """The same books under another symbol."""
    rows = {
        name: [row | {"symbol": symbol} for row in getattr(books, name)]
        for name in ("snapshot", "wall", "reprice")
    }
    return replace(books, symbol=symbol, **rows)


def with_more_pulls(books: Books) -> Books:
    """Pull 1 contract, 3 contracts, or all depth of every fifth row."""
    wall = []
    for index, row in enumerate(books.wall):
        part = PULLED_PARTS[index // STRIDE % len(PULLED_PARTS)]
        more = min(part, row["depth_qty_end"])
        if is_changed(row) and index % STRIDE == 0:
            end = row["depth_qty_end"] - more
            row = row | {
                "pull_qty_total": row["pull_qty_total"] + more,
                "pull_qty_rest": row["pull_qty_rest"] + more,
                "depth_qty_end": end,
                "depth_qty_rest": min(row["depth_qty_rest"], end),
            }
        wall.append(row)
    return replace(books, wall=wall)


def with_more_depth(books: Books) -> Books:
    """Add resting depth to every fifth row and to the nearest empty price of its side."""
    taken = {(row["window_start_ts"], row["side"], row["price_int"]) for row in books.wall}
    wall = []
    for index, row in enumerate(books.wall):
        more = ADDED_DEPTHS[index // STRIDE % len(ADDED_DEPTHS)]
        if is_changed(row) and index % STRIDE == 0:
            empty = _nearest_empty(books, row, taken)
            if empty is not None:
                taken.add((empty["window_start_ts"], empty["side"], empty["price_int"]))
                wall.append(_deeper(empty, more))
            row = _deeper(row, more)
        wall.append(row)
    return replace(books, wall=wall)


def _deeper(row: Row, more: int) -> Row:
    columns = ("depth_qty_start", "depth_qty_end", "depth_qty_rest")
    return row | {name: row[name] + more for name in columns}


def _nearest_empty(books: Books, row: Row, taken: set[tuple]) -> Row | None:
    """A wall row of zeros at the price nearest to spot without a row of the same side."""
    for ticks in range(1, GRID_TICKS + 1):
        rel_ticks = ticks if row["side"] == "A" else -ticks
        price_int = row["spot_ref_price_int"] + rel_ticks * books.tick_int
        if (row["window_start_ts"], row["side"], price_int) not in taken:
            counts = {name: 0 for name in row if "_qty" in name or name == "order_count_end"}
            return row | counts | {"price_int": price_int, "rel_ticks": rel_ticks}
    return None
