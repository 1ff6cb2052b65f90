with
levels as (
  select * from "silver"."levels_1s"
  where
  symbol = '$symbol' and dt = date '$dt'
  and epoch(window_end_ts) % 5 = 0
),
offsets as (
  select * from "silver"."level_offset_1s"
  where
  symbol = '$symbol' and dt = date '$dt'
  and epoch(window_end_ts) % 5 = 0
),
level_settings as (
  select * from "steps"."level_settings"
  where symbol = '$symbol' and dt = date '$dt'
),
windows as (
  select
  time_bucket(
    interval 5 second,
    window_start_ts,
    timestamp '1970-01-01'
  ) + interval 5 second as window_end_ts,
  count(*) = 5 and bool_and(window_valid) as window_valid
  from "silver"."book_snapshot_1s"
  where symbol = '$symbol' and dt = date '$dt'
  group by all
),
approaches as (
  select
  levels.symbol,
  levels.dt,
  levels.window_end_ts,
  levels.level_id,
  windows.window_valid,
  levels.is_active,
  levels.is_primary,
  levels.level_tick,
  offsets.k_ticks,
  offsets.sigma_1s_ticks,
  offsets.approach_dir,
  if(offsets.approach_dir = 'approach_none', null, cast(-abs(offsets.k_ticks) as integer))
  as x_ticks,
  level_settings.barrier_mode,
  level_settings.barrier_min_ticks,
  cast(
    case
    when level_settings.barrier_mode = 'fixed' then 8
    when offsets.sigma_1s_ticks is not null
    then greatest(level_settings.barrier_min_ticks, least(40, floor(
          1.0 * offsets.sigma_1s_ticks * sqrt(240)
          + 0.5
    )))
    end as integer
  ) as barrier_ticks
  from levels
  inner join offsets
  on
  levels.window_end_ts = offsets.window_end_ts
  and levels.level_id = offsets.level_id
  inner join windows on levels.window_end_ts = windows.window_end_ts
  cross join level_settings
),
decisions as (
  select
  *,
  coalesce(
    window_valid
    and is_primary
    and approach_dir != 'approach_none'
    and x_ticks > -barrier_ticks,
    false
  ) as is_eligible
  from approaches
),
earlier as (
  select
  cast(null as varchar) as level_id,
  cast(null as varchar) as approach_dir,
  cast(null as timestamp) as window_end_ts,
  cast(null as bigint) as level_tick_first,
  cast(null as timestamp) as first_window_end_ts
  from range(0) as own_rows
),
eligible_windows as (
  select
  level_id,
  approach_dir,
  window_end_ts,
  level_tick,
  cast(null as timestamp) as begun_ts
  from decisions
  where
  is_eligible
  and window_end_ts
  > (select coalesce(max(earlier.window_end_ts), timestamp '-infinity') from earlier)
  union all
  select
  level_id,
  approach_dir,
  window_end_ts,
  level_tick_first as level_tick,
  first_window_end_ts as begun_ts
  from earlier
),
eligible as (
  select
  level_id,
  approach_dir,
  window_end_ts,
  level_tick,
  begun_ts,
  coalesce(
    window_end_ts - lag(window_end_ts) over level_and_direction
    > interval 15 second,
    true
  ) as is_after_gap
  from eligible_windows
  window level_and_direction as (partition by level_id, approach_dir order by window_end_ts)
),
runs as (
  select
  *,
  count(*) filter (is_after_gap) over (
    partition by level_id, approach_dir
    order by window_end_ts
  ) as run_no
  from eligible
),
ticks_of_runs as (
  select
  level_id,
  approach_dir,
  run_no,
  list(window_end_ts order by window_end_ts) as window_end_ts,
  list(begun_ts order by window_end_ts) as begun_ts,
  list_reduce(
    list([level_tick] order by window_end_ts),
    (first_ticks, tick) -> list_append(
      first_ticks,
      if(
        abs(tick[1] - first_ticks[-1]) > 4,
        tick[1],
        first_ticks[-1]
      )
    )
  ) as level_tick_first
  from runs
  group by level_id, approach_dir, run_no
),
windows_of_runs as (
  select
  level_id,
  approach_dir,
  run_no,
  unnest(window_end_ts) as window_end_ts,
  unnest(begun_ts) as begun_ts,
  unnest(level_tick_first) as level_tick_first
  from ticks_of_runs
),
begun as (
  select
  *,
  coalesce(level_tick_first != lag(level_tick_first) over run, true) as begins_episode
  from windows_of_runs
  window run as (partition by level_id, approach_dir, run_no order by window_end_ts)
),
episodes as (
  select
  *,
  max(coalesce(begun_ts, window_end_ts)) filter (begins_episode) over (
    partition by level_id, approach_dir
    order by window_end_ts
  ) as first_window_end_ts
  from begun
)
select
decisions.symbol,
decisions.dt,
decisions.window_end_ts,
decisions.level_id,
decisions.window_valid,
decisions.is_active,
decisions.is_primary,
decisions.level_tick,
decisions.k_ticks,
decisions.sigma_1s_ticks,
decisions.approach_dir,
decisions.x_ticks,
decisions.barrier_mode,
decisions.barrier_min_ticks,
decisions.barrier_ticks,
decisions.is_eligible,
episodes.first_window_end_ts,
episodes.level_tick_first
from decisions
left join episodes
on
decisions.window_end_ts = episodes.window_end_ts
and decisions.level_id = episodes.level_id
and decisions.approach_dir = episodes.approach_dir
order by decisions.window_end_ts, decisions.level_id
