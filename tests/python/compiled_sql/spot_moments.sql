with
contract_day as (
  select * from "silver"."contract_days"
  where symbol = '$symbol' and dt = date '$dt'
),
level_settings as (
  select * from "steps"."level_settings"
  where symbol = '$symbol' and dt = date '$dt'
),
snapshot as (
  select
  book.window_start_ts,
  book.window_end_ts,
  book.spot_ref_price_int // contract_day.tick_int as spot_tick,
  case
  when book.window_valid then 2 * book.mid_price_int // contract_day.tick_int
  end as mid_half_ticks
  from "silver"."book_snapshot_1s" as book
  cross join contract_day
  where book.symbol = '$symbol' and book.dt = date '$dt'
),
changes as (
  select
  *,
  case
  when lag(window_start_ts) over seconds = window_start_ts - interval 1 second
  then mid_half_ticks - lag(mid_half_ticks) over seconds
  end as mid_change_half_ticks,
  case
  when
  lag(window_start_ts, 15) over seconds
  = window_start_ts - interval 15 second
  then mid_half_ticks - lag(mid_half_ticks, 15) over seconds
  end as moved_half_ticks_15s,
  case
  when
  lag(window_start_ts, 60) over seconds
  = window_start_ts - interval 60 second
  then mid_half_ticks - lag(mid_half_ticks, 60) over seconds
  end as moved_half_ticks_60s
  from snapshot
  window seconds as (order by window_start_ts)
),
spreads as (
  select
  *,
  cast(sum(mid_change_half_ticks) over lookback as bigint) as change_sum,
  cast(sum(mid_change_half_ticks * mid_change_half_ticks) over lookback as bigint)
  as square_sum,
  count(mid_change_half_ticks) over lookback as change_count
  from changes
  window lookback as (
    order by window_start_ts
    rows between 299 preceding and current row
  )
),
seconds as (
  select
  *,
  case
  when change_count >= 120
  then sqrt(
    (change_count * square_sum - change_sum * change_sum)
    / (change_count * (change_count - 1))
  ) / 2
  end as sigma_1s_ticks
  from spreads
),
valid_windows as (
  select
  time_bucket(
    interval 5 second, window_start_ts, timestamp '1970-01-01'
  ) + interval 5 second as window_end_ts,
  count(*) = 5 and bool_and(window_valid) as window_valid
  from "silver"."book_snapshot_1s"
  where symbol = '$symbol' and dt = date '$dt'
  group by all
),
moves as (
  select
  valid_windows.window_end_ts,
  valid_windows.window_valid,
  cast(seconds.spot_tick as bigint) as spot_tick,
  cast(seconds.spot_tick * contract_day.tick_int as bigint) as spot_price_int,
  seconds.sigma_1s_ticks,
  seconds.moved_half_ticks_15s / 30 as speed_15s,
  seconds.moved_half_ticks_60s / 2 as move_ticks,
  greatest(
    level_settings.approach_min_ticks,
    0.5 * seconds.sigma_1s_ticks * sqrt(60)
  ) as least_move_ticks,
  level_settings.barrier_mode,
  level_settings.barrier_min_ticks,
  cast(
    case
    when level_settings.barrier_mode = 'fixed' then 8
    when seconds.sigma_1s_ticks is not null
    then greatest(level_settings.barrier_min_ticks, least(40, floor(
          1.0 * seconds.sigma_1s_ticks * sqrt(240)
          + 0.5
    )))
    end as integer
  ) as barrier_ticks
  from seconds
  inner join valid_windows on seconds.window_end_ts = valid_windows.window_end_ts
  cross join contract_day
  cross join level_settings
  where (
    cast(timezone('America/New_York', timezone('UTC', seconds.window_start_ts)) as time) >= time '09:30'
    and cast(timezone('America/New_York', timezone('UTC', seconds.window_start_ts)) as time) < time '12:30'
  )
),
directed as (
  select
  *,
  case
  when not window_valid then 'spot_none'
  when move_ticks >= least_move_ticks then 'spot_up'
  when move_ticks <= -least_move_ticks then 'spot_down'
  else 'spot_none'
  end as approach_dir
  from moves
),
judged as (
  select
  *,
  approach_dir != 'spot_none'
  and spot_tick is not null
  and barrier_ticks is not null as is_eligible
  from directed
),
runs as (
  select
  window_end_ts,
  approach_dir,
  coalesce(
    window_end_ts - lag(window_end_ts) over of_direction
    > interval 15 second,
    true
  ) as begins_episode
  from judged
  where is_eligible
  window of_direction as (partition by approach_dir order by window_end_ts)
),
episodes as (
  select
  window_end_ts,
  max(window_end_ts) filter (begins_episode) over (
    partition by approach_dir
    order by window_end_ts
  ) as first_window_end_ts
  from runs
)
select
'$symbol' as symbol,
date '$dt' as dt,
judged.window_end_ts,
judged.window_valid,
judged.spot_tick,
judged.spot_price_int,
judged.sigma_1s_ticks,
judged.speed_15s,
judged.move_ticks,
judged.least_move_ticks,
judged.approach_dir,
judged.barrier_mode,
judged.barrier_min_ticks,
judged.barrier_ticks,
judged.is_eligible,
episodes.first_window_end_ts
from judged
left join episodes on judged.window_end_ts = episodes.window_end_ts
order by judged.window_end_ts
