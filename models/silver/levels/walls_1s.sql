{{ partitioned_by('standing_prices_1s') }}

with

prices as (
    select * from {{ ref('standing_prices_1s') }}
    where {{ in_partition() }}
),

-- prices at which a wall that has begun would still stand
standing as (
    select
        *,
        coalesce(
            lag(window_end_ts) over of_price != window_start_ts, true
        ) as is_after_gap
    from prices
    window of_price as (partition by side, price_int order by window_start_ts)
),

runs as (
    select
        *,
        count(*) filter (is_after_gap) over (
            partition by side, price_int
            order by window_start_ts
        ) as run_no
    from standing
),

begun as (
    select
        *,
        min(window_end_ts) filter (is_large) over (
            partition by side, price_int, run_no
            order by window_start_ts
        ) as started_ts
    from runs
),

aged as (
    select
        *,
        cast(date_diff('second', started_ts, window_end_ts) as integer) as age_s
    from begun
    where started_ts is not null
)

select
    symbol,
    dt,
    window_start_ts,
    window_end_ts,
    side,
    price_int,
    started_ts,
    age_s,
    distance_ticks,
    depth_qty,
    wall_ratio,
    cast({{ lower_edge('wall_ratio', var('wall_ratio_bands')) }} as double) as ratio_from,
    cast({{ lower_edge('age_s', var('wall_age_bands_s')) }} as integer) as age_from_s,
    cast(
        {{ lower_edge('distance_ticks', var('wall_distance_bands_ticks')) }} as integer
    ) as distance_from_ticks
from aged
order by window_start_ts, side, price_int
