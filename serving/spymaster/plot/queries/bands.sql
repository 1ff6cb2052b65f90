-- Scores of every second
select
    date_diff('second', $start_ts, window_start_ts) as second,
    above_score,
    below_score,
    vacuum_total_score,
    window_valid,
    calibration_mode
from silver.physics_bands_1s
where
    symbol = $symbol
    and dt in $days
    and window_start_ts >= $start_ts
    and window_start_ts < $end_ts
order by second;
