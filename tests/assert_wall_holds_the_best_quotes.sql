-- The highest resting bid and the lowest resting ask of the wall are the best quotes of the
-- snapshot, with the same depth: the kernel keeps the best quotes separate from the ladder, so
-- they could diverge unnoticed. Quotes beyond the wall's range cannot be compared.
with

wall as (
    select * from {{ ref('wall_surface_1s') }}
    where
        {{ untested_partitions('wall_surface_1s') }}
        or {{ untested_partitions('book_snapshot_1s') }}
),

snapshot as (
    select * from {{ ref('book_snapshot_1s') }}
),

contract_days as (
    select * from {{ ref('contract_days') }}
),

wall_quotes as (
    select
        symbol,
        dt,
        window_start_ts,
        max(price_int) filter (side = 'B' and depth_qty_end > 0) as bid_price_int,
        min(price_int) filter (side = 'A' and depth_qty_end > 0) as ask_price_int,
        max_by(depth_qty_end, price_int) filter (side = 'B' and depth_qty_end > 0) as bid_qty,
        min_by(depth_qty_end, price_int) filter (side = 'A' and depth_qty_end > 0) as ask_qty
    from wall
    group by symbol, dt, window_start_ts
)

select
    wall_quotes.*,
    snapshot.best_bid_price_int,
    snapshot.best_bid_qty,
    snapshot.best_ask_price_int,
    snapshot.best_ask_qty
from wall_quotes
inner join snapshot
    on
        wall_quotes.symbol = snapshot.symbol
        and wall_quotes.dt = snapshot.dt
        and wall_quotes.window_start_ts = snapshot.window_start_ts
inner join contract_days
    on
        wall_quotes.symbol = contract_days.symbol
        and wall_quotes.dt = contract_days.dt
where
    abs(snapshot.best_bid_price_int - snapshot.spot_ref_price_int)
    <= {{ var('wall_max_ticks') }} * contract_days.tick_int
    and (
        wall_quotes.bid_price_int is distinct from snapshot.best_bid_price_int
        or wall_quotes.bid_qty is distinct from snapshot.best_bid_qty
    )
    or abs(snapshot.best_ask_price_int - snapshot.spot_ref_price_int)
    <= {{ var('wall_max_ticks') }} * contract_days.tick_int
    and (
        wall_quotes.ask_price_int is distinct from snapshot.best_ask_price_int
        or wall_quotes.ask_qty is distinct from snapshot.best_ask_qty
    )
