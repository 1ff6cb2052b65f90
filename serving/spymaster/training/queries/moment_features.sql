-- What the named features need beside vector and context, one row per decision in the sense of its
-- approach. Past the level the corridor lies behind price, seen from the level
select
    corridor.beyond_wall_ratio,
    if(keys.approach_dir = 'approach_up', 1, -1) * market.book_imbalance_l1 as book_imbalance,
    if(keys.approach_dir = 'approach_up', 1, -1) * market.ofi_30s as ofi_30s,
    scores.score_smooth as break_score
from keys
left join silver.level_corridor_1s as corridor
    on
        keys.symbol = corridor.symbol
        and keys.dt = corridor.dt
        and keys.level_id = corridor.level_id
        and keys.window_end_ts = corridor.window_end_ts
        and sign(corridor.k_ticks) = if(keys.approach_dir = 'approach_up', 1, -1)
left join silver.market_features_1s as market
    on
        keys.symbol = market.symbol
        and keys.dt = market.dt
        and keys.window_end_ts = market.window_end_ts
left join gold.break_score_1s as scores
    on
        keys.symbol = scores.symbol
        and keys.dt = scores.dt
        and keys.level_id = scores.level_id
        and keys.window_end_ts = scores.window_end_ts
        and if(keys.approach_dir = 'approach_up', 'UP', 'DOWN') = scores.break_direction
order by keys.number
