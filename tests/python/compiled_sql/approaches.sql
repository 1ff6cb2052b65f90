with
courses as (
  select * from "gold"."course_odds_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
contract_day as (
  select * from "silver"."contract_days"
  where symbol = '$symbol' and dt = date '$dt'
),
turn_conditions as (
  select * from "gold"."turn_conditions_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
corridor as (
  select * from "silver"."level_corridor_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
wall as (
  select * from "silver"."wall_surface_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
thresholds as (
  select * from "reference"."trigger_thresholds"
  where root = nullif(regexp_extract('$symbol', '^([A-Z0-9]+)[FGHJKMNQUVXZ][0-9]{1,2}$', 1), '')
),
level_definitions as (
  select * from "silver"."level_definitions"
),
decisions as (
  select
  level_id,
  approach_dir,
  window_end_ts,
  barrier_mode
  from "silver"."level_decisions"
  where
  symbol = '$symbol' and dt = date '$dt'
  and is_eligible
),
labels as (
  select
  level_labels.level_id,
  level_labels.window_end_ts,
  decisions.approach_dir,
  level_labels.outcome_reached,
  level_labels.exit_x_ticks - level_labels.x0_ticks as result_ticks
  from "gold"."level_labels" as level_labels
  inner join decisions
  on
  level_labels.level_id = decisions.level_id
  and level_labels.window_end_ts = decisions.window_end_ts
  and level_labels.barrier_kind = decisions.barrier_mode
  where
  level_labels.symbol = '$symbol' and level_labels.dt = date '$dt'
  and level_labels.horizon_id = 's240'
),
seconds as (
  select
  *,
  if(phase is distinct from lag(phase) over course, elapsed_s, null) as phase_began_s
  from courses
  window course as (partition by course_id order by window_end_ts)
),
runs as (
  select
  course_id,
  any_value(level_id) as level_id,
  any_value(direction) as direction,
  any_value(level_price_int) as level_price_int,
  any_value(barrier_ticks) as barrier_ticks,
  any_value(started_ts) as started_ts,
  any_value(reached_ts) as reached_ts,
  max(window_end_ts) filter (x is not null) as last_ts,
  any_value(resolved) as resolved,
  any_value(resolved_ts) as resolved_ts,
  any_value(ended_by) as ended_by,
  max(max_x) as max_x,
  min(min_x_since_reached) as min_x_since_reached,
  min(window_end_ts) filter (since_reached_s is not null) as near_ts,
  min(window_end_ts) filter (max_x >= 0) as touch_ts,
  min(window_end_ts) filter (max_x >= 0) + interval 10 second
  as after_ts,
  cast(count(*) filter (phase = 'approaching') as integer)
  as approaching_s,
  cast(count(*) filter (phase = 'at') as integer)
  as at_s,
  cast(count(*) filter (phase = 'through') as integer)
  as through_s,
  cast(count(*) filter (phase = 'back') as integer)
  as back_s
  from seconds
  group by course_id
),
states_of_seconds as (
  select
  seconds.course_id,
  seconds.phase,
  case
  when turn_conditions.level_side = if(seconds.direction = 'up', 1, -1) then turn_conditions.state
  when turn_conditions.state = 'ahead_only' then 'behind_only'
  when turn_conditions.state = 'behind_only' then 'ahead_only'
  else turn_conditions.state
  end as state,
  struct_pack(
    held_s := least(
      turn_conditions.held_s,
      seconds.elapsed_s - max(seconds.phase_began_s) over (
        partition by seconds.course_id
        order by seconds.window_end_ts
      ) + 1
    ),
    earlier := -seconds.elapsed_s
  ) as holding
  from seconds
  left join turn_conditions
  on
  seconds.level_id = turn_conditions.level_id
  and seconds.window_end_ts = turn_conditions.window_end_ts
),
states as (
  select
  course_id,
  arg_max(state, holding) filter (phase = 'approaching') as approaching_state,
  max(holding) filter (phase = 'approaching').held_s
  as approaching_state_held_s,
  arg_max(state, holding) filter (phase = 'at') as at_state,
  max(holding) filter (phase = 'at').held_s
  as at_state_held_s
  from states_of_seconds
  where state is not null
  group by course_id
),
walls as (
  select
  runs.course_id,
  runs.direction,
  runs.started_ts,
  runs.last_ts,
  corridor.beyond_wall_ratio as wall_ratio,
  cast(corridor.beyond_wall_depth as bigint) as wall_qty,
  runs.level_price_int // contract_day.tick_int
  + if(runs.direction = 'up', 1, -1) * corridor.beyond_wall_from_ticks as near_tick,
  runs.level_price_int // contract_day.tick_int
  + if(runs.direction = 'up', 1, -1) * corridor.beyond_wall_to_ticks as far_tick
  from runs
  inner join corridor
  on
  runs.level_id = corridor.level_id
  and runs.started_ts = corridor.window_end_ts
  cross join contract_day
  where
  corridor.beyond_wall_ratio >= 3
  and corridor.beyond_wall_depth >= 20
),
flows_of_walls as (
  select
  walls.course_id,
  sum(wall.fill_qty) filter (wall.window_end_ts > walls.started_ts) as fill_qty,
  sum(wall.depth_qty_end) filter (wall.window_end_ts = walls.last_ts) as last_qty
  from walls
  cross join contract_day
  inner join wall
  on
  walls.started_ts <= wall.window_end_ts
  and walls.last_ts >= wall.window_end_ts
  and wall.side = if(walls.direction = 'up', 'A', 'B')
  and wall.price_int between
  least(walls.near_tick, walls.far_tick) * contract_day.tick_int
  and greatest(walls.near_tick, walls.far_tick) * contract_day.tick_int
  group by walls.course_id
),
fates as (
  select
  walls.*,
  case
  when coalesce(flows.last_qty, 0) * 2 >= walls.wall_qty then 'held'
  when
  coalesce(flows.fill_qty, 0) * 2 >= walls.wall_qty - coalesce(flows.last_qty, 0)
  then 'eaten'
  else 'pulled'
  end as wall_fate
  from walls
  left join flows_of_walls as flows on walls.course_id = flows.course_id
),
followed as (
  select
  touch.course_id,
  case
  when touch.p_break > touch.p_reject and touch.p_break > touch.base_break
  then labels.result_ticks - thresholds.cost_ticks
  when touch.p_reject > touch.p_break and touch.p_reject > touch.base_reject
  then -labels.result_ticks - thresholds.cost_ticks
  end as followed_ticks
  from runs
  inner join courses as touch
  on
  runs.course_id = touch.course_id
  and runs.touch_ts = touch.window_end_ts
  inner join labels
  on
  touch.level_id = labels.level_id
  and touch.odds_ts = labels.window_end_ts
  and 'approach_' || touch.direction = labels.approach_dir
  cross join thresholds
)
select
runs.course_id,
'$symbol' as symbol,
date '$dt' as dt,
runs.level_id,
level_definitions.level_kind,
runs.direction,
runs.level_price_int / 1e9 as level_price,
runs.level_price_int,
runs.barrier_ticks,
runs.started_ts,
timezone('America/New_York', timezone('UTC', runs.started_ts)) as started_ny,
runs.reached_ts,
runs.resolved,
runs.resolved_ts,
runs.ended_by,
runs.approaching_s,
runs.at_s,
runs.through_s,
runs.back_s,
runs.max_x,
runs.min_x_since_reached,
states.approaching_state,
states.approaching_state_held_s,
states.at_state,
states.at_state_held_s,
fates.near_tick * contract_day.tick_int / 1e9 as wall_price,
fates.wall_qty,
fates.wall_ratio,
fates.wall_fate,
odds_start.p_break as start_p_break,
odds_start.p_reject as start_p_reject,
odds_start.p_chop as start_p_chop,
odds_start.base_break as start_base_break,
odds_start.base_reject as start_base_reject,
odds_start.base_chop as start_base_chop,
odds_start.n_eff as start_n_eff,
odds_start.n_distinct_days as start_n_distinct_days,
odds_start.n_distinct_episodes as start_n_distinct_episodes,
odds_start.verdict as start_verdict,
odds_start.no_odds_reason as start_no_odds_reason,
odds_near.p_break as near_p_break,
odds_near.p_reject as near_p_reject,
odds_near.p_chop as near_p_chop,
odds_near.base_break as near_base_break,
odds_near.base_reject as near_base_reject,
odds_near.base_chop as near_base_chop,
odds_near.n_eff as near_n_eff,
odds_near.n_distinct_days as near_n_distinct_days,
odds_near.n_distinct_episodes as near_n_distinct_episodes,
odds_near.verdict as near_verdict,
odds_near.no_odds_reason as near_no_odds_reason,
odds_touch.p_break as touch_p_break,
odds_touch.p_reject as touch_p_reject,
odds_touch.p_chop as touch_p_chop,
odds_touch.base_break as touch_base_break,
odds_touch.base_reject as touch_base_reject,
odds_touch.base_chop as touch_base_chop,
odds_touch.n_eff as touch_n_eff,
odds_touch.n_distinct_days as touch_n_distinct_days,
odds_touch.n_distinct_episodes as touch_n_distinct_episodes,
odds_touch.verdict as touch_verdict,
odds_touch.no_odds_reason as touch_no_odds_reason,
odds_after.p_break as after_p_break,
odds_after.p_reject as after_p_reject,
odds_after.p_chop as after_p_chop,
odds_after.base_break as after_base_break,
odds_after.base_reject as after_base_reject,
odds_after.base_chop as after_base_chop,
odds_after.n_eff as after_n_eff,
odds_after.n_distinct_days as after_n_distinct_days,
odds_after.n_distinct_episodes as after_n_distinct_episodes,
odds_after.verdict as after_verdict,
odds_after.no_odds_reason as after_no_odds_reason,
labels.outcome_reached,
followed.followed_ticks
from runs
cross join contract_day
inner join level_definitions on runs.level_id = level_definitions.level_id
left join states on runs.course_id = states.course_id
left join fates on runs.course_id = fates.course_id
left join courses as odds_start
on
runs.course_id = odds_start.course_id
and runs.started_ts
= odds_start.window_end_ts
left join courses as odds_near
on
runs.course_id = odds_near.course_id
and runs.near_ts
= odds_near.window_end_ts
left join courses as odds_touch
on
runs.course_id = odds_touch.course_id
and runs.touch_ts
= odds_touch.window_end_ts
left join courses as odds_after
on
runs.course_id = odds_after.course_id
and runs.after_ts
= odds_after.window_end_ts
left join labels
on
runs.level_id = labels.level_id
and runs.started_ts = labels.window_end_ts
and 'approach_' || runs.direction = labels.approach_dir
left join followed on runs.course_id = followed.course_id
order by runs.started_ts, runs.level_id
