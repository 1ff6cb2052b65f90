-- Both relations hold spot and validity, so that the wall can be read alone. They come from the
-- same moment of the same pass and must not differ, and every second of the wall needs its
-- snapshot.
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

wall_seconds as (
    select
        symbol,
        dt,
        window_start_ts,
        min(spot_ref_price_int) as lowest_spot_price_int,
        max(spot_ref_price_int) as highest_spot_price_int,
        bool_and(window_valid) as is_every_row_valid,
        bool_or(window_valid) as is_any_row_valid
    from wall
    group by symbol, dt, window_start_ts
)

select
    wall_seconds.*,
    snapshot.spot_ref_price_int,
    snapshot.window_valid
from wall_seconds
left join snapshot
    on
        wall_seconds.symbol = snapshot.symbol
        and wall_seconds.dt = snapshot.dt
        and wall_seconds.window_start_ts = snapshot.window_start_ts
where
    snapshot.spot_ref_price_int is distinct from wall_seconds.lowest_spot_price_int
    or snapshot.spot_ref_price_int is distinct from wall_seconds.highest_spot_price_int
    or snapshot.window_valid is distinct from wall_seconds.is_every_row_valid
    or snapshot.window_valid is distinct from wall_seconds.is_any_row_valid
