-- Rows of the relations of hud_lake.py, which sets the variables
create temporary table seconds as
select
    getvariable('symbol') as symbol,
    getvariable('day') as dt,
    range as second,
    getvariable('start_ts') + to_seconds(range) as window_start_ts,
    window_start_ts + to_seconds(1) as window_end_ts,
    case
        when range != getvariable('no_spot')
            then
                getvariable('low_tick')
                + least(range // 20 % 40, 40 - range // 20 % 40)
    end as spot_tick,
    spot_tick * getvariable('tick_int') as spot_ref_price_int,
    range not in (getvariable('invalid'), getvariable('no_spot')) as window_valid,
    range >= getvariable('null_from') and range < getvariable('null_to') as is_null,
    if(range < 600, 'intraday_expanding', 'prior_sessions') as calibration_mode
from range(getvariable('count'))
where range != getvariable('missing');

insert into bronze.ingest_manifest by name
select
    'bronze.future_mbo.mbo' as dataset_key,
    getvariable('symbol') as symbol,
    getvariable('day') as dt,
    getvariable('tick_int') as tick_int;

insert into reference.instruments by name
select
    'ES' as root,
    0.25 as tick_size,
    getvariable('tick_int') as tick_int,
    50 as point_value,
    'fixed' as barrier_mode;

-- a buyer at the offer, a seller at the bid, a tie, nobody, and records that are no trade
insert into bronze.future_mbo by name
select
    symbol,
    dt,
    second * 10 + prints.place as rec_ordinal,
    make_timestamp_ns(epoch_ns(window_start_ts) + prints.place * 111111111) as ts_event,
    make_timestamp_ns(epoch_ns(window_start_ts) + prints.place * 111111111) as ts_recv,
    prints.action,
    prints.side,
    (spot_tick + prints.offset_ticks) * getvariable('tick_int') as price_int,
    if(prints.place = 5, 0, 1 + (second + prints.place) % 5) as size
from seconds
cross join (
    select
        unnest(['T', 'T', 'T', 'T', 'T', 'T', 'A']) as action,
        unnest(['B', 'A', 'B', 'N', 'B', 'B', 'A']) as side,
        unnest([1, -1, 1, 2, 0, 0, 1]) as offset_ticks,
        unnest([0, 1, 2, 3, 4, 5, 8]) as place
) as prints
where
    spot_tick is not null
    and second % 3 = 0;

insert into silver.book_snapshot_1s by name
select
    symbol,
    dt,
    window_start_ts,
    window_end_ts,
    (spot_tick - 1) * getvariable('tick_int') as best_bid_price_int,
    (spot_tick + 1) * getvariable('tick_int') as best_ask_price_int,
    best_bid_price_int / 1e9 as best_bid_price,
    best_ask_price_int / 1e9 as best_ask_price,
    if(spot_tick is null, null, 4 + second % 7) as best_bid_qty,
    if(spot_tick is null, null, 2 + second % 5) as best_ask_qty,
    spot_ref_price_int as mid_price_int,
    spot_ref_price_int / 1e9 as mid_price,
    spot_ref_price_int,
    spot_ref_price_int / 1e9 as spot_ref_price,
    if(second % 3 = 0, 5, 0) as trade_count,
    second % 11 as trade_qty_buy,
    second % 7 as trade_qty_sell,
    0 as trade_qty_none,
    10 as n_records,
    100 as bid_depth_total,
    120 as ask_depth_total,
    if(window_valid, 0, 1) as invalid_flags,
    window_valid as book_valid,
    window_valid
from seconds;

create temporary table walls as
with

-- ticks of a second: markers, a far marker, the touch, and what does not move
ticks as (
    select
        second,
        spot_tick,
        unnest(
            if(
                second % getvariable('marker_every_s') = 0,
                list_filter(
                    range(
                        spot_tick - getvariable('marker_ticks'),
                        spot_tick + getvariable('marker_ticks') + 1
                    ),
                    lambda tick: tick % getvariable('marker_every_ticks') = 0
                    and tick not in (
                        spot_tick,
                        spot_tick - 1,
                        spot_tick + 1,
                        getvariable('ask_wall'),
                        getvariable('bid_wall'),
                        getvariable('tie_tick'),
                        getvariable('flow_tick')
                    )
                ),
                []
            )
        ) as tick,
        5 as qty
    from seconds
    where spot_tick is not null

    union all
    select
        second,
        spot_tick,
        spot_tick + getvariable('far_ticks') as tick,
        7 as qty
    from seconds
    where
        spot_tick is not null
        and second % 30 = 0

    union all
    select
        second,
        spot_tick,
        unnest([
            spot_tick - 1,
            spot_tick + 1,
            getvariable('ask_wall'),
            getvariable('bid_wall'),
            getvariable('tie_tick'),
            getvariable('flow_tick')
        ]) as tick,
        unnest([4 + second % 7, 2 + second % 5, 64 + second % 50, 48 + second % 30, 9, 0]) as qty
    from seconds
    where spot_tick is not null
)

select
    second,
    if(tick > spot_tick, 'A', 'B') as side,
    tick,
    tick - spot_tick as rel_ticks,
    qty
from ticks

union all
-- as many bids as asks, and in an invalid second a crossed book
select
    second,
    'B' as side,
    tick,
    rel_ticks,
    qty
from (
    select
        second,
        getvariable('tie_tick') as tick,
        getvariable('tie_tick') - spot_tick as rel_ticks,
        9 as qty
    from seconds
    where spot_tick is not null
    union all
    select
        second,
        spot_tick + 1 as tick,
        1 as rel_ticks,
        33 as qty
    from seconds
    where second = getvariable('invalid')
);

insert into silver.wall_surface_1s by name
select
    seconds.symbol,
    seconds.dt,
    seconds.window_start_ts,
    seconds.window_end_ts,
    walls.side,
    walls.tick * getvariable('tick_int') as price_int,
    seconds.spot_ref_price_int,
    walls.rel_ticks,
    walls.qty as depth_qty_start,
    walls.qty as depth_qty_end,
    (seconds.second + walls.tick) % 4 + 1 as add_qty,
    (seconds.second + walls.tick) % 4 as pull_qty_total,
    0 as pull_qty_rest,
    1 as fill_qty,
    0 as reprice_in_qty,
    0 as reprice_out_qty,
    0 as reset_qty,
    walls.qty as depth_qty_rest,
    least(walls.qty, 3) as order_count_end,
    seconds.window_valid
from walls
inner join seconds on walls.second = seconds.second;

create temporary table cells as
select
    seconds.*,
    offsets.rel_ticks,
    if(offsets.rel_ticks < 0, 'B', 'A') as side,
    (spot_tick + offsets.rel_ticks) * getvariable('tick_int') as price_int,
    if(
        is_null or not window_valid,
        null,
        ((second * 7 + offsets.rel_ticks * 13) % 101 + 101) % 101 / 100.0
    )
        as share
from seconds
cross join (select range as rel_ticks from range(-20, 21)) as offsets
where spot_tick is not null;

insert into silver.vacuum_surface_1s by name
select
    symbol,
    dt,
    window_start_ts,
    window_end_ts,
    side,
    price_int,
    spot_ref_price_int,
    rel_ticks,
    window_valid,
    false as is_empty,
    share as vacuum_score,
    calibration_mode
from cells;

insert into silver.physics_surface_1s by name
select
    symbol,
    dt,
    window_start_ts,
    window_end_ts,
    side,
    price_int,
    spot_ref_price_int,
    rel_ticks,
    window_valid,
    share as ease,
    if(side = 'A', share, -share) as ease_signed,
    1 - share as obstacle,
    calibration_mode
from cells;

insert into silver.radar_vacuum_1s by name
select
    symbol,
    dt,
    window_start_ts,
    window_end_ts,
    spot_ref_price_int,
    spot_ref_price_int / 1e9 as spot_ref_price,
    'approach_none' as approach_dir,
    window_valid,
    if(is_null, null, second / 100.0) as u14_bid_midfar_pull_share_rest
from seconds;

insert into silver.physics_bands_1s by name
select
    symbol,
    dt,
    window_start_ts,
    window_end_ts,
    spot_ref_price_int,
    spot_ref_price_int / 1e9 as mid_price,
    spot_ref_price_int as mid_price_int,
    window_valid,
    if(is_null or not window_valid, null, second % 100 / 100.0) as above_score,
    if(is_null or not window_valid, null, second % 37 / 37.0) as below_score,
    (above_score + below_score) / 2 as vacuum_total_score,
    calibration_mode
from seconds;

insert into silver.physics_calibration_modes by name
select
    getvariable('symbol') as symbol,
    getvariable('day') as dt,
    'ES' as root,
    'prior_sessions' as calibration_mode;

-- strikes every 5 points around 6652.5, and one off the grid of ticks; two have no options
create temporary table strikes as
select
    seconds.*,
    listed.strike_price_int,
    listed.place
from seconds
cross join (
    select
        (26610 + 20 * range) * getvariable('tick_int') as strike_price_int,
        range as place
    from range(-12, 13)
    union all
    select
        getvariable('off_tick_strike_int') as strike_price_int,
        13 as place
) as listed
where second != getvariable('no_gex');

insert into silver.gex_surface_1s by name
select
    symbol,
    dt,
    window_start_ts,
    window_end_ts,
    symbol as underlying,
    strike_price_int,
    strike_price_int / 1e9 as strike_points,
    place as strike_offset,
    spot_ref_price_int,
    if(abs(place) = 12, null, 100.0 + second % 60 + place * 3) as gex_call_abs,
    if(abs(place) = 12, null, 100.0 + second % 40 - place * 3) as gex_put_abs,
    gex_call_abs as gex_call,
    gex_put_abs as gex_put,
    gex_call_abs + gex_put_abs as gex_abs,
    gex_call_abs - gex_put_abs as gex,
    if(abs(place) = 12, 0, 2) as n_options,
    'ok' as iv_status_worst,
    true as oi_known,
    'dealers_long_calls_short_puts' as sign_convention
from strikes;

insert into silver.option_physics_1s by name
select
    symbol,
    dt,
    window_start_ts,
    window_end_ts,
    strike_price_int,
    strike_price_int / 1e9 as strike_points,
    second % 9 - 4 as call_net_aggressive_qty,
    second % 5 as call_net_resting_qty,
    if(abs(place) = 12, null, (second + place) % 20 / 20.0) as call_physics,
    second % 7 - 3 as put_net_aggressive_qty,
    -(second % 6) as put_net_resting_qty,
    if(abs(place) = 12, null, -((second + place) % 10) / 10.0) as put_physics,
    'mbo' as flow_source
from strikes;

insert into silver.gex_summary_1s by name
select
    symbol,
    dt,
    window_start_ts,
    window_end_ts,
    spot_ref_price_int,
    if(is_null, null, 6652.625 + second % 10) as gamma_flip_price,
    26690 * getvariable('tick_int') as call_wall_price_int,
    26530 * getvariable('tick_int') as put_wall_price_int,
    25 as n_strikes_known
from seconds
where second != getvariable('no_gex');

-- price in thousandths of a tick, when it is there, and what else lies there
create temporary table levels as
select
    seconds.*,
    named.level_id,
    case
        when named.level_id = 'sma_90' then 26605000 + second // 60 * 375
        when named.level_id = 'or_high' then 26622000
        when named.level_id in ('pm_low', 'or_low') then 26590000
        when named.level_id = 'pm_high' then 26640000
    end / 1000 as exact_tick,
    cast(floor(exact_tick + 0.5) as bigint) as level_tick,
    named.level_id = 'or_high' and second <= getvariable('provisional_until') as is_provisional,
    named.level_id != 'sma_400' and not is_provisional as is_active,
    case named.level_id
        when 'pm_low' then ['or_low']
        when 'or_low' then ['pm_low']
        else []
    end as stacked_with
from seconds
cross join (
    select unnest(['pm_high', 'pm_low', 'or_high', 'or_low', 'sma_90', 'sma_400']) as level_id
) as named;

insert into silver.levels_1s by name
select
    symbol,
    dt,
    window_end_ts,
    level_id,
    exact_tick * getvariable('tick_int') / 1e9 as level_price,
    level_tick * getvariable('tick_int') as level_price_int,
    level_tick,
    exact_tick - level_tick as level_resid_ticks,
    is_active,
    is_provisional,
    window_end_ts as available_from_ts,
    stacked_with,
    is_active and level_id != 'or_low' as is_primary
from levels;

insert into silver.level_offset_1s by name
select
    symbol,
    dt,
    window_end_ts,
    level_id,
    cast(level_tick - spot_tick as integer) as k_ticks,
    if(second < 15, null, (second % 31 - 15) / 15.0) as closing_speed_15s,
    if(closing_speed_15s > 0, abs(k_ticks) / closing_speed_15s, null) as secs_to_touch,
    case
        when not is_active then 'approach_none'
        when k_ticks between 1 and 12 then 'approach_up'
        when k_ticks between -12 and -1 then 'approach_down'
        else 'approach_none'
    end as approach_dir
from levels;

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
insert into gold.turn_conditions_1s by name
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
    calibration_mode
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
