-- Levels of a second, the nearest first, with the corridor to each and the depth beyond it
select
    levels.level_id,
    levels.level_price_int,
    levels.is_active,
    levels.is_provisional,
    levels.is_primary,
    levels.stacked_with,
    levels.available_from_ts,
    offsets.k_ticks,
    offsets.closing_speed_15s,
    offsets.secs_to_touch,
    offsets.approach_dir,
    offsets.approach_move_ticks,
    corridor.corridor_len_ticks,
    corridor.corridor_rel_depth,
    corridor.beyond_rel_depth,
    corridor.beyond_max_depth,
    corridor.beyond_max_rho,
    corridor.beyond_wall_ratio,
    corridor.beyond_wall_offset,
    corridor.beyond_wall_depth,
    corridor.beyond_wall_from_ticks,
    corridor.beyond_wall_to_ticks,
    corridor.behind_add_qty,
    corridor.behind_pull_qty,
    corridor.behind_pull_add_log
from silver.levels_1s as levels
left join silver.level_offset_1s as offsets
    on
        levels.symbol = offsets.symbol
        and levels.dt = offsets.dt
        and levels.window_end_ts = offsets.window_end_ts
        and levels.level_id = offsets.level_id
left join silver.level_corridor_1s as corridor
    on
        levels.symbol = corridor.symbol
        and levels.dt = corridor.dt
        and levels.window_end_ts = corridor.window_end_ts
        and levels.level_id = corridor.level_id
where
    levels.symbol = $symbol
    and levels.dt = $dt
    and levels.window_end_ts = $at
    and (levels.is_active or levels.is_provisional)
order by abs(offsets.k_ticks) nulls last, levels.level_id;
