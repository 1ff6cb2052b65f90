-- noqa: disable=AM04
{{ partitioned_by('level_anchors_1s', storage='view') }}

with

wall as (
    select * from {{ ref('wall_surface_1s') }}
),

level_anchors as (
    select * from {{ ref('level_anchors_1s') }}
)

select
    wall.*,
    level_anchors.level_id,
    wall.rel_ticks - level_anchors.k_ticks as rho_ticks,
    {{ distance_bucket('wall.rel_ticks - level_anchors.k_ticks') }} as bucket
from wall
inner join level_anchors
    on
        wall.symbol = level_anchors.symbol
        and wall.dt = level_anchors.dt
        and wall.window_start_ts = level_anchors.window_start_ts
        and wall.rel_ticks - level_anchors.k_ticks
        between -{{ zone_ticks() }} and {{ zone_ticks() }}
