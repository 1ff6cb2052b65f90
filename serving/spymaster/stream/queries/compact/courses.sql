-- Courses of approaches in a range of seconds, with the answer that holds; the last columns are for
-- the words
select
    date_diff('second', cast(dt as timestamp), window_end_ts) as second,
    level_id,
    level_price_int // $tick_int as level_tick,
    direction,
    x,
    phase,
    elapsed_s,
    since_reached_s,
    resolved,
    p_break,
    p_reject,
    p_chop,
    base_break,
    base_reject,
    base_chop,
    n_distinct_episodes,
    n_distinct_days,
    n_eff,
    verdict,
    no_odds_reason,
    window_end_ts,
    barrier_ticks,
    max_x,
    ended_by,
    odds_ts,
    odds_phase,
    odds_horizon_s,
    cast(reached_ts as timestamp) as reached_ts,
    cast(resolved_ts as timestamp) as resolved_ts
from gold.course_odds_1s
where
    symbol = $symbol
    and dt = $dt
    and window_end_ts > $start_ts
    and window_end_ts <= $end_ts
order by window_end_ts, level_id;
