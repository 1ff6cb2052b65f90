"""Cases of the tick grid around spot."""

from __future__ import annotations

from collections.abc import Iterator

from naive.surfaces import NOTHING, timestamp_of
from naive.surfaces_vacuum import grid_cells
from support.cases import Case, Row, Tables, by_column
from support.surface_cases import day_of_wall


def twin(given: Tables, case: Case) -> Iterator[Row]:
    day = day_of_wall(given, case)
    for second in day.seconds:
        for side, rel_ticks in grid_cells(day, second):
            price_int = day.spot(second) + rel_ticks * day.config.tick_int
            before = day.known_flow(second - 1, side, price_int)
            yield {
                "window_start_ts": timestamp_of(second),
                "side": side,
                "rel_ticks": rel_ticks,
                "price_int": price_int,
                **day.wall[second].get((side, price_int), NOTHING),
                "add_qty_before_1": before and before["add_qty"],
            }


CASES = (
    Case(
        "ticks_at_spot_belong_to_the_side_that_has_a_row",
        """Asks and bids at 0 ticks are there only with depth or flow; all other ticks of the grid
        are there with zeros. Flows of the second before stand at the same price, not at the same
        distance.""",
        variables={
            "vacuum_max_ticks": 1,
            "wall_max_ticks": 3,
            "distance_buckets": {"at": [0, 0], "near": [1, 1]},
        },
        given={
            "book_engine_manifest": "",
            "contract_days": "symbol=ESZ5  dt=2025-10-01  tick_int=10",
            "wall_surface_1s": by_column("""
                -- spot 100, the best ask lifted onto it; then 110, the bid follows by flow only
                window_start_ts     13:30:00  13:30:01
                side                A         B
                price_int           100       110
                spot_ref_price_int  100       110
                rel_ticks           0         0
                depth_qty_start     5         0
                depth_qty_end       4         0
                depth_qty_rest      3         0
                add_qty             2         7
                pull_qty_total      3         7
                pull_qty_rest       1         0
                fill_qty            0         0
                window_valid        true      true
            """),
        },
        expected="""
            window_start_ts  side  rel_ticks  price_int  depth_qty_end  add_qty  add_qty_before_1
            13:30:00         A     0          100        4              2        -
            13:30:00         A     1          110        0              0        -
            13:30:00         B     -1         90         0              0        -
            13:30:01         A     1          120        0              0        0
            13:30:01         B     -1         100        0              0        0
            13:30:01         B     0          110        0              7        0
        """,
    ),
    Case(
        "a_price_beyond_the_wall_one_second_ago_is_not_known",
        "Within the wall a missing row is no flow; beyond it nothing is known.",
        variables={
            "vacuum_max_ticks": 1,
            "wall_max_ticks": 3,
            "distance_buckets": {"at": [0, 0], "near": [1, 1]},
        },
        given={
            "book_engine_manifest": "",
            "contract_days": "symbol=ESZ5  dt=2025-10-01  tick_int=10",
            "wall_surface_1s": """
                side=A  rel_ticks=1  add_qty=1  pull_qty_rest=0  window_valid=true
                window_start_ts  price_int  spot_ref_price_int
                13:30:00         110        100
                13:30:01         140        130
            """,
        },
        expected="""
            window_start_ts  side  rel_ticks  add_qty_before_1
            13:30:00         A     1          -
            13:30:00         B     -1         -
            13:30:01         A     1          -
            13:30:01         B     -1         0
        """,
    ),
)
