-- Spot lies between the best quotes, so in a book that is not crossed bids rest at or below it and
-- asks at or above it. A row on the wrong side means that depth and spot come from different
-- moments, so every distance from spot is wrong. Flow on the other side is legitimate.
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

wrong_side as (
    select * from wall
    where
        depth_qty_end > 0
        and (side = 'B' and rel_ticks > 0 or side = 'A' and rel_ticks < 0)
)

select
    wrong_side.symbol,
    wrong_side.dt,
    wrong_side.window_start_ts,
    wrong_side.side,
    wrong_side.price_int,
    wrong_side.rel_ticks,
    wrong_side.depth_qty_end
from wrong_side
inner join snapshot
    on
        wrong_side.symbol = snapshot.symbol
        and wrong_side.dt = snapshot.dt
        and wrong_side.window_start_ts = snapshot.window_start_ts
where snapshot.best_bid_price_int <= snapshot.best_ask_price_int
