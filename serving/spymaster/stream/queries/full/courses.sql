-- Courses of approaches in a range of seconds, with the answer that holds
select
    *,
    epoch_ns(window_end_ts) as window_end_ts_ns
from gold.course_odds_1s
where
    symbol = $symbol
    and dt = $dt
    and window_end_ts > $start_ts
    and window_end_ts <= $end_ts
order by window_end_ts, level_id;
