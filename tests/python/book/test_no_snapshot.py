"""A product whose files open without a snapshot needs only its seed row."""

from __future__ import annotations

import csv

from spymaster_ingest.lake import PROJECT_ROOT
from support import lakes
from support.built_lakes import Built

NO_SNAPSHOT_YET = 1


def test_every_row_is_present_and_flagged(built: Built) -> None:
    [(seconds, valid, flagged, span_s)] = lakes.ask(
        built.lake,
        f"""
        select
            count(*),
            count(*) filter (book_valid or window_valid),
            count(*) filter (invalid_flags & {NO_SNAPSHOT_YET} != 0),
            date_diff('second', min(window_start_ts), max(window_end_ts))
        from silver.book_snapshot_1s
        where symbol = '{lakes.CL}'
        """,
    )
    assert seconds == flagged == span_s > 600
    assert valid == 0
    [(walls, valid_walls)] = lakes.ask(
        built.lake,
        "select count(*), count(*) filter (window_valid) from silver.wall_surface_1s "
        f"where symbol = '{lakes.CL}'",
    )
    assert walls > 10_000
    assert valid_walls == 0


def test_unknown_orders_are_counted(built: Built) -> None:
    [row] = lakes.ask(
        built.lake,
        "select n_snapshot_records, snapshot_orders, n_clears, unknown_cancel > 0, "
        f"n_valid_windows from silver.book_engine_qa where symbol = '{lakes.CL}'",
    )
    assert row == (0, 0, 0, True, 0)


def test_the_tick_comes_from_the_seed(built: Built) -> None:
    with (PROJECT_ROOT / "seeds" / "instruments.csv").open(newline="") as stream:
        ticks = {row["root"]: int(row["tick_int"]) for row in csv.DictReader(stream)}
    assert ticks["CL"] == 10_000_000
    steps = lakes.ask(
        built.lake,
        """
        select symbol, min(price_int - previous_price_int)
        from (
            select symbol, price_int, lag(price_int) over (
                partition by symbol, dt, window_start_ts, side order by price_int
            ) as previous_price_int
            from silver.wall_surface_1s
        )
        group by symbol
        """,
    )
    assert dict(steps) == {lakes.CL: ticks["CL"], lakes.ES: ticks["ES"]}


def test_other_products_of_the_lake_are_valid(built: Built) -> None:
    [(seconds, valid)] = lakes.ask(
        built.lake,
        "select count(*), count(*) filter (window_valid) from silver.book_snapshot_1s "
        f"where symbol = '{lakes.ES}'",
    )
    # the two seconds that hold the snapshots carry flag 2
    assert valid == seconds - 2
