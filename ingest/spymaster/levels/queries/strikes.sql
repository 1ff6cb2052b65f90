-- Strikes that the rungs around every level of a second share, highest first, beside the average
with average as (
    select
        avg(gex_call_abs) as call_average,
        avg(gex_put_abs) as put_average
    from silver.gex_surface_1s
    where
        symbol = $symbol
        and dt = $dt
        and window_end_ts = $at
        and n_options > 0
)

select
    ladder.level_id,
    ladder.strike_points,
    ladder.strike_points - ladder.level_price_int / 1e9 as points_from_level,
    min(ladder.point_offset) as lowest_point,
    max(ladder.point_offset) as highest_point,
    any_value(ladder.call_physics) as call_physics,
    any_value(ladder.put_physics) as put_physics,
    any_value(ladder.call_net_aggressive_qty) as call_net_aggressive_qty,
    any_value(ladder.put_net_aggressive_qty) as put_net_aggressive_qty,
    any_value(ladder.call_net_resting_qty) as call_net_resting_qty,
    any_value(ladder.put_net_resting_qty) as put_net_resting_qty,
    any_value(ladder.gex_call_abs) as gex_call_abs,
    any_value(ladder.gex_put_abs) as gex_put_abs,
    any_value(ladder.gex_call_abs) / nullif(any_value(average.call_average), 0) as gex_call_ratio,
    any_value(ladder.gex_put_abs) / nullif(any_value(average.put_average), 0) as gex_put_ratio
from silver.level_ladder_1s as ladder
cross join average
where
    ladder.symbol = $symbol
    and ladder.dt = $dt
    and ladder.window_end_ts = $at
    and ladder.strike_points is not null
group by ladder.level_id, ladder.level_price_int, ladder.strike_points
order by ladder.level_id, ladder.strike_points desc;
