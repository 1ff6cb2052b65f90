-- Gamma exposure of the listed strikes of every second
select
    date_diff('second', $start_ts, window_start_ts) as second,
    strike_price_int,
    gex_call_abs,
    gex_put_abs
from silver.gex_surface_1s
where
    symbol = $symbol
    and dt in $days
    and window_start_ts >= $start_ts
    and window_start_ts < $end_ts
    and strike_price_int between $low_price_int and $high_price_int
    and n_options > 0
order by strike_price_int, second;
