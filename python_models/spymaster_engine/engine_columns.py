"""Columns of the kernels of the level engines, for callers that need only the names."""

PRINTS = ("second_s", "time_ns", "aggressor", "price_ticks", "size")
SWEEPS = ("aggressor", "num_prints", "first_ns", "last_ns", "ticks_qty")

SCORES = ("second_s", "level_no", "direction", "is_touched", "can_contest", "score_raw")
SIGNALS = ("BREAK", "REJECT", "CONTESTED", "NEUTRAL")

MIDS = ("end_s", "mid_half_ticks")
PATHS = ("end_s", "window_min", "level_half_ticks", "direction_sign")
DERIVATIVES = ("velocity", "acceleration", "jerk", "momentum_trend")
