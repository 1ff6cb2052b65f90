-- Gamma exposure of the average listed strike of a second
select
    avg(gex_call_abs) as gex_call_abs,
    avg(gex_put_abs) as gex_put_abs
from silver.gex_surface_1s
where
    symbol = $symbol
    and dt = $dt
    and window_end_ts = $at
    and n_options > 0;
