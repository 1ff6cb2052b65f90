-- The four conditions at each level of a range of seconds
select
    *,
    epoch_ns(window_end_ts) as window_end_ts_ns
from gold.conditions_in_use_1s
where
    symbol = $symbol
    and dt = $dt
    and window_start_ts >= $start_ts
    and window_start_ts < $end_ts
order by window_start_ts, level_id;
