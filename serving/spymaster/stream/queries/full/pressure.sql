-- Pressure at each level of a range of seconds
select
    *,
    epoch_ns(ts_end) as window_end_ts_ns
from gold.mbo_pressure_stream
where
    symbol = $symbol
    and dt = $dt
    and ts_end > $start_ts
    and ts_end <= $end_ts
order by ts_end, level_id;
