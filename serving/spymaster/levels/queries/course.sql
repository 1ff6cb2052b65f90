-- Courses of approaches that are under way in a second, with the answer that holds
select
    * exclude (reached_ts, resolved_ts),
    cast(reached_ts as timestamp) as reached_ts,
    cast(resolved_ts as timestamp) as resolved_ts
from gold.course_odds_1s
where
    symbol = $symbol
    and dt = $dt
    and window_end_ts = $at;
