-- Gamma exposure of a second: where it changes sign, and its largest strikes
select
    gex,
    gex_abs,
    gamma_flip_price,
    gamma_flip_ticks,
    call_wall_price_int,
    call_wall_ticks,
    put_wall_price_int,
    put_wall_ticks,
    sign_convention
from silver.gex_summary_1s
where
    symbol = $symbol
    and dt = $dt
    and window_end_ts = $at;
