with
turn_flows as (
  select * from "steps"."turn_flows_1s"
),
sides as (
  select
  symbol,
  dt,
  window_start_ts,
  window_end_ts,
  level_tick,
  k_ticks,
  condition_window_s,
  'A' as side,
  spot_move_ticks as spot_ticks,
  ask_rest_start as rest_start,
  ask_depth_start as depth_start,
  ask_add as add,
  ask_pull as pull,
  ask_repriced as repriced,
  ask_repriced_ticks as repriced_ticks,
  ask_open_start as open_start,
  ask_open_start_ticks as open_start_ticks,
  ask_open_end as open_end,
  ask_open_end_ticks as open_end_ticks,
  ask_open_change as open_change
  from turn_flows
  union all
  select
  symbol,
  dt,
  window_start_ts,
  window_end_ts,
  level_tick,
  k_ticks,
  condition_window_s,
  'B' as side,
  -spot_move_ticks as spot_ticks,
  bid_rest_start as rest_start,
  bid_depth_start as depth_start,
  bid_add as add,
  bid_pull as pull,
  bid_repriced as repriced,
  bid_repriced_ticks as repriced_ticks,
  bid_open_start as open_start,
  bid_open_start_ticks as open_start_ticks,
  bid_open_end as open_end,
  bid_open_end_ticks as open_end_ticks,
  bid_open_change as open_change
  from turn_flows
),
carried as (
  select
  *,
  greatest(
    least(spot_ticks * repriced, 0),
    least(greatest(spot_ticks * repriced, 0), repriced_ticks)
  ) as carried_ticks
  from sides
)
select
symbol,
dt,
window_start_ts,
window_end_ts,
level_tick,
k_ticks,
condition_window_s,
side,
case
when rest_start >= 20 then (repriced_ticks - carried_ticks) / rest_start
end as retreat_ticks,
repriced as retreat_qty,
case when depth_start >= 20 then (pull - "add") / depth_start end as pull_share,
pull + "add" as pull_qty
from carried
