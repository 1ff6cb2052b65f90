"""`radar_vacuum_1s`: 49 features of book shape and order flow around an anchor.

`SideState` collects the sums of one side around the anchor; `radar_features` holds the formulas,
which do not depend on the kind of anchor.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import log, log1p
from typing import Any

from naive.surfaces import (
    BANDS,
    ZONE_TICKS,
    Row,
    SurfaceDay,
    differences,
    distance_bucket,
    is_own_half,
    points,
)

APPROACH_SECONDS = 3
DERIVATIVE_ORDERS = (1, 2, 3)

READ_FROM_ABOVE = (
    "f1_ask_com_disp_log",
    "f1_ask_slope_convex_log",
    "f1_ask_slope_inner_log",
    "f1_ask_at_share_delta",
    "f1_ask_near_share_delta",
    "f1_ask_reprice_away_share_rest",
    "f2_ask_pull_add_log_rest",
    "f2_ask_pull_intensity_log_rest",
    "f2_ask_at_pull_share_rest",
    "f2_ask_near_pull_share_rest",
    "f3_bid_com_disp_log",
    "f3_bid_slope_convex_log",
    "f3_bid_slope_inner_log",
    "f3_bid_at_share_delta",
    "f3_bid_near_share_delta",
    "f3_bid_reprice_away_share_rest",
    "f4_bid_pull_add_log_rest",
    "f4_bid_pull_intensity_log_rest",
    "f4_bid_at_pull_share_rest",
    "f4_bid_near_pull_share_rest",
    "f5_vacuum_expansion_log",
    "f6_vacuum_decay_log",
    "f7_vacuum_total_log",
    "f8_ask_bbo_dist_ticks",
    "f9_bid_bbo_dist_ticks",
)
READ_FROM_BELOW = (
    "u1_ask_com_disp_log",
    "u2_ask_slope_convex_log",
    "u2_ask_slope_inner_log",
    "u3_ask_at_share_decay",
    "u3_ask_near_share_decay",
    "u4_ask_reprice_away_share_rest",
    "u5_ask_pull_add_log_rest",
    "u6_ask_pull_intensity_log_rest",
    "u7_ask_at_pull_share_rest",
    "u7_ask_near_pull_share_rest",
    "u8_bid_com_approach_log",
    "u9_bid_slope_support_log",
    "u9_bid_slope_inner_log",
    "u10_bid_at_share_rise",
    "u10_bid_near_share_rise",
    "u11_bid_reprice_toward_share_rest",
    "u12_bid_add_pull_log_rest",
    "u13_bid_add_intensity_log",
    "u14_bid_far_pull_share_rest",
    "u15_up_expansion_log",
    "u16_up_flow_log",
    "u17_up_total_log",
    "u18_ask_bbo_dist_ticks",
    "u19_bid_bbo_dist_ticks",
)
FEATURES = READ_FROM_ABOVE + READ_FROM_BELOW
EXTRA_FEATURES = (
    "u14_bid_midfar_pull_share_rest",
    "f2_ask_pull_add_log_all",
    "f4_bid_pull_add_log_all",
    "u5_ask_pull_add_log_all",
    "u12_bid_add_pull_log_all",
)


def _zero_bands() -> dict[str, int]:
    return dict.fromkeys(BANDS, 0)


@dataclass
class SideState:
    """Sums of one side within the zone around an anchor, contracts.

    `start`, `end` and `pull` (rested) are by band; `start_moment` and `end_moment` are sums of
    distance in ticks times depth.
    """

    start: dict[str, int] = field(default_factory=_zero_bands)
    end: dict[str, int] = field(default_factory=_zero_bands)
    pull: dict[str, int] = field(default_factory=_zero_bands)
    start_moment: int = 0
    end_moment: int = 0
    best_ticks: int = ZONE_TICKS
    add: int = 0
    pull_all: int = 0
    away: int = 0
    toward: int = 0

    def take_wall(self, ticks: int, row: Mapping[str, Any]) -> None:
        """Add the wall row at an absolute distance from the anchor."""
        band = distance_bucket(ticks)
        self.start[band] += row["depth_qty_start"]
        self.end[band] += row["depth_qty_end"]
        self.pull[band] += row["pull_qty_rest"]
        self.start_moment += ticks * row["depth_qty_start"]
        self.end_moment += ticks * row["depth_qty_end"]
        self.add += row["add_qty"]
        self.pull_all += row["pull_qty_total"]
        if row["depth_qty_end"] > 0:
            self.best_ticks = min(self.best_ticks, ticks)


def side_state(
    side: str,
    anchor_int: int,
    tick_int: int,
    wall: Iterable[Mapping[str, Any]],
    reprice: Iterable[Mapping[str, Any]],
) -> SideState:
    """Sums of one side of a second around any anchor price."""
    state = SideState()
    for row in wall:
        ticks = (row["price_int"] - anchor_int) // tick_int
        if row["side"] == side and is_own_half(side, ticks) and abs(ticks) <= ZONE_TICKS:
            state.take_wall(abs(ticks), row)
    for row in reprice:
        left = (row["price_from_int"] - anchor_int) // tick_int
        entered = (row["price_to_int"] - anchor_int) // tick_int
        if row["side"] != side or not is_own_half(side, left) or abs(left) > ZONE_TICKS:
            continue
        if is_own_half(side, entered) and abs(entered) > abs(left):
            state.away += row["qty_rest"]
        else:
            state.toward += row["qty_rest"]
    return state


def radar_features(ask: SideState, bid: SideState) -> dict[str, float]:
    """The 49 features and the 5 extra columns."""
    row: dict[str, float] = {}
    for shape, flow, name, side in (("f1", "f2", "ask", ask), ("f3", "f4", "bid", bid)):
        row |= {f"{shape}_{name}_{part}": value for part, value in _shape(side).items()}
        row |= {f"{flow}_{name}_{part}": value for part, value in _flow(side).items()}
    row["f5_vacuum_expansion_log"] = row["f1_ask_com_disp_log"] + row["f3_bid_com_disp_log"]
    row["f6_vacuum_decay_log"] = row["f2_ask_pull_add_log_rest"] + row["f4_bid_pull_add_log_rest"]
    row["f7_vacuum_total_log"] = row["f5_vacuum_expansion_log"] + row["f6_vacuum_decay_log"]
    row["f8_ask_bbo_dist_ticks"] = float(ask.best_ticks)
    row["f9_bid_bbo_dist_ticks"] = float(bid.best_ticks)

    row["u1_ask_com_disp_log"] = row["f1_ask_com_disp_log"]
    row["u2_ask_slope_convex_log"] = row["f1_ask_slope_convex_log"]
    row["u2_ask_slope_inner_log"] = row["f1_ask_slope_inner_log"]
    row["u3_ask_at_share_decay"] = -row["f1_ask_at_share_delta"]
    row["u3_ask_near_share_decay"] = -row["f1_ask_near_share_delta"]
    row["u4_ask_reprice_away_share_rest"] = row["f1_ask_reprice_away_share_rest"]
    row["u5_ask_pull_add_log_rest"] = row["f2_ask_pull_add_log_rest"]
    row["u6_ask_pull_intensity_log_rest"] = row["f2_ask_pull_intensity_log_rest"]
    row["u7_ask_at_pull_share_rest"] = row["f2_ask_at_pull_share_rest"]
    row["u7_ask_near_pull_share_rest"] = row["f2_ask_near_pull_share_rest"]
    row["u8_bid_com_approach_log"] = -row["f3_bid_com_disp_log"]
    row["u9_bid_slope_support_log"] = -row["f3_bid_slope_convex_log"]
    row["u9_bid_slope_inner_log"] = -row["f3_bid_slope_inner_log"]
    row["u10_bid_at_share_rise"] = row["f3_bid_at_share_delta"]
    row["u10_bid_near_share_rise"] = row["f3_bid_near_share_delta"]
    row["u11_bid_reprice_toward_share_rest"] = 1 - row["f3_bid_reprice_away_share_rest"]
    row["u12_bid_add_pull_log_rest"] = -row["f4_bid_pull_add_log_rest"]
    row["u13_bid_add_intensity_log"] = log1p(bid.add / (sum(bid.start.values()) + 1))
    beyond_near = bid.pull["mid"] + bid.pull["far"]
    row["u14_bid_far_pull_share_rest"] = beyond_near / (sum(bid.pull.values()) + 1)
    row["u15_up_expansion_log"] = row["u1_ask_com_disp_log"] + row["u8_bid_com_approach_log"]
    row["u16_up_flow_log"] = row["u5_ask_pull_add_log_rest"] + row["u12_bid_add_pull_log_rest"]
    row["u17_up_total_log"] = row["u15_up_expansion_log"] + row["u16_up_flow_log"]
    row["u18_ask_bbo_dist_ticks"] = row["f8_ask_bbo_dist_ticks"]
    row["u19_bid_bbo_dist_ticks"] = row["f9_bid_bbo_dist_ticks"]

    row["u14_bid_midfar_pull_share_rest"] = row["u14_bid_far_pull_share_rest"]
    row["f2_ask_pull_add_log_all"] = log((ask.pull_all + 1) / (ask.add + 1))
    row["f4_bid_pull_add_log_all"] = log((bid.pull_all + 1) / (bid.add + 1))
    row["u5_ask_pull_add_log_all"] = row["f2_ask_pull_add_log_all"]
    row["u12_bid_add_pull_log_all"] = -row["f4_bid_pull_add_log_all"]
    return row


def _centre_of_mass(depth: Mapping[str, int], moment: int) -> float:
    total = sum(depth.values())
    return moment / total if total else float(ZONE_TICKS)


def _shape(side: SideState) -> dict[str, float]:
    start, end = side.start, side.end
    start_total, end_total = sum(start.values()), sum(end.values())
    com_start = _centre_of_mass(start, side.start_moment)
    com_end = _centre_of_mass(end, side.end_moment)
    moved = side.away + side.toward
    return {
        "com_disp_log": log((com_end + 1) / (com_start + 1)),
        "slope_convex_log": log((end["far"] + 1) / (end["near"] + 1)),
        "slope_inner_log": log((end["near"] + 1) / (end["at"] + 1)),
        "at_share_delta": end["at"] / (end_total + 1) - start["at"] / (start_total + 1),
        "near_share_delta": end["near"] / (end_total + 1) - start["near"] / (start_total + 1),
        "reprice_away_share_rest": side.away / (moved + 1) if moved else 0.5,
    }


def _flow(side: SideState) -> dict[str, float]:
    pull = sum(side.pull.values())
    return {
        "pull_add_log_rest": log((pull + 1) / (side.add + 1)),
        "pull_intensity_log_rest": log1p(pull / (sum(side.start.values()) + 1)),
        "at_pull_share_rest": side.pull["at"] / (pull + 1),
        "near_pull_share_rest": side.pull["near"] / (pull + 1),
    }


def radar_vacuum(day: SurfaceDay) -> dict[int, Row]:
    """Rows of `radar_vacuum_1s` by second, one for every second of the surface window."""
    unknown = dict.fromkeys(FEATURES + EXTRA_FEATURES)
    features = {second: _features_at_spot(day, second) or unknown for second in day.seconds}
    rows = {}
    for second in day.seconds:
        spot = day.spot(second)
        rows[second] = {
            **day.keys(second),
            "spot_ref_price_int": spot,
            "spot_ref_price": points(spot),
            "approach_dir": approach_dir(day, second),
            "window_valid": day.is_valid(second),
            **{name: features[second][name] for name in FEATURES},
            **_derivatives(features, second, unknown),
            **{name: features[second][name] for name in EXTRA_FEATURES},
        }
    return rows


def _features_at_spot(day: SurfaceDay, second: int) -> dict[str, float] | None:
    spot = day.spot(second)
    if spot is None or not day.is_valid(second):
        return None
    wall = day.wall.get(second, {}).values()
    reprice = day.reprice.get(second, [])
    ask, bid = (side_state(side, spot, day.config.tick_int, wall, reprice) for side in "AB")
    return radar_features(ask, bid)


def _derivatives(
    features: Mapping[int, Mapping[str, float | None]],
    second: int,
    unknown: Mapping[str, None],
) -> Row:
    past = [features.get(second - k, unknown) for k in range(len(DERIVATIVE_ORDERS) + 1)]
    by_order: list[Row] = [{} for _ in DERIVATIVE_ORDERS]
    for name in FEATURES:
        changes = differences([values[name] for values in past])
        for order, row, change in zip(DERIVATIVE_ORDERS, by_order, changes, strict=True):
            row[f"d{order}_{name}"] = change
    return by_order[0] | by_order[1] | by_order[2]


def approach_dir(day: SurfaceDay, second: int) -> str:
    """Direction of the mid over three seconds, also from before the surface window."""
    mids = []
    for moment in (second - APPROACH_SECONDS, second):
        is_known = moment in day.snapshot and day.is_valid(moment)
        mids.append(day.snapshot[moment]["mid_price_int"] if is_known else None)
    before, now = mids
    if before is None or now is None or now == before:
        return "approach_none"
    return "approach_up" if now > before else "approach_down"
