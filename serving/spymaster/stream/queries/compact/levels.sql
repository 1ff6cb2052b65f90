-- Distance to each active or provisional level of a range of seconds
select
    date_diff('second', cast($dt as timestamp), offsets.window_end_ts) as second,
    offsets.level_id,
    levels.level_tick,
    offsets.k_ticks,
    levels.is_provisional,
    offsets.approach_dir,
    offsets.closing_speed_15s,
    offsets.secs_to_touch,
    array_to_string(levels.stacked_with, '+') as stacked_with
from silver.level_offset_1s as offsets
inner join silver.levels_1s as levels
    on
        offsets.symbol = levels.symbol
        and offsets.dt = levels.dt
        and offsets.window_end_ts = levels.window_end_ts
        and offsets.level_id = levels.level_id
where
    offsets.symbol = $symbol
    and offsets.dt = $dt
    and offsets.window_end_ts > $start_ts
    and offsets.window_end_ts <= $end_ts
    and levels.symbol = $symbol
    and levels.dt = $dt
    and levels.window_end_ts > $start_ts
    and levels.window_end_ts <= $end_ts
    and (levels.is_active or levels.is_provisional)
order by offsets.window_end_ts, offsets.level_id;
