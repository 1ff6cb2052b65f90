with
wall as (
  select * from "silver"."wall_surface_1s"
),
wall_of_seconds as (
  select * from "silver"."wall_surface_1s"
),
contract_days as (
  select * from "silver"."contract_days"
),
seconds as (
  select
  symbol,
  dt,
  window_start_ts,
  any_value(spot_ref_price_int) as spot_ref_price_int,
  any_value(window_valid) as window_valid
  from wall_of_seconds
  group by symbol, dt, window_start_ts
),
ranges as (
  select
  seconds.symbol,
  seconds.dt,
  seconds.window_start_ts,
  case when before_1.window_valid then before_1.spot_ref_price_int end
  as spot_before_1,
  case when before_2.window_valid then before_2.spot_ref_price_int end
  as spot_before_2,
  400 * contract_days.tick_int as reach_int
  from seconds
  inner join contract_days
  on
  seconds.symbol = contract_days.symbol
  and seconds.dt = contract_days.dt
  left join seconds as before_1
  on
  seconds.symbol = before_1.symbol
  and seconds.dt = before_1.dt
  and seconds.window_start_ts - interval 1 second
  = before_1.window_start_ts
  left join seconds as before_2
  on
  seconds.symbol = before_2.symbol
  and seconds.dt = before_2.dt
  and seconds.window_start_ts - interval 2 second
  = before_2.window_start_ts
),
with_flows as (
  select
  *,
  case when window_valid then depth_qty_end - depth_qty_start end as d1,
  max(depth_qty_end - depth_qty_start) over (
    partition by symbol, dt, side, price_int
    order by window_start_ts
    range between interval 1 second preceding and interval 1 second preceding
  ) as flow_before_1,
  max(depth_qty_end - depth_qty_start) over (
    partition by symbol, dt, side, price_int
    order by window_start_ts
    range between interval 2 second preceding and interval 2 second preceding
  ) as flow_before_2
  from wall
),
with_ranges as (
  select
  with_flows.*,
  case
  when
  abs(with_flows.price_int - ranges.spot_before_1) <= ranges.reach_int
  then coalesce(with_flows.flow_before_1, 0)
  end as d1_before_1,
  case
  when
  abs(with_flows.price_int - ranges.spot_before_2) <= ranges.reach_int
  then coalesce(with_flows.flow_before_2, 0)
  end as d1_before_2
  from with_flows
  inner join ranges
  on
  with_flows.symbol = ranges.symbol
  and with_flows.dt = ranges.dt
  and with_flows.window_start_ts = ranges.window_start_ts
)
select
symbol,
dt,
window_start_ts,
window_end_ts,
side,
price_int,
spot_ref_price_int,
rel_ticks,
d1 as d1_depth_qty,
d1 - d1_before_1 as d2_depth_qty,
d1 - d1_before_1 - (d1_before_1 - d1_before_2) as d3_depth_qty,
window_valid
from with_ranges
