-- Break score, barrier state and signal at every level near spot, with the bounds of signals
with

bounds as (
    select
        max(value) filter (name = 'break_score_min') as break_above,
        max(value) filter (name = 'reject_score_max') as reject_below
    from reference.engine_constants
)

select
    date_diff('second', $start_ts, scores.window_end_ts) - 1 as second,
    scores.level_id,
    scores.in_monitor_band as is_approached,
    abs(scores.k_ticks) as distance_ticks,
    scores.score_smooth as score,
    scores.break_direction,
    scores.signal,
    barriers.state,
    bounds.break_above,
    bounds.reject_below
from gold.break_score_1s as scores
inner join silver.barrier_engine_1s as barriers
    on
        scores.symbol = barriers.symbol
        and scores.dt = barriers.dt
        and scores.level_id = barriers.level_id
        and scores.window_end_ts = barriers.window_end_ts
cross join bounds
where
    scores.symbol = $symbol
    and scores.dt in $days
    and scores.window_end_ts > $start_ts
    and scores.window_end_ts <= $end_ts
order by scores.level_id, second;
