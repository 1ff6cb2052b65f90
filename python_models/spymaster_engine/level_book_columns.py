"""Columns of the kernels of the book around levels, for callers that need only the names."""

BUCKETS = ("at", "near", "mid", "far")
SIDES = ("ask", "bid")

CELLS = (
    "side_no",
    "height_ticks",
    "depth_qty_start",
    "depth_qty_end",
    "add_qty",
    "pull_qty_total",
    "pull_qty_rest",
    "fill_qty",
)
MOVES = ("side_no", "height_ticks", "is_away", "qty_rest")

_OF_A_SIDE = (
    "depth_start",
    "depth_end",
    "distance_qty_start",
    "distance_qty_end",
    "depth_at_start",
    "depth_near_start",
    "depth_at_end",
    "depth_near_end",
    "depth_far_end",
    "add",
    "pull",
    "pull_all",
    *(f"pull_{bucket}" for bucket in BUCKETS),
    "best_ticks",
    "away",
    "toward",
    "fill",
    "max_depth",
    "max_depth_ticks",
    "spot_depth",
    "spot_add",
    "spot_pull",
)
SUMS = (
    *(f"{side}_{name}" for side in SIDES for name in _OF_A_SIDE),
    *(f"corridor_{name}" for name in ("depth", "add", "pull", "fill")),
)

# of each rung of a level's ladder, the lowest first; of each rung past it, the level's own first
RUNG_SUMS = (
    *(
        f"{side}_rung_{name}"
        for side in SIDES
        for name in ("depth_start", "depth_end", "add", "pull", "fill")
    ),
    *(f"{side}_beyond_depths" for side in SIDES),
)

# the usual depth of the prices ahead of spot
USUAL_SECONDS = ("second_s", "spot_tick", "is_valid")
USUAL_CELLS = ("second_s", "side_no", "tick", "depth_qty_end")
