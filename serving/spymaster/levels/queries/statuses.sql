-- Every possible level, and whether it is there at a second
select
    level_id,
    is_active or is_provisional as is_there,
    available_from_ts,
    window_end_ts as at
from silver.levels_1s
where
    symbol = $symbol
    and dt = $dt
    and window_end_ts = $at
order by level_id;
