-- Rows of approaches, their outcomes and odds; follows hud_lake_strikes_and_levels.sql

create temporary table episodes as
select
    getvariable('symbol')
    || '_'
    || getvariable('day')
    || '_'
    || episode.level_id
    || '_'
    || episode.first
        as episode_id,
    getvariable('symbol') as symbol,
    getvariable('day') as dt,
    episode.level_id,
    episode.approach_dir,
    getvariable('start_ts') + to_seconds(episode.first + 1) as first_window_end_ts,
    getvariable('start_ts') + to_seconds(episode.last + 1) as last_window_end_ts
from (select unnest(getvariable('episodes')) as episode)
where episode.last < getvariable('count');

insert into gold.approach_episodes by name
select
    *,
    level_id = 'pm_low' as touched,
    1 as attempt_index,
    3 as min_abs_k
from episodes;

insert into gold.retest_events by name
select
    getvariable('symbol') as symbol,
    getvariable('day') as dt,
    'or_high' as level_id,
    'approach_up' as approach_dir,
    unnest(['seconds', 'bars']) as basis,
    6660000000000 as level_price_int,
    getvariable('start_ts') + to_milliseconds(2000500) as cross_ts,
    getvariable('start_ts') + to_seconds(2011) as broken_window_end_ts,
    getvariable('start_ts') + to_milliseconds(2050500) as retest_ts,
    getvariable('start_ts') + to_seconds(2051) as retest_window_end_ts,
    'partial' as turn_state,
    'FAILS' as outcome,
    getvariable('start_ts') + to_seconds(2101) as label_end_ts
where getvariable('count') > 2101;

create temporary table decisions as
select
    episodes.*,
    levels.window_end_ts,
    levels.level_tick,
    cast(levels.level_tick - levels.spot_tick as integer) as k_ticks,
    -- kind of odds
    levels.second // 5 % 4 as kind
from episodes
inner join levels
    on
        episodes.level_id = levels.level_id
        and levels.window_end_ts between
        episodes.first_window_end_ts and episodes.last_window_end_ts
        and levels.second % 5 = 0;

insert into silver.level_decisions by name
select
    symbol,
    dt,
    window_end_ts,
    level_id,
    true as window_valid,
    true as is_active,
    true as is_primary,
    level_tick,
    k_ticks,
    approach_dir,
    'fixed' as barrier_mode,
    8 as barrier_ticks,
    true as is_eligible
from decisions;

insert into gold.level_outcomes by name
select
    decisions.symbol,
    decisions.dt,
    decisions.level_id,
    decisions.window_end_ts,
    kinds.barrier_kind,
    horizons.horizon_id,
    decisions.episode_id,
    if(decisions.level_id = 'or_high', 'REJECT', 'BREAK') as outcome,
    outcome as outcome_reached,
    8 as barrier_ticks,
    horizons.horizon_s,
    decisions.window_end_ts + to_seconds(horizons.horizon_s) as label_end_ts,
    label_end_ts as available_from_ts
from decisions
cross join (select unnest(['fixed', 'vol']) as barrier_kind) as kinds
cross join (
    select
        unnest(['s120', 's240']) as horizon_id,
        unnest([120, 240]) as horizon_s
) as horizons;

insert into gold.retrieval_settings by name
select
    '{"learned_horizon": "s240"}' as settings,
    5 as window_s,
    8 as barrier_ticks,
    2 as reach_ticks,
    's240' as horizon_id,
    '{}' as evaluation_settings;

-- odds, too few of them, nothing like it and not judged, in turn
insert into gold.retrieval_outcomes by name
select
    decisions.symbol,
    decisions.dt,
    decisions.level_id,
    decisions.window_end_ts,
    horizons.horizon_id,
    decisions.episode_id || '_' || epoch(decisions.window_end_ts) as vector_id,
    decisions.approach_dir,
    if(decisions.level_id = 'pm_low', 'at', 'approaching') as decision_phase,
    'all' as pool_level_id,
    decisions.k_ticks,
    horizons.horizon_s,
    8 as barrier_ticks,
    kind != 3 as is_judged,
    if(is_judged, 0.5, null) as p_break,
    if(is_judged, 0.375, null) as p_reject,
    if(is_judged, 0.125, null) as p_chop,
    if(is_judged, 0.75, null) as p_reached,
    if(is_judged, '3-4', null) as distance_band,
    if(is_judged, 0.25, null) as base_break,
    if(is_judged, 0.5, null) as base_reject,
    if(is_judged, 0.25, null) as base_chop,
    if(is_judged, 0.625, null) as base_reached,
    if(kind = 1, 12, 180) as n_neighbors,
    if(kind = 1, 3, 8) as n_distinct_days,
    if(kind = 1, 9, 60) as n_distinct_episodes,
    if(is_judged, 17.5, 0) as n_eff,
    kind not in (1, 3) as neighbors_ok,
    if(is_judged, 0.4, null) as mean_similarity,
    0.3 as similarity_floor,
    kind in (0, 1) as is_similar,
    'not shown' as verdict,
    if(decisions.level_id = 'pm_low' and kind = 0, 0.4375, null) as p_break_cal,
    if(decisions.level_id = 'pm_low' and kind = 0, 0.4375, null) as p_reject_cal,
    if(decisions.level_id = 'pm_low' and kind = 0, 0.125, null) as p_chop_cal
