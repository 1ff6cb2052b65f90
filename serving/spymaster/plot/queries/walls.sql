-- Depth resting at the end of every second
select
    date_diff('second', $start_ts, window_start_ts) as second,
    side,
    price_int,
    depth_qty_end
from silver.wall_surface_1s
where
    symbol = $symbol
    and dt in $days
    and window_start_ts >= $start_ts
    and window_start_ts < $end_ts
    and price_int between $low_price_int and $high_price_int
    and depth_qty_end > 0
order by second, side, price_int;
