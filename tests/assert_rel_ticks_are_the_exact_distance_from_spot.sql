-- Every later relation counts distance in whole ticks and joins on it, so it must be exact, and it
-- must stay within wall_max_ticks: beyond it the quantity belongs to the outside columns. With
-- test_all a day built with another wall_max_ticks fails here until it is rebuilt.
with

wall as (
    select * from {{ ref('wall_surface_1s') }}
    where {{ untested_partitions('wall_surface_1s') }}
),

contract_days as (
    select * from {{ ref('contract_days') }}
)

select
    wall.symbol,
    wall.dt,
    wall.window_start_ts,
    wall.side,
    wall.price_int,
    wall.spot_ref_price_int,
    wall.rel_ticks,
    contract_days.tick_int
from wall
inner join contract_days
    on
        wall.symbol = contract_days.symbol
        and wall.dt = contract_days.dt
where
    wall.rel_ticks * contract_days.tick_int != wall.price_int - wall.spot_ref_price_int
    or abs(wall.rel_ticks) > {{ var('wall_max_ticks') }}
