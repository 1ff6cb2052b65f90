with
windows as (
  select * from "steps"."spot_vacuum_5s"
  where symbol = '$symbol' and dt = date '$dt'
),
moments as (
  select * from "silver"."spot_moments"
  where symbol = '$symbol' and dt = date '$dt' and approach_dir != 'spot_none'
),
gaps as (
  select * from "silver"."recording_gaps"
  where symbol = '$symbol' and dt = date '$dt'
),
complete as (
  select
  windows.*,
  moments.window_end_ts is not null as is_wanted,
  windows.window_end_ts - to_seconds(
    5 * row_number() over (order by windows.window_end_ts)
  ) as run_ts
  from windows
  left join moments on windows.window_end_ts = moments.window_end_ts
  where windows.d3_f7_vacuum_total_log is not null
),
runs as (
  select
  list(window_end_ts order by window_end_ts) as window_end_ts,
  trigger_vectors(
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
        d3_f9_bid_bbo_dist_ticks,
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
      ] order by window_end_ts),
    list(is_wanted order by window_end_ts),
    [3, 9, 24]
  ) as vectors
  from complete
  group by run_ts
),
vectors as (
  select
  unnest(window_end_ts) as window_end_ts,
  unnest(vectors) as vector
  from runs
),
chosen as (
  select vectors.*
  from vectors
  anti join gaps on vectors.window_end_ts > gaps.known_at_ts
  and vectors.window_end_ts - interval 135 second < gaps.gap_end_ts
  where vectors.vector is not null
)
select
format(
  '{}_spot_{}_{}',
  moments.symbol,
  replace(moments.approach_dir, 'spot_', ''),
  cast(epoch(moments.window_end_ts) as bigint)
) as vector_id,
moments.symbol,
moments.dt,
'spot' as level_id,
moments.window_end_ts,
cast(timezone('America/New_York', timezone('UTC', moments.window_end_ts)) as date) as session_date,
moments.spot_price_int as level_price_int,
cast(0 as integer) as k_ticks,
moments.approach_dir,
case
when moments.first_window_end_ts is not null
then format(
  '{}_{}_spot_{}_{}',
  moments.symbol,
  strftime(moments.dt, '%Y-%m-%d'),
  replace(moments.approach_dir, 'spot_', ''),
  cast(epoch(moments.first_window_end_ts) as bigint)
)
end as episode_id,
cast(
  (epoch(moments.window_end_ts) - epoch({
        'start_ts': timezone('UTC', timezone('America/New_York', cast(timezone('America/New_York', timezone('UTC', moments.window_end_ts)) as date) + time '09:30')),
        'end_ts': timezone('UTC', timezone('America/New_York', cast(timezone('America/New_York', timezone('UTC', moments.window_end_ts)) as date) + time '12:30'))
      }.start_ts))
  // 120 as integer
) as candle_id,
'spot' as retrieval_family,
cast(len(chosen.vector) as integer) as vector_dim,
cast(chosen.vector as float[1372]) as vector,
cast([
    cast(moments.sigma_1s_ticks as float),
    cast(abs(moments.move_ticks) / nullif(moments.sigma_1s_ticks, 0) as float)
  ] as float[2]) as context
from chosen
inner join moments on chosen.window_end_ts = moments.window_end_ts
order by moments.window_end_ts