from decisions
cross join (
    select
        unnest(['s120', 's240']) as horizon_id,
        unnest([120, 240]) as horizon_s
) as horizons;

insert into gold.mbo_trigger_signals by name
select
    window_end_ts as trigger_ts,
    dt as session_date,
    symbol,
    dt,
    level_id,
    k_ticks,
    approach_dir,
    if(level_id = 'pm_low' and window_end_ts = last_window_end_ts, 'BREAK', 'NONE') as signal,
    signal != 'NONE' as fire_flag,
    if(fire_flag, null, 'record_low') as block_reason,
    'not shown' as verdict
from decisions;

insert into gold.mbo_pressure_stream by name
select
    window_end_ts as ts_end,
    symbol,
    dt,
    dt as session_date,
    level_id,
    level_tick * getvariable('tick_int') as level_price_int,
    cast(level_tick - spot_tick as integer) as k_ticks,
    'approach_none' as approach_dir,
    if(is_null, null, second % 50 / 50.0) as pressure_above_score,
    if(is_null, null, second % 20 / 20.0) as pressure_below_score,
    if(is_null, null, second % 10 / 10.0) as vacuum_score,
    false as fire_flag,
    'NONE' as signal,
    if(second % 20 = 0, 'WATCH', 'IDLE') as signal_state
from levels
where
    is_active
    and epoch(window_end_ts) % 5 = 0;

-- conditions of every level near spot; they are unknown while the scores are
insert into gold.conditions_in_use_1s by name
select
    symbol,
    dt,
    window_start_ts,
    window_end_ts,
    level_id,
    level_tick * getvariable('tick_int') as level_price_int,
    cast(level_tick - spot_tick as integer) as k_ticks,
    if(level_tick >= spot_tick, 1, -1) as level_side,
    'approach_none' as approach_dir,
    40 as asks_retreat_qty,
    if(is_null, null, second % 30 / 10.0) as asks_retreat_z,
    25 as asks_pull_qty,
    if(is_null, null, second % 20 / 10.0) as asks_pull_z,
    30 as bids_recede_qty,
    if(is_null, null, second % 25 / 10.0 - 0.5) as bids_recede_z,
    22 as bids_pull_qty,
    if(is_null, null, second % 15 / 10.0) as bids_pull_z,
    asks_retreat_z >= 1 as c1,
    asks_pull_z >= 1 as c2,
    bids_recede_z >= 1 as c3,
    bids_pull_z >= 1 as c4,
    if(level_side > 0, c1 and c2, c3 and c4) as ahead_withdraws,
    if(level_side > 0, c3 and c4, c1 and c2) as behind_withdraws,
    case
        when c1 and c2 and c3 and c4 then 'all_four'
        when ahead_withdraws then 'ahead_only'
        when behind_withdraws then 'behind_only'
        when c1 or c2 or c3 or c4 then 'partial'
        when c1 is not null then 'none'
    end as state,
    if(is_null, null, 1 + second % 4) as held_s,
    if(is_null, null, 'partial') as recent_state,
    calibration_mode,
    'orders' as conditions_basis
from levels
where
    is_active
    and abs(level_tick - spot_tick) <= 20;

insert into silver.recording_gaps by name
select
    getvariable('symbol') as symbol,
    getvariable('day') as dt,
    make_timestamp_ns(
        epoch_ns(getvariable('start_ts')) + cast(getvariable('gap_from') * 1e9 as bigint)
    ) as gap_start_ts,
    make_timestamp_ns(
        epoch_ns(getvariable('start_ts')) + cast(getvariable('gap_to') * 1e9 as bigint)
    ) as gap_end_ts,
    gap_end_ts as known_at_ts,
    'silent' as cause;
