"""Cases of the ease of a cell of the grid."""

from __future__ import annotations

from collections.abc import Iterable

from naive.surfaces import second_of
from naive.surfaces_vacuum import physics_surface
from support.cases import Case, Row, Tables
from support.surface_cases import calibration_of, weights_of


def twin(given: Tables, _: Case) -> Iterable[Row]:
    surface = {
        (second_of(row["window_start_ts"]), row["side"], row["price_int"]): row
        for row in given["vacuum_surface_1s"]
    }
    calibration = calibration_of(given["norm_quantiles"])
    return physics_surface(surface, calibration, weights_of(given)).values()


CASES = (
    Case(
        "ease_has_the_sign_of_its_side",
        """The weighted mean of its three parts, 1 on an empty tick, NULL wherever the vacuum score
        is; positive for asks, negative for bids.""",
        given={
            "physics_weights": """
                weight_group=ease
                weight_name  weight
                vacuum       0.5
                erosion      0.25
                strength     0.25
            """,
            "vacuum_surface_1s": """
                symbol=ESZ5  dt=2025-10-01
                window_start_ts  side  is_empty  vacuum_score  log1p_erosion_norm  wall_strength_log
                13:40:00         A     false     0.5           4                   0
                13:40:01         B     false     0.5           0                   9
                13:40:02         B     true      1             0                   0
                13:40:03         A     false     -             0                   0
            """,
            "norm_quantiles": """
                symbol=ESZ5  dt=2025-10-01  minute_ts=13:40:00  log1p_erosion_norm_q05=0
                log1p_erosion_norm_q95=4  wall_strength_log_q05=0  wall_strength_log_q95=4
            """,
        },
        expected="""
            window_start_ts  ease  ease_signed  obstacle
            13:40:00         0.75  0.75         0.25
            13:40:01         0.25  -0.25        0.75
            13:40:02         1     -1           0
            13:40:03         -     -            -
        """,
    ),
)
