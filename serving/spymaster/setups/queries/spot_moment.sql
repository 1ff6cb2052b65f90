-- The window without a level that ends last at or before a time; without a time, the day's last
with landed as (
    select any_value(tick_int) as tick_int
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
    'approaching' as decision_phase,
    vectors.dt,
    pools.root,
    pools.pool_level_id,
    pools.pool_level_ids,
    pools.n_vectors as pool_vectors,
    pools.n_episodes as pool_episodes,
    pools.n_days as pool_days,
    list_concat(cast(vectors.vector as float[]), cast(vectors.context as float[])) as vector,
    vectors.retrieval_family,
    moments.move_ticks,
    settings.reach_ticks,
    landed.tick_int,
    true as has_order_flow
from gold.spot_vectors as vectors
cross join gold.retrieval_settings as settings
cross join landed
inner join silver.spot_moments as moments
    on
        vectors.symbol = moments.symbol
        and vectors.dt = moments.dt
        and vectors.window_end_ts = moments.window_end_ts
inner join steps.spot_pools as pools
    on
        vectors.dt = pools.dt
        and vectors.approach_dir = pools.approach_dir
        and starts_with(vectors.symbol, pools.root)
where
    vectors.symbol = $symbol
    and vectors.dt = $dt
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
