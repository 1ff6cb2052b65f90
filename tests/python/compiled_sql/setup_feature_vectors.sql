with
decisions as (
  select
  symbol,
  dt,
  level_id,
  window_end_ts,
  approach_dir,
  window_end_ts - interval 5 second as window_start_ts
  from "steps"."approach_windows_5s"
  where
  symbol = '$symbol' and dt = date '$dt'
  and is_primary
  and window_valid
  and approach_dir in ('approach_up', 'approach_down')
),
trigger_vectors as (
  select * from "gold"."mbo_trigger_vectors"
  where symbol = '$symbol' and dt = date '$dt'
),
market as (
  select * from "gold"."market_feature_vectors"
  where symbol = '$symbol' and dt = date '$dt'
),
described as (
  select
  decisions.symbol,
  decisions.dt,
  decisions.level_id,
  decisions.window_end_ts,
  cast(timezone('America/New_York', timezone('UTC', decisions.window_start_ts)) as date) as session_date,
  decisions.approach_dir,
  trigger_vectors.window_end_ts is not null as has_level,
  market.window_end_ts is not null as has_market,
  cast(trigger_vectors.vector_down as float[]) as level_down,
  cast(trigger_vectors.vector_up as float[]) as level_up,
  cast([
      trigger_vectors.context[1],
      trigger_vectors.context[2],
      trigger_vectors.context[3],
      trigger_vectors.context[4],
      trigger_vectors.context[5],
      trigger_vectors.context[6],
      trigger_vectors.context[9],
      trigger_vectors.context[10]
    ] as float[]) as level_context,
  cast([
      market.microprice_dist_ticks_eob,
      market.trade_last_dist_ticks_eob,
      market.spread_ticks_twa,
      market.spread_ticks_eob,
      market.book_imbalance_l1_twa,
      market.book_imbalance_l1_eob,
      market.book_imbalance_l10_twa,
      market.book_imbalance_l10_eob,
      market.depth_imbalance_0_4_twa,
      market.depth_imbalance_0_4_eob,
      market.depth_imbalance_4_8_twa,
      market.depth_imbalance_4_8_eob,
      market.depth_imbalance_8_12_twa,
      market.depth_imbalance_8_12_eob,
      market.depth_imbalance_12_20_twa,
      market.depth_imbalance_12_20_eob,
      market.depth_imbalance_20_40_twa,
      market.depth_imbalance_20_40_eob,
      market.depth_bid_0_4_frac_twa,
      market.depth_bid_0_4_frac_eob,
      market.depth_bid_4_8_frac_twa,
      market.depth_bid_4_8_frac_eob,
      market.depth_bid_8_12_frac_twa,
      market.depth_bid_8_12_frac_eob,
      market.depth_bid_12_20_frac_twa,
      market.depth_bid_12_20_frac_eob,
      market.depth_bid_20_40_frac_twa,
      market.depth_bid_20_40_frac_eob,
      market.depth_ask_0_4_frac_twa,
      market.depth_ask_0_4_frac_eob,
      market.depth_ask_4_8_frac_twa,
      market.depth_ask_4_8_frac_eob,
      market.depth_ask_8_12_frac_twa,
      market.depth_ask_8_12_frac_eob,
      market.depth_ask_12_20_frac_twa,
      market.depth_ask_12_20_frac_eob,
      market.depth_ask_20_40_frac_twa,
      market.depth_ask_20_40_frac_eob,
      market.depth_bid10_log_eob,
      market.depth_ask10_log_eob,
      market.ladder_bid_gap_max_ticks_eob,
      market.ladder_bid_gap_mean_ticks_eob,
      market.ladder_ask_gap_max_ticks_eob,
      market.ladder_ask_gap_mean_ticks_eob,
      market.shape_bid_sz_frac_l00_eob,
      market.shape_bid_sz_frac_l01_eob,
      market.shape_bid_sz_frac_l02_eob,
      market.shape_bid_sz_frac_l03_eob,
      market.shape_bid_sz_frac_l04_eob,
      market.shape_bid_sz_frac_l05_eob,
      market.shape_bid_sz_frac_l06_eob,
      market.shape_bid_sz_frac_l07_eob,
      market.shape_bid_sz_frac_l08_eob,
      market.shape_bid_sz_frac_l09_eob,
      market.shape_ask_sz_frac_l00_eob,
      market.shape_ask_sz_frac_l01_eob,
      market.shape_ask_sz_frac_l02_eob,
      market.shape_ask_sz_frac_l03_eob,
      market.shape_ask_sz_frac_l04_eob,
      market.shape_ask_sz_frac_l05_eob,
      market.shape_ask_sz_frac_l06_eob,
      market.shape_ask_sz_frac_l07_eob,
      market.shape_ask_sz_frac_l08_eob,
      market.shape_ask_sz_frac_l09_eob,
      market.shape_bid_ct_frac_l00_eob,
      market.shape_bid_ct_frac_l01_eob,
      market.shape_bid_ct_frac_l02_eob,
      market.shape_bid_ct_frac_l03_eob,
      market.shape_bid_ct_frac_l04_eob,
      market.shape_bid_ct_frac_l05_eob,
      market.shape_bid_ct_frac_l06_eob,
      market.shape_bid_ct_frac_l07_eob,
      market.shape_bid_ct_frac_l08_eob,
      market.shape_bid_ct_frac_l09_eob,
      market.shape_ask_ct_frac_l00_eob,
      market.shape_ask_ct_frac_l01_eob,
      market.shape_ask_ct_frac_l02_eob,
      market.shape_ask_ct_frac_l03_eob,
      market.shape_ask_ct_frac_l04_eob,
      market.shape_ask_ct_frac_l05_eob,
      market.shape_ask_ct_frac_l06_eob,
      market.shape_ask_ct_frac_l07_eob,
      market.shape_ask_ct_frac_l08_eob,
      market.shape_ask_ct_frac_l09_eob,
      market.ofi_l1_rel_depth,
      market.ofi_l10_sum,
      market.ofi_price_10t_rel_depth,
      market.flow_net_bid_0_4_sum,
      market.flow_net_bid_4_8_sum,
      market.flow_net_bid_8_12_sum,
      market.flow_net_bid_12_20_sum,
      market.flow_net_bid_20_40_sum,
      market.flow_net_ask_0_4_sum,
      market.flow_net_ask_4_8_sum,
      market.flow_net_ask_8_12_sum,
      market.flow_net_ask_12_20_sum,
      market.flow_net_ask_20_40_sum,
      market.trade_count_log,
      market.trade_volume_log,
      market.trade_signed_volume_log,
      market.trade_imbalance_sum,
      market.wall_bid_max_z,
      market.wall_bid_max_level_share,
      market.wall_bid_nearest_dist_ticks,
      market.wall_ask_max_z,
      market.wall_ask_max_level_share,
      market.wall_ask_nearest_dist_ticks,
      market.rv_60s_ticks,
      market.rv_300s_ticks,
      market.above_score,
      market.below_score,
      market.minutes_since_open,
      market.day_of_week
    ] as float[]) as market,
  cast([
      trigger_vectors.context[11],
      trigger_vectors.context[12],
      trigger_vectors.context[13],
      trigger_vectors.context[14],
      trigger_vectors.context[15],
      trigger_vectors.context[16],
      market.option_volume_call_log,
      market.option_volume_call_itm_log,
      market.option_volume_call_atm_log,
      market.option_volume_call_otm_log,
      market.option_volume_put_log,
      market.option_volume_put_itm_log,
      market.option_volume_put_atm_log,
      market.option_volume_put_otm_log,
      market.option_trade_count_call_log,
      market.option_trade_count_put_log,
      market.put_call_volume_log,
      market.signed_premium_call_log,
      market.signed_premium_put_log,
      market.atm_iv,
      market.skew_25d,
      market.atm_iv_term_diff,
      market.oi_concentration
    ] as float[]) as options
  from decisions
  left join trigger_vectors
  on
  decisions.level_id = trigger_vectors.level_id
  and decisions.window_end_ts = trigger_vectors.window_end_ts
  and decisions.approach_dir = trigger_vectors.approach_dir
  left join market on decisions.window_end_ts = market.window_end_ts
  where (
    cast(timezone('America/New_York', timezone('UTC', decisions.window_start_ts)) as time) >= time '09:30'
    and cast(timezone('America/New_York', timezone('UTC', decisions.window_start_ts)) as time) < time '12:30'
  )
),
combined as (
  select
  *,
  if(
    approach_dir = 'approach_down',
    list_concat(
      coalesce(
        level_down, list_resize(cast([] as float[]), 700, null)
      ),
      level_context,
      market,
      options
    ),
    null
  ) as vector_down,
  if(
    approach_dir = 'approach_up',
    list_concat(
      coalesce(
        level_up, list_resize(cast([] as float[]), 672, null)
      ),
      level_context,
      market,
      options
    ),
    null
  ) as vector_up
  from described
)
select
symbol,
dt,
level_id,
window_end_ts,
session_date,
approach_dir,
has_level,
has_market,
cast(vector_down as float[844])
as vector_down,
cast(vector_up as float[816])
as vector_up
from combined
order by window_end_ts, level_id
