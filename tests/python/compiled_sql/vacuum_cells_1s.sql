with
wall as not materialized (
  select * from "silver"."wall_surface_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
tick as (
  select tick_int from "silver"."contract_days"
  where symbol = '$symbol' and dt = date '$dt'
),
seconds as (
  select
  window_start_ts,
  any_value(spot_ref_price_int) as spot_ref_price_int,
  any_value(window_valid) as window_valid
  from wall
  group by window_start_ts
),
anchors as (
  select
  seconds.window_start_ts,
  seconds.spot_ref_price_int,
  seconds.window_valid,
  before_1.spot_ref_price_int as spot_before_1,
  coalesce(before_1.window_valid, false) as is_known_before_1,
  before_2.spot_ref_price_int as spot_before_2,
  coalesce(before_2.window_valid, false) as is_known_before_2,
  before_3.spot_ref_price_int as spot_before_3,
  coalesce(before_3.window_valid, false) as is_known_before_3,
  tick.tick_int
  from seconds
  cross join tick
  left join seconds as before_1
  on
  before_1.window_start_ts
  = seconds.window_start_ts - interval 1 second
  left join seconds as before_2
  on
  before_2.window_start_ts
  = seconds.window_start_ts - interval 2 second
  left join seconds as before_3
  on
  before_3.window_start_ts
  = seconds.window_start_ts - interval 3 second
),
reach as (
  select
  20 + coalesce(max(greatest(
        abs(spot_ref_price_int - spot_before_1),
        abs(spot_ref_price_int - spot_before_2),
        abs(spot_ref_price_int - spot_before_3)
    )) // any_value(tick_int), 0) as reach_ticks
  from anchors
),
close_to_spot as (
  select wall.*
  from wall
  where
  wall.rel_ticks in (
    select unnest(range(-reach.reach_ticks, reach.reach_ticks + 1))
    from reach
  )
),
flows_before_1 as (
  select
  window_start_ts + interval 1 second as window_start_ts,
  side,
  price_int,
  add_qty,
  pull_qty_rest
  from close_to_spot
  where add_qty > 0 or pull_qty_rest > 0
),
flows_before_2 as (
  select
  window_start_ts + interval 2 second as window_start_ts,
  side,
  price_int,
  add_qty,
  pull_qty_rest
  from close_to_spot
  where add_qty > 0 or pull_qty_rest > 0
),
flows_before_3 as (
  select
  window_start_ts + interval 3 second as window_start_ts,
  side,
  price_int,
  add_qty,
  pull_qty_rest
  from close_to_spot
  where add_qty > 0 or pull_qty_rest > 0
),
offsets as (
  select
  'A' as side,
  unnest(range(0, 20 + 1)) as rel_ticks
  union all
  select
  'B' as side,
  -unnest(range(0, 20 + 1)) as rel_ticks
),
grid as (
  select
  anchors.*,
  offsets.side,
  offsets.rel_ticks,
  anchors.spot_ref_price_int + offsets.rel_ticks * anchors.tick_int as price_int
  from anchors
  cross join offsets
)
select
'$symbol' as symbol,
date '$dt' as dt,
grid.window_start_ts,
grid.side,
cast(grid.price_int as bigint) as price_int,
grid.spot_ref_price_int,
cast(grid.rel_ticks as integer) as rel_ticks,
grid.window_valid,
coalesce(close_to_spot.depth_qty_start, 0) as depth_qty_start,
coalesce(close_to_spot.depth_qty_end, 0) as depth_qty_end,
coalesce(close_to_spot.depth_qty_rest, 0) as depth_qty_rest,
coalesce(close_to_spot.add_qty, 0) as add_qty,
coalesce(close_to_spot.pull_qty_total, 0) as pull_qty_total,
coalesce(close_to_spot.pull_qty_rest, 0) as pull_qty_rest,
coalesce(close_to_spot.fill_qty, 0) as fill_qty,
case
when
grid.is_known_before_1
and abs(grid.price_int - grid.spot_before_1)
<= 400 * grid.tick_int
then coalesce(flows_before_1.add_qty, 0)
end as add_qty_before_1,
case
when
grid.is_known_before_1
and abs(grid.price_int - grid.spot_before_1)
<= 400 * grid.tick_int
then coalesce(flows_before_1.pull_qty_rest, 0)
end as pull_qty_rest_before_1,
case
when
grid.is_known_before_2
and abs(grid.price_int - grid.spot_before_2)
<= 400 * grid.tick_int
then coalesce(flows_before_2.add_qty, 0)
end as add_qty_before_2,
case
when
grid.is_known_before_2
and abs(grid.price_int - grid.spot_before_2)
<= 400 * grid.tick_int
then coalesce(flows_before_2.pull_qty_rest, 0)
end as pull_qty_rest_before_2,
case
when
grid.is_known_before_3
and abs(grid.price_int - grid.spot_before_3)
<= 400 * grid.tick_int
then coalesce(flows_before_3.add_qty, 0)
end as add_qty_before_3,
case
when
grid.is_known_before_3
and abs(grid.price_int - grid.spot_before_3)
<= 400 * grid.tick_int
then coalesce(flows_before_3.pull_qty_rest, 0)
end as pull_qty_rest_before_3
from grid
left join close_to_spot
on
grid.window_start_ts = close_to_spot.window_start_ts
and grid.side = close_to_spot.side
and grid.price_int = close_to_spot.price_int
left join flows_before_1
on
grid.window_start_ts = flows_before_1.window_start_ts
and grid.side = flows_before_1.side
and grid.price_int = flows_before_1.price_int
left join flows_before_2
on
grid.window_start_ts = flows_before_2.window_start_ts
and grid.side = flows_before_2.side
and grid.price_int = flows_before_2.price_int
left join flows_before_3
on
grid.window_start_ts = flows_before_3.window_start_ts
and grid.side = flows_before_3.side
and grid.price_int = flows_before_3.price_int
where grid.rel_ticks != 0 or close_to_spot.side is not null
order by grid.window_start_ts, grid.side, grid.rel_ticks
