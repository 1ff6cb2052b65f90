-- Each view has one row per anchor row, and so the same key. The test reads the surface once a
-- minute: it is long, and has the same form in every second.
{{ config(meta={'partitions_of': [
    'level_anchors_1s', 'level_vacuum_1s', 'level_corridor_1s', 'level_surface_1s',
]}) }}

with

anchors as (
    select * from {{ ref('level_anchors_1s') }}
    where {{ in_partition() }}
),

expected as (
    select
        symbol,
        dt,
        level_id,
        count(*) as vacuum_rows,
        count(*) filter (k_ticks != 0) as corridor_rows
    from anchors
    group by symbol, dt, level_id
),

vacuum as (
    select
        symbol,
        dt,
        level_id,
        count(*) as vacuum_rows
    from {{ ref('level_vacuum_1s') }}
    where {{ in_partition() }}
    group by symbol, dt, level_id
),

corridor as (
    select
        symbol,
        dt,
        level_id,
        count(*) as corridor_rows
    from {{ ref('level_corridor_1s') }}
    where {{ in_partition() }}
    group by symbol, dt, level_id
),

surface_rows as (
    select * from {{ ref('level_surface_1s') }}
    where
        {{ in_partition() }}
        and second(window_start_ts) = 0
),

surface as (
    select
        surface_rows.symbol,
        surface_rows.dt,
        surface_rows.level_id,
        count(*) - count(distinct row(
            surface_rows.window_start_ts, surface_rows.side, surface_rows.price_int
        )) as duplicates,
        bool_or(
            surface_rows.rho_ticks != surface_rows.rel_ticks - anchors.k_ticks
            or abs(surface_rows.rho_ticks) > {{ zone_ticks() }}
            or surface_rows.bucket is null
        ) as is_wrong
    from surface_rows
    inner join anchors
        on
            surface_rows.symbol = anchors.symbol
            and surface_rows.dt = anchors.dt
            and surface_rows.window_start_ts = anchors.window_start_ts
            and surface_rows.level_id = anchors.level_id
    group by surface_rows.symbol, surface_rows.dt, surface_rows.level_id
)

select expected.*
from expected
left join vacuum
    on
        expected.symbol = vacuum.symbol
        and expected.dt = vacuum.dt
        and expected.level_id = vacuum.level_id
left join corridor
    on
        expected.symbol = corridor.symbol
        and expected.dt = corridor.dt
        and expected.level_id = corridor.level_id
left join surface
    on
        expected.symbol = surface.symbol
        and expected.dt = surface.dt
        and expected.level_id = surface.level_id
where
    vacuum.vacuum_rows is distinct from expected.vacuum_rows
    or coalesce(corridor.corridor_rows, 0) != expected.corridor_rows
    or coalesce(surface.duplicates, 0) != 0
    or coalesce(surface.is_wrong, false)
