-- First and last second with resting depth of a contract-day
select
    epoch_ns(min(window_end_ts)) as first_ns,
    epoch_ns(max(window_end_ts)) as last_ns
from silver.wall_surface_1s
where
    symbol = $symbol
    and dt = $dt;
