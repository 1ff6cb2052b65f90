{{ partitioned_by('usual_depth_1s', storage='view') }}

{% set wall_ratio = var('ladder_wall_ratio') %}

with

wall as (
    select * from {{ ref('wall_surface_1s') }}
    where window_valid
),

usual as (
    select * from {{ ref('usual_depth_1s') }}
),

contract_days as (
    select * from {{ ref('contract_days') }}
),

instruments as (
    select * from {{ ref('instruments') }}
),

contracts as (
    select
        contract_days.symbol,
        contract_days.dt,
        {{ ladder_rung_ticks('instruments') }} as rung_ticks
    from contract_days
    inner join instruments on contract_days.root = instruments.root
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
                'ask', 'usual.ask_usual_depths', 'wall.rel_ticks', 'contracts.rung_ticks'
            ) }},
            {{ usual_depth_of_rung(
                'bid',
                'usual.bid_usual_depths',
                '(wall.rel_ticks - contracts.rung_ticks + 1)',
                'contracts.rung_ticks'
            ) }}
        ) as usual_depth
    from wall
    inner join usual
        on
            wall.symbol = usual.symbol
            and wall.dt = usual.dt
            and wall.window_start_ts = usual.window_start_ts
    inner join contracts
        on
            wall.symbol = contracts.symbol
            and wall.dt = contracts.dt
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
)

select
    symbol,
    dt,
    window_start_ts,
    window_end_ts,
    side,
    price_int,
    distance_ticks,
    depth_qty,
    wall_ratio,
    wall_ratio >= {{ wall_ratio }} and depth_qty >= {{ var('ladder_min_contracts') }} as is_large
from measured
where wall_ratio >= {{ wall_ratio * var('wall_gone_share') }}
