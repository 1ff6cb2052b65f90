-- Gamma exposure of a range of seconds; half a tick rounds away from zero
select
    date_diff('second', cast($dt as timestamp), window_end_ts) as second,
    gamma_flip_price,
    cast(sign(call_wall_price_int) as bigint)
    * ((2 * abs(call_wall_price_int) + $tick_int) // (2 * $tick_int))
        as call_wall_tick,
    cast(sign(put_wall_price_int) as bigint)
    * ((2 * abs(put_wall_price_int) + $tick_int) // (2 * $tick_int))
        as put_wall_tick
from silver.gex_summary_1s
where
    symbol = $symbol
    and dt = $dt
    and window_start_ts >= $start_ts
    and window_start_ts < $end_ts
order by window_start_ts;
