"""Columns that the kernel of break and retest takes and returns, for callers of the names alone."""

TRADES = ("second_s", "trade_tick", "ts_ns")
APPROACHES = ("group_no", "direction", "moment_s", "level_tick", "path_end_s")
LIMITS = (
    "approach_max_ticks",
    "break_ticks",
    "hold_ns",
    "retest_ticks",
    "through_ticks",
    "outcome_ticks",
    "horizon_s",
)
EVENTS = (
    "approach_row",
    "level_tick",
    "cross_trade",
    "broken_ns",
    "broken_end_s",
    "retest_trade",
    "retest_end_s",
    "excursion_ticks",
    "retest_x_ticks",
    "deepest_x_ticks",
    "outcome",
    "outcome_trade",
    "end_s",
    "is_cut",
)
# by the codes that the kernel returns
OUTCOMES = ("CONTINUES", "FAILS", "CHOP", "CENSORED", "THROUGH", "NO_RETEST")
