-- Pressure at each level of a range of seconds
select
    date_diff('second', cast($dt as timestamp), ts_end) as second,
    level_id,
    pressure_above_score,
    pressure_below_score,
    vacuum_score,
    signal_state
from gold.mbo_pressure_stream
where
    symbol = $symbol
    and dt = $dt
    and ts_end > $start_ts
    and ts_end <= $end_ts
order by ts_end, level_id;
