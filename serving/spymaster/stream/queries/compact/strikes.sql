-- Option flow at each strike of a range of seconds; half a tick rounds away from zero
select
    date_diff('second', cast($dt as timestamp), window_end_ts) as second,
    cast(sign(strike_price_int) as bigint)
    * ((2 * abs(strike_price_int) + $tick_int) // (2 * $tick_int))
        as strike_tick,
    strike_points,
    call_physics,
    put_physics,
    call_net_aggressive_qty,
    put_net_aggressive_qty,
    call_net_resting_qty,
    put_net_resting_qty
from silver.option_physics_1s
where
    symbol = $symbol
    and dt = $dt
    and window_start_ts >= $start_ts
    and window_start_ts < $end_ts
order by window_start_ts, strike_price_int;
