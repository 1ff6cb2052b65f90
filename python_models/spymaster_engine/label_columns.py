"""Columns that the kernel of the labels takes and returns, for those who only name them."""

LABELS = (
    "decision_no",
    "start_s",
    "direction",
    "level_tick",
    "x0_ticks",
    "barrier_ticks",
    "horizon_end_s",
    "path_end_s",
)
RESULTS = (
    "outcome",
    "outcome_after_touch",
    "touch_trade",
    "hit_trade",
    "second_hit_trade",
    "mfe_ticks",
    "mae_ticks",
    "adverse_before_hit_ticks",
)
