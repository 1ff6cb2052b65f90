select source.*
from keys
left join silver.mbo_level_vacuum_5s as source
    on
        keys.symbol = source.symbol
        and keys.dt = source.dt
        and keys.level_id = source.level_id
        and keys.window_end_ts = source.window_end_ts
order by keys.number
