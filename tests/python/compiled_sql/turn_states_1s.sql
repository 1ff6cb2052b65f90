with
level_anchors as (
  select * from "steps"."level_anchors_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
measures as (
  select * from "steps"."turn_measures_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
calibration as (
  select * from "steps"."turn_calibration"
  where symbol = '$symbol' and dt = date '$dt'
),
anchors as (
  select
  *,
  last_value(nullif(sign(k_ticks), 0) ignore nulls) over (
    partition by level_id
    order by window_end_ts
    rows between unbounded preceding and current row
  ) as level_side
  from level_anchors
  qualify abs(k_ticks) <= 20
),
held_before as (
  select
  cast(null as varchar) as level_id,
  cast(null as integer) as condition_window_s,
  cast(null as timestamp) as window_end_ts,
  cast(null as integer) as held_s
  from range(0) as own_rows
),
modes as (
  select any_value(calibration_mode) as calibration_mode
  from calibration
),
scales as (
  select
  valid_from_ts,
  condition_window_s,
  side_role,
  distance_ticks,
  max(spread) filter (measure = 'retreat_ticks') as retreat_spread,
  max(spread) filter (measure = 'pull_share') as pull_spread
  from calibration
  group by valid_from_ts, condition_window_s, side_role, distance_ticks
),
of_sides as (
  select
  anchors.window_start_ts,
  anchors.window_end_ts,
  anchors.level_id,
  anchors.level_price_int,
  anchors.k_ticks,
  cast(anchors.level_side as integer) as level_side,
  anchors.approach_dir,
  measures.condition_window_s,
  measures.side,
  measures.retreat_ticks,
  measures.retreat_qty,
  measures.pull_share,
  measures.pull_qty,
  case
  when (measures.side = 'A') = (anchors.level_side > 0) then 'ahead'
  when anchors.level_side != 0 then 'behind'
  end as side_role,
  case
  when abs(anchors.k_ticks) <= 2 then 2
  when abs(anchors.k_ticks) <= 4 then 4
  when abs(anchors.k_ticks) <= 6 then 6
  when abs(anchors.k_ticks) <= 10 then 10
  when abs(anchors.k_ticks) <= 20 then 20
  end as distance_ticks
  from anchors
  inner join measures
  on
  anchors.window_start_ts = measures.window_start_ts
  and anchors.level_tick = measures.level_tick
),
scaled as (
  select
  of_sides.*,
  of_sides.retreat_ticks / scales.retreat_spread as retreat_z,
  of_sides.pull_share / scales.pull_spread as pull_z
  from of_sides
  asof left join scales
  on
  of_sides.condition_window_s = scales.condition_window_s
  and of_sides.side_role = scales.side_role
  and of_sides.distance_ticks = scales.distance_ticks
  and of_sides.window_start_ts >= scales.valid_from_ts
),
rows_of_levels as (
  select
  window_start_ts,
  window_end_ts,
  level_id,
  level_price_int,
  k_ticks,
  level_side,
  approach_dir,
  condition_window_s,
  max(retreat_ticks) filter (side = 'A') as asks_retreat_ticks,
  max(retreat_qty) filter (side = 'A') as asks_retreat_qty,
  max(retreat_z) filter (side = 'A') as asks_retreat_z,
  max(pull_share) filter (side = 'A') as asks_pull_share,
  max(pull_qty) filter (side = 'A') as asks_pull_qty,
  max(pull_z) filter (side = 'A') as asks_pull_z,
  max(retreat_ticks) filter (side = 'B') as bids_recede_ticks,
  max(retreat_qty) filter (side = 'B') as bids_recede_qty,
  max(retreat_z) filter (side = 'B') as bids_recede_z,
  max(pull_share) filter (side = 'B') as bids_pull_share,
  max(pull_qty) filter (side = 'B') as bids_pull_qty,
  max(pull_z) filter (side = 'B') as bids_pull_z
  from scaled
  group by all
),
met as (
  select
  *,
  case
  when asks_retreat_z is not null
  then asks_retreat_z >= 1.0 and asks_retreat_qty >= 20
  end as c1,
  case
  when asks_pull_z is not null
  then asks_pull_z >= 1.0 and asks_pull_qty >= 20
  end as c2,
  case
  when bids_recede_z is not null
  then bids_recede_z >= 1.0 and bids_recede_qty >= 20
  end as c3,
  case
  when bids_pull_z is not null
  then bids_pull_z >= 1.0 and bids_pull_qty >= 20
  end as c4
  from rows_of_levels
),
recent as (
  select
  *,
  case
  when coalesce(c1, c2, c3, c4) is null then null
  when bool_or(c1) over lookback then true
  when count(c1) over lookback = 10 then false
  end as recent_c1,
  case
  when coalesce(c1, c2, c3, c4) is null then null
  when bool_or(c2) over lookback then true
  when count(c2) over lookback = 10 then false
  end as recent_c2,
  case
  when coalesce(c1, c2, c3, c4) is null then null
  when bool_or(c3) over lookback then true
  when count(c3) over lookback = 10 then false
  end as recent_c3,
  case
  when coalesce(c1, c2, c3, c4) is null then null
  when bool_or(c4) over lookback then true
  when count(c4) over lookback = 10 then false
  end as recent_c4
  from met
  window lookback as (
    partition by level_id, level_side, level_price_int, condition_window_s
    order by window_end_ts
    range between interval 9 second preceding
    and current row
  )
),
withdrawals as (
  select
  *,
  case level_side when 1 then c1 and c2 when -1 then c3 and c4 end
  as ahead_withdraws,
  case level_side when 1 then c3 and c4 when -1 then c1 and c2 end
  as behind_withdraws,
  case level_side when 1 then recent_c1 and recent_c2 when -1 then recent_c3 and recent_c4 end
  as recent_ahead_withdraws,
  case level_side when 1 then recent_c3 and recent_c4 when -1 then recent_c1 and recent_c2 end
  as recent_behind_withdraws
  from recent
),
states as (
  select
  *,
  case
  when ahead_withdraws and behind_withdraws then 'all_four'
  when ahead_withdraws and not behind_withdraws then 'ahead_only'
  when behind_withdraws and not ahead_withdraws then 'behind_only'
  when not (c1 or c2 or c3 or c4) then 'none'
  when not ahead_withdraws and not behind_withdraws and (c1 or c2 or c3 or c4) then 'partial'
  end as state,
  case
  when recent_ahead_withdraws and recent_behind_withdraws then 'all_four'
  when recent_ahead_withdraws and not recent_behind_withdraws then 'ahead_only'
  when recent_behind_withdraws and not recent_ahead_withdraws then 'behind_only'
  when not (recent_c1 or recent_c2 or recent_c3 or recent_c4) then 'none'
  when not recent_ahead_withdraws and not recent_behind_withdraws and (recent_c1 or recent_c2 or recent_c3 or recent_c4) then 'partial'
  end as recent_state
  from withdrawals
),
changes as (
  select
  *,
  coalesce(
    state != lag(state) over seconds
    or lag(state) over seconds is null
    or level_side != lag(level_side) over seconds
    or level_price_int != lag(level_price_int) over seconds
    or lag(window_end_ts) over seconds != window_end_ts - interval 1 second,
    true
  ) as is_change
  from states
  window seconds as (
    partition by level_id, condition_window_s
    order by window_end_ts
  )
),
runs as (
  select
  changes.*,
  last_value(
    coalesce(
      changes.window_end_ts - to_seconds(held_before.held_s - 1),
      if(changes.is_change, changes.window_end_ts, null)
    ) ignore nulls
  ) over (
    partition by changes.level_id, changes.condition_window_s
    order by changes.window_end_ts
    rows between unbounded preceding and current row
  ) as run_begin_ts
  from changes
  left join held_before
  on
  changes.level_id = held_before.level_id
  and changes.condition_window_s = held_before.condition_window_s
  and changes.window_end_ts = held_before.window_end_ts
)
select
'$symbol' as symbol,
date '$dt' as dt,
window_start_ts,
window_end_ts,
level_id,
level_price_int,
k_ticks,
level_side,
approach_dir,
condition_window_s,
asks_retreat_ticks,
asks_retreat_qty,
asks_retreat_z,
asks_pull_share,
asks_pull_qty,
asks_pull_z,
bids_recede_ticks,
bids_recede_qty,
bids_recede_z,
bids_pull_share,
bids_pull_qty,
bids_pull_z,
c1,
c2,
c3,
c4,
ahead_withdraws,
behind_withdraws,
state,
case
when state is not null
then list_filter(
  [
    if(c1 is false, 'asks_retreat', null),
    if(c2 is false, 'asks_pulled', null),
    if(c3 is false, 'bids_recede', null),
    if(c4 is false, 'bids_pulled', null)
  ],
  condition -> condition is not null
)
end as missing,
case
when state is not null
then cast(date_diff('second', run_begin_ts, window_end_ts) + 1 as integer)
end as held_s,
recent_state,
modes.calibration_mode
from runs
cross join modes
order by level_id, condition_window_s, window_end_ts
