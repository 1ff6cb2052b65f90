"""Cases of the tick grid around spot."""

from __future__ import annotations

from collections.abc import Iterator

from naive.surfaces import NOTHING, timestamp_of
from naive.surfaces_vacuum import SECONDS_BACK, grid_cells
from support.cases import Case, Row, Tables, by_column
from support.surface_cases import day_of_wall

UNKNOWN = dict.fromkeys(("add_qty", "pull_qty_rest"))


def twin(given: Tables, case: Case) -> Iterator[Row]:
    day = day_of_wall(given, case)
    for second in day.seconds:
        for side, rel_ticks in grid_cells(day, second):
            price_int = day.spot(second) + rel_ticks * day.config.tick_int
            flows: Row = {}
            for back in range(1, SECONDS_BACK + 1):
                before = day.known_flow(second - back, side, price_int) or UNKNOWN
                flows |= {f"{name}_before_{back}": before[name] for name in UNKNOWN}
            yield {
                "window_start_ts": timestamp_of(second),
                "side": side,
                "rel_ticks": rel_ticks,
                "price_int": price_int,
                "window_valid": day.is_valid(second),
                **day.wall[second].get((side, price_int), NOTHING),
                **flows,
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
    Case(
        "flows_before_stand_at_the_same_price",
        """Spot falls by 3 ticks, and the pulls are found at their price, 2 ticks from spot and so
        outside the grid. A price 3 ticks from the spot of a second before is known, one 4 ticks
        from it is not. Nothing is known of an invalid second later; it has its own grid.""",
        variables={
            "vacuum_max_ticks": 1,
            "wall_max_ticks": 3,
            "distance_buckets": {"at": [0, 0], "near": [1, 1]},
        },
        given={
            "book_engine_manifest": "",
            "contract_days": "symbol=ESZ5  dt=2025-10-01  tick_int=10",
            "wall_surface_1s": """
                side=A  add_qty=0
                window_start_ts  price_int  spot_ref_price_int  rel_ticks  pull_qty_rest
                13:30:00         110        130                 -2         1
                13:30:01         110        120                 -1         2
                13:30:02         110        110                 0          4
                13:30:03         110        100                 1          8
                -- 2 ticks above spot, outside the grid
                13:30:10         90         70                  2          0
                13:30:11         120        100                 2          0
                13:30:12         120        100                 2          0
                13:30:13         150        130                 2          0
                13:30:14         130        110                 2          0
                13:30:15         100        80                  2          0
                13:30:16         120        100                 2          0
                13:30:17         110        100                 1          6
                13:30:18         120        100                 2          0

                window_valid
                true
                true
                true
                true
                true
                true
                true
                true
                true
                true
                true
                false
                true
            """,
        },
        expected="""
            window_start_ts  side  rel_ticks  window_valid  pull_qty_rest
            13:30:00         A     1          true          0
            13:30:00         B     -1         true          0
            13:30:01         A     1          true          0
            13:30:01         B     -1         true          0
            13:30:02         A     0          true          4
            13:30:02         A     1          true          0
            13:30:02         B     -1         true          0
            13:30:03         A     1          true          8
            13:30:03         B     -1         true          0
            13:30:10         A     1          true          0
            13:30:10         B     -1         true          0
            13:30:11         A     1          true          0
            13:30:11         B     -1         true          0
            13:30:12         A     1          true          0
            13:30:12         B     -1         true          0
            13:30:13         A     1          true          0
            13:30:13         B     -1         true          0
            13:30:14         A     1          true          0
            13:30:14         B     -1         true          0
            13:30:15         A     1          true          0
            13:30:15         B     -1         true          0
            13:30:16         A     1          true          0
            13:30:16         B     -1         true          0
            13:30:17         A     1          false         6
            13:30:17         B     -1         false         0
            13:30:18         A     1          true          0
            13:30:18         B     -1         true          0

            pull_qty_rest_before_1  pull_qty_rest_before_2  pull_qty_rest_before_3
            -                       -                       -
            -                       -                       -
            0                       -                       -
            0                       -                       -
            2                       1                       -
            0                       0                       -
            0                       0                       -
            4                       2                       1
            0                       0                       -
            -                       -                       -
            -                       -                       -
            -                       -                       -
            0                       -                       -
            0                       -                       -
            0                       0                       -
            -                       -                       -
            0                       0                       -
            0                       0                       0
            0                       0                       0
            0                       -                       0
            -                       -                       0
            0                       0                       0
            0                       0                       -
            0                       0                       0
            0                       0                       0
            -                       0                       0
            -                       0                       0
        """,
    ),
)
