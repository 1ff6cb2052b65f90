-- Pulls against adds within 20 ticks of spot, per side and minute, re-prices left out
select
    strftime(timezone('America/New_York', timezone('UTC', window_start_ts)), '%H:%M') as new_york,
    side,
    sum(add_qty - reprice_in_qty) as added,
    sum(pull_qty_total - reprice_out_qty) as pulled,
    sum(fill_qty) as filled,
    round(sum(pull_qty_total - reprice_out_qty) / sum(add_qty - reprice_in_qty), 2) as pulled_per_added
from silver.wall_surface_1s
where
    symbol = 'ESZ5'
    and window_start_ts >= timestamp '2025-10-01 13:30:00'
    and window_start_ts < timestamp '2025-10-01 13:34:00'
    and abs(rel_ticks) <= 20
    and window_valid
group by all
order by all;
