-- What is known of the window that ends last at or before a time, and the moments of its day
with

moments as (
    select * from silver.spot_moments
    where
        symbol = $symbol
        and dt = $dt
),

study as (
    select
        min(window_end_ts) as first_ts,
        max(window_end_ts) as last_ts
    from moments
)

select
    study.first_ts,
    study.last_ts,
    asked.window_end_ts,
    asked.window_valid,
    asked.approach_dir,
    asked.move_ticks,
    asked.least_move_ticks,
    (
        select vectors.window_end_ts
        from gold.spot_vectors as vectors
        where
            vectors.symbol = $symbol
            and vectors.dt = $dt
        order by abs(epoch(vectors.window_end_ts) - epoch(cast($at as timestamp))),
            vectors.window_end_ts
        limit 1
    ) as nearest_ts
from study
left join moments as asked
    on
        asked.window_end_ts <= cast($at as timestamp)
        and asked.window_end_ts > cast($at as timestamp) - to_seconds(
            (select settings.window_s from gold.retrieval_settings as settings)
        );
