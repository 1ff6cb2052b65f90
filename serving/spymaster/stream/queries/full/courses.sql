-- Courses of approaches in a range of seconds, with the answer that holds
select * from gold.course_odds_1s
where
    symbol = $symbol
    and dt = $dt
    and window_end_ts > $start_ts
    and window_end_ts <= $end_ts
order by window_end_ts, level_id;
