with
wall as (
  select * from "silver"."wall_surface_1s"
),
level_anchors as (
  select * from "steps"."level_anchors_1s"
)
select
wall.*,
level_anchors.level_id,
wall.rel_ticks - level_anchors.k_ticks as rho_ticks,
case
when abs(wall.rel_ticks - level_anchors.k_ticks) between 0 and 2 then 'at'
when abs(wall.rel_ticks - level_anchors.k_ticks) between 3 and 5 then 'near'
when abs(wall.rel_ticks - level_anchors.k_ticks) between 6 and 14 then 'mid'
when abs(wall.rel_ticks - level_anchors.k_ticks) between 15 and 20 then 'far'
end as bucket
from wall
inner join level_anchors
on
wall.symbol = level_anchors.symbol
and wall.dt = level_anchors.dt
and wall.window_start_ts = level_anchors.window_start_ts
and wall.rel_ticks - level_anchors.k_ticks
between -20 and 20
