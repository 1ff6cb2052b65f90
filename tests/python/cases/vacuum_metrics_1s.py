"""Cases of the metrics of the cells of the grid."""

from __future__ import annotations

from collections.abc import Iterator

from naive.surfaces import NOTHING, SurfaceConfig, SurfaceDay, second_of
from naive.surfaces_vacuum import SECONDS_BACK, vacuum_metrics
from support.cases import Case, Row, Tables

FLOWS = ("add_qty", "pull_qty_rest")
TICK_INT, WALL_MAX_TICKS = 10, 20


def twin(given: Tables, _: Case) -> Iterator[Row]:
    for cell in given["vacuum_cells_1s"]:
        now_s = second_of(cell["window_start_ts"])
        place = {name: cell[name] for name in ("side", "price_int", "spot_ref_price_int")}
        place |= {"rel_ticks": cell["rel_ticks"]}
        wall = [{**cell, "window_start_s": now_s}]
        for back in range(1, SECONDS_BACK + 1):
            if cell[f"add_qty_before_{back}"] is not None:
                flow = {
                    name: cell[f"{name}_before_{back}"] for name in ("add_qty", "pull_qty_rest")
                }
                wall.append(
                    NOTHING | place | flow | {"window_start_s": now_s - back, "window_valid": True}
                )
        config = SurfaceConfig(TICK_INT, WALL_MAX_TICKS, 1)
        metrics = vacuum_metrics(SurfaceDay(cell["symbol"], cell["dt"], wall, wall, (), config))
        yield metrics[now_s, cell["side"], cell["price_int"]]


CASES = (
    Case(
        "differences_appear_one_second_at_a_time",
        """Each difference needs one more known second; an invalid second has none. ln((e-1)+1) = 1
        makes the flows readable.""",
        given={
            "vacuum_cells_1s": """
                select
                    symbol, date '2025-10-01' as dt,
                    timestamp '2025-10-01 13:30:00' as window_start_ts,
                    'A' as side, 110 as price_int, 100 as spot_ref_price_int, 1 as rel_ticks,
                    window_valid, 0 as depth_qty_start, depth_qty_end, 0 as depth_qty_rest,
                    0 as add_qty, 0 as pull_qty_total, 0 as fill_qty, exp(1) - 1 as pull_qty_rest,
                    add_1 as add_qty_before_1, add_1 as pull_qty_rest_before_1,
                    add_2 as add_qty_before_2, add_2 as pull_qty_rest_before_2,
                    add_3 as add_qty_before_3, add_3 as pull_qty_rest_before_3
                from (
                    values
                        ('first', true, 0, null, null, null),
                        ('second', true, 0, 5, null, null),
                        ('third', true, 0, 5, 6, null),
                        ('fourth', true, 1, 5, 6, 7),
                        ('after a gap', true, 0, null, 6, 7),
                        ('invalid', false, 0, 5, 6, 7)
                ) as v (symbol, window_valid, depth_qty_end, add_1, add_2, add_3)
            """,
        },
        expected="""
            symbol       is_empty  d1_pull_add_log  d2_pull_add_log  d3_pull_add_log
            first        true      -                -                -
            second       true      1                -                -
            third        true      1                1                -
            fourth       false     1                1                1
            after a gap  true      -                -                -
            invalid      true      -                -                -
        """,
    ),
)
