"""Cases of the differences of net flow at a fixed price."""

from __future__ import annotations

from collections.abc import Iterable

from naive.surfaces_wall import wall_derivatives
from support.cases import Case, Row, Tables
from support.surface_cases import day_of_wall


def twin(given: Tables, case: Case) -> Iterable[Row]:
    return wall_derivatives(day_of_wall(given, case)).values()


CASES = (
    Case(
        "wall_differences_at_their_edges",
        """At a fixed price: a missing row within the wall counts no change, a price beyond the wall
        of the second before is not known, and a missing or invalid second ends the series. Spot
        falls by 3 ticks below an ask, and lies 3 or 4 ticks from its price before.""",
        variables={"wall_max_ticks": 3},
        given={
            "contract_days": "symbol=ESZ5  dt=2025-10-01  tick_int=10",
            "wall_surface_1s": """
                select
                    'ESZ5' as symbol, date '2025-10-01' as dt, 'A' as side,
                    timestamp '2025-10-01 13:30:00' + to_seconds(second) as window_start_ts,
                    timestamp '2025-10-01 13:30:01' + to_seconds(second) as window_end_ts,
                    spot as spot_ref_price_int, price as price_int,
                    (price - spot) // 10 as rel_ticks,
                    0 as depth_qty_start, change as depth_qty_end, window_valid
                from (
                    values
                        (0, 100, 110, 1, true),
                        (1, 100, 110, 3, true),
                        (2, 100, 120, 9, true),
                        (3, 100, 110, 4, true),
                        (4, 140, 150, 2, true),
                        (6, 140, 150, 5, true),
                        (7, 140, 150, 7, false),
                        (8, 140, 150, 1, true), (9, 140, 150, 3, true),
                        (11, 130, 110, 1, true), (12, 120, 110, 2, true), (13, 110, 110, 4, true),
                        (14, 100, 110, 9, true),
                        (16, 80, 80, 5, true), (17, 100, 110, 5, true),
                        (19, 70, 70, 5, true), (20, 100, 110, 5, true),
                        (22, 140, 140, 5, true), (23, 110, 110, 5, true), (24, 100, 110, 5, true),
                        (26, 150, 150, 5, true), (27, 110, 110, 5, true), (28, 100, 110, 5, true)
                ) as v (second, spot, price, change, window_valid)
            """,
        },
        expected="""
            window_start_ts  d1_depth_qty  d2_depth_qty  d3_depth_qty
            13:30:00         1             -             -
            13:30:01         3             2             -
            13:30:02         9             9             9
            13:30:03         4             4             7
            13:30:04         2             -             -
            13:30:06         5             -             -
            13:30:07         -             -             -
            13:30:08         1             -             -
            13:30:09         3             2             -
            13:30:11         1             -             -
            13:30:12         2             1             -
            13:30:13         4             2             1
            13:30:14         9             5             3
            13:30:16         5             -             -
            13:30:17         5             5             -
            13:30:19         5             -             -
            13:30:20         5             -             -
            13:30:22         5             -             -
            13:30:23         5             5             -
            13:30:24         5             0             -5
            13:30:26         5             -             -
            13:30:27         5             -             -
            13:30:28         5             0             -
        """,
    ),
)
