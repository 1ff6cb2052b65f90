-- Courses of approaches in a range of seconds, with the answer that holds; the last columns are for
-- the words
select
    date_diff('second', cast(courses.dt as timestamp), courses.window_end_ts) as second,
    courses.level_id,
    courses.level_price_int // instruments.tick_int as level_tick,
    courses.direction,
    courses.x,
    courses.phase,
    courses.elapsed_s,
    courses.since_reached_s,
    courses.resolved,
    courses.p_break,
    courses.p_reject,
    courses.p_chop,
    courses.base_break,
    courses.base_reject,
    courses.base_chop,
    courses.n_distinct_episodes,
    courses.n_distinct_days,
    courses.n_eff,
    courses.verdict,
    courses.no_odds_reason,
    courses.window_end_ts,
    courses.barrier_ticks,
    courses.max_x,
    courses.ended_by,
    courses.odds_ts,
    courses.odds_phase,
    courses.odds_horizon_s,
    cast(courses.reached_ts as timestamp) as reached_ts,
    cast(courses.resolved_ts as timestamp) as resolved_ts
from gold.course_odds_1s as courses
cross join (
    select any_value(tick_int) as tick_int
    from silver.book_engine_input
    where symbol = $symbol and dt = $dt
) as instruments
where
    courses.symbol = $symbol
    and courses.dt = $dt
    and courses.window_end_ts > $start_ts
    and courses.window_end_ts <= $end_ts
order by courses.window_end_ts, courses.level_id;
