-- The same moves appear twice: price to price in the re-price flow, per price in the wall. The
-- sums into and out of every price within the wall's range must agree, so that a move never
-- counts as an add or cancellation.
with

wall as (
    select * from {{ ref('wall_surface_1s') }}
    where
        {{ untested_partitions('wall_surface_1s') }}
        or {{ untested_partitions('reprice_flow_1s') }}
),

reprice_flow as (
    select * from {{ ref('reprice_flow_1s') }}
    where
        {{ untested_partitions('wall_surface_1s') }}
        or {{ untested_partitions('reprice_flow_1s') }}
),

snapshot as (
    select * from {{ ref('book_snapshot_1s') }}
),

contract_days as (
    select * from {{ ref('contract_days') }}
),

legs as (
    select
        symbol,
        dt,
        window_start_ts,
        side,
        price_to_int as price_int,
        qty as in_qty,
        0 as out_qty
    from reprice_flow
    union all
    select
        symbol,
        dt,
        window_start_ts,
        side,
        price_from_int as price_int,
        0 as in_qty,
        qty as out_qty
    from reprice_flow
),

moves as (
    select
        symbol,
        dt,
        window_start_ts,
        side,
        price_int,
        sum(in_qty) as in_qty,
        sum(out_qty) as out_qty
    from legs
    group by symbol, dt, window_start_ts, side, price_int
),

moves_in_range as (
    select moves.*
    from moves
    inner join snapshot
        on
            moves.symbol = snapshot.symbol
            and moves.dt = snapshot.dt
            and moves.window_start_ts = snapshot.window_start_ts
    inner join contract_days
        on
            moves.symbol = contract_days.symbol
            and moves.dt = contract_days.dt
    where
        abs(moves.price_int - snapshot.spot_ref_price_int)
        <= {{ var('wall_max_ticks') }} * contract_days.tick_int
),

wall_moves as (
    select
        symbol,
        dt,
        window_start_ts,
        side,
        price_int,
        reprice_in_qty,
        reprice_out_qty
    from wall
    where reprice_in_qty != 0 or reprice_out_qty != 0
)

select
    moves_in_range.*,
    wall_moves.*
from moves_in_range
full join wall_moves
    on
        moves_in_range.symbol = wall_moves.symbol
        and moves_in_range.dt = wall_moves.dt
        and moves_in_range.window_start_ts = wall_moves.window_start_ts
        and moves_in_range.side = wall_moves.side
        and moves_in_range.price_int = wall_moves.price_int
where
    wall_moves.reprice_in_qty is distinct from moves_in_range.in_qty
    or wall_moves.reprice_out_qty is distinct from moves_in_range.out_qty
