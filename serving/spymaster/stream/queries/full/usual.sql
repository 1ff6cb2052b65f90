-- Usual depths ahead of spot of a range of seconds
select
    *,
    epoch_ns(window_start_ts) + 1000000000 as window_end_ts_ns
from steps.usual_depth_1s
where
    symbol = $symbol
    and dt = $dt
    and window_start_ts >= $start_ts
    and window_start_ts < $end_ts
order by window_start_ts;
