with
turn_states as (
  select * exclude (condition_window_s)
  from "steps"."turn_states_mbp_1s"
  where condition_window_s = 5
),
turn_flows as (
  select * from "steps"."turn_flows_mbp_1s"
  where condition_window_s = 5
)
select
turn_states.*,
turn_flows.reach_ticks,
turn_flows.scrolled_qty,
turn_flows.unknown_side_qty,
turn_flows.resolution_s
from turn_states
inner join turn_flows
on
turn_states.symbol = turn_flows.symbol
and turn_states.dt = turn_flows.dt
and turn_states.window_start_ts = turn_flows.window_start_ts
