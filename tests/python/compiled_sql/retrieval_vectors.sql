with
vectors as (
  select * from "gold"."retrieval_decisions"
  where symbol = '$symbol' and dt = date '$dt'
),
offsets as (
  select * from "silver"."level_offset_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
turn_states as (
  select * from "gold"."conditions_in_use_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
turned as (
  select
  vectors.vector_id,
  turn_states.* replace (
    case
    when coalesce(vectors.decision_phase, 'approaching') = 'approaching'
    then turn_states.level_side
    else if(vectors.approach_dir = 'approach_up', 1, -1)
    end as level_side,
    case
    when
    coalesce(vectors.decision_phase, 'approaching') = 'approaching'
    or turn_states.level_side
    = if(vectors.approach_dir = 'approach_up', 1, -1)
    then turn_states.recent_state
    when turn_states.recent_state = 'ahead_only' then 'behind_only'
    when turn_states.recent_state = 'behind_only' then 'ahead_only'
    else turn_states.recent_state
    end as recent_state
  )
  from vectors
  inner join turn_states
  on
  (vectors.retrieval_family = 'level') = (turn_states.conditions_basis = 'orders')
  and vectors.symbol = turn_states.symbol
  and vectors.dt = turn_states.dt
  and vectors.level_id = turn_states.level_id
  and vectors.window_end_ts = turn_states.window_end_ts
)
select
vectors.vector_id,
vectors.symbol,
vectors.dt,
vectors.session_date,
vectors.level_id,
vectors.window_end_ts,
vectors.level_price_int,
vectors.k_ticks,
vectors.approach_dir,
vectors.decision_phase,
vectors.candle_id,
vectors.episode_id,
vectors.retrieval_family,
vectors.vector,
list_concat(
  coalesce(
    vectors.context,
    [
      cast(null as float),
      cast(null as float),
      cast(null as float),
      cast(null as float),
      cast(null as float),
      cast(null as float),
      cast(null as float),
      cast(null as float),
      cast(vectors.k_ticks / 20 as float),
      cast(if(vectors.approach_dir = 'approach_up', 1, -1) * offsets.speed_15s as float),
      cast(null as float),
      cast(null as float),
      cast(null as float),
      cast(null as float),
      cast(null as float),
      cast(null as float)
    ]
  ),
  [
    cast(offsets.k_vol as float),
    cast(offsets.sigma_1s_ticks as float),
    cast(cast(turn_states.recent_state = 'all_four' as integer) as float),
    cast(cast(turn_states.recent_state = 'ahead_only' as integer) as float),
    cast(cast(turn_states.recent_state = 'behind_only' as integer) as float),
    cast(case turn_states.level_side when 1 then turn_states.asks_retreat_z when -1 then turn_states.bids_recede_z end as float),
    cast(case turn_states.level_side when 1 then turn_states.asks_pull_z when -1 then turn_states.bids_pull_z end as float),
    cast(case turn_states.level_side when -1 then turn_states.asks_retreat_z when 1 then turn_states.bids_recede_z end as float),
    cast(case turn_states.level_side when -1 then turn_states.asks_pull_z when 1 then turn_states.bids_pull_z end as float)
  ]
) as context
from vectors
left join offsets
on
vectors.symbol = offsets.symbol
and vectors.dt = offsets.dt
and vectors.level_id = offsets.level_id
and vectors.window_end_ts = offsets.window_end_ts
left join turned as turn_states on vectors.vector_id = turn_states.vector_id
order by vectors.level_id, vectors.window_end_ts
