-- The wall of the defending side around some levels, at the prices that they have now
select wall.*
from silver.wall_surface_1s as wall
where
    wall.symbol = $symbol
    and wall.dt = $dt
    and wall.window_start_ts >= $from_ts
    and wall.window_start_ts < $to_ts
    and exists (
        select 1
        from steps.engine_levels_1s as levels
        where
            levels.symbol = $symbol
            and levels.dt = $dt
            and levels.window_end_ts >= $first_end_ts
            and levels.window_end_ts <= $to_ts
            and list_contains($level_ids, levels.level_id)
            and levels.defending_side = wall.side
            and abs(levels.level_price_int - wall.price_int) <= $zone * $tick_int
    )
