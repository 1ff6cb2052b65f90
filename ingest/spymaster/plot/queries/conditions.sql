-- The four conditions at every level near spot; a second without a row is not known
select
    date_diff('second', $start_ts, window_end_ts) - 1 as second,
    level_id,
    approach_dir != 'approach_none' as is_approached,
    abs(k_ticks) as distance_ticks,
    cast(c1 as integer) as c1,
    cast(c2 as integer) as c2,
    cast(c3 as integer) as c3,
    cast(c4 as integer) as c4
from gold.turn_conditions_1s
where
    symbol = $symbol
    and dt in $days
    and window_end_ts > $start_ts
    and window_end_ts <= $end_ts
order by level_id, second;
