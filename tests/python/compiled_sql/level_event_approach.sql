with
moments as (
  select * from "steps"."level_event_moments"
  where symbol = '$symbol' and dt = date '$dt'
),
barriers as (
  select * from "silver"."barrier_engine_1s"
  where symbol = '$symbol' and dt = date '$dt' and in_monitor_band
),
tapes as (
  select * from "silver"."tape_engine_1s"
  where symbol = '$symbol' and dt = date '$dt' and in_monitor_band
),
offsets as (
  select * from "silver"."level_offset_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
episodes as (
  select * from "gold"."approach_episodes"
  where symbol = '$symbol' and dt = date '$dt'
),
closes as (
  select
  bar_end_ts,
  row_number() over by_time as bar_no,
  sign(close_price_int - lag(close_price_int) over by_time) as close_change
  from "silver"."bars"
  where symbol = '$symbol' and dt = date '$dt' and bar_s = 120
  window by_time as (order by bar_end_ts)
),
runs_of_bars as (
  select
  bar_end_ts,
  bar_no - max(bar_no) filter (coalesce(1 * close_change, 0) <= 0)
  over (order by bar_end_ts) as n_higher,
  bar_no - max(bar_no) filter (coalesce(-1 * close_change, 0) <= 0)
  over (order by bar_end_ts) as n_lower
  from closes
),
touches as (
  select
  moments.event_id,
  count(*) as prior_touches
  from moments
  inner join episodes
  on
  moments.level_id = episodes.level_id
  and moments.episode_id != episodes.episode_id
  and moments.event_ts > episodes.touch_ts
  group by moments.event_id
),
attempts as (
  select
  moments.*,
  barriers.replenishment_ratio,
  barriers.delta_liq,
  tapes.velocity_ticks_s,
  tapes.imbalance,
  row_number() over (
    partition by moments.attempt_cluster_id
    order by moments.event_ts
  ) as attempt_no
  from moments
  inner join barriers
  on
  moments.event_ts = barriers.window_end_ts
  and moments.level_id = barriers.level_id
  inner join tapes
  on
  moments.event_ts = tapes.window_end_ts
  and moments.level_id = tapes.level_id
),
earlier_attempts as (
  select
  later.event_id,
  list(
    struct_pack(x := earlier.attempt_no, y := cast(earlier.replenishment_ratio as double))
    order by earlier.attempt_no
  )
  filter (earlier.replenishment_ratio is not null)
  as replenishment_ratio,
  list(
    struct_pack(x := earlier.attempt_no, y := cast(earlier.delta_liq as double))
    order by earlier.attempt_no
  )
  filter (earlier.delta_liq is not null)
  as delta_liq,
  list(
    struct_pack(x := earlier.attempt_no, y := cast(earlier.velocity_ticks_s as double))
    order by earlier.attempt_no
  )
  filter (earlier.velocity_ticks_s is not null)
  as velocity_ticks_s,
  list(
    struct_pack(x := earlier.attempt_no, y := cast(earlier.imbalance as double))
    order by earlier.attempt_no
  )
  filter (earlier.imbalance is not null)
  as imbalance
  from attempts as later
  inner join attempts as earlier
  on
  later.attempt_cluster_id = earlier.attempt_cluster_id
  and later.attempt_no > earlier.attempt_no
  group by later.event_id
),
clocked as (
  select
  *,
  epoch(event_ts) - epoch({
      'start_ts': timezone('UTC', timezone('America/New_York', session_date + time '09:30')),
      'end_ts': timezone('UTC', timezone('America/New_York', session_date + time '12:30'))
    }.start_ts)
  as seconds_since_open
  from moments
)
select
clocked.event_id,
clocked.symbol,
clocked.dt,
clocked.direction_sign * offsets.speed_15s as approach_velocity,
cast(
  coalesce(
    if(clocked.direction = 'UP', runs_of_bars.n_higher, runs_of_bars.n_lower), 0
  ) as integer
) as approach_bars,
clocked.direction_sign * offsets.approach_move_ticks as approach_distance_ticks,
clocked.direction_sign * offsets.approach_move_ticks
/ nullif(offsets.sigma_1s_ticks * sqrt(60), 0)
as approach_distance_vol,
cast(coalesce(touches.prior_touches, 0) as integer) as prior_touches,
clocked.seconds_since_open / epoch(interval 1 minute) as minutes_since_open,
cast(floor(clocked.seconds_since_open / 120) as integer)
as bars_since_open,
clocked.attempt_index,
clocked.attempt_cluster_id,
list_sum(
  list_transform(earlier_attempts.replenishment_ratio, point -> (point.x - list_avg(list_transform(earlier_attempts.replenishment_ratio, other -> other.x))) * point.y)
)
/ nullif(list_sum(
    list_transform(
      earlier_attempts.replenishment_ratio,
      point -> (point.x - list_avg(list_transform(earlier_attempts.replenishment_ratio,
            other -> other.x))) * (point.x - list_avg(list_transform(earlier_attempts.replenishment_ratio,
            other -> other.x)))
    )
  ), 0) as barrier_replenishment_trend,
list_sum(
  list_transform(earlier_attempts.delta_liq, point -> (point.x - list_avg(list_transform(earlier_attempts.delta_liq, other -> other.x))) * point.y)
)
/ nullif(list_sum(
    list_transform(
      earlier_attempts.delta_liq,
      point -> (point.x - list_avg(list_transform(earlier_attempts.delta_liq,
            other -> other.x))) * (point.x - list_avg(list_transform(earlier_attempts.delta_liq,
            other -> other.x)))
    )
  ), 0) as barrier_delta_liq_trend,
list_sum(
  list_transform(earlier_attempts.velocity_ticks_s, point -> (point.x - list_avg(list_transform(earlier_attempts.velocity_ticks_s, other -> other.x))) * point.y)
)
/ nullif(list_sum(
    list_transform(
      earlier_attempts.velocity_ticks_s,
      point -> (point.x - list_avg(list_transform(earlier_attempts.velocity_ticks_s,
            other -> other.x))) * (point.x - list_avg(list_transform(earlier_attempts.velocity_ticks_s,
            other -> other.x)))
    )
  ), 0) as tape_velocity_trend,
list_sum(
  list_transform(earlier_attempts.imbalance, point -> (point.x - list_avg(list_transform(earlier_attempts.imbalance, other -> other.x))) * point.y)
)
/ nullif(list_sum(
    list_transform(
      earlier_attempts.imbalance,
      point -> (point.x - list_avg(list_transform(earlier_attempts.imbalance,
            other -> other.x))) * (point.x - list_avg(list_transform(earlier_attempts.imbalance,
            other -> other.x)))
    )
  ), 0) as tape_imbalance_trend
from clocked
inner join offsets
on
clocked.event_ts = offsets.window_end_ts
and clocked.level_id = offsets.level_id
left join touches on clocked.event_id = touches.event_id
left join earlier_attempts on clocked.event_id = earlier_attempts.event_id
asof left join runs_of_bars on clocked.event_ts >= runs_of_bars.bar_end_ts
order by clocked.event_id
