with
moments as (
  select * from "steps"."level_event_moments"
  where symbol = '$symbol' and dt = date '$dt'
),
level_definitions as (
  select * from "silver"."level_definitions"
),
scores as (
  select * from "gold"."break_score_1s"
  where symbol = '$symbol' and dt = date '$dt' and in_monitor_band
),
barriers as (
  select * from "silver"."barrier_engine_1s"
  where symbol = '$symbol' and dt = date '$dt' and in_monitor_band
),
tapes as (
  select * from "silver"."tape_engine_1s"
  where symbol = '$symbol' and dt = date '$dt' and in_monitor_band
),
fuels as (
  select * from "silver"."fuel_engine_1s"
  where symbol = '$symbol' and dt = date '$dt' and in_monitor_band
),
order_flows as (
  select * from "steps"."level_event_order_flow"
  where symbol = '$symbol' and dt = date '$dt'
),
kinematics as (
  select * from "steps"."level_event_kinematics"
  where symbol = '$symbol' and dt = date '$dt'
),
surroundings as (
  select * from "steps"."level_event_surroundings"
  where symbol = '$symbol' and dt = date '$dt'
),
approaches as (
  select * from "steps"."level_event_approach"
  where symbol = '$symbol' and dt = date '$dt'
),
labels as (
  select * from "steps"."level_event_labels"
  where symbol = '$symbol' and dt = date '$dt'
),
paths as (
  select
  event_id,
  max(velocity) filter (window_min = 1)
  as velocity_1min,
  max(velocity) filter (window_min = 3)
  as velocity_3min,
  max(velocity) filter (window_min = 5)
  as velocity_5min,
  max(velocity) filter (window_min = 10)
  as velocity_10min,
  max(velocity) filter (window_min = 20)
  as velocity_20min,
  max(acceleration) filter (window_min = 1)
  as acceleration_1min,
  max(acceleration) filter (window_min = 3)
  as acceleration_3min,
  max(acceleration) filter (window_min = 5)
  as acceleration_5min,
  max(acceleration) filter (window_min = 10)
  as acceleration_10min,
  max(acceleration) filter (window_min = 20)
  as acceleration_20min,
  max(jerk) filter (window_min = 1)
  as jerk_1min,
  max(jerk) filter (window_min = 3)
  as jerk_3min,
  max(jerk) filter (window_min = 5)
  as jerk_5min,
  max(jerk) filter (window_min = 10)
  as jerk_10min,
  max(jerk) filter (window_min = 20)
  as jerk_20min,
  max(momentum_trend) filter (window_min = 1)
  as momentum_trend_1min,
  max(momentum_trend) filter (window_min = 3)
  as momentum_trend_3min,
  max(momentum_trend) filter (window_min = 5)
  as momentum_trend_5min,
  max(momentum_trend) filter (window_min = 10)
  as momentum_trend_10min,
  max(momentum_trend) filter (window_min = 20)
  as momentum_trend_20min
  from kinematics
  group by event_id
),
futures as (
  select
  event_id,
  any_value(outcome) filter (horizon_min = 2)
  as outcome_2min,
  any_value(excursion_max_ticks) filter (horizon_min = 2)
  as excursion_max_ticks_2min,
  any_value(excursion_min_ticks) filter (horizon_min = 2)
  as excursion_min_ticks_2min,
  any_value(strength_signed) filter (horizon_min = 2)
  as strength_signed_2min,
  any_value(strength_abs) filter (horizon_min = 2)
  as strength_abs_2min,
  any_value(time_to_threshold_1) filter (horizon_min = 2)
  as time_to_threshold_1_2min,
  any_value(time_to_threshold_2) filter (horizon_min = 2)
  as time_to_threshold_2_2min,
  any_value(time_to_break_1) filter (horizon_min = 2)
  as time_to_break_1_2min,
  any_value(time_to_break_2) filter (horizon_min = 2)
  as time_to_break_2_2min,
  any_value(time_to_bounce_1) filter (horizon_min = 2)
  as time_to_bounce_1_2min,
  any_value(time_to_bounce_2) filter (horizon_min = 2)
  as time_to_bounce_2_2min,
  any_value(tradeable_1) filter (horizon_min = 2)
  as tradeable_1_2min,
  any_value(tradeable_2) filter (horizon_min = 2)
  as tradeable_2_2min,
  any_value(future_price) filter (horizon_min = 2)
  as future_price_2min,
  any_value(outcome) filter (horizon_min = 4)
  as outcome_4min,
  any_value(excursion_max_ticks) filter (horizon_min = 4)
  as excursion_max_ticks_4min,
  any_value(excursion_min_ticks) filter (horizon_min = 4)
  as excursion_min_ticks_4min,
  any_value(strength_signed) filter (horizon_min = 4)
  as strength_signed_4min,
  any_value(strength_abs) filter (horizon_min = 4)
  as strength_abs_4min,
  any_value(time_to_threshold_1) filter (horizon_min = 4)
  as time_to_threshold_1_4min,
  any_value(time_to_threshold_2) filter (horizon_min = 4)
  as time_to_threshold_2_4min,
  any_value(time_to_break_1) filter (horizon_min = 4)
  as time_to_break_1_4min,
  any_value(time_to_break_2) filter (horizon_min = 4)
  as time_to_break_2_4min,
  any_value(time_to_bounce_1) filter (horizon_min = 4)
  as time_to_bounce_1_4min,
  any_value(time_to_bounce_2) filter (horizon_min = 4)
  as time_to_bounce_2_4min,
  any_value(tradeable_1) filter (horizon_min = 4)
  as tradeable_1_4min,
  any_value(tradeable_2) filter (horizon_min = 4)
  as tradeable_2_4min,
  any_value(future_price) filter (horizon_min = 4)
  as future_price_4min,
  any_value(outcome) filter (horizon_min = 8)
  as outcome_8min,
  any_value(excursion_max_ticks) filter (horizon_min = 8)
  as excursion_max_ticks_8min,
  any_value(excursion_min_ticks) filter (horizon_min = 8)
  as excursion_min_ticks_8min,
  any_value(strength_signed) filter (horizon_min = 8)
  as strength_signed_8min,
  any_value(strength_abs) filter (horizon_min = 8)
  as strength_abs_8min,
  any_value(time_to_threshold_1) filter (horizon_min = 8)
  as time_to_threshold_1_8min,
  any_value(time_to_threshold_2) filter (horizon_min = 8)
  as time_to_threshold_2_8min,
  any_value(time_to_break_1) filter (horizon_min = 8)
  as time_to_break_1_8min,
  any_value(time_to_break_2) filter (horizon_min = 8)
  as time_to_break_2_8min,
  any_value(time_to_bounce_1) filter (horizon_min = 8)
  as time_to_bounce_1_8min,
  any_value(time_to_bounce_2) filter (horizon_min = 8)
  as time_to_bounce_2_8min,
  any_value(tradeable_1) filter (horizon_min = 8)
  as tradeable_1_8min,
  any_value(tradeable_2) filter (horizon_min = 8)
  as tradeable_2_8min,
  any_value(future_price) filter (horizon_min = 8)
  as future_price_8min,
  any_value(confirm_ts) filter (horizon_min = 4) as confirm_ts,
  any_value(anchor_spot) filter (horizon_min = 4) as anchor_spot
  from labels
  group by event_id
)
select
moments.event_id,
moments.symbol,
moments.dt,
moments.session_date,
moments.event_ts,
moments.level_id,
cast(
  case moments.level_id
  when 'pm_high' then 0
  when 'pm_low' then 1
  when 'or_high' then 2
  when 'or_low' then 3
  when 'sma_400' then 12
  when 'sma_200' then 6
  when 'sma_90' then 14
  else 20 + least(level_definitions.priority, 100)
  end as tinyint
) as level_kind,
moments.level_price,
moments.level_price_int,
moments.direction,
moments.entry_price,
cast(17 as integer) as zone_width_ticks,
moments.episode_id,
barriers.state as barrier_state,
barriers.delta_liq as barrier_delta_liq,
barriers.replenishment_ratio as barrier_replenishment_ratio,
barriers.added as barrier_added,
barriers.canceled as barrier_canceled,
barriers.filled as barrier_filled,
barriers.churn as barrier_churn,
barriers.depth_in_zone as barrier_depth_current,
barriers.wall_ratio,
barriers.confidence as barrier_confidence,
barriers.depth_in_zone - order_flows.zone_depth_1min_ago
as barrier_depth_delta_1min,
barriers.depth_in_zone - order_flows.zone_depth_3min_ago
as barrier_depth_delta_3min,
barriers.depth_in_zone - order_flows.zone_depth_5min_ago
as barrier_depth_delta_5min,
100 * (barriers.depth_in_zone - order_flows.zone_depth_1min_ago)
/ nullif(order_flows.zone_depth_1min_ago, 0)
as barrier_depth_pct_change_1min,
100 * (barriers.depth_in_zone - order_flows.zone_depth_3min_ago)
/ nullif(order_flows.zone_depth_3min_ago, 0)
as barrier_depth_pct_change_3min,
100 * (barriers.depth_in_zone - order_flows.zone_depth_5min_ago)
/ nullif(order_flows.zone_depth_5min_ago, 0)
as barrier_depth_pct_change_5min,
sign(barriers.delta_liq) * ln(1 + abs(barriers.delta_liq)) as barrier_delta_liq_log,
ln(1 + barriers.wall_ratio) as wall_ratio_log,
barriers.delta_liq != 0 as barrier_delta_liq_nonzero,
barriers.wall_ratio != 0 as wall_ratio_nonzero,
tapes.imbalance as tape_imbalance,
tapes.buy_vol as tape_buy_vol,
tapes.sell_vol as tape_sell_vol,
tapes.velocity_ticks_s as tape_velocity,
tapes.sweep_detected,
tapes.sweep_direction,
tapes.sweep_notional,
fuels.effect as fuel_effect,
fuels.net_dealer_gamma,
surroundings.gamma_exposure,
surroundings.gex_above_1strike,
surroundings.gex_above_2strike,
surroundings.gex_above_3strike,
surroundings.gex_below_1strike,
surroundings.gex_below_2strike,
surroundings.gex_below_3strike,
surroundings.call_gex_above_1strike,
surroundings.call_gex_above_2strike,
surroundings.call_gex_above_3strike,
surroundings.put_gex_below_1strike,
surroundings.put_gex_below_2strike,
surroundings.put_gex_below_3strike,
(surroundings.gex_above_3strike - surroundings.gex_below_3strike)
/ (abs(surroundings.gex_above_3strike) + abs(surroundings.gex_below_3strike) + 1e-6)
as gex_asymmetry,
surroundings.call_gex_above_3strike / nullif(surroundings.put_gex_below_3strike, 0)
as gex_ratio,
surroundings.gex_above_2strike + surroundings.gex_below_2strike as net_gex_2strike,
paths.velocity_1min,
paths.velocity_3min,
paths.velocity_5min,
paths.velocity_10min,
paths.velocity_20min,
paths.acceleration_1min,
paths.acceleration_3min,
paths.acceleration_5min,
paths.acceleration_10min,
paths.acceleration_20min,
paths.jerk_1min,
paths.jerk_3min,
paths.jerk_5min,
paths.jerk_10min,
paths.jerk_20min,
paths.momentum_trend_3min,
paths.momentum_trend_5min,
paths.momentum_trend_10min,
paths.momentum_trend_20min,
order_flows.ofi_30s,
order_flows.ofi_60s,
order_flows.ofi_120s,
order_flows.ofi_300s,
order_flows.ofi_near_level_30s,
order_flows.ofi_near_level_60s,
order_flows.ofi_near_level_120s,
order_flows.ofi_near_level_300s,
order_flows.ofi_30s - 0.5 * order_flows.ofi_60s as ofi_acceleration,
surroundings.dist_to_pm_high_ticks,
surroundings.dist_to_pm_low_ticks,
surroundings.dist_to_or_high_ticks,
surroundings.dist_to_or_low_ticks,
surroundings.dist_to_sma_400_ticks,
surroundings.dist_to_sma_200_ticks,
surroundings.dist_to_sma_90_ticks,
surroundings.dist_to_pm_high_vol,
surroundings.dist_to_pm_low_vol,
surroundings.dist_to_or_high_vol,
surroundings.dist_to_or_low_vol,
surroundings.dist_to_sma_400_vol,
surroundings.dist_to_sma_200_vol,
surroundings.dist_to_sma_90_vol,
moments.k_ticks as dist_to_tested_level_ticks,
surroundings.level_stacking_8ticks,
surroundings.level_stacking_20ticks,
surroundings.level_stacking_40ticks,
order_flows.force_mass_ratio,
1 * order_flows.force_mass_ratio as predicted_accel,
paths.acceleration_1min - 1 * order_flows.force_mass_ratio
as accel_residual,
approaches.approach_velocity,
approaches.approach_bars,
approaches.approach_distance_ticks,
approaches.approach_distance_vol,
approaches.prior_touches,
approaches.minutes_since_open,
approaches.bars_since_open,
approaches.attempt_index,
approaches.attempt_cluster_id,
approaches.barrier_replenishment_trend,
approaches.barrier_delta_liq_trend,
approaches.tape_velocity_trend,
approaches.tape_imbalance_trend,
scores.score_raw as break_score_raw,
scores.score_smooth as break_score_smooth,
scores.signal,
scores.confidence,
futures.outcome_2min,
futures.excursion_max_ticks_2min,
futures.excursion_min_ticks_2min,
futures.strength_signed_2min,
futures.strength_abs_2min,
futures.time_to_threshold_1_2min,
futures.time_to_threshold_2_2min,
futures.time_to_break_1_2min,
futures.time_to_break_2_2min,
futures.time_to_bounce_1_2min,
futures.time_to_bounce_2_2min,
futures.tradeable_1_2min,
futures.tradeable_2_2min,
futures.future_price_2min,
futures.outcome_4min,
futures.excursion_max_ticks_4min,
futures.excursion_min_ticks_4min,
futures.strength_signed_4min,
futures.strength_abs_4min,
futures.time_to_threshold_1_4min,
futures.time_to_threshold_2_4min,
futures.time_to_break_1_4min,
futures.time_to_break_2_4min,
futures.time_to_bounce_1_4min,
futures.time_to_bounce_2_4min,
futures.tradeable_1_4min,
futures.tradeable_2_4min,
futures.future_price_4min,
futures.outcome_8min,
futures.excursion_max_ticks_8min,
futures.excursion_min_ticks_8min,
futures.strength_signed_8min,
futures.strength_abs_8min,
futures.time_to_threshold_1_8min,
futures.time_to_threshold_2_8min,
futures.time_to_break_1_8min,
futures.time_to_break_2_8min,
futures.time_to_bounce_1_8min,
futures.time_to_bounce_2_8min,
futures.tradeable_1_8min,
futures.tradeable_2_8min,
futures.future_price_8min,
futures.outcome_4min as outcome,
futures.excursion_max_ticks_4min as excursion_max_ticks,
futures.excursion_min_ticks_4min as excursion_min_ticks,
futures.strength_signed_4min as strength_signed,
futures.strength_abs_4min as strength_abs,
futures.time_to_threshold_1_4min as time_to_threshold_1,
futures.time_to_threshold_2_4min as time_to_threshold_2,
futures.time_to_break_1_4min as time_to_break_1,
futures.time_to_break_2_4min as time_to_break_2,
futures.time_to_bounce_1_4min as time_to_bounce_1,
futures.time_to_bounce_2_4min as time_to_bounce_2,
futures.tradeable_1_4min as tradeable_1,
futures.tradeable_2_4min as tradeable_2,
futures.future_price_4min as future_price,
futures.confirm_ts,
futures.anchor_spot
from moments
inner join scores
on
moments.event_ts = scores.window_end_ts
and moments.level_id = scores.level_id
inner join barriers
on
moments.event_ts = barriers.window_end_ts
and moments.level_id = barriers.level_id
inner join tapes
on
moments.event_ts = tapes.window_end_ts
and moments.level_id = tapes.level_id
inner join fuels
on
moments.event_ts = fuels.window_end_ts
and moments.level_id = fuels.level_id
inner join order_flows on moments.event_id = order_flows.event_id
inner join surroundings on moments.event_id = surroundings.event_id
inner join approaches on moments.event_id = approaches.event_id
inner join futures on moments.event_id = futures.event_id
inner join level_definitions on moments.level_id = level_definitions.level_id
left join paths on moments.event_id = paths.event_id
order by moments.event_ts, moments.level_id, moments.direction
