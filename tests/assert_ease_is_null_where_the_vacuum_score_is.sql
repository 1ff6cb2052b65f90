-- The ease of a tick combines its vacuum score with two more scaled metrics. Both must be known or
-- NULL together, or a tick would show a resistance that was not measured.
with

surface as (
    select
        symbol,
        dt,
        window_start_ts,
        count(*) as tick_count,
        count(vacuum_score) as score_count
    from {{ ref('vacuum_surface_1s') }}
    where {{ untested_partitions('physics_surface_1s') }}
    group by symbol, dt, window_start_ts
),

physics as (
    select
        symbol,
        dt,
        window_start_ts,
        count(*) as tick_count,
        count(ease) as ease_count
    from {{ ref('physics_surface_1s') }}
    where {{ untested_partitions('physics_surface_1s') }}
    group by symbol, dt, window_start_ts
)

select
    surface.*,
    physics.tick_count as physics_tick_count,
    physics.ease_count
from surface
full join physics
    on
        surface.symbol = physics.symbol
        and surface.dt = physics.dt
        and surface.window_start_ts = physics.window_start_ts
where
    physics.tick_count is distinct from surface.tick_count
    or physics.ease_count is distinct from surface.score_count
