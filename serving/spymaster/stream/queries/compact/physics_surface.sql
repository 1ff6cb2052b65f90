-- Ease of movement of a range of seconds, up to a distance from spot
select
    date_diff('second', cast($dt as timestamp), window_end_ts) as second,
    side = 'B' as is_bid,
    price_int // $tick_int as tick,
    ease_signed
from silver.physics_surface_1s
where
    symbol = $symbol
    and dt = $dt
    and window_start_ts >= $start_ts
    and window_start_ts < $end_ts
    and rel_ticks between -$max_ticks and $max_ticks
order by window_start_ts, side, price_int;
