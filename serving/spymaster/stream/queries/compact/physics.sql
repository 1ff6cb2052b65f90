-- Scores of a range of seconds
select
    date_diff('second', cast($dt as timestamp), window_end_ts) as second,
    above_score,
    below_score,
    vacuum_total_score,
    calibration_mode
from silver.physics_bands_1s
where
    symbol = $symbol
    and dt = $dt
    and window_start_ts >= $start_ts
    and window_start_ts < $end_ts
order by window_start_ts;
