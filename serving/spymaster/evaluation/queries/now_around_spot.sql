select source.*
from keys
left join silver.radar_vacuum_1s as source
    on
        keys.symbol = source.symbol
        and keys.dt = source.dt
        and keys.window_end_ts = source.window_end_ts
order by keys.number
