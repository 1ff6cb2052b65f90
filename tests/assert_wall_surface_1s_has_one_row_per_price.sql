-- The key of the wall is (symbol, dt, second, side, price). A hash table of it would need
-- gigabytes on a full day; a bit per tick and a count per side and second prove the same, because
-- rel_ticks is the price on the scale of its second.
with

wall as (
    select * from {{ ref('wall_surface_1s') }}
    where
        {{ untested_partitions('wall_surface_1s') }}
        and abs(rel_ticks) <= {{ var('wall_max_ticks') }}
),

sides as (
    select
        symbol,
        dt,
        window_start_ts,
        side,
        count(*) as row_count,
        bit_count(
            bitstring_agg(rel_ticks, {{ -var('wall_max_ticks') }}, {{ var('wall_max_ticks') }})
        ) as price_count
    from wall
    group by symbol, dt, window_start_ts, side
)

select * from sides
where row_count != price_count
