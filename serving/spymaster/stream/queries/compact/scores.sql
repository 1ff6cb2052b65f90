-- Break scores of a range of seconds, with the readings behind them and the limits of signals; the
-- last columns are for the words
with

-- consecutive seconds with the same signal have the same run
runs as (
    select
        *,
        window_end_ts - to_seconds(
            row_number() over (partition by level_id, direction, signal order by window_end_ts)
        ) as run
    from gold.break_score_1s
    where
        symbol = $symbol
        and dt = $dt
        and window_start_ts < $end_ts
),

scores as (
    select
        *,
        min(window_end_ts) over (partition by level_id, direction, signal, run) as signal_since_ts
    from runs
    qualify window_start_ts >= $start_ts
),

limits as (
    select
        any_value(value) filter (where name = 'break_score_min') as break_score_min,
        any_value(value) filter (where name = 'reject_score_max') as reject_score_max
    from reference.engine_constants
)

select
    date_diff('second', cast($dt as timestamp), scores.window_end_ts) as second,
    scores.level_id,
    scores.level_price_int // $tick_int as level_tick,
    scores.k_ticks,
    scores.direction,
    scores.s_l,
    scores.s_h,
    scores.s_t,
    scores.score_raw,
    scores.score_smooth,
    scores.signal,
    scores.confidence,
    barriers.state as barrier_state,
    barriers.delta_liq as barrier_delta_liq,
    barriers.added as barrier_added,
    barriers.canceled as barrier_canceled,
    barriers.filled as barrier_filled,
    barriers.depth_in_zone as barrier_depth_in_zone,
    tapes.buy_vol as tape_buy_vol,
    tapes.sell_vol as tape_sell_vol,
    tapes.velocity_ticks_s as tape_velocity_ticks_s,
    tapes.sweep_direction as tape_sweep_direction,
    tapes.sweep_num_prints as tape_sweep_num_prints,
    tapes.sweep_age_s as tape_sweep_age_s,
    fuels.fuel_available,
    fuels.effect as fuel_effect,
    fuels.net_dealer_gamma as fuel_net_dealer_gamma,
    scores.runway_next_level_id,
    scores.runway_ticks,
    scores.runway_quality,
    array_to_string(scores.confluence_levels, '+') as confluence_levels,
    limits.break_score_min,
    limits.reject_score_max,
    scores.signal_since_ts,
    barriers.churn as barrier_churn
from scores
inner join silver.barrier_engine_1s as barriers
    on
        scores.symbol = barriers.symbol
        and scores.dt = barriers.dt
        and scores.window_start_ts = barriers.window_start_ts
        and scores.level_id = barriers.level_id
inner join silver.tape_engine_1s as tapes
    on
        scores.symbol = tapes.symbol
        and scores.dt = tapes.dt
        and scores.window_start_ts = tapes.window_start_ts
        and scores.level_id = tapes.level_id
inner join silver.fuel_engine_1s as fuels
    on
        scores.symbol = fuels.symbol
        and scores.dt = fuels.dt
        and scores.window_start_ts = fuels.window_start_ts
        and scores.level_id = fuels.level_id
cross join limits
where
    barriers.symbol = $symbol
    and barriers.dt = $dt
    and barriers.window_start_ts >= $start_ts
    and barriers.window_start_ts < $end_ts
    and tapes.symbol = $symbol
    and tapes.dt = $dt
    and tapes.window_start_ts >= $start_ts
    and tapes.window_start_ts < $end_ts
    and fuels.symbol = $symbol
    and fuels.dt = $dt
    and fuels.window_start_ts >= $start_ts
    and fuels.window_start_ts < $end_ts
order by scores.window_start_ts, scores.level_id;
