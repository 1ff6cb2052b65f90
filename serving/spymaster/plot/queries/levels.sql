-- Active levels of every second, only the first level of a stack
select
    date_diff('second', $start_ts, window_end_ts) - 1 as second,
    level_id,
    level_price_int
from silver.levels_1s
where
    symbol = $symbol
    and dt in $days
    and window_end_ts > $start_ts
    and window_end_ts <= $end_ts
    and is_active
    and is_primary
order by level_id, second;
