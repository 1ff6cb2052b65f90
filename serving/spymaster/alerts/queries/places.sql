-- Where price and the level of each new event stand
select
    fired.window_end_ts,
    fired.level_id,
    seconds.spot_ref_price_int,
    levels.level_price_int,
    levels.stacked_with,
    offsets.k_ticks,
    offsets.approach_dir,
    offsets.approach_move_ticks,
    offsets.secs_to_touch
from alerts.fired as fired
left join silver.book_snapshot_1s as seconds on fired.window_end_ts = seconds.window_end_ts
left join silver.levels_1s as levels
    on
        fired.window_end_ts = levels.window_end_ts
        and fired.level_id = levels.level_id
left join silver.level_offset_1s as offsets
    on
        fired.window_end_ts = offsets.window_end_ts
        and fired.level_id = offsets.level_id;
