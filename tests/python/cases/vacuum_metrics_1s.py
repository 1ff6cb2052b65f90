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
                        ('gap before', true, 0, 5, null, 7),
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
            gap before   true      1                -                -
            invalid      true      -                -                -
        """,
    ),
    Case(
        "metrics_of_a_cell",
        """A cell in which depth stood, was left or came is not empty. Pulls of young orders erode,
        and what came makes up for pulls; only rested pulls count in the logarithm. Differences
        weigh the seconds 1, -1; 1, -2, 1 and 1, -3, 3, -1. An invalid second has all but those.""",
        given={
            "vacuum_cells_1s": """
                dt=2025-10-01  window_start_ts=13:30:00  side=A  price_int=110
                spot_ref_price_int=100  rel_ticks=1
                symbol   window_valid  depth_qty_start  depth_qty_end  depth_qty_rest  fill_qty
                stays    true          5                3              3               0
                comes    true          0                6              0               0
                leaves   true          7                0              0               0
                passes   true          0                0              0               0
                none     true          0                0              0               0
                young    true          5                3              1               0
                invalid  false         7                0              0               4

                add_qty  pull_qty_total  pull_qty_rest  add_qty_before_1  pull_qty_rest_before_1
                0        2               2              -                 -
                7        1               0              -                 -
                0        7               7              0                 1
                2        2               0              -                 -
                0        0               0              -                 -
                2        4               3              -                 -
                0        3               3              0                 1

                add_qty_before_2  pull_qty_rest_before_2  add_qty_before_3  pull_qty_rest_before_3
                -                 -                       -                 -
                -                 -                       -                 -
                3                 3                       7                 0
                -                 -                       -                 -
                -                 -                       -                 -
                -                 -                       -                 -
                3                 3                       7                 0
            """,
        },
        expected="""
            symbol   is_empty  wall_erosion  consumption_qty  pull_intensity_rest
            stays    false     2             0                0.3333333333333333
            comes    false     0             0                0
            leaves   false     7             0                0.875
            passes   false     0             0                0
            none     true      0             0                0
            young    false     2             0                0.5
            invalid  false     3             4                0.375

            -- ln(3), ln(1/8), ln(8), ln(1/3), 0, ln(4/3), ln(4); 1 + 2/6, 1 + 7/8, 1 + 3/8
            pull_add_log         wall_strength_log   log1p_erosion_norm
            1.0986122886681098   1.3862943611198906  0.28768207245178096
            -2.0794415416798357  0                   0
            2.0794415416798357   0                   0.6286086594223741
            -1.0986122886681098  0                   0
            0                    0                   0
            0.28768207245178096  0.6931471805599453  0.28768207245178096
            1.3862943611198906   0                   0.3184537311185346

            -- of ln(2): 3, and before it 1, 0 and -3
            d1_pull_add_log     d2_pull_add_log     d3_pull_add_log
            -                   -                   -
            -                   -                   -
            1.3862943611198906  0.6931471805599453  2.0794415416798357
            -                   -                   -
            -                   -                   -
            -                   -                   -
            -                   -                   -
        """,
    ),
)
