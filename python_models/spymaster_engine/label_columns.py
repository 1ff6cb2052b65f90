"""Columns that the kernels of the labels take and return, for callers that need only the names."""

LABELS = (
    "decision_no",
    "start_s",
    "direction",
    "level_tick",
    "x0_ticks",
    "barrier_ticks",
    "horizon_end_s",
    "path_end_s",
    "reach_ticks",
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
REACHED_RESULTS = (
    "reached",
    "reaching_trade",
    "outcome_reached",
    "reached_hit_trade",
    "exit_trade",
    "exit_outcome",
    "exit_x_ticks",
    "mfe_to_exit_ticks",
    "mae_to_exit_ticks",
    "whipsaw_reached",
    "label_end_s",
    "is_cut",
)
