-- The largest walls within 20 ticks of spot at 09:45:00 New York
select
    side,
    price_int / 1e9 as price,
    rel_ticks,
    depth_qty_end,
    depth_qty_rest,
    order_count_end
from silver.wall_surface_1s
where
    symbol = 'ESZ5'
    and dt = date '2025-10-01'
    and window_start_ts = timestamp '2025-10-01 13:44:59'
    and abs(rel_ticks) <= 20
order by depth_qty_end desc, price_int
limit 8;
