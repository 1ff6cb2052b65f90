-- Rows of the wall at some prices, and of each second the row nearest to spot: it says where spot is
with

wall as (
    select * from silver.wall_surface_1s
    where
        symbol = $symbol
        and dt = $dt
        and window_start_ts >= $from_ts
        and window_start_ts < $to_ts
)

select wall.*
from wall
where
    list_contains($sides, wall.side)
    and wall.price_int between $low_price_int and $high_price_int
union
select wall.*
from wall
qualify
    row_number() over (
        partition by wall.window_start_ts
        order by abs(wall.rel_ticks), wall.side
    ) = 1
