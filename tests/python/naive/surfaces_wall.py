"""`wall_derivatives_1s`: net flow of depth per side and absolute price, and its differences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from naive.surfaces import Row, SurfaceDay, differences

HIGHEST_ORDER = 3


def wall_derivatives(day: SurfaceDay) -> dict[tuple[int, str, int], Row]:
    """Rows of `wall_derivatives_1s` by (second, side, price_int), one per wall row."""
    rows = {}
    for second, wall in day.wall.items():
        for (side, price_int), row in wall.items():
            net_flows = [
                _net_flow(day.known_flow(second - k, side, price_int)) for k in range(HIGHEST_ORDER)
            ]
            d2, d3 = differences(net_flows)
            rows[second, side, price_int] = {
                **day.keys(second),
                "side": side,
                "price_int": price_int,
                "spot_ref_price_int": day.spot(second),
                "rel_ticks": row["rel_ticks"],
                "d1_depth_qty": net_flows[0],
                "d2_depth_qty": d2,
                "d3_depth_qty": d3,
                "window_valid": day.is_valid(second),
            }
    return rows


def _net_flow(row: Mapping[str, Any] | None) -> int | None:
    return None if row is None else row["depth_qty_end"] - row["depth_qty_start"]
