-- Distance to each active or provisional level of a range of seconds
select
    offsets.*,
    levels.level_price,
    levels.level_price_int,
    levels.is_active,
    levels.is_provisional,
    levels.stacked_with,
    epoch_ns(offsets.window_end_ts) as window_end_ts_ns
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
