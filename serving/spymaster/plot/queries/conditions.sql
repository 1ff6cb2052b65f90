-- The four conditions at every level near spot, only the first level of a stack; a second without a
-- row is unknown
select
    date_diff('second', $start_ts, conditions.window_end_ts) - 1 as second,
    conditions.level_id,
    conditions.approach_dir != 'approach_none' as is_approached,
    abs(conditions.k_ticks) as distance_ticks,
    cast(conditions.c1 as integer) as c1,
    cast(conditions.c2 as integer) as c2,
    cast(conditions.c3 as integer) as c3,
    cast(conditions.c4 as integer) as c4
from gold.conditions_in_use_1s as conditions
inner join silver.levels_1s as levels
    on
        conditions.symbol = levels.symbol
        and conditions.dt = levels.dt
        and conditions.level_id = levels.level_id
        and conditions.window_end_ts = levels.window_end_ts
where
    conditions.symbol = $symbol
    and conditions.dt in $days
    and conditions.window_end_ts > $start_ts
    and conditions.window_end_ts <= $end_ts
    and levels.is_primary
order by conditions.level_id, second;
