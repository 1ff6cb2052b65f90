"""Columns of the kernel of the published book, for callers that need only the names."""

# a second; prices in ticks, NULL where no state of the second has one
SECONDS = (
    "second_s",
    "n_records",
    "n_states",
    "n_one_sided",
    "n_resets",
    "highest_bid_tick",
    "lowest_ask_tick",
    "bid_edge_tick",
    "ask_edge_tick",
    "scrolled_qty",
    "unknown_side_qty",
    "levels_published",
    "order_count_rows",
    "resolution_ms",
)
NULLABLE = (
    "highest_bid_tick",
    "lowest_ask_tick",
    "bid_edge_tick",
    "ask_edge_tick",
    "resolution_ms",
)
EXECUTIONS = ("second_s", "side_no", "tick", "qty")
