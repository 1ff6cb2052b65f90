"""Empty relations for the evaluation of the four conditions."""

from __future__ import annotations

import duckdb


def empty_market() -> duckdb.DuckDBPyConnection:
    """Return a database with one level and no decisions."""
    found = duckdb.connect()
    for schema in ("gold", "silver", "steps", "reference"):
        found.execute(f"create schema {schema}")
    found.execute(
        """
        create table gold.level_outcomes (symbol varchar, dt date, level_id varchar,
            window_end_ts timestamp, barrier_kind varchar, horizon_id varchar, x0_ticks integer,
            barrier_ticks integer, outcome_reached varchar, reached_ts timestamp_ns,
            reached_hit_ts timestamp_ns, episode_id varchar, exit_x_ticks integer);
        create table silver.level_decisions (symbol varchar, dt date, level_id varchar,
            window_end_ts timestamp, approach_dir varchar, barrier_mode varchar,
            level_tick bigint, is_eligible boolean,
            decision_phase varchar default 'approaching');
        create table silver.mbo_contract_day_selection (root varchar, session_date date,
            selected_symbol varchar);
        create table silver.level_definitions (level_id varchar, level_kind varchar);
        create table reference.trigger_thresholds (root varchar, cost_ticks double);
        create table steps.turn_states_1s (symbol varchar, dt date, level_id varchar,
            window_end_ts timestamp, condition_window_s integer, level_side integer,
            state varchar, recent_state varchar, held_s integer);
        create table silver.contract_days (symbol varchar, dt date, tick_int bigint);
        create table steps.contract_trades (symbol varchar, dt date, ts_event timestamp_ns,
            price_int bigint);
        create table silver.book_snapshot_1s (symbol varchar, dt date, window_start_ts timestamp,
            window_valid boolean);
        insert into silver.level_definitions values ('pm_high', 'pm');
        insert into reference.trigger_thresholds values ('ES', 1.4);
        """
    )
    return found
