with
turn_flows as (
  select * from "steps"."turn_flows_mbp_1s"
),
level_anchors as (
  select * from "steps"."level_anchors_mbp_1s"
),
contract_days as (
  select * from "silver"."contract_days"
),
instruments as (
  select * from "reference"."instruments"
),
lots as (
  select
  contract_days.symbol,
  contract_days.dt,
  instruments.lot
  from contract_days
  inner join instruments on contract_days.root = instruments.root
),
sides as (
  select
  symbol,
  dt,
  window_start_ts,
  window_end_ts,
  condition_window_s,
  'A' as side,
  ask_depth_start as depth_start,
  ask_depth_start_ticks as depth_start_ticks,
  ask_kept_end as kept_end,
  ask_kept_end_ticks as kept_end_ticks,
  ask_kept_change as kept_change,
  ask_net_pull as net_pull,
  ask_net_change as net_change
  from turn_flows
  union all
  select
  symbol,
  dt,
  window_start_ts,
  window_end_ts,
  condition_window_s,
  'B' as side,
  bid_depth_start as depth_start,
  bid_depth_start_ticks as depth_start_ticks,
  bid_kept_end as kept_end,
  bid_kept_end_ticks as kept_end_ticks,
  bid_kept_change as kept_change,
  bid_net_pull as net_pull,
  bid_net_change as net_change
  from turn_flows
),
prices as (
  select distinct
  symbol,
  dt,
  window_start_ts,
  level_tick,
  k_ticks
  from level_anchors
  where abs(k_ticks) <= 20
)
select
sides.symbol,
sides.dt,
sides.window_start_ts,
sides.window_end_ts,
prices.level_tick,
prices.k_ticks,
sides.condition_window_s,
sides.side,
case
when sides.depth_start >= 20 * lots.lot
then
sides.kept_end_ticks / nullif(sides.kept_end, 0)
- sides.depth_start_ticks / sides.depth_start
end as retreat_ticks,
cast(sides.kept_change as integer) as retreat_qty,
case
when sides.depth_start >= 20 * lots.lot
then sides.net_pull / sides.depth_start
end as pull_share,
cast(sides.net_change as integer) as pull_qty,
lots.lot
from sides
inner join prices
on
sides.symbol = prices.symbol
and sides.dt = prices.dt
and sides.window_start_ts = prices.window_start_ts
inner join lots
on
sides.symbol = lots.symbol
and sides.dt = lots.dt
