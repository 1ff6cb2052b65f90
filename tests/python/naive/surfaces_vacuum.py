"""The tick grid around spot: `vacuum_metrics_1s`, `vacuum_surface_1s`, `physics_surface_1s`."""

from __future__ import annotations

from collections.abc import Mapping
from math import log, log1p
from typing import Any

from naive.surfaces import NOTHING, PhysicsWeights, Row, SurfaceDay, differences
from naive.surfaces_calibration import SCORE_METRICS, CalibrationAt, Quantiles, metric_values

GridKey = tuple[int, str, int]

GRID_KEYS = (
    "symbol",
    "dt",
    "window_start_ts",
    "window_end_ts",
    "side",
    "price_int",
    "spot_ref_price_int",
    "rel_ticks",
    "window_valid",
)
SECONDS_BACK = 3


def grid_cells(day: SurfaceDay, second: int) -> list[tuple[str, int]]:
    """(side, rel_ticks) of the grid of a second with spot."""
    widest = day.config.vacuum_max_ticks
    cells = [("A", ticks) for ticks in range(1, widest + 1)]
    cells += [("B", -ticks) for ticks in range(1, widest + 1)]
    wall = day.wall.get(second, {})
    return cells + [(side, 0) for side in "AB" if (side, day.spot(second)) in wall]


def vacuum_metrics(day: SurfaceDay) -> dict[GridKey, Row]:
    """Rows of `vacuum_metrics_1s` by (second, side, price_int)."""
    rows = {}
    for second in day.seconds:
        spot = day.spot(second)
        if spot is None:
            continue
        wall = day.wall.get(second, {})
        keys = day.keys(second)
        for side, rel_ticks in grid_cells(day, second):
            price_int = spot + rel_ticks * day.config.tick_int
            rows[second, side, price_int] = {
                **keys,
                "side": side,
                "price_int": price_int,
                "spot_ref_price_int": spot,
                "rel_ticks": rel_ticks,
                "window_valid": day.is_valid(second),
                **_metrics(wall.get((side, price_int), NOTHING)),
                **_pull_add_differences(day, second, side, price_int),
            }
    return rows


def _metrics(cell: Mapping[str, Any]) -> Row:
    start, add = cell["depth_qty_start"], cell["add_qty"]
    erosion = float(max(cell["pull_qty_total"] - add, 0))
    return {
        "is_empty": start == cell["depth_qty_end"] == add == 0,
        "pull_intensity_rest": cell["pull_qty_rest"] / (start + 1),
        "pull_add_log": _pull_add_log(cell),
        "wall_strength_log": log(cell["depth_qty_rest"] + 1),
        "wall_erosion": erosion,
        "consumption_qty": cell["fill_qty"],
        "log1p_erosion_norm": log1p(erosion / (start + 1)),
    }


def _pull_add_log(cell: Mapping[str, Any] | None) -> float | None:
    return None if cell is None else log((cell["pull_qty_rest"] + 1) / (cell["add_qty"] + 1))


def _pull_add_differences(day: SurfaceDay, second: int, side: str, price_int: int) -> Row:
    values = [
        _pull_add_log(day.known_flow(second - k, side, price_int)) for k in range(SECONDS_BACK + 1)
    ]
    return {
        f"d{order}_pull_add_log": value for order, value in enumerate(differences(values), start=1)
    }


def vacuum_surface(
    metrics: Mapping[GridKey, Row], calibration: CalibrationAt
) -> dict[GridKey, Row]:
    """Rows of `vacuum_surface_1s`: the metrics with score and calibration mode."""
    rows = {}
    for key, row in metrics.items():
        quantiles = calibration(key[0])
        score = vacuum_score(row, quantiles)
        rows[key] = {**row, "vacuum_score": score, "calibration_mode": quantiles.mode}
    return rows


def vacuum_score(row: Mapping[str, Any], quantiles: Quantiles) -> float | None:
    """Thinning liquidity of one grid cell, 0 stable to 1 vacuum."""
    if not row["window_valid"] or not quantiles.are_known(SCORE_METRICS):
        return None
    if row["is_empty"]:
        return 1.0
    if row["d2_pull_add_log"] is None:
        return None
    values = metric_values(row)
    return sum(quantiles.norm(name, values[name]) for name in SCORE_METRICS) / len(SCORE_METRICS)


def physics_surface(
    surface: Mapping[GridKey, Row], calibration: CalibrationAt, weights: PhysicsWeights
) -> dict[GridKey, Row]:
    """Rows of `physics_surface_1s` by (second, side, price_int)."""
    rows = {}
    for key, row in surface.items():
        ease = _ease(row, calibration(key[0]), weights)
        sign = 1 if row["side"] == "A" else -1
        rows[key] = {
            **{name: row[name] for name in GRID_KEYS},
            "ease": ease,
            "ease_signed": None if ease is None else sign * ease,
            "obstacle": None if ease is None else 1 - ease,
            "calibration_mode": row["calibration_mode"],
        }
    return rows


def _ease(row: Mapping[str, Any], quantiles: Quantiles, weights: PhysicsWeights) -> float | None:
    if row["vacuum_score"] is None:
        return None
    if row["is_empty"]:
        return 1.0
    erosion = quantiles.norm("log1p_erosion_norm", row["log1p_erosion_norm"])
    strength = quantiles.norm("wall_strength_log", row["wall_strength_log"])
    if erosion is None or strength is None:
        return None
    return (
        weights.w_vac * row["vacuum_score"]
        + weights.w_ero * erosion
        + weights.w_str * (1 - strength)
    )
