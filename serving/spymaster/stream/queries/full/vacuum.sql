-- Vacuum of a range of seconds, up to a distance from spot
select
    *,
    epoch_ns(window_end_ts) as window_end_ts_ns
from silver.vacuum_surface_1s
where
    symbol = $symbol
    and dt = $dt
    and window_start_ts >= $start_ts
    and window_start_ts < $end_ts
    and rel_ticks between -$max_ticks and $max_ticks
order by window_start_ts, side, price_int;
