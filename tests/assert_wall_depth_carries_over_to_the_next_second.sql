-- Depth at the start of a second comes from state, not from its flows, so it must be the depth at
-- the end of the second before, price by price, if the price was in the range of both. One
-- hash per second over (side, price, depth) compares them without joining the wall to itself.
with

wall as (
    select * from {{ ref('wall_surface_1s') }}
    where {{ untested_partitions('wall_surface_1s') }}
),

snapshot as (
    select * from {{ ref('book_snapshot_1s') }}
),

contract_days as (
    select * from {{ ref('contract_days') }}
),

neighbors as (
    select
        snapshot.symbol,
        snapshot.dt,
        snapshot.window_start_ts,
        {{ var('wall_max_ticks') }} * contract_days.tick_int as reach_price_int,
        lag(snapshot.spot_ref_price_int) over day_seconds as previous_spot_price_int,
        lead(snapshot.spot_ref_price_int) over day_seconds as next_spot_price_int
    from snapshot
    inner join contract_days
        on
            snapshot.symbol = contract_days.symbol
            and snapshot.dt = contract_days.dt
    window day_seconds as (
        partition by snapshot.symbol, snapshot.dt
        order by snapshot.window_start_ts
    )
),

fingerprints as (
    select
        wall.symbol,
        wall.dt,
        wall.window_start_ts,
        coalesce(sum(hash(wall.side, wall.price_int, wall.depth_qty_start)) filter (
            wall.depth_qty_start != 0
            and abs(wall.price_int - neighbors.previous_spot_price_int)
            <= neighbors.reach_price_int
        ), 0) as start_hash,
        coalesce(sum(hash(wall.side, wall.price_int, wall.depth_qty_end)) filter (
            wall.depth_qty_end != 0
            and abs(wall.price_int - neighbors.next_spot_price_int)
            <= neighbors.reach_price_int
        ), 0) as end_hash
    from wall
    inner join neighbors
        on
            wall.symbol = neighbors.symbol
            and wall.dt = neighbors.dt
            and wall.window_start_ts = neighbors.window_start_ts
    group by wall.symbol, wall.dt, wall.window_start_ts
),

steps as (
    select
        *,
        lag(end_hash) over day_seconds as previous_end_hash,
        lag(window_start_ts) over day_seconds as previous_window_start_ts
    from fingerprints
    window day_seconds as (
        partition by symbol, dt
        order by window_start_ts
    )
)

select * from steps
where
    previous_window_start_ts = window_start_ts - interval 1 second
    and start_hash != previous_end_hash
