"""Cases of the sums of the book around a level."""

from __future__ import annotations

from collections.abc import Iterator

from naive.level_book import Cell, Move, plain_level_book
from naive.surfaces import BANDS
from spymaster_engine.kernels.levels.level_book import NO_DEPTH
from support.cases import Case, Row, Tables, by_column

RUNGS, RUNG_TICKS = 4, 4
SIDES = {"A": 1, "B": -1}


def twin(given: Tables, _: Case) -> Iterator[Row]:
    [contract_day] = given["contract_days"]
    tick_int = contract_day["tick_int"]
    level_ticks = {row["level_tick"] for row in given["level_anchors_1s"]}
    for second in given["book_snapshot_1s"]:
        spot_tick = second["spot_ref_price_int"] // tick_int

        def rows_of(relation: str, second: Row = second) -> Iterator[tuple[int, int, Row]]:
            for row in given[relation]:
                if row["window_start_ts"] == second["window_start_ts"]:
                    yield "AB".index(row["side"]), SIDES[row["side"]], row

        cells = [
            Cell(side_no, sense * row["rel_ticks"], *(row[name] for name in Cell._fields[2:]))
            for side_no, sense, row in rows_of("wall_surface_1s")
        ]
        moves = [
            Move(
                side_no,
                sense * (row["price_from_int"] // tick_int - spot_tick),
                sense * (row["price_to_int"] - row["price_from_int"]) > 0,
                row["qty_rest"],
            )
            for side_no, sense, row in rows_of("reprice_flow_1s")
        ]
        for level_tick in level_ticks:
            k_ticks = level_tick - spot_tick
            sums = plain_level_book(cells, moves, k_ticks, BANDS, RUNGS, RUNG_TICKS)
            yield {
                "window_start_ts": second["window_start_ts"],
                "level_tick": level_tick,
                "k_ticks": k_ticks,
                **{name: None if value == NO_DEPTH else value for name, value in sums.items()},
            }


CASES = (
    Case(
        "a_wall_past_the_level_is_beyond_and_not_in_the_corridor",
        """Spot 100, tick 10, the level 5 ticks above. The asks of 2 ticks lie in the corridor, the
        wall 8 ticks past the level (two points) and an equal one further out beyond: the nearer is
        the largest. Bids above spot but below the level belong to the level's half; asks at the
        level are beyond. The level moved onto this price just now: the seconds before have a book
        too. The ladder counts both sides, point by point from four below the level to four
        above.""",
        given={
            "level_anchors_1s": """
                window_start_ts=13:30:04  level_id=sma_90  level_tick=15  k_ticks=5
            """,
            "book_snapshot_1s": """
                select
                    timestamp '2025-10-01 13:30:00' + to_seconds(second) as window_start_ts,
                    100 as spot_ref_price_int, true as window_valid
                from range(3, 5) as v (second)
            """,
            "contract_days": "root=ES  tick_int=10",
            "instruments": "root=ES  tick_size=0.25",
            "usual_depth_1s": "",
            "reprice_flow_1s": """
                -- away from the level although toward spot's other side; from outside the level's
                -- half
                window_start_ts=13:30:04  side=A
                price_from_int  price_to_int  qty_rest
                160             170           6
                160             110           2
                120             200           9
            """,
            "wall_surface_1s": """
                fill_qty=0
                window_start_ts  side  price_int  rel_ticks  depth_qty_start  depth_qty_end  add_qty
                13:30:03         A     160        6          1                1              8
                13:30:04         A     120        2          2                3              1
                13:30:04         A     150        5          7                7              0
                13:30:04         A     230        13         500              500            0
                13:30:04         A     340        24         500              500            0
                13:30:04         A     360        26         900              900            0
                13:30:04         B     110        1          6                0              0
                13:30:04         B     90         -1         7                4              2

                pull_qty_total  pull_qty_rest
                0               0
                0               0
                0               0
                0               0
                0               0
                0               0
                6               4
                5               5
            """,
        },
        expected=by_column("""
            window_start_ts      13:30:03                     13:30:04
            level_tick           15                           15
            k_ticks              5                            5
            corridor_depth       0                            3
            corridor_add         0                            1
            ask_depth_end        1                            1007
            ask_add              8                            0
            ask_max_depth        1                            500
            ask_max_depth_ticks  1                            8
            ask_best_ticks       1                            0
            bid_best_ticks       -                            6
            bid_depth_start      0                            13
            bid_pull             0                            9
            ask_away             0                            6
            ask_toward           0                            2
            ask_spot_depth       1                            510
            bid_spot_pull        0                            5
            ask_rung_depth_end   [0, 0, 0, 0, 1, 0, 0, 0, 0]  [0, 0, 0, 3, 7, 0, 500, 0, 500]
            bid_rung_pull        [0, 0, 0, 0, 0, 0, 0, 0, 0]  [0, 0, 5, 6, 0, 0, 0, 0, 0]
        """),
    ),
)
