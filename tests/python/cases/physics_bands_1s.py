"""Cases of the scores of the bands of distance."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from naive.surfaces import SurfaceConfig, SurfaceDay, second_of
from naive.surfaces_bands import physics_bands
from support.cases import Case, Row, Tables, by_column
from support.surface_cases import calibration_of, weights_of

TICK_INT, SPOT_INT = 10, 1000


def twin(given: Tables, case: Case) -> Iterable[Row]:
    snapshot = [row | {"spot_ref_price_int": SPOT_INT} for row in given["book_snapshot_1s"]]

    def priced(row: Row) -> Row:
        at_spot = {"spot_ref_price_int": SPOT_INT, "window_valid": True}
        return row | at_spot | {"price_int": SPOT_INT + row["rel_ticks"] * TICK_INT}

    wall = map(priced, given["vacuum_cells_1s"])
    day = SurfaceDay("ESZ5", None, snapshot, wall, (), SurfaceConfig(TICK_INT, 20))
    surface = {
        (second_of(row["window_start_ts"]), row["side"], row["price_int"]): row
        for row in map(priced, given["vacuum_surface_1s"])
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("naive.surfaces.BANDS", case.variables["distance_buckets"])
        calibration = calibration_of(given["norm_quantiles"])
        return physics_bands(day, surface, calibration, weights_of(given)).values()


CASES = (
    Case(
        "nothing_resists_in_an_empty_band",
        """A band whose every tick is empty has strength 0, erosion 1 and vacuum 1. A tick without a
        score leaves its band and both totals without one; an unknown quantile leaves the whole
        second without, empty bands included. A band beyond the grid has no part in the totals.""",
        variables={
            "distance_buckets": {"at": [0, 1], "near": [2, 2], "mid": [3, 3], "far": [4, 4]},
        },
        given={
            "contract_days": "symbol=ESZ5  dt=2025-10-01",
            "physics_calibration_modes": "calibration_mode=intraday_expanding",
            "physics_weights": """
                weight_group  weight_name  weight
                ease          vacuum       0.5
                ease          erosion      0.25
                ease          strength     0.25
                band          at           0.5
                band          near         0.5
            """,
            "book_snapshot_1s": """
                symbol=ESZ5  dt=2025-10-01  window_valid=true
                window_start_ts
                13:39:59
                13:40:00
                13:40:01
            """,
            "norm_quantiles": """
                select
                    'ESZ5' as symbol, date '2025-10-01' as dt,
                    'intraday_expanding' as calibration_mode,
                    cast(minute_ts as timestamp) as minute_ts,
                    q05 as pull_add_log_q05, q95 as pull_add_log_q95,
                    q05 as log1p_pull_intensity_rest_q05, q95 as log1p_pull_intensity_rest_q95,
                    q05 as log1p_erosion_norm_q05, q95 as log1p_erosion_norm_q95,
                    q05 as d2_pull_add_log_q05, q95 as d2_pull_add_log_q95,
                    q05 as wall_strength_log_q05, q95 as wall_strength_log_q95
                from (
                    values
                        ('2025-10-01 13:39:00', null, null),
                        ('2025-10-01 13:40:00', 0.0, 4 * ln(2))
                ) as v (minute_ts, q05, q95)
            """,
            "vacuum_surface_1s": """
                select
                    timestamp '2025-10-01 13:39:59' + to_seconds(second) as window_start_ts,
                    side, rel_ticks, is_empty, erosion as wall_erosion,
                    case when second > 0 and not (second = 2 and rel_ticks = -2) then score end
                        as vacuum_score
                from (values (0), (1), (2)) as v (second)
                cross join (
                    values
                        ('A', 1, true, 1.0, 0.0), ('A', 2, true, 1.0, 0.0),
                        ('B', 0, false, 0.5, 0.0), ('B', -1, false, 1.0, 2.0), ('B', -2, false,
                        0.0, 0.0)
                ) as c (side, rel_ticks, is_empty, score, erosion)
            """,
            "vacuum_cells_1s": """
                select
                    timestamp '2025-10-01 13:39:59' + to_seconds(second) as window_start_ts,
                    side, rel_ticks, depth as depth_qty_start, depth as depth_qty_rest
                from (values (0), (1), (2)) as v (second)
                cross join (
                    values ('A', 1, 0), ('A', 2, 0), ('B', 0, 0), ('B', -1, 0), ('B', -2, 15)
                ) as c (side, rel_ticks, depth)
            """,
        },
        expected=by_column("""
            window_start_ts                13:39:59  13:40:00  13:40:01
            above_at_wall_strength_norm    -         0         0
            above_at_wall_erosion_norm     -         1         1
            above_at_vacuum_norm           -         1         1
            below_at_wall_strength_norm    -         0         0
            below_at_wall_erosion_norm     -         0.25      0.25
            below_at_vacuum_norm           -         0.75      0.75
            below_near_wall_strength_norm  -         1         1
            below_near_vacuum_norm         -         0         -
            above_far_vacuum_norm          -         -         -
            above_score                    -         1         1
            below_score                    -         0.34375   -
            vacuum_total_score             -         0.671875  -
        """),
    ),
)
