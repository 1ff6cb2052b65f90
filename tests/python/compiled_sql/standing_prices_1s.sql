with
wall as (
  select * from "silver"."wall_surface_1s"
  where window_valid
),
usual as (
  select * from "steps"."usual_depth_1s"
),
contract_days as (
  select * from "silver"."contract_days"
),
instruments as (
  select * from "reference"."instruments"
),
contracts as (
  select
  contract_days.symbol,
  contract_days.dt,
  cast(
    round(
      coalesce(instruments.ladder_step, 1)
      / instruments.tick_size
    ) as integer
  ) as rung_ticks
  from contract_days
  inner join instruments on contract_days.root = instruments.root
),
prices as (
  select
  wall.symbol,
  wall.dt,
  wall.window_start_ts,
  wall.window_end_ts,
  wall.side,
  wall.price_int,
  abs(wall.rel_ticks) as distance_ticks,
  wall.depth_qty_end as depth_qty,
  if(
    wall.side = 'A',
    list_extract(
      usual.ask_usual_depths,
      if(
        wall.rel_ticks between 2 - contracts.rung_ticks and 40,
        wall.rel_ticks + contracts.rung_ticks,
        1
      )
    ),
    list_extract(
      usual.bid_usual_depths,
      if(
        -((wall.rel_ticks - contracts.rung_ticks + 1) + contracts.rung_ticks - 1) between 2 - contracts.rung_ticks and 40,
        -((wall.rel_ticks - contracts.rung_ticks + 1) + contracts.rung_ticks - 1) + contracts.rung_ticks,
        1
      )
    )
  ) as usual_depth
  from wall
  inner join usual
  on
  wall.symbol = usual.symbol
  and wall.dt = usual.dt
  and wall.window_start_ts = usual.window_start_ts
  inner join contracts
  on
  wall.symbol = contracts.symbol
  and wall.dt = contracts.dt
  where
  wall.rel_ticks != 0
  and (wall.side = 'A') = (wall.rel_ticks > 0)
  and abs(wall.rel_ticks) <= 40
),
measured as (
  select
  *,
  depth_qty / (usual_depth + 1) as wall_ratio
  from prices
)
select
symbol,
dt,
window_start_ts,
window_end_ts,
side,
price_int,
distance_ticks,
depth_qty,
wall_ratio,
wall_ratio >= 3 and depth_qty >= 20 as is_large
from measured
where wall_ratio >= 1.5
