"""Columns of the kernel of the four conditions, for callers that need only the names."""

SIDES = ("ask", "bid")

SECONDS = ("second_s", "best_bid_tick", "best_ask_tick", "lowest_tick", "highest_tick")
CELLS = ("second_s", "side_no", "tick", "depth_rest", "depth", "add", "pull", "fill")
MOVES = ("second_s", "side_no", "from_tick", "to_tick", "qty")
LEVELS = ("second_s", "level_tick", "window_s")

_OF_A_SIDE = (
    "rest_start",
    "depth_start",
    "add",
    "pull",
    "repriced",
    "repriced_ticks",
    "open_start",
    "open_start_ticks",
    "open_end",
    "open_end_ticks",
    "open_change",
)
SUMS = tuple(f"{side}_{name}" for side in SIDES for name in _OF_A_SIDE)
