"""`physics_bands_1s`: scores of the distance bands above and below spot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import log, log1p

from naive.surfaces import (
    BANDS,
    NOTHING,
    PhysicsWeights,
    Row,
    SurfaceDay,
    distance_bucket,
    points,
)
from naive.surfaces_calibration import VACUUM_METRICS, CalibrationAt, Quantiles
from naive.surfaces_vacuum import GridKey

DIRECTIONS = {"above": "A", "below": "B"}
PARTS = ("wall_strength_norm", "wall_erosion_norm", "vacuum_norm")


@dataclass(frozen=True)
class Cell:
    """A grid cell as input of the bands; quantities in contracts."""

    is_empty: bool
    depth_rest: int
    depth_start: int
    erosion: float
    vacuum_score: float | None


def physics_bands(
    day: SurfaceDay,
    surface: Mapping[GridKey, Row],
    calibration: CalibrationAt,
    weights: PhysicsWeights,
) -> dict[int, Row]:
    """Rows of `physics_bands_1s` by second, one for every second of the surface window."""
    cells: dict[tuple[int, str, str], list[Cell]] = {}
    for (second, side, price_int), row in surface.items():
        band = distance_bucket(abs(row["rel_ticks"]))
        if band is None:
            continue
        wall = day.wall.get(second, {}).get((side, price_int), NOTHING)
        cell = Cell(
            is_empty=row["is_empty"],
            depth_rest=wall["depth_qty_rest"],
            depth_start=wall["depth_qty_start"],
            erosion=row["wall_erosion"],
            vacuum_score=row["vacuum_score"],
        )
        cells.setdefault((second, side, band), []).append(cell)
    rows = {}
    for second in day.seconds:
        quantiles = calibration(second)
        by_band = {
            (direction, band): cells.get((second, side, band), [])
            for direction, side in DIRECTIONS.items()
            for band in BANDS
        }
        is_scored = (
            day.is_valid(second)
            and day.spot(second) is not None
            and quantiles.are_known(VACUUM_METRICS)
        )
        snapshot = day.snapshot[second]
        rows[second] = {
            **day.keys(second),
            "spot_ref_price_int": day.spot(second),
            "mid_price": points(snapshot["mid_price_int"]),
            "mid_price_int": snapshot["mid_price_int"],
            "window_valid": day.is_valid(second),
            **_scores(by_band if is_scored else {}, quantiles, weights),
            "calibration_mode": quantiles.mode,
        }
    return rows


def _scores(
    by_band: Mapping[tuple[str, str], list[Cell]], quantiles: Quantiles, weights: PhysicsWeights
) -> Row:
    row: Row = {}
    ease: dict[tuple[str, str], float | None] = {}
    for direction in DIRECTIONS:
        for band in BANDS:
            parts = _band_parts(by_band.get((direction, band), []), quantiles)
            row |= {f"{direction}_{band}_{name}": parts[name] for name in PARTS}
            ease[direction, band] = _band_ease(parts, weights)
    for direction in DIRECTIONS:
        at, near = ease[direction, "at"], ease[direction, "near"]
        is_known = at is not None and near is not None
        row[f"{direction}_score"] = weights.b_at * at + weights.b_near * near if is_known else None
    above, below = row["above_score"], row["below_score"]
    is_known = above is not None and below is not None
    row["vacuum_total_score"] = (above + below) / 2 if is_known else None
    return row


def _band_parts(cells: list[Cell], quantiles: Quantiles) -> dict[str, float | None]:
    if not cells:
        return dict.fromkeys(PARTS)
    if all(cell.is_empty for cell in cells):
        return dict(zip(PARTS, (0.0, 1.0, 1.0), strict=True))
    width = len(cells)
    strength = log(1 + sum(cell.depth_rest for cell in cells) / width)
    eroded = sum(cell.erosion for cell in cells)
    erosion = log1p(eroded / (sum(cell.depth_start for cell in cells) + width))
    scores = [cell.vacuum_score for cell in cells]
    return {
        "wall_strength_norm": quantiles.norm("wall_strength_log", strength),
        "wall_erosion_norm": quantiles.norm("log1p_erosion_norm", erosion),
        "vacuum_norm": None if None in scores else sum(scores) / width,
    }


def _band_ease(parts: Mapping[str, float | None], weights: PhysicsWeights) -> float | None:
    if None in parts.values():
        return None
    return (
        weights.w_vac * parts["vacuum_norm"]
        + weights.w_ero * parts["wall_erosion_norm"]
        + weights.w_str * (1 - parts["wall_strength_norm"])
    )
