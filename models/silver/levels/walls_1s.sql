{{ partitioned_by('standing_prices_1s') }}

with

prices as (
    select * from {{ ref('standing_prices_1s') }}
    where {{ in_partition() }}
),

-- walls that stood in the second before
begun_before as (
    {{ own_rows({
        'side': 'varchar',
        'price_int': 'bigint',
        'window_end_ts': 'timestamp',
        'started_ts': 'timestamp',
    }) }}
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
        runs.*,
        min(
            coalesce(begun_before.started_ts, if(runs.is_large, runs.window_end_ts, null))
        ) over (
            partition by runs.side, runs.price_int, runs.run_no
            order by runs.window_start_ts
        ) as started_ts
    from runs
    left join begun_before
        on
            runs.side = begun_before.side
            and runs.price_int = begun_before.price_int
            and runs.window_end_ts = begun_before.window_end_ts
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
