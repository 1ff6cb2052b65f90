-- The decision in force at a time; without a time, the day's last decision between the barriers
with landed as (
    select
        -- options and definitions have none
        any_value(tick_int) as tick_int,
        coalesce(bool_or(dataset_key = 'bronze.future_mbo.mbo'), false) as has_order_flow
    from bronze.ingest_manifest
    where
        symbol = $symbol
        and dt = $dt
)

select
    vectors.vector_id,
    vectors.window_end_ts,
    vectors.level_id,
    vectors.level_price_int,
    vectors.k_ticks,
    vectors.approach_dir,
    vectors.episode_id,
    pools.decision_phase,
    vectors.dt,
    pools.root,
    pools.pool_level_id,
    pools.pool_level_ids,
    pools.n_vectors as pool_vectors,
    pools.n_episodes as pool_episodes,
    pools.n_days as pool_days,
    list_concat(vectors.vector, vectors.context) as vector,
    vectors.retrieval_family,
    settings.reach_ticks,
    landed.tick_int,
    landed.has_order_flow
from gold.retrieval_vectors as vectors
cross join gold.retrieval_settings as settings
cross join landed
inner join steps.retrieval_pools as pools
    on
        vectors.dt = pools.dt
        and vectors.level_id = pools.level_id
        and vectors.approach_dir = pools.approach_dir
        and coalesce(vectors.decision_phase, 'approaching') = pools.decision_phase
        and starts_with(vectors.symbol, pools.root)
where
    vectors.symbol = $symbol
    and vectors.dt = $dt
    and vectors.level_id = $level_id
    and if(
        $at is null,
        vectors.episode_id is not null,
        (
            vectors.window_end_ts <= $at
            and vectors.window_end_ts > cast($at as timestamp) - to_seconds(settings.window_s)
        )
    )
order by
    vectors.window_end_ts desc,
    -- several roots may match the start of the symbol; the longest is its root
    length(pools.root) desc
limit 1;
