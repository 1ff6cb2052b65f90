with
levels as (
  select * from "steps"."engine_levels_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
barriers as (
  select * from "silver"."barrier_engine_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
tapes as (
  select * from "silver"."tape_engine_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
fuels as (
  select * from "silver"."fuel_engine_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
level_book as (
  select * from "steps"."level_book_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
parts as (
  select
  levels.*,
  barriers.state,
  barriers.churn,
  list_avg([barriers.confidence, tapes.confidence]) as mean_confidence,
  cast(
    case barriers.state
    when 'VACUUM' then 100
    when 'WEAK' then 75
    when 'CONSUMED' then 60
    when 'NEUTRAL' then 50
    when 'WALL' then 0
    when 'ABSORPTION' then 0
    end as double
  ) as s_l,
  cast(
    case
    when levels.direction is null then null
    when fuels.effect = 'AMPLIFY' then 100
    when fuels.effect = 'DAMPEN' then 0
    else 50
    end as double
  ) as s_h,
  case
  when levels.direction is null then null
  when
  tapes.sweep_direction = levels.break_direction
  and tapes.sweep_age_s <= 3
  then 100
  else
  25 * least(
    1,
    greatest(coalesce(if(levels.break_direction = 'UP', 1, -1) * tapes.velocity_ticks_s, 0), 0)
    / 2
  )
  + 25 * greatest(coalesce(if(levels.break_direction = 'UP', 1, -1) * tapes.imbalance, 0), 0)
  end as s_t
  from levels
  inner join barriers
  on
  levels.window_end_ts = barriers.window_end_ts
  and levels.level_id = barriers.level_id
  inner join tapes
  on
  levels.window_end_ts = tapes.window_end_ts
  and levels.level_id = tapes.level_id
  inner join fuels
  on
  levels.window_end_ts = fuels.window_end_ts
  and levels.level_id = fuels.level_id
),
scores as (
  select
  *,
  case
  when s_l is not null
  then least(
    greatest(
      0.45 * s_l
      + 0.35 * s_h
      + 0.2 * s_t,
      0
    ),
    100
  )
  end as score_raw
  from parts
),
scored_before as (
  select
  cast(null as timestamp) as window_start_ts,
  cast(null as timestamp) as window_end_ts,
  cast(null as varchar) as level_id,
  cast(null as integer) as k_ticks,
  cast(null as varchar) as direction,
  cast(null as double) as score_raw,
  cast(null as double) as score_smooth,
  cast(null as varchar) as signal
  from range(0) as own_rows
),
machine_rows as (
  select
  window_start_ts,
  window_end_ts,
  level_id,
  direction,
  abs(k_ticks) <= 0 as is_touched,
  coalesce(state = 'CONSUMED' and churn > 2000, false)
  as can_contest,
  score_raw
  from scores
  where
  window_end_ts > (
    select coalesce(max(scored_before.window_end_ts), timestamp '-infinity')
    from scored_before
  )
  union all
  select
  window_start_ts,
  window_end_ts,
  level_id,
  direction,
  abs(k_ticks) <= 0 or coalesce(signal = 'REJECT', false)
  as is_touched,
  false as can_contest,
  if(
    window_end_ts = min(window_end_ts) over (partition by level_id),
    score_smooth,
    score_raw
  ) as score_raw
  from scored_before
),
numbered as (
  select
  window_end_ts,
  level_id,
  struct_pack(
    second_s := cast(epoch(window_start_ts) as bigint),
    level_no := dense_rank() over (order by level_id) - 1,
    direction := case direction when 'RESISTANCE' then 1 when 'SUPPORT' then -1 else 0 end,
    is_touched := cast(is_touched as bigint),
    can_contest := cast(can_contest as bigint),
    score_raw := score_raw
  ) as score
  from machine_rows
),
row_list as (
  select
  list(window_end_ts order by level_id, window_end_ts) as window_end_ts,
  list(level_id order by level_id, window_end_ts) as level_id,
  list(score order by level_id, window_end_ts) as score
  from numbered
),
signals as (
  select
  unnest(window_end_ts) as window_end_ts,
  unnest(level_id) as level_id,
  unnest(
    signal_states(
      score,
      struct_pack(
        tau_s := 2,
        hold_s := 3,
        break_min := 80,
        reject_max := 20,
        contested_low := 30,
        contested_high := 70
      )
    ),
    recursive := true
  )
  from row_list
  where score is not null
),
constellations as (
  select
  levels_1s.window_end_ts,
  list_sort(list(struct_pack(
        priority := level_definitions.priority,
        level_id := levels_1s.level_id,
        level_tick := levels_1s.level_tick,
        is_primary := levels_1s.is_primary,
        weight := level_definitions.weight
  ))) as all_levels
  from "silver"."levels_1s" as levels_1s
  inner join "silver"."level_definitions" as level_definitions
  on levels_1s.level_id = level_definitions.level_id
  where
  levels_1s.symbol = '$symbol' and levels_1s.dt = date '$dt'
  and levels_1s.is_active
  and levels_1s.window_end_ts in (select levels.window_end_ts from levels)
  group by levels_1s.window_end_ts
),
around as (
  select
  scores.*,
  list_min(
    list_transform(
      list_filter(
        constellations.all_levels,
        other -> other.is_primary
        and case scores.break_direction
        when 'UP' then other.level_tick > scores.level_tick
        when 'DOWN' then other.level_tick < scores.level_tick
        end
      ),
      other -> struct_pack(
        ticks := cast(abs(other.level_tick - scores.level_tick) as integer),
        level_id := other.level_id
      )
    )
  ) as runway,
  list_filter(
    constellations.all_levels,
    other -> other.level_id != scores.level_id
    and abs(other.level_tick - scores.level_tick) <= 20
  ) as neighbors,
  case scores.defending_side
  when 'A' then level_book.ask_max_depth
  when 'B' then level_book.bid_max_depth
  end as max_depth,
  case scores.defending_side
  when 'A' then level_book.ask_max_depth_ticks
  when 'B' then level_book.bid_max_depth_ticks
  end as max_depth_ticks,
  case scores.defending_side
  when 'A' then level_book.ask_spot_depth
  when 'B' then level_book.bid_spot_depth
  end / 20 as spot_depth_per_tick
  from scores
  inner join constellations on scores.window_end_ts = constellations.window_end_ts
  left join level_book
  on
  scores.window_start_ts = level_book.window_start_ts
  and scores.level_tick = level_book.level_tick
)
select
around.symbol,
around.dt,
around.window_start_ts,
around.window_end_ts,
around.level_id,
around.level_price_int,
around.k_ticks,
around.direction,
around.break_direction,
around.in_monitor_band,
around.s_l,
around.s_h,
around.s_t,
around.score_raw,
signals.score_smooth,
signals.signal,
case signals.signal
when 'BREAK' then around.break_direction
when 'REJECT' then if(around.break_direction = 'UP', 'DOWN', 'UP')
end as implied_dir,
lower(around.break_direction) || ' through ' || around.level_id
|| case signals.signal when 'BREAK' then ' breaks: ' when 'REJECT' then ' rejected: ' end
|| lower(case signals.signal
  when 'BREAK' then around.break_direction
  when 'REJECT' then if(around.break_direction = 'UP', 'DOWN', 'UP')
  end)
as signal_means,
case
when around.score_raw is null then null
when around.mean_confidence >= 0.7 then 'HIGH'
when around.mean_confidence >= 0.4 then 'MEDIUM'
else 'LOW'
end as confidence,
around.break_direction as runway_direction,
struct_extract(around.runway, 'level_id') as runway_next_level_id,
struct_extract(around.runway, 'ticks') as runway_ticks,
case
when not around.window_valid or around.max_depth is null then null
when
around.max_depth > 0
and around.max_depth
>= 3 * around.spot_depth_per_tick
and coalesce(around.max_depth_ticks <= struct_extract(around.runway, 'ticks'), true)
then 'OBSTRUCTED'
else 'CLEAR'
end as runway_quality,
coalesce(list_sum(list_transform(around.neighbors, other -> other.weight)), 0)
as confluence_weight,
list_transform(around.neighbors, other -> other.level_id) as confluence_levels
from around
inner join signals
on
around.window_end_ts = signals.window_end_ts
and around.level_id = signals.level_id
order by around.level_id, around.window_end_ts
