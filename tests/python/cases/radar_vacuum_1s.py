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
        anchor to -4 ticks, toward. Differences restart after a missing and an invalid second.""",
        given={
            "reprice_flow_1s": """
                window_start_ts=13:30:00  side=A  price_from_int=120
                price_to_int  qty_rest
                130           6
                110           2
                60            1
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
            13:30:01         0.5                             0
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
        nothing.""",
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
                        (8, 100), (9, 100), (10, null), (11, 100), (12, 90), (13, 90), (15, 80)
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
            13:30:11         approach_none
            13:30:12         approach_none
            13:30:13         approach_none
            13:30:15         approach_down
        """,
    ),
)
