"""Which rows of its inputs a row of each relation reads.

A row is made by the SQL of its model; these conditions only choose the rows that the SQL is run
over again. If they chose too few, the value would come out differently, which every explanation
checks. Numbers that vars set are taken from the compiled SQL.
"""

from __future__ import annotations

import re

from spymaster.explain.engine_reads import ENGINE_READS
from spymaster.explain.market_reads import MARKET_READS
from spymaster.explain.net_reads import NET_READS
from spymaster.explain.read import (
    DAY,
    ENDS,
    LEVELS,
    WINDOWS,
    Read,
    condition_seconds,
    number_in,
    preceding,
    state_seconds,
)
from spymaster.explain.wanted import Wanted

_CELLS = f"{WINDOWS} and list_contains($sides, side) and price_int between $low_price_int and "
_CELLS += "$high_price_int"
_TICKS = " and list_contains($level_ticks, level_tick)"
_STRIKES = " and list_contains($strikes, strike_price_int)"
_OF_LEVELS = "($all_levels or list_contains($level_ids, level_id))"
_OPTIONS = ("option_symbols",)
_OF_OPTIONS = (
    f"{DAY} and ts_event < cast($to_ts as timestamp) "
    "and list_contains($option_symbols, option_symbol)"
)
# around a level and spot: the zone on either side
_AROUND = (
    " and {price} >= cast($low_tick - $zone as bigint) * $tick_int "
    "and {price} <= cast($high_tick + $zone as bigint) * $tick_int"
)
_LOWEST = "cast(list_min($level_ticks) - $zone as bigint) * $tick_int"
_HIGHEST = "cast(list_max($level_ticks) + $zone as bigint) * $tick_int"


def _differences(wanted: Wanted, sql: str) -> int:
    return wanted.differences()


def _before(wanted: Wanted, sql: str) -> int:
    """Return how many seconds before its own a row of vacuum_cells_1s looks back."""
    found = (re.search(r"_before_(\d)$", name) for name in wanted.columns)
    return max((int(one[1]) for one in found if one), default=0)


def _radar_mids(wanted: Wanted, sql: str) -> int:
    lookback_s = number_in(sql, r"earlier\.window_start_ts \+ interval '?(\d+)")
    return max(wanted.differences(), lookback_s if "approach_dir" in wanted.columns else 0)


def _offset_mids(wanted: Wanted, sql: str) -> int:
    """Return the seconds of mids behind columns of level_offset_1s: volatility reads the most."""
    lags = r"lag\(mid_half_ticks, (\d+)\)"
    spread = number_in(sql, r"rows between (\d+) preceding") + 1
    known = {"k_ticks": 0, "level_id": 0, "approach_move_ticks": number_in(sql, lags)}
    known |= {f"speed_{seconds}s": seconds for seconds in (3, 15)}
    known |= dict.fromkeys(("closing_speed_15s", "secs_to_touch"), 15)
    return max(known.get(name, max(spread, number_in(sql, lags))) for name in wanted.columns)


def _volatility_seconds(wanted: Wanted, sql: str) -> int:
    """Return the seconds from which a missing volatility is carried."""
    is_solved = all(row.get("iv_status") == "ok" for row in wanted.rows)
    return 0 if is_solved else preceding(sql)


def _mid_seconds(sql: str) -> int:
    frame = r"range between interval (\d+) second preceding\s+and current row\s+\) as forward"
    return number_in(sql, frame)


def _exposure_mids(wanted: Wanted, sql: str) -> int:
    return wanted.differences() + _mid_seconds(sql)


def _volatility_mids(wanted: Wanted, sql: str) -> int:
    return _volatility_seconds(wanted, sql) + _mid_seconds(sql)


def _earlier_windows(wanted: Wanted, sql: str) -> int:
    return wanted.differences() * number_in(sql, r"window_start_ts \+ interval (\d+) second")


_CONTRACT_DAY = Read("silver.contract_days", DAY)
_MINUTES = Read(
    "steps.norm_quantiles",
    f"{DAY} and minute_ts >= date_trunc('minute', cast($from_ts as timestamp)) "
    "and minute_ts < $to_ts",
)
_MODES = Read("steps.physics_calibration_modes", DAY)
_PHYSICS_WEIGHTS = Read("reference.physics_weights")
_SNAPSHOT = Read("silver.book_snapshot_1s", WINDOWS)
_LEVEL_SETTINGS = Read("steps.level_settings", DAY)
_GEX_SETTINGS = Read("steps.gex_settings", DAY)
_CONTRACTS = Read("silver.option_contracts", f"{DAY}{_STRIKES}")
_ZONE_OF_BOOK = {"zone": r"least\(min\(k_ticks\), 0\) - (\d+)"}
_ZONE_OF_TURN = {"zone": r"min\(level_anchors\.level_tick\) - (\d+)"}
_EARLIER_DAYS = "root = $root and list_contains($horizons, horizon_id) and asof_dt <= $dt"


