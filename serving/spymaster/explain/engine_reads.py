"""Which rows of their inputs the level engines, the break score and its payload read."""

from __future__ import annotations

import re

from spymaster.explain.read import DAY, ENDS, LEVELS, WINDOWS, Read, number_in, preceding
from spymaster.explain.wanted import Wanted

# readings of the barrier that look at its own second alone
_OF_ITS_SECOND = {
    *("level_price_int", "k_ticks", "direction", "break_direction", "in_monitor_band"),
    *("depth_in_zone", "defending_quote_price_int", "defending_quote_size"),
}
_STRIKES = " and list_contains($near_strikes, strike_price_int)"
_NEAR = ("near_strikes", "near_options")
_STEPS = {"strike_steps": r"(\d+) \* inputs\.strike_step_int"}
_OF_OPTIONS = (
    f"{DAY} and ts_event >= cast($from_ts as timestamp) and ts_event < cast($to_ts as timestamp) "
    "and list_contains($near_options, option_symbol)"
)
# rows of other levels tell what confirms a level and what waits on the way
_OF_SCORES = "($all_levels or list_contains($level_ids, level_id))"
_CHAIN = f"{DAY}{LEVELS} and window_end_ts <= $to_ts and list_contains($scored_ends, window_end_ts)"
_SCORED = ("scored_ends",)
_SIDES = f"{DAY} and list_contains($side_ends, window_end_ts)"


def _barrier_seconds(wanted: Wanted, sql: str) -> int:
    """Return the seconds of the wall behind readings: those of the mean depth, or of the flows."""
    windows = sorted(map(int, re.findall(r"interval (\d+) second preceding", sql)))
    if wanted.columns <= _OF_ITS_SECOND or not windows:
        return 0
    return windows[-1] if "wall_ratio" in wanted.columns else windows[0]


def _tape_seconds(wanted: Wanted, sql: str) -> int:
    if wanted.columns <= {"velocity_ticks_s"}:
        return number_in(sql, r"unnest\(range\((\d+)\)\)") - 1
    return preceding(sql)


def _fuel_seconds(wanted: Wanted, sql: str) -> int:
    return preceding(sql)


def _answer_seconds(wanted: Wanted, sql: str) -> int:
    return number_in(sql, r"scores\.window_end_ts - interval (\d+) second") - 1


def _hedges(wanted: Wanted) -> bool:
    return bool(wanted.columns & {"fuel_available", "net_dealer_gamma", "effect"})


def _has_walls(wanted: Wanted) -> bool:
    return bool(wanted.columns & {"call_wall_price_int", "put_wall_price_int"})


def _has_runway(wanted: Wanted) -> bool:
    return "runway_quality" in wanted.columns


def _of_fuel(relation: str, where: str) -> Read:
    """Return the read of an input of the dealers' gamma, of the options near a level."""
    return Read(relation, where, _fuel_seconds, numbers=_STEPS, lookups=_NEAR, is_needed=_hedges)


_CONTRACT_DAY = Read("silver.contract_days", DAY)
_ENGINE_LEVELS = Read("steps.engine_levels_1s", f"{ENDS}{LEVELS}")

ENGINE_READS: dict[str, tuple[Read, ...]] = {
    "steps.level_side_changes": (
        Read("silver.levels_1s", f"{_SIDES}{LEVELS}", lookups=("side_ends",)),
        Read("silver.book_snapshot_1s", _SIDES, lookups=("side_ends",)),
        _CONTRACT_DAY,
    ),
    "steps.engine_levels_1s": (
        Read("silver.levels_1s", f"{ENDS}{LEVELS}"),
        Read("silver.book_snapshot_1s", WINDOWS),
        _CONTRACT_DAY,
        # at the level itself it has the side that it had last
        Read("steps.level_side_changes", query="side_changes_in_force"),
        Read("silver.approach_course_1s", f"{ENDS}{LEVELS}"),
    ),
    "silver.barrier_engine_1s": (
        _ENGINE_LEVELS,
        Read("silver.book_snapshot_1s", WINDOWS, _barrier_seconds),
        _CONTRACT_DAY,
        Read(
            "silver.wall_surface_1s",
            back_s=_barrier_seconds,
            query="wall_of_zones",
            numbers={"zone": r"(\d+) \* contract_day\.tick_int as reach_int"},
        ),
    ),
    "silver.tape_engine_1s": (
        _ENGINE_LEVELS,
        _CONTRACT_DAY,
        Read("reference.instruments", "root = $root"),
        Read("steps.contract_trades", WINDOWS, _tape_seconds),
    ),
    "silver.fuel_engine_1s": (
        _ENGINE_LEVELS,
        Read("steps.gex_settings", DAY),
        _of_fuel("silver.option_contracts", f"{DAY}{_STRIKES}"),
        _of_fuel(
            "silver.option_iv_1s",
            f"{DAY} and window_end_ts >= $from_ts and window_end_ts < $to_ts{_STRIKES}",
        ),
        _of_fuel("bronze.option_trades", _OF_OPTIONS),
        _of_fuel("bronze.option_mbo", f"{_OF_OPTIONS} and action = 'T'"),
        _of_fuel("steps.option_quote_trades", _OF_OPTIONS),
        Read("silver.gex_surface_1s", WINDOWS, is_needed=_has_walls),
        Read("silver.gex_summary_1s", WINDOWS),
    ),
    "gold.break_score_1s": (
        Read("steps.engine_levels_1s", _CHAIN, lookups=_SCORED),
        Read("silver.barrier_engine_1s", _CHAIN, lookups=_SCORED),
        Read("silver.tape_engine_1s", _CHAIN, lookups=_SCORED),
        Read("silver.fuel_engine_1s", _CHAIN, lookups=_SCORED),
        Read("steps.level_book_1s", WINDOWS, query="book_of_scored_levels", is_needed=_has_runway),
        Read(
            "silver.levels_1s",
            f"{DAY} and list_contains($scored_ends, window_end_ts) and {_OF_SCORES}",
            lookups=_SCORED,
        ),
        Read("silver.level_definitions", _OF_SCORES),
    ),
    "gold.level_signals": (
        _CONTRACT_DAY,
        Read("silver.book_snapshot_1s", WINDOWS),
        *(
            Read(relation, f"{ENDS} and in_monitor_band")
            for relation in (
                "gold.break_score_1s",
                "silver.barrier_engine_1s",
                "silver.tape_engine_1s",
                "silver.fuel_engine_1s",
            )
        ),
        Read("silver.level_definitions"),
        Read("gold.retrieval_answers", ENDS, _answer_seconds),
    ),
}
