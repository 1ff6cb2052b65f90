"""Columns that the kernel of the course takes and returns, for callers of the names alone."""

# a row per second of a level; see the kernel's docstring
SECONDS = (
    "level_no",
    "end_s",
    "is_valid",
    "spot_tick",
    "level_tick",
    "is_active",
    "approach",
    "eligible",
    "barrier_ticks",
    "gap_end_ns",
)
TRADES = ("second_s", "trade_tick", "ts_ns")
LIMITS = ("reach_ticks", "faded_s", "faded_barriers", "unresolved_s", "drift_ticks")
COURSES = (
    "row",
    "started_s",
    "direction",
    "level_tick_frozen",
    "barrier_ticks",
    "x",
    "phase",
    "reached_ns",
    "max_x",
    "min_x_since_reached",
    "since_reached_s",
    "resolved",
    "resolved_ns",
    "ended_by",
)
# by the codes that the kernel returns
PHASES = ("approaching", "at", "through", "back")
RESOLUTIONS = ("BREAK", "REJECT", "FADED", "UNRESOLVED")
ENDINGS = ("invalid_second", "recording_gap", "inactive_level", "level_moved")