def _moved(wanted: Wanted) -> bool:
    return "net_flow_gex" in wanted.columns


def _of_level_book(window_s: int) -> tuple[Read, ...]:
    length = {"window_s": rf"window_start_ts \+ interval ({window_s}) second"}
    at_ends = f"{ENDS}{LEVELS} and epoch(window_end_ts) % $window_s = 0"
    return (
        Read("steps.level_anchors_1s", at_ends, _earlier_windows, numbers=length),
        Read(
            "steps.level_book_1s", back_s=_earlier_windows, query="book_of_levels", numbers=length
        ),
    )


READS: dict[str, tuple[Read, ...]] = {
    "silver.vacuum_surface_1s": (Read("silver.vacuum_metrics_1s", _CELLS), _MINUTES),
    "silver.vacuum_metrics_1s": (Read("steps.vacuum_cells_1s", _CELLS),),
    "steps.vacuum_cells_1s": (
        Read("silver.wall_surface_1s", back_s=_before, query="cells_of_the_wall"),
        _CONTRACT_DAY,
    ),
    "silver.physics_surface_1s": (
        Read("silver.vacuum_surface_1s", _CELLS),
        _MINUTES,
        _PHYSICS_WEIGHTS,
    ),
    "silver.physics_bands_1s": (
        Read("silver.vacuum_surface_1s", WINDOWS),
        Read("steps.vacuum_cells_1s", WINDOWS),
        _SNAPSHOT,
        _CONTRACT_DAY,
        _MINUTES,
        _MODES,
        _PHYSICS_WEIGHTS,
    ),
    "silver.radar_vacuum_1s": (
        Read("steps.vacuum_cells_1s", WINDOWS, _differences),
        Read("silver.book_snapshot_1s", WINDOWS, _radar_mids),
        Read("silver.reprice_flow_1s", f"{WINDOWS} and qty_rest > 0", _differences),
        _CONTRACT_DAY,
    ),
    "steps.norm_quantiles": (
        _MODES,
        Read("gold.physics_norm_calibration", query="calibration_in_force"),
    ),
    "silver.levels_1s": (
        _LEVEL_SETTINGS,
        _CONTRACT_DAY,
        # a range so far is a sum over the seconds that there are
        Read(
            "silver.book_snapshot_1s",
            f"({ENDS}) or ({DAY} and list_contains($deciding_seconds, window_start_ts))",
            lookups=("deciding_trades", "deciding_seconds"),
            parts=("ranges",),
        ),
        Read("silver.level_definitions", _OF_LEVELS),
        Read("steps.step_levels", f"{DAY} and {_OF_LEVELS}"),
        Read("steps.running_levels_1s", f"{ENDS} and {_OF_LEVELS}"),
        Read(
            "steps.contract_trades",
            f"{DAY} and list_contains($deciding_trades, trade_no)",
            lookups=("deciding_trades",),
            parts=("ranges",),
        ),
        Read(
            "silver.bars",
            query="bars_of_averages",
            numbers={"bar_s": r"bars\.bar_s = (\d+)"},
        ),
    ),
    "silver.level_offset_1s": (
        Read("silver.levels_1s", f"{ENDS}{LEVELS}"),
        Read("silver.book_snapshot_1s", WINDOWS, _offset_mids),
        _CONTRACT_DAY,
        _LEVEL_SETTINGS,
    ),
    "steps.level_anchors_1s": (
        Read("silver.level_offset_1s", f"{ENDS}{LEVELS}"),
        Read("silver.levels_1s", f"{ENDS}{LEVELS}"),
        _SNAPSHOT,
        _CONTRACT_DAY,
    ),
    "steps.level_book_1s": (
        # a price that becomes a level has a book in the seconds before that too
        Read(
            "steps.level_anchors_1s",
            f"{DAY} and window_start_ts >= $from_ts and window_start_ts < "
            f"cast($to_ts as timestamp) + to_seconds($ahead){_TICKS}",
            numbers={"ahead": r"unnest\(range\(1, (\d+)\)\)"},
        ),
        _SNAPSHOT,
        _CONTRACT_DAY,
        Read("reference.instruments", "root = $root"),
        Read(
            "silver.wall_surface_1s",
            WINDOWS + _AROUND.format(price="price_int"),
            numbers=_ZONE_OF_BOOK,
        ),
        Read(
            "silver.reprice_flow_1s",
            f"{WINDOWS} and qty_rest > 0" + _AROUND.format(price="price_from_int"),
            numbers=_ZONE_OF_BOOK,
        ),
    ),
    "silver.level_vacuum_1s": _of_level_book(1),
    "silver.mbo_level_vacuum_5s": _of_level_book(5),
    "gold.mbo_pressure_stream": (
        Read("silver.mbo_level_vacuum_5s", f"{DAY}{LEVELS} and window_end_ts = $to_ts"),
        Read("silver.level_decisions", f"{DAY}{LEVELS} and window_end_ts = $to_ts"),
        Read("silver.approach_course_1s", f"{DAY}{LEVELS} and window_end_ts = $to_ts"),
        Read("gold.mbo_trigger_signals", f"{DAY}{LEVELS} and trigger_ts = $to_ts"),
        Read("reference.trigger_thresholds", "root = $root"),
    ),
    "gold.turn_conditions_1s": (
        Read(
            "steps.turn_states_1s",
            f"{ENDS}{LEVELS} and condition_window_s = $condition_window",
            numbers={"condition_window": r"condition_window_s = (\d+)"},
        ),
    ),
    "steps.turn_states_1s": (
        Read("steps.level_anchors_1s", back_s=state_seconds, query="anchors_of_states"),
        Read("steps.turn_measures_1s", back_s=state_seconds, query="measures_of_states"),
        Read("steps.turn_calibration", back_s=state_seconds, query="spreads_in_force"),
    ),
    "steps.turn_measures_1s": (
        Read(
            "steps.turn_flows_1s",
            f"{WINDOWS}{_TICKS} and list_contains($condition_windows, condition_window_s)",
        ),
    ),
    "steps.turn_flows_1s": (
        Read("steps.level_anchors_1s", f"{WINDOWS}{_TICKS}"),
        Read("silver.book_snapshot_1s", WINDOWS, condition_seconds),
        _CONTRACT_DAY,
        Read(
            "silver.wall_surface_1s",
            f"{WINDOWS} and price_int between {_LOWEST} and {_HIGHEST}",
            condition_seconds,
            numbers=_ZONE_OF_TURN,
        ),
        Read(
            "silver.reprice_flow_1s",
            f"{WINDOWS} and qty_rest > 0 and greatest(price_from_int, price_to_int) >= {_LOWEST} "
            f"and least(price_from_int, price_to_int) <= {_HIGHEST}",
            condition_seconds,
            numbers=_ZONE_OF_TURN,
        ),
    ),
    "silver.gex_surface_1s": (
        _GEX_SETTINGS,
        _CONTRACT_DAY,
        Read("silver.book_snapshot_1s", WINDOWS, _exposure_mids),
        _CONTRACTS,
        Read("silver.option_iv_1s", f"{WINDOWS}{_STRIKES}", _differences),
        Read(
            "silver.option_open_interest",
            back_s=_differences,
            query="open_interest_in_force",
            lookups=_OPTIONS,
        ),
        Read("bronze.option_trades", _OF_OPTIONS, lookups=_OPTIONS, is_needed=_moved),
        Read(
            "bronze.option_mbo",
            f"{_OF_OPTIONS} and action = 'T'",
            lookups=_OPTIONS,
            is_needed=_moved,
        ),
        Read("steps.option_quote_trades", _OF_OPTIONS, lookups=_OPTIONS, is_needed=_moved),
    ),
    "silver.option_iv_1s": (
        _GEX_SETTINGS,
        _CONTRACT_DAY,
        _CONTRACTS,
        Read("silver.book_snapshot_1s", WINDOWS, _volatility_mids),
        Read(
            "silver.option_book_1s",
            back_s=_volatility_seconds,
            query="quotes_in_force",
            lookups=_OPTIONS,
        ),
        Read("steps.option_clock", DAY),
    ),
    "gold.retrieval_outcomes": (
        Read(
            "gold.retrieval_answers",
            f"{DAY} and list_contains($vector_ids, vector_id) "
            "and list_contains($horizons, horizon_id)",
        ),
        Read("gold.eval_retrieval_maps", _EARLIER_DAYS),
        Read("gold.eval_retrieval_verdict_asof", _EARLIER_DAYS),
    ),
    **ENGINE_READS,
    **MARKET_READS,
    **NET_READS,
}
