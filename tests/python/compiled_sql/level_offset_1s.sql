with
levels as (
  select * from "silver"."levels_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
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
  lag(window_start_ts, 3) over seconds
  = window_start_ts - interval 3 second
  then mid_half_ticks - lag(mid_half_ticks, 3) over seconds
  end as moved_half_ticks_3s,
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
offsets as (
  select
  levels.symbol,
  levels.dt,
  levels.window_end_ts,
  levels.level_id,
  cast(levels.level_tick - seconds.spot_tick as integer) as k_ticks,
  seconds.sigma_1s_ticks,
  seconds.moved_half_ticks_3s,
  seconds.moved_half_ticks_15s,
  seconds.moved_half_ticks_60s,
  sign(levels.level_tick - seconds.spot_tick) as side_of_spot,
  seconds.moved_half_ticks_60s / 2 as approach_move_ticks,
  greatest(
    level_settings.approach_min_ticks,
    0.5 * seconds.sigma_1s_ticks * sqrt(60)
  ) as least_move_ticks
  from levels
  inner join seconds on levels.window_end_ts = seconds.window_end_ts
  cross join level_settings
),
closing as (
  select
  *,
  side_of_spot * moved_half_ticks_15s / 30 as closing_speed_15s
  from offsets
)
select
symbol,
dt,
window_end_ts,
level_id,
k_ticks,
k_ticks / nullif(sigma_1s_ticks * sqrt(300), 0) as k_vol,
sigma_1s_ticks,
moved_half_ticks_3s / 6 as speed_3s,
moved_half_ticks_15s / 30 as speed_15s,
closing_speed_15s,
case when closing_speed_15s > 0 then abs(k_ticks) / closing_speed_15s end as secs_to_touch,
approach_move_ticks,
case
when
abs(k_ticks) between 1 and 20
and side_of_spot * approach_move_ticks >= least_move_ticks
and side_of_spot * moved_half_ticks_15s >= 0
then if(k_ticks > 0, 'approach_up', 'approach_down')
else 'approach_none'
end as approach_dir
from closing
order by window_end_ts, level_id
