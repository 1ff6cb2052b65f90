"""The random books of the surface tests are consistent and hold every kind of second."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.strategies.surface_books import (
    Books,
    Row,
    as_tables,
    day_of,
    mirrored,
    random_books,
    write_books,
)

N_SECONDS = 400


@pytest.fixture(scope="module", params=[1, 2])
def books(request: pytest.FixtureRequest) -> Books:
    return random_books(request.param, N_SECONDS)


def test_books_hold_every_kind_of_second(books: Books) -> None:
    """Otherwise the tests below and the tests of the SQL models would miss cases."""
    spots = [row["spot_ref_price_int"] for row in books.snapshot]
    starts = [row["window_start_ts"] for row in books.snapshot]
    jumps = [
        abs(now - before) // books.tick_int
        for before, now in pairwise(spots)
        if before is not None and now is not None
    ]
    spreads = [
        (row["best_ask_price_int"] - row["best_bid_price_int"]) // books.tick_int
        for row in books.snapshot
        if row["mid_price_int"] is not None
    ]
    assert None in spots
    assert any(later - start > timedelta(seconds=1) for start, later in pairwise(starts))
    assert any(20 < jump <= books.wall_max_ticks for jump in jumps)
    assert any(jump > books.wall_max_ticks for jump in jumps)
    assert min(spreads) <= 0 and max(spreads) >= 8
    assert {1, 2, 8, 16, 32} <= {bit for row in books.snapshot for bit in _bits(row)}
    assert {"trade", "clamped_bid", "clamped_ask", "mid"} <= {
        row["spot_source"] for row in books.snapshot
    }
    places = Counter(
        (row["side"], (row["rel_ticks"] > 0) - (row["rel_ticks"] < 0))
        for row in books.wall
        if row["window_valid"]
    )
    assert {(side, sign) for side in "AB" for sign in (-1, 0, 1)} == set(places)


def _bits(row: Row) -> list[int]:
    return [1 << n for n in range(6) if row["invalid_flags"] >> n & 1]


def test_books_conserve_depth(books: Books) -> None:
    """At every wall row, over the whole book of a second, and from second to second."""
    for row in books.wall:
        flow = row["add_qty"] - row["pull_qty_total"] - row["fill_qty"] + row["reset_qty"]
        assert row["depth_qty_end"] == row["depth_qty_start"] + flow
        assert 0 <= row["depth_qty_rest"] <= row["depth_qty_end"]
        assert 0 <= row["pull_qty_rest"] <= row["pull_qty_total"]
        assert row["reprice_in_qty"] <= row["add_qty"]
        assert row["reprice_out_qty"] <= row["pull_qty_total"]
        assert (row["order_count_end"] > 0) == (row["depth_qty_end"] > 0)
    day = day_of(books)
    for second, snapshot in day.snapshot.items():
        for name, side in (("bid", "B"), ("ask", "A")):
            shown = [r for r in day.wall.get(second, {}).values() if r["side"] == side]
            end = sum(r["depth_qty_end"] for r in shown) + snapshot[f"{name}_outside_depth_end"]
            assert end == snapshot[f"{name}_depth_total"]
    for second, wall in day.wall.items():
        for key, row in wall.items():
            before = day.wall.get(second - 1, {}).get(key)
            if before is not None:
                assert row["depth_qty_start"] == before["depth_qty_end"]


def test_books_repeat_with_their_seed() -> None:
    assert random_books(4, 40) == random_books(4, 40)
    assert random_books(4, 40) != random_books(5, 40)


def test_mirrored_twice_is_the_same(books: Books) -> None:
    centre_int = 19_990 * books.tick_int
    image = mirrored(books, centre_int)
    assert image.wall != books.wall
    again = mirrored(image, centre_int)
    assert (again.wall, again.reprice) == (books.wall, books.reprice)
    assert [_but(row, "microprice") for row in again.snapshot] == [
        _but(row, "microprice") for row in books.snapshot
    ]


def _but(row: Row, name: str) -> Row:
    return {key: value for key, value in row.items() if key != name}


def test_books_are_written_as_published(books: Books, tmp_path: Path) -> None:
    for relation, path in write_books(books, tmp_path).items():
        table = pq.read_table(path)
        assert table.equals(as_tables(books)[relation])
        assert table.schema.names[:4] == ["symbol", "dt", "window_start_ts", "window_end_ts"]
        assert table.schema.field("window_valid").type == pa.bool_()
        assert table.schema.field("window_start_ts").type == pa.timestamp("us")
    assert pq.read_table(tmp_path / "wall_surface_1s.parquet").to_pylist() == books.wall
