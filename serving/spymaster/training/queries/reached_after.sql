-- Seconds until price came within reach of the level, one row per decision, in their order
select
    (epoch_ns(labels.reached_ts) - epoch_ns(keys.window_end_ts)) / 1e9 as reached_after_s
from keys
inner join silver.level_decisions as decisions
    on
        keys.symbol = decisions.symbol
        and keys.dt = decisions.dt
        and keys.level_id = decisions.level_id
        and keys.window_end_ts = decisions.window_end_ts
inner join gold.level_outcomes as labels
    on
        keys.symbol = labels.symbol
        and keys.dt = labels.dt
        and keys.level_id = labels.level_id
        and keys.window_end_ts = labels.window_end_ts
        and decisions.barrier_mode = labels.barrier_kind
where labels.horizon_id = $horizon_id
order by keys.number
