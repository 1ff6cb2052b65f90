-- Gamma exposure at each strike of a range of seconds; half a tick rounds away from zero
select
    date_diff('second', cast($dt as timestamp), window_end_ts) as second,
    cast(sign(strike_price_int) as bigint)
    * ((2 * abs(strike_price_int) + $tick_int) // (2 * $tick_int))
        as strike_tick,
    strike_points,
    gex_abs,
    gex_call_abs,
    gex_put_abs
from silver.gex_surface_1s
where
    symbol = $symbol
    and dt = $dt
    and window_start_ts >= $start_ts
    and window_start_ts < $end_ts
order by window_start_ts, strike_price_int;
