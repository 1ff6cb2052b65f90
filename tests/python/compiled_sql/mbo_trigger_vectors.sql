with
windows as (
  select * from "silver"."mbo_level_vacuum_5s"
  where symbol = '$symbol' and dt = date '$dt'
),
decisions as (
  select * from "silver"."level_decisions"
  where symbol = '$symbol' and dt = date '$dt' and (is_primary or is_eligible)
),
corridor as (
  select * from "silver"."level_corridor_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
offsets as (
  select * from "silver"."level_offset_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
bands as (
  select * from "silver"."physics_bands_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
exposures as (
  select
  window_end_ts,
  strike_price_int,
  gex_imbalance_ratio,
  lag(gex_imbalance_ratio) over strikes as ratio_below,
  lead(gex_imbalance_ratio) over strikes as ratio_above
  from "silver"."gex_surface_1s"
  where symbol = '$symbol' and dt = date '$dt'
  window strikes as (
    partition by window_end_ts
    order by strike_price_int
  )
),
summary as (
  select * from "silver"."gex_summary_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
gaps as (
  select * from "silver"."recording_gaps"
  where symbol = '$symbol' and dt = date '$dt'
),
wanted as (
  select
  windows.* exclude (approach_dir, k_ticks),
  decisions.approach_dir,
  decisions.k_ticks,
  decisions.decision_phase,
  decisions.first_window_end_ts,
  coalesce(
    decisions.approach_dir = 'approach_down'
    and (
      cast(timezone('America/New_York', timezone('UTC', windows.window_start_ts)) as time) >= time '09:30'
      and cast(timezone('America/New_York', timezone('UTC', windows.window_start_ts)) as time) < time '12:30'
    ),
    false
  ) as is_wanted_down,
  coalesce(
    decisions.approach_dir = 'approach_up'
    and (
      cast(timezone('America/New_York', timezone('UTC', windows.window_start_ts)) as time) >= time '09:30'
      and cast(timezone('America/New_York', timezone('UTC', windows.window_start_ts)) as time) < time '12:30'
    ),
    false
  ) as is_wanted_up
  from windows
  left join decisions
  on
  windows.window_end_ts = decisions.window_end_ts
  and windows.level_id = decisions.level_id
),
complete as (
  select
  *,
  window_end_ts - to_seconds(
    5 * row_number() over (partition by level_id order by window_end_ts)
  ) as run_ts
  from wanted
  where d3_f7_vacuum_total_log is not null
),
runs as (
  select
  level_id,
  list(window_end_ts order by window_end_ts) as window_end_ts,
  list(is_wanted_down order by window_end_ts) as is_wanted_down,
  list([
      f1_ask_com_disp_log,
      d1_f1_ask_com_disp_log,
      d2_f1_ask_com_disp_log,
      d3_f1_ask_com_disp_log,
      f1_ask_slope_convex_log,
      d1_f1_ask_slope_convex_log,
      d2_f1_ask_slope_convex_log,
      d3_f1_ask_slope_convex_log,
      f1_ask_slope_inner_log,
      d1_f1_ask_slope_inner_log,
      d2_f1_ask_slope_inner_log,
      d3_f1_ask_slope_inner_log,
      f1_ask_at_share_delta,
      d1_f1_ask_at_share_delta,
      d2_f1_ask_at_share_delta,
      d3_f1_ask_at_share_delta,
      f1_ask_near_share_delta,
      d1_f1_ask_near_share_delta,
      d2_f1_ask_near_share_delta,
      d3_f1_ask_near_share_delta,
      f1_ask_reprice_away_share_rest,
      d1_f1_ask_reprice_away_share_rest,
      d2_f1_ask_reprice_away_share_rest,
      d3_f1_ask_reprice_away_share_rest,
      f2_ask_pull_add_log_rest,
      d1_f2_ask_pull_add_log_rest,
      d2_f2_ask_pull_add_log_rest,
      d3_f2_ask_pull_add_log_rest,
      f2_ask_pull_intensity_log_rest,
      d1_f2_ask_pull_intensity_log_rest,
      d2_f2_ask_pull_intensity_log_rest,
      d3_f2_ask_pull_intensity_log_rest,
      f2_ask_at_pull_share_rest,
      d1_f2_ask_at_pull_share_rest,
      d2_f2_ask_at_pull_share_rest,
      d3_f2_ask_at_pull_share_rest,
      f2_ask_near_pull_share_rest,
      d1_f2_ask_near_pull_share_rest,
      d2_f2_ask_near_pull_share_rest,
      d3_f2_ask_near_pull_share_rest,
      f3_bid_com_disp_log,
      d1_f3_bid_com_disp_log,
      d2_f3_bid_com_disp_log,
      d3_f3_bid_com_disp_log,
      f3_bid_slope_convex_log,
      d1_f3_bid_slope_convex_log,
      d2_f3_bid_slope_convex_log,
      d3_f3_bid_slope_convex_log,
      f3_bid_slope_inner_log,
      d1_f3_bid_slope_inner_log,
      d2_f3_bid_slope_inner_log,
      d3_f3_bid_slope_inner_log,
      f3_bid_at_share_delta,
      d1_f3_bid_at_share_delta,
      d2_f3_bid_at_share_delta,
      d3_f3_bid_at_share_delta,
      f3_bid_near_share_delta,
      d1_f3_bid_near_share_delta,
      d2_f3_bid_near_share_delta,
      d3_f3_bid_near_share_delta,
      f3_bid_reprice_away_share_rest,
      d1_f3_bid_reprice_away_share_rest,
      d2_f3_bid_reprice_away_share_rest,
      d3_f3_bid_reprice_away_share_rest,
      f4_bid_pull_add_log_rest,
      d1_f4_bid_pull_add_log_rest,
      d2_f4_bid_pull_add_log_rest,
      d3_f4_bid_pull_add_log_rest,
      f4_bid_pull_intensity_log_rest,
      d1_f4_bid_pull_intensity_log_rest,
      d2_f4_bid_pull_intensity_log_rest,
      d3_f4_bid_pull_intensity_log_rest,
      f4_bid_at_pull_share_rest,
      d1_f4_bid_at_pull_share_rest,
      d2_f4_bid_at_pull_share_rest,
      d3_f4_bid_at_pull_share_rest,
      f4_bid_near_pull_share_rest,
      d1_f4_bid_near_pull_share_rest,
      d2_f4_bid_near_pull_share_rest,
      d3_f4_bid_near_pull_share_rest,
      f5_vacuum_expansion_log,
      d1_f5_vacuum_expansion_log,
      d2_f5_vacuum_expansion_log,
      d3_f5_vacuum_expansion_log,
      f6_vacuum_decay_log,
      d1_f6_vacuum_decay_log,
      d2_f6_vacuum_decay_log,
      d3_f6_vacuum_decay_log,
      f7_vacuum_total_log,
      d1_f7_vacuum_total_log,
      d2_f7_vacuum_total_log,
      d3_f7_vacuum_total_log,
      f8_ask_bbo_dist_ticks,
      d1_f8_ask_bbo_dist_ticks,
      d2_f8_ask_bbo_dist_ticks,
      d3_f8_ask_bbo_dist_ticks,
      f9_bid_bbo_dist_ticks,
      d1_f9_bid_bbo_dist_ticks,
      d2_f9_bid_bbo_dist_ticks,
      d3_f9_bid_bbo_dist_ticks
    ] order by window_end_ts) as rows_down,
  list(is_wanted_up order by window_end_ts) as is_wanted_up,
  list([
      u1_ask_com_disp_log,
      d1_u1_ask_com_disp_log,
      d2_u1_ask_com_disp_log,
      d3_u1_ask_com_disp_log,
      u2_ask_slope_convex_log,
      d1_u2_ask_slope_convex_log,
      d2_u2_ask_slope_convex_log,
      d3_u2_ask_slope_convex_log,
      u2_ask_slope_inner_log,
      d1_u2_ask_slope_inner_log,
      d2_u2_ask_slope_inner_log,
      d3_u2_ask_slope_inner_log,
      u3_ask_at_share_decay,
      d1_u3_ask_at_share_decay,
      d2_u3_ask_at_share_decay,
      d3_u3_ask_at_share_decay,
      u3_ask_near_share_decay,
      d1_u3_ask_near_share_decay,
      d2_u3_ask_near_share_decay,
      d3_u3_ask_near_share_decay,
      u4_ask_reprice_away_share_rest,
      d1_u4_ask_reprice_away_share_rest,
      d2_u4_ask_reprice_away_share_rest,
      d3_u4_ask_reprice_away_share_rest,
      u5_ask_pull_add_log_rest,
      d1_u5_ask_pull_add_log_rest,
      d2_u5_ask_pull_add_log_rest,
      d3_u5_ask_pull_add_log_rest,
      u6_ask_pull_intensity_log_rest,
      d1_u6_ask_pull_intensity_log_rest,
      d2_u6_ask_pull_intensity_log_rest,
      d3_u6_ask_pull_intensity_log_rest,
      u7_ask_at_pull_share_rest,
      d1_u7_ask_at_pull_share_rest,
      d2_u7_ask_at_pull_share_rest,
      d3_u7_ask_at_pull_share_rest,
      u7_ask_near_pull_share_rest,
      d1_u7_ask_near_pull_share_rest,
      d2_u7_ask_near_pull_share_rest,
      d3_u7_ask_near_pull_share_rest,
      u8_bid_com_approach_log,
      d1_u8_bid_com_approach_log,
      d2_u8_bid_com_approach_log,
      d3_u8_bid_com_approach_log,
      u9_bid_slope_support_log,
      d1_u9_bid_slope_support_log,
      d2_u9_bid_slope_support_log,
      d3_u9_bid_slope_support_log,
      u9_bid_slope_inner_log,
      d1_u9_bid_slope_inner_log,
      d2_u9_bid_slope_inner_log,
      d3_u9_bid_slope_inner_log,
      u10_bid_at_share_rise,
      d1_u10_bid_at_share_rise,
      d2_u10_bid_at_share_rise,
      d3_u10_bid_at_share_rise,
      u10_bid_near_share_rise,
      d1_u10_bid_near_share_rise,
      d2_u10_bid_near_share_rise,
      d3_u10_bid_near_share_rise,
      u11_bid_reprice_toward_share_rest,
      d1_u11_bid_reprice_toward_share_rest,
      d2_u11_bid_reprice_toward_share_rest,
      d3_u11_bid_reprice_toward_share_rest,
      u12_bid_add_pull_log_rest,
      d1_u12_bid_add_pull_log_rest,
      d2_u12_bid_add_pull_log_rest,
      d3_u12_bid_add_pull_log_rest,
      u13_bid_add_intensity_log,
      d1_u13_bid_add_intensity_log,
      d2_u13_bid_add_intensity_log,
      d3_u13_bid_add_intensity_log,
      u14_bid_far_pull_share_rest,
      d1_u14_bid_far_pull_share_rest,
      d2_u14_bid_far_pull_share_rest,
      d3_u14_bid_far_pull_share_rest,
      u15_up_expansion_log,
      d1_u15_up_expansion_log,
      d2_u15_up_expansion_log,
      d3_u15_up_expansion_log,
      u16_up_flow_log,
      d1_u16_up_flow_log,
      d2_u16_up_flow_log,
      d3_u16_up_flow_log,
      u17_up_total_log,
      d1_u17_up_total_log,
      d2_u17_up_total_log,
      d3_u17_up_total_log,
      u18_ask_bbo_dist_ticks,
      d1_u18_ask_bbo_dist_ticks,
      d2_u18_ask_bbo_dist_ticks,
      d3_u18_ask_bbo_dist_ticks,
      u19_bid_bbo_dist_ticks,
      d1_u19_bid_bbo_dist_ticks,
      d2_u19_bid_bbo_dist_ticks,
      d3_u19_bid_bbo_dist_ticks
    ] order by window_end_ts) as rows_up
  from complete
  group by level_id, run_ts
),
vectors_of_runs as (
  select
  level_id,
  window_end_ts,
  trigger_vectors(
    rows_down, is_wanted_down, [3, 9, 24]
  ) as vectors_down,
  trigger_vectors(
    rows_up, is_wanted_up, [3, 9, 24]
  ) as vectors_up
  from runs
),
vectors as (
  select
  level_id,
  unnest(window_end_ts) as window_end_ts,
  unnest(vectors_down) as vector_down,
  unnest(vectors_up) as vector_up
  from vectors_of_runs
),
chosen as (
  select vectors.*
  from vectors
  anti join gaps on vectors.window_end_ts > gaps.known_at_ts
  and vectors.window_end_ts - interval 135 second < gaps.gap_end_ts
  where vectors.vector_down is not null or vectors.vector_up is not null
),
strikes as (
  select
  chosen.window_end_ts,
  chosen.level_id,
  min_by(
    struct_pack(
      ratio_below := exposures.ratio_below,
      ratio_at := exposures.gex_imbalance_ratio,
      ratio_above := exposures.ratio_above
    ),
    struct_pack(
      distance := abs(exposures.strike_price_int - wanted.level_price_int),
      strike_price_int := exposures.strike_price_int
    )
  ) as ratios
  from chosen
  inner join wanted
  on
  chosen.window_end_ts = wanted.window_end_ts
  and chosen.level_id = wanted.level_id
  inner join exposures on chosen.window_end_ts = exposures.window_end_ts
  group by chosen.window_end_ts, chosen.level_id
),
described as (
  select
  wanted.symbol,
  wanted.dt,
  wanted.level_id,
  wanted.window_end_ts,
  replace(wanted.approach_dir, 'approach_', '') as direction,
  cast(timezone('America/New_York', timezone('UTC', wanted.window_end_ts)) as date) as session_date,
  wanted.level_price_int,
  wanted.k_ticks,
  wanted.approach_dir,
  wanted.decision_phase,
  wanted.first_window_end_ts,
  chosen.vector_down,
  chosen.vector_up,
  {
    'corridor_rel_depth': cast(corridor.corridor_rel_depth as float),
    'beyond_rel_depth': cast(corridor.beyond_rel_depth as float),
    'beyond_corridor_log': cast(corridor.beyond_corridor_log as float),
    'beyond_max_depth_log': cast(ln((corridor.beyond_max_depth + 1) / (corridor.spot_depth_per_tick + 1)) as float),
    'beyond_max_rho_share': cast(corridor.beyond_max_rho / 20 as float),
    'behind_pull_add_log': cast(corridor.behind_pull_add_log as float),
    'above_score': cast(bands.above_score as float),
    'below_score': cast(bands.below_score as float),
    'k_ticks_share': cast(wanted.k_ticks / 20 as float),
    'closing_speed_15s': cast(if(wanted.approach_dir = 'approach_up', 1, -1) * offsets.speed_15s as float),
    'gex_imbalance_ratio_below': cast(strikes.ratios.ratio_below as float),
    'gex_imbalance_ratio_at': cast(strikes.ratios.ratio_at as float),
    'gex_imbalance_ratio_above': cast(strikes.ratios.ratio_above as float),
    'call_wall_distance': cast(summary.call_wall_ticks / 100 as float),
    'put_wall_distance': cast(summary.put_wall_ticks / 100 as float),
    'gamma_flip_distance': cast(summary.gamma_flip_ticks / 100 as float)
  } as context
  from chosen
  inner join wanted
  on
  chosen.window_end_ts = wanted.window_end_ts
  and chosen.level_id = wanted.level_id
  left join corridor
  on
  chosen.window_end_ts = corridor.window_end_ts
  and chosen.level_id = corridor.level_id
  and sign(corridor.k_ticks) = if(wanted.approach_dir = 'approach_up', 1, -1)
  left join offsets
  on
  chosen.window_end_ts = offsets.window_end_ts
  and chosen.level_id = offsets.level_id
  left join bands on chosen.window_end_ts = bands.window_end_ts
  left join strikes
  on
  chosen.window_end_ts = strikes.window_end_ts
  and chosen.level_id = strikes.level_id
  left join summary on chosen.window_end_ts = summary.window_end_ts
)
select
format(
  '{}_{}_{}_{}', symbol, level_id, direction, cast(epoch(window_end_ts) as bigint)
) as vector_id,
symbol,
dt,
level_id,
window_end_ts,
session_date,
level_price_int,
k_ticks,
approach_dir,
decision_phase,
case
when first_window_end_ts is not null
then format(
  '{}_{}_{}_{}_{}',
  symbol,
  strftime(dt, '%Y-%m-%d'),
  level_id,
  replace(approach_dir, 'approach_', ''),
  cast(epoch(first_window_end_ts) as bigint)
)
end as episode_id,
cast(
  floor(
    epoch(window_end_ts - ({
          'start_ts': timezone('UTC', timezone('America/New_York', session_date + time '09:30')),
          'end_ts': timezone('UTC', timezone('America/New_York', session_date + time '12:30'))
      }).start_ts)
    / 120
  ) as integer
) as candle_id,
cast(len(coalesce(vector_down, vector_up)) as integer) as vector_dim,
cast(vector_down as float[700])
as vector_down,
cast(vector_up as float[672])
as vector_up,
cast([
    context.corridor_rel_depth,
    context.beyond_rel_depth,
    context.beyond_corridor_log,
    context.beyond_max_depth_log,
    context.beyond_max_rho_share,
    context.behind_pull_add_log,
    context.above_score,
    context.below_score,
    context.k_ticks_share,
    context.closing_speed_15s,
    context.gex_imbalance_ratio_below,
    context.gex_imbalance_ratio_at,
    context.gex_imbalance_ratio_above,
    context.call_wall_distance,
    context.put_wall_distance,
    context.gamma_flip_distance
  ] as float[16]) as context
from described
order by level_id, window_end_ts
