with
contract_day as (
  select * from "silver"."contract_days"
  where symbol = '$symbol' and dt = date '$dt'
),
setups as (
  select
  symbol,
  dt,
  level_id,
  direction,
  trigger_candle_id,
  confirm_candle_id,
  lookback_start_candle_id,
  infer_ts,
  level_price_int,
  if(direction = 'up', 1, -1) as sign
  from "gold"."setup_events"
  where symbol = '$symbol' and dt = date '$dt'
),
levels as (
  select
  level_id,
  window_end_ts
  from "silver"."levels_1s"
  where symbol = '$symbol' and dt = date '$dt' and is_active
),
bars as (
  select * from "silver"."market_by_price_10_bar5s"
  where symbol = '$symbol' and dt = date '$dt' and is_valid
),
study as (
  select unnest({
      'start_ts': timezone('UTC', timezone('America/New_York', date '$dt' + time '09:30')),
      'end_ts': timezone('UTC', timezone('America/New_York', date '$dt' + time '12:30'))
  })
),
windows as (
  select
  setups.level_id,
  setups.direction,
  setups.trigger_candle_id,
  'trigger' as bar,
  study.start_ts + to_seconds(120 * setups.trigger_candle_id)
  as window_start_ts,
  study.start_ts + to_seconds(120 * (setups.trigger_candle_id + 1))
  as window_end_ts
  from setups
  cross join study
  union all
  select
  setups.level_id,
  setups.direction,
  setups.trigger_candle_id,
  'confirm' as bar,
  study.start_ts + to_seconds(120 * setups.confirm_candle_id)
  as window_start_ts,
  study.start_ts + to_seconds(120 * (setups.confirm_candle_id + 1))
  as window_end_ts
  from setups
  cross join study
  union all
  select
  setups.level_id,
  setups.direction,
  setups.trigger_candle_id,
  'lookback' as bar,
  study.start_ts + to_seconds(120 * setups.lookback_start_candle_id)
  as window_start_ts,
  study.start_ts + to_seconds(120 * (setups.confirm_candle_id + 1))
  as window_end_ts
  from setups
  cross join study
),
flows as (
  select
  level_id,
  direction,
  trigger_candle_id,
  list_avg(imbalances) as ofi_mean,
  list_stddev_pop(imbalances) as ofi_std
  from (
    select
    windows.level_id,
    windows.direction,
    windows.trigger_candle_id,
    list(bars.ofi_l10_sum order by bars.bar_end_ts)
    filter (bars.ofi_l10_sum is not null) as imbalances
    from windows
    inner join bars
    on
    windows.window_start_ts < bars.bar_end_ts
    and windows.window_end_ts >= bars.bar_end_ts
    where windows.bar = 'lookback'
    group by windows.level_id, windows.direction, windows.trigger_candle_id
  ) as flows_of_windows
),
bars_of_setups as (
  select
  windows.level_id,
  windows.direction,
  windows.trigger_candle_id,
  windows.bar,
  cast(epoch(bars.bar_end_ts - windows.window_start_ts) as integer) as x,
  cast(epoch(windows.window_end_ts - windows.window_start_ts) as integer) as window_s,
  bars.is_carried,
  setups.sign * (bars.trade_last_price_int - setups.level_price_int) / contract_day.tick_int as signed_distance,
  list_avg([setups.sign * if(atanh(bars.book_imbalance_l1_eob * 0.999) / 2 is null,
        null,
        greatest(-1,
          least(1,
            atanh(bars.book_imbalance_l1_eob * 0.999) / 2))),
      setups.sign * if(atanh(bars.book_imbalance_l10_eob * 0.999) / 2 is null,
        null,
        greatest(-1,
          least(1,
            atanh(bars.book_imbalance_l10_eob * 0.999) / 2))),
      setups.sign * if(atanh(bars.depth_imbalance_0_4_eob * 0.999) / 2 is null,
        null,
        greatest(-1,
          least(1,
            atanh(bars.depth_imbalance_0_4_eob * 0.999) / 2))),
      setups.sign * bars.trade_imbalance_sum,
      setups.sign * tanh((bars.ofi_l10_sum - flows.ofi_mean) / nullif(flows.ofi_std,
          0)),
      setups.sign * if((bars.wall_bid_max_z - bars.wall_ask_max_z) / 6 is null,
        null,
        greatest(-1,
          least(1,
            (bars.wall_bid_max_z - bars.wall_ask_max_z) / 6))),
      -tanh((bars.spread_ticks_eob - 1) / 2)]) as pressure
  from windows
  inner join setups
  on
  windows.level_id = setups.level_id
  and windows.direction = setups.direction
  and windows.trigger_candle_id = setups.trigger_candle_id
  inner join bars
  on
  windows.window_start_ts < bars.bar_end_ts
  and windows.window_end_ts >= bars.bar_end_ts
  inner join levels
  on
  bars.bar_end_ts = levels.window_end_ts
  and windows.level_id = levels.level_id
  left join flows
  on
  windows.level_id = flows.level_id
  and windows.direction = flows.direction
  and windows.trigger_candle_id = flows.trigger_candle_id
  cross join contract_day
),
stepped as (
  select
  *,
  if(
    lag(x) over bars_in_order = x - 5,
    abs(signed_distance - lag(signed_distance) over bars_in_order),
    null
  ) as signed_distance_step,
  if(
    lag(x) over bars_in_order = x - 5,
    abs(pressure - lag(pressure) over bars_in_order),
    null
  ) as pressure_step
  from bars_of_setups
  window bars_in_order as (
    partition by level_id, direction, trigger_candle_id, bar
    order by x
  )
),
lists as (
  select
  level_id,
  direction,
  trigger_candle_id,
  bar,
  list(
    struct_pack(
      x := x,
      y := signed_distance,
      is_carried := is_carried,
      third := 3 * (x // 5 - 1) // (window_s // 5)
    ) order by x
  ) filter (signed_distance is not null) as signed_distance_points,
  list(signed_distance_step order by x) filter (signed_distance_step is not null)
  as signed_distance_steps,
  list(
    struct_pack(
      x := x,
      y := pressure,
      is_carried := is_carried,
      third := 3 * (x // 5 - 1) // (window_s // 5)
    ) order by x
  ) filter (pressure is not null) as pressure_points,
  list(pressure_step order by x) filter (pressure_step is not null)
  as pressure_steps
  from stepped
  group by level_id, direction, trigger_candle_id, bar
)
select
setups.symbol,
setups.dt,
setups.level_id,
setups.direction,
setups.trigger_candle_id,
setups.infer_ts,
cast(trigger.signed_distance_points[1].y as double) as signed_distance_start_trigger,
cast(trigger.signed_distance_points[-1].y as double) as signed_distance_end_trigger,
cast(list_min(list_transform(list_filter(trigger.signed_distance_points, point -> not point.is_carried), point -> point.y)) as double) as signed_distance_min_trigger,
cast(list_max(list_transform(list_filter(trigger.signed_distance_points, point -> not point.is_carried), point -> point.y)) as double) as signed_distance_max_trigger,
cast(list_avg(list_transform(trigger.signed_distance_points, point -> point.y)) as double) as signed_distance_mean_trigger,
cast(list_stddev_pop(list_transform(trigger.signed_distance_points, point -> point.y)) as double) as signed_distance_std_trigger,
cast(list_sum(
    list_transform(trigger.signed_distance_points, point -> (point.x - list_avg(list_transform(trigger.signed_distance_points, other -> other.x))) * point.y)
  )
  / nullif(list_sum(
      list_transform(
        trigger.signed_distance_points,
        point -> (point.x - list_avg(list_transform(trigger.signed_distance_points,
              other -> other.x))) * (point.x - list_avg(list_transform(trigger.signed_distance_points,
              other -> other.x)))
      )
    ), 0) as double) as signed_distance_slope_trigger,
cast(ln(1 + list_sum(trigger.signed_distance_steps)) as double) as signed_distance_energy_trigger,
cast(if(len(trigger.signed_distance_points) > 0,
    len(list_filter(list_filter(list_transform(trigger.signed_distance_points,
            point -> point.y),
          y -> y != 0),
        (y,
          i) -> i > 1 and sign(y) != sign(list_filter(list_transform(trigger.signed_distance_points,
              point -> point.y),
            y -> y != 0)[i - 1]))),
    null) as integer) as signed_distance_sign_flips_trigger,
cast(list_sum(list_reverse_sort(trigger.signed_distance_steps)[1:ceil(len(trigger.signed_distance_steps) * 0.1)::bigint]) / nullif(list_sum(trigger.signed_distance_steps),
    0) as double) as signed_distance_burst_fraction_trigger,
cast(list_avg(list_transform(list_filter(trigger.signed_distance_points, point -> point.third = 0), point -> point.y)) as double) as signed_distance_early_mean_trigger,
cast(list_avg(list_transform(list_filter(trigger.signed_distance_points, point -> point.third = 1), point -> point.y)) as double) as signed_distance_mid_mean_trigger,
cast(list_avg(list_transform(list_filter(trigger.signed_distance_points, point -> point.third = 2), point -> point.y)) as double) as signed_distance_late_mean_trigger,
cast(len(list_filter(list_transform(trigger.signed_distance_points,
        point -> point.y),
      y -> abs(y) <= 4)) / nullif(len(trigger.signed_distance_points),
    0) as double) as signed_distance_time_fraction_zone_trigger,
cast(len(list_filter(list_transform(trigger.signed_distance_points,
        point -> point.y),
      y -> y > 0)) / nullif(len(trigger.signed_distance_points),
    0) as double) as signed_distance_time_fraction_far_side_trigger,
cast(coalesce(len(trigger.signed_distance_points), 0) as integer) as signed_distance_n_trigger,
cast(trigger.pressure_points[1].y as double) as pressure_start_trigger,
cast(trigger.pressure_points[-1].y as double) as pressure_end_trigger,
cast(list_min(list_transform(list_filter(trigger.pressure_points, point -> not point.is_carried), point -> point.y)) as double) as pressure_min_trigger,
cast(list_max(list_transform(list_filter(trigger.pressure_points, point -> not point.is_carried), point -> point.y)) as double) as pressure_max_trigger,
cast(list_avg(list_transform(trigger.pressure_points, point -> point.y)) as double) as pressure_mean_trigger,
cast(list_stddev_pop(list_transform(trigger.pressure_points, point -> point.y)) as double) as pressure_std_trigger,
cast(list_sum(
    list_transform(trigger.pressure_points, point -> (point.x - list_avg(list_transform(trigger.pressure_points, other -> other.x))) * point.y)
  )
  / nullif(list_sum(
      list_transform(
        trigger.pressure_points,
        point -> (point.x - list_avg(list_transform(trigger.pressure_points,
              other -> other.x))) * (point.x - list_avg(list_transform(trigger.pressure_points,
              other -> other.x)))
      )
    ), 0) as double) as pressure_slope_trigger,
cast(ln(1 + list_sum(trigger.pressure_steps)) as double) as pressure_energy_trigger,
cast(if(len(trigger.pressure_points) > 0,
    len(list_filter(list_filter(list_transform(trigger.pressure_points,
            point -> point.y),
          y -> y != 0),
        (y,
          i) -> i > 1 and sign(y) != sign(list_filter(list_transform(trigger.pressure_points,
              point -> point.y),
            y -> y != 0)[i - 1]))),
    null) as integer) as pressure_sign_flips_trigger,
cast(list_sum(list_reverse_sort(trigger.pressure_steps)[1:ceil(len(trigger.pressure_steps) * 0.1)::bigint]) / nullif(list_sum(trigger.pressure_steps),
    0) as double) as pressure_burst_fraction_trigger,
cast(list_avg(list_transform(list_filter(trigger.pressure_points, point -> point.third = 0), point -> point.y)) as double) as pressure_early_mean_trigger,
cast(list_avg(list_transform(list_filter(trigger.pressure_points, point -> point.third = 1), point -> point.y)) as double) as pressure_mid_mean_trigger,
cast(list_avg(list_transform(list_filter(trigger.pressure_points, point -> point.third = 2), point -> point.y)) as double) as pressure_late_mean_trigger,
cast(coalesce(len(trigger.pressure_points), 0) as integer) as pressure_n_trigger,
cast(confirm.signed_distance_points[1].y as double) as signed_distance_start_confirm,
cast(confirm.signed_distance_points[-1].y as double) as signed_distance_end_confirm,
cast(list_min(list_transform(list_filter(confirm.signed_distance_points, point -> not point.is_carried), point -> point.y)) as double) as signed_distance_min_confirm,
cast(list_max(list_transform(list_filter(confirm.signed_distance_points, point -> not point.is_carried), point -> point.y)) as double) as signed_distance_max_confirm,
cast(list_avg(list_transform(confirm.signed_distance_points, point -> point.y)) as double) as signed_distance_mean_confirm,
cast(list_stddev_pop(list_transform(confirm.signed_distance_points, point -> point.y)) as double) as signed_distance_std_confirm,
cast(list_sum(
    list_transform(confirm.signed_distance_points, point -> (point.x - list_avg(list_transform(confirm.signed_distance_points, other -> other.x))) * point.y)
  )
  / nullif(list_sum(
      list_transform(
        confirm.signed_distance_points,
        point -> (point.x - list_avg(list_transform(confirm.signed_distance_points,
              other -> other.x))) * (point.x - list_avg(list_transform(confirm.signed_distance_points,
              other -> other.x)))
      )
    ), 0) as double) as signed_distance_slope_confirm,
cast(ln(1 + list_sum(confirm.signed_distance_steps)) as double) as signed_distance_energy_confirm,
cast(if(len(confirm.signed_distance_points) > 0,
    len(list_filter(list_filter(list_transform(confirm.signed_distance_points,
            point -> point.y),
          y -> y != 0),
        (y,
          i) -> i > 1 and sign(y) != sign(list_filter(list_transform(confirm.signed_distance_points,
              point -> point.y),
            y -> y != 0)[i - 1]))),
    null) as integer) as signed_distance_sign_flips_confirm,
cast(list_sum(list_reverse_sort(confirm.signed_distance_steps)[1:ceil(len(confirm.signed_distance_steps) * 0.1)::bigint]) / nullif(list_sum(confirm.signed_distance_steps),
    0) as double) as signed_distance_burst_fraction_confirm,
cast(list_avg(list_transform(list_filter(confirm.signed_distance_points, point -> point.third = 0), point -> point.y)) as double) as signed_distance_early_mean_confirm,
cast(list_avg(list_transform(list_filter(confirm.signed_distance_points, point -> point.third = 1), point -> point.y)) as double) as signed_distance_mid_mean_confirm,
cast(list_avg(list_transform(list_filter(confirm.signed_distance_points, point -> point.third = 2), point -> point.y)) as double) as signed_distance_late_mean_confirm,
cast(len(list_filter(list_transform(confirm.signed_distance_points,
        point -> point.y),
      y -> abs(y) <= 4)) / nullif(len(confirm.signed_distance_points),
    0) as double) as signed_distance_time_fraction_zone_confirm,
cast(len(list_filter(list_transform(confirm.signed_distance_points,
        point -> point.y),
      y -> y > 0)) / nullif(len(confirm.signed_distance_points),
    0) as double) as signed_distance_time_fraction_far_side_confirm,
cast(coalesce(len(confirm.signed_distance_points), 0) as integer) as signed_distance_n_confirm,
cast(confirm.pressure_points[1].y as double) as pressure_start_confirm,
cast(confirm.pressure_points[-1].y as double) as pressure_end_confirm,
cast(list_min(list_transform(list_filter(confirm.pressure_points, point -> not point.is_carried), point -> point.y)) as double) as pressure_min_confirm,
cast(list_max(list_transform(list_filter(confirm.pressure_points, point -> not point.is_carried), point -> point.y)) as double) as pressure_max_confirm,
cast(list_avg(list_transform(confirm.pressure_points, point -> point.y)) as double) as pressure_mean_confirm,
cast(list_stddev_pop(list_transform(confirm.pressure_points, point -> point.y)) as double) as pressure_std_confirm,
cast(list_sum(
    list_transform(confirm.pressure_points, point -> (point.x - list_avg(list_transform(confirm.pressure_points, other -> other.x))) * point.y)
  )
  / nullif(list_sum(
      list_transform(
        confirm.pressure_points,
        point -> (point.x - list_avg(list_transform(confirm.pressure_points,
              other -> other.x))) * (point.x - list_avg(list_transform(confirm.pressure_points,
              other -> other.x)))
      )
    ), 0) as double) as pressure_slope_confirm,
cast(ln(1 + list_sum(confirm.pressure_steps)) as double) as pressure_energy_confirm,
cast(if(len(confirm.pressure_points) > 0,
    len(list_filter(list_filter(list_transform(confirm.pressure_points,
            point -> point.y),
          y -> y != 0),
        (y,
          i) -> i > 1 and sign(y) != sign(list_filter(list_transform(confirm.pressure_points,
              point -> point.y),
            y -> y != 0)[i - 1]))),
    null) as integer) as pressure_sign_flips_confirm,
cast(list_sum(list_reverse_sort(confirm.pressure_steps)[1:ceil(len(confirm.pressure_steps) * 0.1)::bigint]) / nullif(list_sum(confirm.pressure_steps),
    0) as double) as pressure_burst_fraction_confirm,
cast(list_avg(list_transform(list_filter(confirm.pressure_points, point -> point.third = 0), point -> point.y)) as double) as pressure_early_mean_confirm,
cast(list_avg(list_transform(list_filter(confirm.pressure_points, point -> point.third = 1), point -> point.y)) as double) as pressure_mid_mean_confirm,
cast(list_avg(list_transform(list_filter(confirm.pressure_points, point -> point.third = 2), point -> point.y)) as double) as pressure_late_mean_confirm,
cast(coalesce(len(confirm.pressure_points), 0) as integer) as pressure_n_confirm,
cast(lookback.signed_distance_points[1].y as double) as signed_distance_start_lookback,
cast(lookback.signed_distance_points[-1].y as double) as signed_distance_end_lookback,
cast(list_min(list_transform(list_filter(lookback.signed_distance_points, point -> not point.is_carried), point -> point.y)) as double) as signed_distance_min_lookback,
cast(list_max(list_transform(list_filter(lookback.signed_distance_points, point -> not point.is_carried), point -> point.y)) as double) as signed_distance_max_lookback,
cast(list_avg(list_transform(lookback.signed_distance_points, point -> point.y)) as double) as signed_distance_mean_lookback,
cast(list_stddev_pop(list_transform(lookback.signed_distance_points, point -> point.y)) as double) as signed_distance_std_lookback,
cast(list_sum(
    list_transform(lookback.signed_distance_points, point -> (point.x - list_avg(list_transform(lookback.signed_distance_points, other -> other.x))) * point.y)
  )
  / nullif(list_sum(
      list_transform(
        lookback.signed_distance_points,
        point -> (point.x - list_avg(list_transform(lookback.signed_distance_points,
              other -> other.x))) * (point.x - list_avg(list_transform(lookback.signed_distance_points,
              other -> other.x)))
      )
    ), 0) as double) as signed_distance_slope_lookback,
cast(ln(1 + list_sum(lookback.signed_distance_steps)) as double) as signed_distance_energy_lookback,
cast(if(len(lookback.signed_distance_points) > 0,
    len(list_filter(list_filter(list_transform(lookback.signed_distance_points,
            point -> point.y),
          y -> y != 0),
        (y,
          i) -> i > 1 and sign(y) != sign(list_filter(list_transform(lookback.signed_distance_points,
              point -> point.y),
            y -> y != 0)[i - 1]))),
    null) as integer) as signed_distance_sign_flips_lookback,
cast(list_sum(list_reverse_sort(lookback.signed_distance_steps)[1:ceil(len(lookback.signed_distance_steps) * 0.1)::bigint]) / nullif(list_sum(lookback.signed_distance_steps),
    0) as double) as signed_distance_burst_fraction_lookback,
cast(list_avg(list_transform(list_filter(lookback.signed_distance_points, point -> point.third = 0), point -> point.y)) as double) as signed_distance_early_mean_lookback,
cast(list_avg(list_transform(list_filter(lookback.signed_distance_points, point -> point.third = 1), point -> point.y)) as double) as signed_distance_mid_mean_lookback,
cast(list_avg(list_transform(list_filter(lookback.signed_distance_points, point -> point.third = 2), point -> point.y)) as double) as signed_distance_late_mean_lookback,
cast(len(list_filter(list_transform(lookback.signed_distance_points,
        point -> point.y),
      y -> abs(y) <= 4)) / nullif(len(lookback.signed_distance_points),
    0) as double) as signed_distance_time_fraction_zone_lookback,
cast(len(list_filter(list_transform(lookback.signed_distance_points,
        point -> point.y),
      y -> y > 0)) / nullif(len(lookback.signed_distance_points),
    0) as double) as signed_distance_time_fraction_far_side_lookback,
cast(coalesce(len(lookback.signed_distance_points), 0) as integer) as signed_distance_n_lookback,
cast(lookback.pressure_points[1].y as double) as pressure_start_lookback,
cast(lookback.pressure_points[-1].y as double) as pressure_end_lookback,
cast(list_min(list_transform(list_filter(lookback.pressure_points, point -> not point.is_carried), point -> point.y)) as double) as pressure_min_lookback,
cast(list_max(list_transform(list_filter(lookback.pressure_points, point -> not point.is_carried), point -> point.y)) as double) as pressure_max_lookback,
cast(list_avg(list_transform(lookback.pressure_points, point -> point.y)) as double) as pressure_mean_lookback,
cast(list_stddev_pop(list_transform(lookback.pressure_points, point -> point.y)) as double) as pressure_std_lookback,
cast(list_sum(
    list_transform(lookback.pressure_points, point -> (point.x - list_avg(list_transform(lookback.pressure_points, other -> other.x))) * point.y)
  )
  / nullif(list_sum(
      list_transform(
        lookback.pressure_points,
        point -> (point.x - list_avg(list_transform(lookback.pressure_points,
              other -> other.x))) * (point.x - list_avg(list_transform(lookback.pressure_points,
              other -> other.x)))
      )
    ), 0) as double) as pressure_slope_lookback,
cast(ln(1 + list_sum(lookback.pressure_steps)) as double) as pressure_energy_lookback,
cast(if(len(lookback.pressure_points) > 0,
    len(list_filter(list_filter(list_transform(lookback.pressure_points,
            point -> point.y),
          y -> y != 0),
        (y,
          i) -> i > 1 and sign(y) != sign(list_filter(list_transform(lookback.pressure_points,
              point -> point.y),
            y -> y != 0)[i - 1]))),
    null) as integer) as pressure_sign_flips_lookback,
cast(list_sum(list_reverse_sort(lookback.pressure_steps)[1:ceil(len(lookback.pressure_steps) * 0.1)::bigint]) / nullif(list_sum(lookback.pressure_steps),
    0) as double) as pressure_burst_fraction_lookback,
cast(list_avg(list_transform(list_filter(lookback.pressure_points, point -> point.third = 0), point -> point.y)) as double) as pressure_early_mean_lookback,
cast(list_avg(list_transform(list_filter(lookback.pressure_points, point -> point.third = 1), point -> point.y)) as double) as pressure_mid_mean_lookback,
cast(list_avg(list_transform(list_filter(lookback.pressure_points, point -> point.third = 2), point -> point.y)) as double) as pressure_late_mean_lookback,
cast(coalesce(len(lookback.pressure_points), 0) as integer) as pressure_n_lookback
from setups
left join lists as trigger
on
trigger.bar = 'trigger'
and setups.level_id = trigger.level_id
and setups.direction = trigger.direction
and setups.trigger_candle_id = trigger.trigger_candle_id
left join lists as confirm
on
confirm.bar = 'confirm'
and setups.level_id = confirm.level_id
and setups.direction = confirm.direction
and setups.trigger_candle_id = confirm.trigger_candle_id
left join lists as lookback
on
lookback.bar = 'lookback'
and setups.level_id = lookback.level_id
and setups.direction = lookback.direction
and setups.trigger_candle_id = lookback.trigger_candle_id
order by setups.infer_ts, setups.level_id, setups.direction
