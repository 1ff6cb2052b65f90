-- Seconds with wall rows
select distinct date_diff('second', $start_ts, window_start_ts) as second
from silver.wall_surface_1s
where
    symbol = $symbol
    and dt in $days
    and window_start_ts >= $start_ts
    and window_start_ts < $end_ts
order by second;
