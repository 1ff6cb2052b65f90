with
wall as (
  select * from "silver"."wall_surface_1s"
  where symbol = '$symbol' and dt = date '$dt' and window_valid
),
usual as (
  select * from "steps"."usual_depth_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
contract_day as (
  select * from "silver"."contract_days"
  where symbol = '$symbol' and dt = date '$dt'
),
instruments as (
  select * from "reference"."instruments"
),
contract as (
  select cast(
    round(
      coalesce(instruments.ladder_step, 1)
      / instruments.tick_size
    ) as integer
  ) as rung_ticks
  from contract_day
  inner join instruments on contract_day.root = instruments.root
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
        wall.rel_ticks between 2 - contract.rung_ticks and 40,
        wall.rel_ticks + contract.rung_ticks,
        1
      )
    ),
    list_extract(
      usual.bid_usual_depths,
      if(
        -((wall.rel_ticks - contract.rung_ticks + 1) + contract.rung_ticks - 1) between 2 - contract.rung_ticks and 40,
        -((wall.rel_ticks - contract.rung_ticks + 1) + contract.rung_ticks - 1) + contract.rung_ticks,
        1
      )
    )
  ) as usual_depth
  from wall
  inner join usual on wall.window_start_ts = usual.window_start_ts
  cross join contract
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
),
standing as (
  select
  *,
  wall_ratio >= 3 and depth_qty >= 20
  as is_large,
  coalesce(
    lag(window_end_ts) over of_price != window_start_ts, true
  ) as is_after_gap
  from measured
  where wall_ratio >= 1.5
  window of_price as (partition by side, price_int order by window_start_ts)
),
runs as (
  select
  *,
  count(*) filter (is_after_gap) over (
    partition by side, price_int
    order by window_start_ts
  ) as run_no
  from standing
),
begun as (
  select
  *,
  min(window_end_ts) filter (is_large) over (
    partition by side, price_int, run_no
    order by window_start_ts
  ) as started_ts
  from runs
),
aged as (
  select
  *,
  cast(date_diff('second', started_ts, window_end_ts) as integer) as age_s
  from begun
  where started_ts is not null
)
select
symbol,
dt,
window_start_ts,
window_end_ts,
side,
price_int,
started_ts,
age_s,
distance_ticks,
depth_qty,
wall_ratio,
cast(list_max(list_filter([3, 5], edge -> edge <= wall_ratio)) as double) as ratio_from,
cast(list_max(list_filter([0, 10, 60], edge -> edge <= age_s)) as integer) as age_from_s,
cast(
  list_max(list_filter([3, 11, 21], edge -> edge <= distance_ticks)) as integer
) as distance_from_ticks
from aged
order by window_start_ts, side, price_int
