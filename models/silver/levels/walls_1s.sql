{{ partitioned_by('usual_depth_1s') }}

{% set wall_ratio = var('ladder_wall_ratio') %}

with

wall as (
    select * from {{ ref('wall_surface_1s') }}
    where {{ in_partition() }} and window_valid
),

usual as (
    select * from {{ ref('usual_depth_1s') }}
    where {{ in_partition() }}
),

contract_day as (
    select * from {{ ref('contract_days') }}
    where {{ in_partition() }}
),

instruments as (
    select * from {{ ref('instruments') }}
),

contract as (
    select {{ ladder_rung_ticks('instruments') }} as rung_ticks
    from contract_day
    inner join instruments on contract_day.root = instruments.root
),

-- the usual depth leaves out the rung that begins at the price, so no wall raises its own
prices as (
    select
        wall.symbol,
        wall.dt,
        wall.window_start_ts,
        wall.window_end_ts,
        wall.side,
        wall.price_int,
        abs(wall.rel_ticks) as distance_ticks,
        wall.depth_qty_end as depth_qty,
        if(
            wall.side = 'A',
            {{ usual_depth_of_rung(
                'ask', 'usual.ask_usual_depths', 'wall.rel_ticks', 'contract.rung_ticks'
            ) }},
            {{ usual_depth_of_rung(
                'bid',
                'usual.bid_usual_depths',
                '(wall.rel_ticks - contract.rung_ticks + 1)',
                'contract.rung_ticks'
            ) }}
        ) as usual_depth
    from wall
    inner join usual on wall.window_start_ts = usual.window_start_ts
    cross join contract
    where
        wall.rel_ticks != 0
        and (wall.side = 'A') = (wall.rel_ticks > 0)
        and abs(wall.rel_ticks) <= {{ var('ladder_usual_ticks') }}
),

measured as (
    select
        *,
        depth_qty / (usual_depth + 1) as wall_ratio
    from prices
),

-- prices at which a wall that has begun would still stand
standing as (
    select
        *,
        wall_ratio >= {{ wall_ratio }} and depth_qty >= {{ var('ladder_min_contracts') }}
            as is_large,
        coalesce(
            lag(window_end_ts) over of_price != window_start_ts, true
        ) as is_after_gap
    from measured
    where wall_ratio >= {{ wall_ratio * var('wall_gone_share') }}
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
