"""Cases of the radar around spot."""

from __future__ import annotations

from collections.abc import Iterable

from naive.surfaces import SurfaceConfig, SurfaceDay
from naive.surfaces_radar import radar_vacuum
from support.cases import Case, Row, Tables


def twin(given: Tables, _: Case) -> Iterable[Row]:
    [contract_day] = given["contract_days"]
    tick_int = contract_day["tick_int"]
    snapshot = given["book_snapshot_1s"]
    seconds = {row["window_start_ts"]: row for row in snapshot}

    def placed(row: Row) -> Row:
        second = seconds[row["window_start_ts"]]
        spot_int = second["spot_ref_price_int"]
        placed = row | {"spot_ref_price_int": spot_int, "window_valid": second["window_valid"]}
        if "rel_ticks" in row:
            placed["price_int"] = spot_int + row["rel_ticks"] * tick_int
        return placed

    wall = map(placed, given["vacuum_cells_1s"])
    reprice = [
        row | {"window_valid": seconds[row["window_start_ts"]]["window_valid"]}
        for row in given["reprice_flow_1s"]
    ]
    config = SurfaceConfig(tick_int, 20)
    return radar_vacuum(SurfaceDay("ESZ5", None, snapshot, wall, reprice, config)).values()


CASES = (
    Case(
        "radar_at_its_edges",
        """Without bids their centre of mass and best quote lie at 20 ticks, and nothing moved. Of
        the asks re-priced from 2 ticks those to 3 ticks moved away; those to 1 tick, and across the
        anchor to -4 ticks, toward. Those from 21 ticks do not count, those from 20 do. Differences
        restart after a missing and an invalid second.""",
        given={
            "reprice_flow_1s": """
                side=A
                window_start_ts  price_from_int  price_to_int  qty_rest
                13:30:00         120             130           6
                13:30:00         120             110           2
                13:30:00         120             60            1
                13:30:01         310             130           6
                13:30:01         300             350           3
            """,
            "contract_days": "symbol=ESZ5  dt=2025-10-01  tick_int=10",
            "book_snapshot_1s": """
                select
                    timestamp '2025-10-01 13:30:00' + to_seconds(second) as window_start_ts,
                    timestamp '2025-10-01 13:30:01' + to_seconds(second) as window_end_ts,
                    100 as spot_ref_price_int, 1e-7 as spot_ref_price, 105 as mid_price_int,
                    second != 6 as window_valid
                from (values (0), (1), (2), (3), (5), (6), (7), (8)) as v (second)
            """,
            "vacuum_cells_1s": """
                select
                    timestamp '2025-10-01 13:30:00' + to_seconds(second) as window_start_ts,
                    side, rel_ticks, second != 6 as window_valid,
                    depth as depth_qty_start, depth as depth_qty_end,
                    0 as add_qty, 0 as pull_qty_rest, 0 as pull_qty_total
                from (values (0), (1), (2), (3), (5), (6), (7), (8)) as v (second)
                cross join (
                    values ('A', 0, 0), ('A', 1, 4), ('A', 2, 4), ('B', -1, 0), ('B', -20, 0)
                ) as c (side, rel_ticks, depth)
            """,
        },
        expected="""
            window_start_ts  f1_ask_reprice_away_share_rest  f3_bid_com_disp_log
            13:30:00         0.6                             0
            13:30:01         0.75                            0
            13:30:02         0.5                             0
            13:30:03         0.5                             0
            13:30:05         0.5                             0
            13:30:06         -                               -
            13:30:07         0.5                             0
            13:30:08         0.5                             0

            f8_ask_bbo_dist_ticks  f9_bid_bbo_dist_ticks  f3_bid_reprice_away_share_rest
            1                      20                     0.5
            1                      20                     0.5
            1                      20                     0.5
            1                      20                     0.5
            1                      20                     0.5
            -                      -                      -
            1                      20                     0.5
            1                      20                     0.5

            d1_f9_bid_bbo_dist_ticks  d2_f9_bid_bbo_dist_ticks  d3_f9_bid_bbo_dist_ticks
            -                         -                         -
            0                         -                         -
            0                         0                         -
            0                         0                         0
            -                         -                         -
            -                         -                         -
            -                         -                         -
            0                         -                         -
        """,
    ),
    Case(
        "the_radar_approaches_with_the_mid",
        """Trades bounce by a tick every second. The mid moves by half a tick up and later by one
        down, which three seconds show; a missing second, an invalid one and one without mid show
        nothing. What lies between, known or not, does not matter.""",
        given={
            "reprice_flow_1s": "",
            "contract_days": "symbol=ESZ5  dt=2025-10-01  tick_int=10",
            "vacuum_cells_1s": "",
            "book_snapshot_1s": """
                select
                    timestamp '2025-10-01 13:30:00' + to_seconds(second) as window_start_ts,
                    timestamp '2025-10-01 13:30:01' + to_seconds(second) as window_end_ts,
                    100 + 10 * (second % 2) as spot_ref_price_int, 1e-7 as spot_ref_price,
                    mid as mid_price_int, second != 9 as window_valid
                from (
                    values
                        (0, 105), (1, 105), (2, 105), (3, 105), (4, 110), (5, 110), (6, 110), (7,
                        110),
                        (8, 100), (9, 100), (10, null), (11, 95), (12, 90), (13, 90), (15, 80),
                        (20, 100), (21, 90), (22, 110), (23, 100)
                ) as v (second, mid)
            """,
        },
        expected="""
            window_start_ts  approach_dir
            13:30:00         approach_none
            13:30:01         approach_none
            13:30:02         approach_none
            13:30:03         approach_none
            13:30:04         approach_up
            13:30:05         approach_up
            13:30:06         approach_up
            13:30:07         approach_none
            13:30:08         approach_down
            13:30:09         approach_none
            13:30:10         approach_none
            13:30:11         approach_down
            13:30:12         approach_none
            13:30:13         approach_none
            13:30:15         approach_down
            13:30:20         approach_none
            13:30:21         approach_none
            13:30:22         approach_none
            13:30:23         approach_none
        """,
    ),
    Case(
        "six_orders_give_every_feature",
        """Asks: 5 at 1 tick, 7 at 4, 9 at 16 (21, moment 177) become 3 at 1, 6 at 6, 9 at 16 (18,
        moment 183); rested pulls 2 at 1 and 7 at 4, all pulls one more; 7 added; 7 moved away.
        Bids: 4 at 0, 8 at 3, 3 at 16 (15, moment 72) become 6 at 0, 5 at 2, 2 at 16 (13, moment
        42); rested pulls 8 at 3 and 1 at 16, all pulls three more; 2 + 8 added; 8 moved toward.""",
        given={
            "reprice_flow_1s": """
                window_start_ts=13:30:00
                side  price_from_int  price_to_int  qty_rest
                A     1040            1060          7
                B     970             980           8
            """,
            "contract_days": "symbol=ESZ5  dt=2025-10-01  tick_int=10",
            "book_snapshot_1s": """
                window_start_ts=13:30:00  window_end_ts=13:30:01  spot_ref_price_int=1000
                spot_ref_price=1e-6  window_valid=true
            """,
            "vacuum_cells_1s": """
                window_start_ts=13:30:00  window_valid=true
                side  rel_ticks  depth_qty_start  depth_qty_end  add_qty  pull_qty_rest
                A     1          5                3              0        2
                A     4          7                0              0        7
                A     6          0                6              7        0
                A     16         9                9              0        0
                B     0          4                6              2        0
                B     -2         0                5              8        0
                B     -3         8                0              0        8
                B     -16        3                2              0        1

                pull_qty_total
                2
                7
                1
                0
                0
                3
                8
                1
            """,
        },
        expected="""
            select
                ln((183 / 18 + 1) / (177 / 21 + 1)) as f1_ask_com_disp_log,
                ln(10 / 1) as f1_ask_slope_convex_log,
                ln(1 / 4) as f1_ask_slope_inner_log,
                3 / 19 - 5 / 22 as f1_ask_at_share_delta,
                -7 / 22 as f1_ask_near_share_delta,
                7 / 8 as f1_ask_reprice_away_share_rest,
                ln(10 / 8) as f2_ask_pull_add_log_rest,
                ln(1 + 9 / 22) as f2_ask_pull_intensity_log_rest,
                2 / 10 as f2_ask_at_pull_share_rest,
                7 / 10 as f2_ask_near_pull_share_rest,
                ln((42 / 13 + 1) / (72 / 15 + 1)) as f3_bid_com_disp_log,
                ln(3 / 1) as f3_bid_slope_convex_log,
                ln(1 / 12) as f3_bid_slope_inner_log,
                11 / 14 - 4 / 16 as f3_bid_at_share_delta,
                -8 / 16 as f3_bid_near_share_delta,
                0.0 as f3_bid_reprice_away_share_rest,
                ln(10 / 11) as f4_bid_pull_add_log_rest,
                ln(1 + 9 / 16) as f4_bid_pull_intensity_log_rest,
                0.0 as f4_bid_at_pull_share_rest,
                8 / 10 as f4_bid_near_pull_share_rest,
                ln(201 / 18 * 21 / 198) + ln(55 / 13 * 15 / 87) as f5_vacuum_expansion_log,
                ln(100 / 88) as f6_vacuum_decay_log,
                ln(201 / 18 * 21 / 198 * 55 / 13 * 15 / 87 * 100 / 88) as f7_vacuum_total_log,
                1.0 as f8_ask_bbo_dist_ticks,
                0.0 as f9_bid_bbo_dist_ticks,
                ln(201 / 18 * 21 / 198) as u1_ask_com_disp_log,
                ln(10) as u2_ask_slope_convex_log,
                -ln(4) as u2_ask_slope_inner_log,
                5 / 22 - 3 / 19 as u3_ask_at_share_decay,
                7 / 22 as u3_ask_near_share_decay,
                0.875 as u4_ask_reprice_away_share_rest,
                ln(1.25) as u5_ask_pull_add_log_rest,
                ln(31 / 22) as u6_ask_pull_intensity_log_rest,
                2 / 10 as u7_ask_at_pull_share_rest,
                7 / 10 as u7_ask_near_pull_share_rest,
                ln(87 / 15 * 13 / 55) as u8_bid_com_approach_log,
                -ln(3) as u9_bid_slope_support_log,
                ln(12) as u9_bid_slope_inner_log,
                15 / 28 as u10_bid_at_share_rise,
                -0.5 as u10_bid_near_share_rise,
                1.0 as u11_bid_reprice_toward_share_rest,
                ln(1.1) as u12_bid_add_pull_log_rest,
                ln(26 / 16) as u13_bid_add_intensity_log,
                1 / 10 as u14_bid_far_pull_share_rest,
                ln(201 / 18 * 21 / 198 * 87 / 15 * 13 / 55) as u15_up_expansion_log,
                ln(1.25 * 1.1) as u16_up_flow_log,
                ln(201 / 18 * 21 / 198 * 87 / 15 * 13 / 55 * 1.25 * 1.1) as u17_up_total_log,
                1.0 as u18_ask_bbo_dist_ticks,
                0.0 as u19_bid_bbo_dist_ticks,
                1 / 10 as u14_bid_midfar_pull_share_rest,
                ln(11 / 8) as f2_ask_pull_add_log_all,
                ln(13 / 11) as f4_bid_pull_add_log_all,
                ln(11 / 8) as u5_ask_pull_add_log_all,
                ln(11 / 13) as u12_bid_add_pull_log_all
        """,
    ),
    Case(
        "shares_of_pulls_by_distance",
        """Rested pulls of 2 at 1, 3 at 4, 5 at 6 and 7 at 15 ticks have their shares of them all
        and one; what lies at 21 ticks has none. Without pulls every share is 0. Each difference
        weighs the seconds 1, -1; 1, -2, 1 and 1, -3, 3, -1 from the first valid one on.""",
        given={
            "reprice_flow_1s": "",
            "contract_days": "symbol=ESZ5  dt=2025-10-01  tick_int=10",
            "book_snapshot_1s": """
                spot_ref_price_int=1000  spot_ref_price=1e-6
                window_start_ts  window_end_ts  window_valid
                13:30:00         13:30:01       false
                13:30:01         13:30:02       true
                13:30:02         13:30:03       true
                13:30:03         13:30:04       true
                13:30:04         13:30:05       true
            """,
            "vacuum_cells_1s": """
                select
                    timestamp '2025-10-01 13:30:00' + to_seconds(second) as window_start_ts,
                    second > 0 as window_valid, side, sense * ticks as rel_ticks,
                    start as depth_qty_start, start - pulled as depth_qty_end, 0 as add_qty,
                    pulled as pull_qty_rest, pulled as pull_qty_total
                from (
                    values
                        (0, 1, 9, 0), (1, 1, 9, 2), (1, 4, 9, 3), (1, 6, 9, 5), (1, 15, 9, 7),
                        (1, 21, 9, 9), (2, 1, 7, 0), (3, 1, 7, 0), (4, 1, 7, 0)
                ) as v (second, ticks, start, pulled)
                cross join (values ('A', 1), ('B', -1)) as s (side, sense)
            """,
        },
        expected="""
            window_start_ts  f2_ask_at_pull_share_rest  f2_ask_near_pull_share_rest
            13:30:00         -                          -
            13:30:01         0.1111111111111111         0.16666666666666666
            13:30:02         0                          0
            13:30:03         0                          0
            13:30:04         0                          0

            f4_bid_at_pull_share_rest  f4_bid_near_pull_share_rest  u14_bid_far_pull_share_rest
            -                          -                            -
            0.1111111111111111         0.16666666666666666          0.6666666666666666
            0                          0                            0
            0                          0                            0
            0                          0                            0

            f2_ask_pull_add_log_rest  f4_bid_pull_add_log_rest  u6_ask_pull_intensity_log_rest
            -                         -                         -
            2.8903717578961645        2.8903717578961645        0.37806613392004995
            0                         0                         0
            0                         0                         0
            0                         0                         0

            d1_f2_ask_pull_add_log_rest  d2_f2_ask_pull_add_log_rest  d3_f2_ask_pull_add_log_rest
            -                            -                            -
            -                            -                            -
            -2.8903717578961645          -                            -
            0                            2.8903717578961645           -
            0                            0                            -2.8903717578961645
        """,
    ),
)
