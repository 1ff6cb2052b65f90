with
bands as (
  select * from "silver"."physics_bands_1s"
),
level_offset as not materialized (
  select * from "silver"."level_offset_1s"
),
level_vacuum as not materialized (
  select * from "silver"."level_vacuum_1s"
),
level_corridor as not materialized (
  select * from "silver"."level_corridor_1s"
),
speeds as (
  select
  symbol,
  dt,
  window_end_ts,
  sigma_1s_ticks,
  speed_3s,
  speed_15s
  from level_offset
  where level_id = 'pm_high'
),
features as not materialized (
  select
  level_vacuum.symbol,
  level_vacuum.dt,
  level_vacuum.window_end_ts,
  level_vacuum.level_id,
  level_offset.k_ticks,
  level_offset.k_vol,
  level_offset.closing_speed_15s,
  level_offset.secs_to_touch,
  level_vacuum.f1_ask_com_disp_log,
  level_vacuum.f1_ask_slope_convex_log,
  level_vacuum.f1_ask_slope_inner_log,
  level_vacuum.f1_ask_at_share_delta,
  level_vacuum.f1_ask_near_share_delta,
  level_vacuum.f1_ask_reprice_away_share_rest,
  level_vacuum.f2_ask_pull_add_log_rest,
  level_vacuum.f2_ask_pull_intensity_log_rest,
  level_vacuum.f2_ask_at_pull_share_rest,
  level_vacuum.f2_ask_near_pull_share_rest,
  level_vacuum.f3_bid_com_disp_log,
  level_vacuum.f3_bid_slope_convex_log,
  level_vacuum.f3_bid_slope_inner_log,
  level_vacuum.f3_bid_at_share_delta,
  level_vacuum.f3_bid_near_share_delta,
  level_vacuum.f3_bid_reprice_away_share_rest,
  level_vacuum.f4_bid_pull_add_log_rest,
  level_vacuum.f4_bid_pull_intensity_log_rest,
  level_vacuum.f4_bid_at_pull_share_rest,
  level_vacuum.f4_bid_near_pull_share_rest,
  level_vacuum.f5_vacuum_expansion_log,
  level_vacuum.f6_vacuum_decay_log,
  level_vacuum.f7_vacuum_total_log,
  level_vacuum.f8_ask_bbo_dist_ticks,
  level_vacuum.f9_bid_bbo_dist_ticks,
  level_vacuum.u1_ask_com_disp_log,
  level_vacuum.u2_ask_slope_convex_log,
  level_vacuum.u2_ask_slope_inner_log,
  level_vacuum.u3_ask_at_share_decay,
  level_vacuum.u3_ask_near_share_decay,
  level_vacuum.u4_ask_reprice_away_share_rest,
  level_vacuum.u5_ask_pull_add_log_rest,
  level_vacuum.u6_ask_pull_intensity_log_rest,
  level_vacuum.u7_ask_at_pull_share_rest,
  level_vacuum.u7_ask_near_pull_share_rest,
  level_vacuum.u8_bid_com_approach_log,
  level_vacuum.u9_bid_slope_support_log,
  level_vacuum.u9_bid_slope_inner_log,
  level_vacuum.u10_bid_at_share_rise,
  level_vacuum.u10_bid_near_share_rise,
  level_vacuum.u11_bid_reprice_toward_share_rest,
  level_vacuum.u12_bid_add_pull_log_rest,
  level_vacuum.u13_bid_add_intensity_log,
  level_vacuum.u14_bid_far_pull_share_rest,
  level_vacuum.u15_up_expansion_log,
  level_vacuum.u16_up_flow_log,
  level_vacuum.u17_up_total_log,
  level_vacuum.u18_ask_bbo_dist_ticks,
  level_vacuum.u19_bid_bbo_dist_ticks,
  level_vacuum.d1_f1_ask_com_disp_log,
  level_vacuum.d1_f1_ask_slope_convex_log,
  level_vacuum.d1_f1_ask_slope_inner_log,
  level_vacuum.d1_f1_ask_at_share_delta,
  level_vacuum.d1_f1_ask_near_share_delta,
  level_vacuum.d1_f1_ask_reprice_away_share_rest,
  level_vacuum.d1_f2_ask_pull_add_log_rest,
  level_vacuum.d1_f2_ask_pull_intensity_log_rest,
  level_vacuum.d1_f2_ask_at_pull_share_rest,
  level_vacuum.d1_f2_ask_near_pull_share_rest,
  level_vacuum.d1_f3_bid_com_disp_log,
  level_vacuum.d1_f3_bid_slope_convex_log,
  level_vacuum.d1_f3_bid_slope_inner_log,
  level_vacuum.d1_f3_bid_at_share_delta,
  level_vacuum.d1_f3_bid_near_share_delta,
  level_vacuum.d1_f3_bid_reprice_away_share_rest,
  level_vacuum.d1_f4_bid_pull_add_log_rest,
  level_vacuum.d1_f4_bid_pull_intensity_log_rest,
  level_vacuum.d1_f4_bid_at_pull_share_rest,
  level_vacuum.d1_f4_bid_near_pull_share_rest,
  level_vacuum.d1_f5_vacuum_expansion_log,
  level_vacuum.d1_f6_vacuum_decay_log,
  level_vacuum.d1_f7_vacuum_total_log,
  level_vacuum.d1_f8_ask_bbo_dist_ticks,
  level_vacuum.d1_f9_bid_bbo_dist_ticks,
  level_vacuum.d1_u1_ask_com_disp_log,
  level_vacuum.d1_u2_ask_slope_convex_log,
  level_vacuum.d1_u2_ask_slope_inner_log,
  level_vacuum.d1_u3_ask_at_share_decay,
  level_vacuum.d1_u3_ask_near_share_decay,
  level_vacuum.d1_u4_ask_reprice_away_share_rest,
  level_vacuum.d1_u5_ask_pull_add_log_rest,
  level_vacuum.d1_u6_ask_pull_intensity_log_rest,
  level_vacuum.d1_u7_ask_at_pull_share_rest,
  level_vacuum.d1_u7_ask_near_pull_share_rest,
  level_vacuum.d1_u8_bid_com_approach_log,
  level_vacuum.d1_u9_bid_slope_support_log,
  level_vacuum.d1_u9_bid_slope_inner_log,
  level_vacuum.d1_u10_bid_at_share_rise,
  level_vacuum.d1_u10_bid_near_share_rise,
  level_vacuum.d1_u11_bid_reprice_toward_share_rest,
  level_vacuum.d1_u12_bid_add_pull_log_rest,
  level_vacuum.d1_u13_bid_add_intensity_log,
  level_vacuum.d1_u14_bid_far_pull_share_rest,
  level_vacuum.d1_u15_up_expansion_log,
  level_vacuum.d1_u16_up_flow_log,
  level_vacuum.d1_u17_up_total_log,
  level_vacuum.d1_u18_ask_bbo_dist_ticks,
  level_vacuum.d1_u19_bid_bbo_dist_ticks,
  level_vacuum.d2_f1_ask_com_disp_log,
  level_vacuum.d2_f1_ask_slope_convex_log,
  level_vacuum.d2_f1_ask_slope_inner_log,
  level_vacuum.d2_f1_ask_at_share_delta,
  level_vacuum.d2_f1_ask_near_share_delta,
  level_vacuum.d2_f1_ask_reprice_away_share_rest,
  level_vacuum.d2_f2_ask_pull_add_log_rest,
  level_vacuum.d2_f2_ask_pull_intensity_log_rest,
  level_vacuum.d2_f2_ask_at_pull_share_rest,
  level_vacuum.d2_f2_ask_near_pull_share_rest,
  level_vacuum.d2_f3_bid_com_disp_log,
  level_vacuum.d2_f3_bid_slope_convex_log,
  level_vacuum.d2_f3_bid_slope_inner_log,
  level_vacuum.d2_f3_bid_at_share_delta,
  level_vacuum.d2_f3_bid_near_share_delta,
  level_vacuum.d2_f3_bid_reprice_away_share_rest,
  level_vacuum.d2_f4_bid_pull_add_log_rest,
  level_vacuum.d2_f4_bid_pull_intensity_log_rest,
  level_vacuum.d2_f4_bid_at_pull_share_rest,
  level_vacuum.d2_f4_bid_near_pull_share_rest,
  level_vacuum.d2_f5_vacuum_expansion_log,
  level_vacuum.d2_f6_vacuum_decay_log,
  level_vacuum.d2_f7_vacuum_total_log,
  level_vacuum.d2_f8_ask_bbo_dist_ticks,
  level_vacuum.d2_f9_bid_bbo_dist_ticks,
  level_vacuum.d2_u1_ask_com_disp_log,
  level_vacuum.d2_u2_ask_slope_convex_log,
  level_vacuum.d2_u2_ask_slope_inner_log,
  level_vacuum.d2_u3_ask_at_share_decay,
  level_vacuum.d2_u3_ask_near_share_decay,
  level_vacuum.d2_u4_ask_reprice_away_share_rest,
  level_vacuum.d2_u5_ask_pull_add_log_rest,
  level_vacuum.d2_u6_ask_pull_intensity_log_rest,
  level_vacuum.d2_u7_ask_at_pull_share_rest,
  level_vacuum.d2_u7_ask_near_pull_share_rest,
  level_vacuum.d2_u8_bid_com_approach_log,
  level_vacuum.d2_u9_bid_slope_support_log,
  level_vacuum.d2_u9_bid_slope_inner_log,
  level_vacuum.d2_u10_bid_at_share_rise,
  level_vacuum.d2_u10_bid_near_share_rise,
  level_vacuum.d2_u11_bid_reprice_toward_share_rest,
  level_vacuum.d2_u12_bid_add_pull_log_rest,
  level_vacuum.d2_u13_bid_add_intensity_log,
  level_vacuum.d2_u14_bid_far_pull_share_rest,
  level_vacuum.d2_u15_up_expansion_log,
  level_vacuum.d2_u16_up_flow_log,
  level_vacuum.d2_u17_up_total_log,
  level_vacuum.d2_u18_ask_bbo_dist_ticks,
  level_vacuum.d2_u19_bid_bbo_dist_ticks,
  level_vacuum.d3_f1_ask_com_disp_log,
  level_vacuum.d3_f1_ask_slope_convex_log,
  level_vacuum.d3_f1_ask_slope_inner_log,
  level_vacuum.d3_f1_ask_at_share_delta,
  level_vacuum.d3_f1_ask_near_share_delta,
  level_vacuum.d3_f1_ask_reprice_away_share_rest,
  level_vacuum.d3_f2_ask_pull_add_log_rest,
  level_vacuum.d3_f2_ask_pull_intensity_log_rest,
  level_vacuum.d3_f2_ask_at_pull_share_rest,
  level_vacuum.d3_f2_ask_near_pull_share_rest,
  level_vacuum.d3_f3_bid_com_disp_log,
  level_vacuum.d3_f3_bid_slope_convex_log,
  level_vacuum.d3_f3_bid_slope_inner_log,
  level_vacuum.d3_f3_bid_at_share_delta,
  level_vacuum.d3_f3_bid_near_share_delta,
  level_vacuum.d3_f3_bid_reprice_away_share_rest,
  level_vacuum.d3_f4_bid_pull_add_log_rest,
  level_vacuum.d3_f4_bid_pull_intensity_log_rest,
  level_vacuum.d3_f4_bid_at_pull_share_rest,
  level_vacuum.d3_f4_bid_near_pull_share_rest,
  level_vacuum.d3_f5_vacuum_expansion_log,
  level_vacuum.d3_f6_vacuum_decay_log,
  level_vacuum.d3_f7_vacuum_total_log,
  level_vacuum.d3_f8_ask_bbo_dist_ticks,
  level_vacuum.d3_f9_bid_bbo_dist_ticks,
  level_vacuum.d3_u1_ask_com_disp_log,
  level_vacuum.d3_u2_ask_slope_convex_log,
  level_vacuum.d3_u2_ask_slope_inner_log,
  level_vacuum.d3_u3_ask_at_share_decay,
  level_vacuum.d3_u3_ask_near_share_decay,
  level_vacuum.d3_u4_ask_reprice_away_share_rest,
  level_vacuum.d3_u5_ask_pull_add_log_rest,
  level_vacuum.d3_u6_ask_pull_intensity_log_rest,
  level_vacuum.d3_u7_ask_at_pull_share_rest,
  level_vacuum.d3_u7_ask_near_pull_share_rest,
  level_vacuum.d3_u8_bid_com_approach_log,
  level_vacuum.d3_u9_bid_slope_support_log,
  level_vacuum.d3_u9_bid_slope_inner_log,
  level_vacuum.d3_u10_bid_at_share_rise,
  level_vacuum.d3_u10_bid_near_share_rise,
  level_vacuum.d3_u11_bid_reprice_toward_share_rest,
  level_vacuum.d3_u12_bid_add_pull_log_rest,
  level_vacuum.d3_u13_bid_add_intensity_log,
  level_vacuum.d3_u14_bid_far_pull_share_rest,
  level_vacuum.d3_u15_up_expansion_log,
  level_vacuum.d3_u16_up_flow_log,
  level_vacuum.d3_u17_up_total_log,
  level_vacuum.d3_u18_ask_bbo_dist_ticks,
  level_vacuum.d3_u19_bid_bbo_dist_ticks,
  level_corridor.corridor_len_ticks,
  level_corridor.corridor_depth_per_tick,
  level_corridor.beyond_depth_per_tick,
  level_corridor.corridor_add_per_tick,
  level_corridor.corridor_pull_per_tick,
  level_corridor.corridor_fill_per_tick,
  level_corridor.beyond_add_per_tick,
  level_corridor.beyond_pull_per_tick,
  level_corridor.beyond_fill_per_tick,
  level_corridor.spot_depth_per_tick,
  level_corridor.corridor_rel_depth,
  level_corridor.beyond_rel_depth,
  level_corridor.beyond_corridor_log,
  level_corridor.beyond_max_depth,
  level_corridor.beyond_max_rho,
  level_corridor.beyond_wall_ratio,
  level_corridor.beyond_wall_offset,
  level_corridor.behind_depth_per_tick,
  level_corridor.behind_pull_add_log
  from level_vacuum
  inner join level_offset
  on
  level_vacuum.symbol = level_offset.symbol
  and level_vacuum.dt = level_offset.dt
  and level_vacuum.window_end_ts = level_offset.window_end_ts
  and level_vacuum.level_id = level_offset.level_id
  left join level_corridor
  on
  level_vacuum.symbol = level_corridor.symbol
  and level_vacuum.dt = level_corridor.dt
  and level_vacuum.window_end_ts = level_corridor.window_end_ts
  and level_vacuum.level_id = level_corridor.level_id
)
select
bands.symbol,
bands.dt,
bands.window_start_ts,
bands.window_end_ts,
bands.window_valid,
speeds.sigma_1s_ticks,
speeds.speed_3s,
speeds.speed_15s,
bands.above_at_wall_strength_norm,
bands.above_at_wall_erosion_norm,
bands.above_at_vacuum_norm,
bands.above_near_wall_strength_norm,
bands.above_near_wall_erosion_norm,
bands.above_near_vacuum_norm,
bands.above_mid_wall_strength_norm,
bands.above_mid_wall_erosion_norm,
bands.above_mid_vacuum_norm,
bands.above_far_wall_strength_norm,
bands.above_far_wall_erosion_norm,
bands.above_far_vacuum_norm,
bands.below_at_wall_strength_norm,
bands.below_at_wall_erosion_norm,
bands.below_at_vacuum_norm,
bands.below_near_wall_strength_norm,
bands.below_near_wall_erosion_norm,
bands.below_near_vacuum_norm,
bands.below_mid_wall_strength_norm,
bands.below_mid_wall_erosion_norm,
bands.below_mid_vacuum_norm,
bands.below_far_wall_strength_norm,
bands.below_far_wall_erosion_norm,
bands.below_far_vacuum_norm,
bands.above_score,
bands.below_score,
bands.vacuum_total_score,
columns(pm_high.* exclude (symbol, dt, window_end_ts, level_id))
as "pm_high_\0",
columns(pm_low.* exclude (symbol, dt, window_end_ts, level_id))
as "pm_low_\0",
columns(or_high.* exclude (symbol, dt, window_end_ts, level_id))
as "or_high_\0",
columns(or_low.* exclude (symbol, dt, window_end_ts, level_id))
as "or_low_\0",
columns(sma_90.* exclude (symbol, dt, window_end_ts, level_id))
as "sma_90_\0",
columns(sma_200.* exclude (symbol, dt, window_end_ts, level_id))
as "sma_200_\0",
columns(sma_400.* exclude (symbol, dt, window_end_ts, level_id))
as "sma_400_\0",
columns(prior_high.* exclude (symbol, dt, window_end_ts, level_id))
as "prior_high_\0",
columns(prior_low.* exclude (symbol, dt, window_end_ts, level_id))
as "prior_low_\0",
columns(prior_close.* exclude (symbol, dt, window_end_ts, level_id))
as "prior_close_\0",
columns(vwap.* exclude (symbol, dt, window_end_ts, level_id))
as "vwap_\0"
from bands
left join speeds
on
bands.symbol = speeds.symbol
and bands.dt = speeds.dt
and bands.window_end_ts = speeds.window_end_ts
left join features as pm_high
on
bands.symbol = pm_high.symbol
and bands.dt = pm_high.dt
and bands.window_end_ts = pm_high.window_end_ts
and pm_high.level_id = 'pm_high'
left join features as pm_low
on
bands.symbol = pm_low.symbol
and bands.dt = pm_low.dt
and bands.window_end_ts = pm_low.window_end_ts
and pm_low.level_id = 'pm_low'
left join features as or_high
on
bands.symbol = or_high.symbol
and bands.dt = or_high.dt
and bands.window_end_ts = or_high.window_end_ts
and or_high.level_id = 'or_high'
left join features as or_low
on
bands.symbol = or_low.symbol
and bands.dt = or_low.dt
and bands.window_end_ts = or_low.window_end_ts
and or_low.level_id = 'or_low'
left join features as sma_90
on
bands.symbol = sma_90.symbol
and bands.dt = sma_90.dt
and bands.window_end_ts = sma_90.window_end_ts
and sma_90.level_id = 'sma_90'
left join features as sma_200
on
bands.symbol = sma_200.symbol
and bands.dt = sma_200.dt
and bands.window_end_ts = sma_200.window_end_ts
and sma_200.level_id = 'sma_200'
left join features as sma_400
on
bands.symbol = sma_400.symbol
and bands.dt = sma_400.dt
and bands.window_end_ts = sma_400.window_end_ts
and sma_400.level_id = 'sma_400'
left join features as prior_high
on
bands.symbol = prior_high.symbol
and bands.dt = prior_high.dt
and bands.window_end_ts = prior_high.window_end_ts
and prior_high.level_id = 'prior_high'
left join features as prior_low
on
bands.symbol = prior_low.symbol
and bands.dt = prior_low.dt
and bands.window_end_ts = prior_low.window_end_ts
and prior_low.level_id = 'prior_low'
left join features as prior_close
on
bands.symbol = prior_close.symbol
and bands.dt = prior_close.dt
and bands.window_end_ts = prior_close.window_end_ts
and prior_close.level_id = 'prior_close'
left join features as vwap
on
bands.symbol = vwap.symbol
and bands.dt = vwap.dt
and bands.window_end_ts = vwap.window_end_ts
and vwap.level_id = 'vwap'
