select source.vector
from keys
left join gold.market_feature_vectors as source
    on
        keys.symbol = source.symbol
        and keys.dt = source.dt
        and keys.window_end_ts = source.window_end_ts
order by keys.number
