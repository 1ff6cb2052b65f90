with
contract_day as (
  select * from "silver"."contract_days"
  where symbol = '$symbol' and dt = date '$dt'
),
seconds as (
  select
  snapshot.window_start_ts,
  time_bucket(
    interval 5 second, snapshot.window_start_ts, timestamp '1970-01-01'
  ) as bucket_start_ts,
  snapshot.spot_ref_price_int,
  snapshot.window_valid
  from "silver"."book_snapshot_1s" as snapshot
  cross join contract_day
  where
  snapshot.symbol = '$symbol' and snapshot.dt = date '$dt'
  and (
    contract_day.surface_windows is null
    or len(
      list_filter(
        contract_day.surface_windows,
        part -> snapshot.window_start_ts >= part.start_ts
        and snapshot.window_start_ts < part.end_ts
      )
    ) > 0
  )
),
windows_of_seconds as (
  select
  bucket_start_ts,
  any_value(
    case
    when window_start_ts = bucket_start_ts + interval 4 second
    then spot_ref_price_int
    end
  ) as anchor_price_int,
  min(spot_ref_price_int) as lowest_int,
  max(spot_ref_price_int) as highest_int,
  count(spot_ref_price_int) = 5 and bool_and(window_valid) as window_valid
  from seconds
  group by bucket_start_ts
),
anchors as (
  select
  windows_of_seconds.bucket_start_ts as window_start_ts,
  windows_of_seconds.bucket_start_ts + interval 5 second as window_end_ts,
  windows_of_seconds.anchor_price_int,
  windows_of_seconds.highest_int - windows_of_seconds.lowest_int as range_int,
  windows_of_seconds.window_valid
  and greatest(
    windows_of_seconds.highest_int - windows_of_seconds.anchor_price_int,
    windows_of_seconds.anchor_price_int - windows_of_seconds.lowest_int
  ) <= 380 * contract_day.tick_int as window_valid,
  contract_day.tick_int
  from windows_of_seconds
  cross join contract_day
),
reach as (
  select unnest(range(-furthest_ticks, furthest_ticks + 1)) as rel_ticks
  from (
    select 20 + max(range_int // tick_int) as furthest_ticks
    from anchors
    where window_valid
  )
),
wall as (
  select
  time_bucket(
    interval 5 second, window_start_ts, timestamp '1970-01-01'
  ) as bucket_start_ts,
  window_start_ts,
  side,
  price_int,
  depth_qty_start,
  depth_qty_end,
  add_qty,
  pull_qty_rest,
  pull_qty_total
  from "silver"."wall_surface_1s"
  where
  symbol = '$symbol' and dt = date '$dt'
  and rel_ticks in (select reach.rel_ticks from reach)
),
placed as (
  select
  anchors.window_start_ts,
  wall.side,
  wall.window_start_ts = anchors.window_start_ts as is_first,
  wall.window_start_ts = anchors.window_end_ts - interval 1 second as is_last,
  (wall.price_int - anchors.anchor_price_int) // anchors.tick_int as rel_ticks,
  wall.depth_qty_start,
  wall.depth_qty_end,
  wall.add_qty,
  wall.pull_qty_rest,
  wall.pull_qty_total
  from wall
  inner join anchors on wall.bucket_start_ts = anchors.window_start_ts
  where
  anchors.window_valid
  and if(wall.side = 'A', 1, -1) * (wall.price_int - anchors.anchor_price_int)
  between 0 and 20 * anchors.tick_int
),
cells as (
  select
  window_start_ts,
  side,
  abs(rel_ticks) as distance_ticks,
  case
  when abs(rel_ticks) between 0 and 2 then 'at'
  when abs(rel_ticks) between 3 and 5 then 'near'
  when abs(rel_ticks) between 6 and 14 then 'mid'
  when abs(rel_ticks) between 15 and 20 then 'far'
  end as bucket,
  if(is_first, depth_qty_start, 0) as depth_qty_start,
  if(is_last, depth_qty_end, 0) as depth_qty_end,
  add_qty,
  pull_qty_rest,
  pull_qty_total
  from placed
),
reprices as (
  select
  time_bucket(
    interval 5 second, window_start_ts, timestamp '1970-01-01'
  ) as window_start_ts,
  side,
  qty_rest,
  price_from_int,
  price_to_int
  from "silver"."reprice_flow_1s"
  where symbol = '$symbol' and dt = date '$dt' and qty_rest > 0
),
bucket_sums as (
  select
  window_start_ts,
  side,
  bucket,
  sum(depth_qty_start) as depth_start,
  sum(depth_qty_start * distance_ticks) as distance_qty_start,
  sum(depth_qty_end) as depth_end,
  sum(depth_qty_end * distance_ticks) as distance_qty_end,
  min(case when depth_qty_end > 0 then distance_ticks end) as best_ticks,
  sum(add_qty) as add_qty,
  sum(pull_qty_rest) as pull_qty,
  sum(pull_qty_total) as pull_all_qty
  from cells
  group by window_start_ts, side, bucket
),
book_sums as (
  with
  side_sums as (
    select
    window_start_ts,
    side,
    sum(depth_start) as depth_start,
    sum(depth_end) as depth_end,
    sum(distance_qty_start) as distance_qty_start,
    sum(distance_qty_end) as distance_qty_end,
    sum(add_qty) as add,
    sum(pull_qty) as pull,
    sum(pull_all_qty) as pull_all,
    sum(case when bucket = 'at' then depth_start else 0 end)
    as depth_at_start,
    sum(case when bucket = 'near' then depth_start else 0 end)
    as depth_near_start,
    sum(case when bucket = 'at' then depth_end else 0 end)
    as depth_at_end,
    sum(case when bucket = 'near' then depth_end else 0 end)
    as depth_near_end,
    sum(case when bucket = 'far' then depth_end else 0 end)
    as depth_far_end,
    sum(case when bucket = 'at' then pull_qty else 0 end)
    as pull_at,
    sum(case when bucket = 'near' then pull_qty else 0 end)
    as pull_near,
    sum(case when bucket = 'mid' then pull_qty else 0 end)
    as pull_mid,
    sum(case when bucket = 'far' then pull_qty else 0 end)
    as pull_far,
    min(best_ticks) as best_ticks
    from bucket_sums
    group by window_start_ts, side
  ),
  asks as (
    select * from side_sums
    where side = 'A'
  ),
  bids as (
    select * from side_sums
    where side = 'B'
  )
  select
  coalesce(asks.window_start_ts, bids.window_start_ts) as window_start_ts,
  coalesce(asks.depth_start, 0) as ask_depth_start,
  coalesce(asks.depth_end, 0) as ask_depth_end,
  coalesce(asks.distance_qty_start, 0) as ask_distance_qty_start,
  coalesce(asks.distance_qty_end, 0) as ask_distance_qty_end,
  coalesce(asks.add, 0) as ask_add,
  coalesce(asks.pull, 0) as ask_pull,
  coalesce(asks.pull_all, 0) as ask_pull_all,
  coalesce(asks.depth_at_start, 0) as ask_depth_at_start,
  coalesce(asks.depth_near_start, 0) as ask_depth_near_start,
  coalesce(asks.depth_at_end, 0) as ask_depth_at_end,
  coalesce(asks.depth_near_end, 0) as ask_depth_near_end,
  coalesce(asks.depth_far_end, 0) as ask_depth_far_end,
  coalesce(asks.pull_at, 0) as ask_pull_at,
  coalesce(asks.pull_near, 0) as ask_pull_near,
  coalesce(asks.pull_mid, 0) as ask_pull_mid,
  coalesce(asks.pull_far, 0) as ask_pull_far,
  asks.best_ticks as ask_best_ticks,
  coalesce(bids.depth_start, 0) as bid_depth_start,
  coalesce(bids.depth_end, 0) as bid_depth_end,
  coalesce(bids.distance_qty_start, 0) as bid_distance_qty_start,
  coalesce(bids.distance_qty_end, 0) as bid_distance_qty_end,
  coalesce(bids.add, 0) as bid_add,
  coalesce(bids.pull, 0) as bid_pull,
  coalesce(bids.pull_all, 0) as bid_pull_all,
  coalesce(bids.depth_at_start, 0) as bid_depth_at_start,
  coalesce(bids.depth_near_start, 0) as bid_depth_near_start,
  coalesce(bids.depth_at_end, 0) as bid_depth_at_end,
  coalesce(bids.depth_near_end, 0) as bid_depth_near_end,
  coalesce(bids.depth_far_end, 0) as bid_depth_far_end,
  coalesce(bids.pull_at, 0) as bid_pull_at,
  coalesce(bids.pull_near, 0) as bid_pull_near,
  coalesce(bids.pull_mid, 0) as bid_pull_mid,
  coalesce(bids.pull_far, 0) as bid_pull_far,
  bids.best_ticks as bid_best_ticks,
  true as has_book
  from asks
  full join bids
  on
  asks.window_start_ts = bids.window_start_ts
),
move_sums as (
  select
  window_start_ts,
  sum(case when side = 'A' and is_away then qty_rest else 0 end)
  as ask_away,
  sum(case when side = 'A' and not is_away then qty_rest else 0 end)
  as ask_toward,
  sum(case when side = 'B' and is_away then qty_rest else 0 end)
  as bid_away,
  sum(case when side = 'B' and not is_away then qty_rest else 0 end)
  as bid_toward
  from (
    select
    anchors.window_start_ts,
    reprices.side,
    reprices.qty_rest,
    case reprices.side when 'A' then 1 else -1 end
    * (reprices.price_from_int - anchors.anchor_price_int) as offset_from_int,
    case
    when reprices.side = 'A' then reprices.price_to_int > reprices.price_from_int
    else reprices.price_to_int < reprices.price_from_int
    end as is_away,
    20 * anchors.tick_int as zone_int
    from reprices as reprices
    inner join anchors as anchors
    on reprices.window_start_ts = anchors.window_start_ts
  )
  where offset_from_int between 0 and zone_int
  group by window_start_ts
),
sums as (
  select
  anchors.window_start_ts,
  anchors.window_end_ts,
  anchors.anchor_price_int,
  anchors.window_valid,
  book_sums.* exclude (window_start_ts),
  coalesce(move_sums.ask_away, 0) as ask_away,
  coalesce(move_sums.ask_toward, 0) as ask_toward,
  coalesce(move_sums.bid_away, 0) as bid_away,
  coalesce(move_sums.bid_toward, 0) as bid_toward
  from anchors
  left join book_sums on anchors.window_start_ts = book_sums.window_start_ts
  left join move_sums on anchors.window_start_ts = move_sums.window_start_ts
),
features as (
  select
  window_start_ts,
  window_end_ts,
  anchor_price_int,
  window_valid,
  case when window_valid and has_book then ln((coalesce(
        ask_distance_qty_end / nullif(ask_depth_end, 0),
        20
      ) + 1) / (coalesce(
        ask_distance_qty_start / nullif(ask_depth_start, 0),
        20
      ) + 1)) end
  as f1_ask_com_disp_log,
  case when window_valid and has_book then ln((ask_depth_far_end + 1) / (ask_depth_near_end + 1)) end
  as f1_ask_slope_convex_log,
  case when window_valid and has_book then ln((ask_depth_near_end + 1) / (ask_depth_at_end + 1)) end
  as f1_ask_slope_inner_log,
  case when window_valid and has_book then ask_depth_at_end / (ask_depth_end + 1)
  - ask_depth_at_start / (ask_depth_start + 1) end
  as f1_ask_at_share_delta,
  case when window_valid and has_book then ask_depth_near_end / (ask_depth_end + 1)
  - ask_depth_near_start / (ask_depth_start + 1) end
  as f1_ask_near_share_delta,
  case when window_valid and has_book then case when ask_away + ask_toward = 0 then 0.5 else ask_away / (ask_away + ask_toward + 1) end end
  as f1_ask_reprice_away_share_rest,
  case when window_valid and has_book then ln((ask_pull + 1) / (ask_add + 1)) end
  as f2_ask_pull_add_log_rest,
  case when window_valid and has_book then ln(1 + ask_pull / (ask_depth_start + 1)) end
  as f2_ask_pull_intensity_log_rest,
  case when window_valid and has_book then ask_pull_at / (ask_pull + 1) end
  as f2_ask_at_pull_share_rest,
  case when window_valid and has_book then ask_pull_near / (ask_pull + 1) end
  as f2_ask_near_pull_share_rest,
  case when window_valid and has_book then ln((coalesce(
        bid_distance_qty_end / nullif(bid_depth_end, 0),
        20
      ) + 1) / (coalesce(
        bid_distance_qty_start / nullif(bid_depth_start, 0),
        20
      ) + 1)) end
  as f3_bid_com_disp_log,
  case when window_valid and has_book then ln((bid_depth_far_end + 1) / (bid_depth_near_end + 1)) end
  as f3_bid_slope_convex_log,
  case when window_valid and has_book then ln((bid_depth_near_end + 1) / (bid_depth_at_end + 1)) end
  as f3_bid_slope_inner_log,
  case when window_valid and has_book then bid_depth_at_end / (bid_depth_end + 1)
  - bid_depth_at_start / (bid_depth_start + 1) end
  as f3_bid_at_share_delta,
  case when window_valid and has_book then bid_depth_near_end / (bid_depth_end + 1)
  - bid_depth_near_start / (bid_depth_start + 1) end
  as f3_bid_near_share_delta,
  case when window_valid and has_book then case when bid_away + bid_toward = 0 then 0.5 else bid_away / (bid_away + bid_toward + 1) end end
  as f3_bid_reprice_away_share_rest,
  case when window_valid and has_book then ln((bid_pull + 1) / (bid_add + 1)) end
  as f4_bid_pull_add_log_rest,
  case when window_valid and has_book then ln(1 + bid_pull / (bid_depth_start + 1)) end
  as f4_bid_pull_intensity_log_rest,
  case when window_valid and has_book then bid_pull_at / (bid_pull + 1) end
  as f4_bid_at_pull_share_rest,
  case when window_valid and has_book then bid_pull_near / (bid_pull + 1) end
  as f4_bid_near_pull_share_rest,
  case when window_valid and has_book then f1_ask_com_disp_log + f3_bid_com_disp_log end
  as f5_vacuum_expansion_log,
  case when window_valid and has_book then f2_ask_pull_add_log_rest + f4_bid_pull_add_log_rest end
  as f6_vacuum_decay_log,
  case when window_valid and has_book then f5_vacuum_expansion_log + f6_vacuum_decay_log end
  as f7_vacuum_total_log,
  case when window_valid and has_book then cast(coalesce(ask_best_ticks, 20) as double) end
  as f8_ask_bbo_dist_ticks,
  case when window_valid and has_book then cast(coalesce(bid_best_ticks, 20) as double) end
  as f9_bid_bbo_dist_ticks,
  case when window_valid and has_book then f1_ask_com_disp_log end
  as u1_ask_com_disp_log,
  case when window_valid and has_book then f1_ask_slope_convex_log end
  as u2_ask_slope_convex_log,
  case when window_valid and has_book then f1_ask_slope_inner_log end
  as u2_ask_slope_inner_log,
  case when window_valid and has_book then -f1_ask_at_share_delta end
  as u3_ask_at_share_decay,
  case when window_valid and has_book then -f1_ask_near_share_delta end
  as u3_ask_near_share_decay,
  case when window_valid and has_book then f1_ask_reprice_away_share_rest end
  as u4_ask_reprice_away_share_rest,
  case when window_valid and has_book then f2_ask_pull_add_log_rest end
  as u5_ask_pull_add_log_rest,
  case when window_valid and has_book then f2_ask_pull_intensity_log_rest end
  as u6_ask_pull_intensity_log_rest,
  case when window_valid and has_book then f2_ask_at_pull_share_rest end
  as u7_ask_at_pull_share_rest,
  case when window_valid and has_book then f2_ask_near_pull_share_rest end
  as u7_ask_near_pull_share_rest,
  case when window_valid and has_book then -f3_bid_com_disp_log end
  as u8_bid_com_approach_log,
  case when window_valid and has_book then -f3_bid_slope_convex_log end
  as u9_bid_slope_support_log,
  case when window_valid and has_book then -f3_bid_slope_inner_log end
  as u9_bid_slope_inner_log,
  case when window_valid and has_book then f3_bid_at_share_delta end
  as u10_bid_at_share_rise,
  case when window_valid and has_book then f3_bid_near_share_delta end
  as u10_bid_near_share_rise,
  case when window_valid and has_book then 1 - f3_bid_reprice_away_share_rest end
  as u11_bid_reprice_toward_share_rest,
  case when window_valid and has_book then -f4_bid_pull_add_log_rest end
  as u12_bid_add_pull_log_rest,
  case when window_valid and has_book then ln(1 + bid_add / (bid_depth_start + 1)) end
  as u13_bid_add_intensity_log,
  case when window_valid and has_book then (bid_pull_mid + bid_pull_far) / (bid_pull + 1) end
  as u14_bid_far_pull_share_rest,
  case when window_valid and has_book then u1_ask_com_disp_log + u8_bid_com_approach_log end
  as u15_up_expansion_log,
  case when window_valid and has_book then u5_ask_pull_add_log_rest + u12_bid_add_pull_log_rest end
  as u16_up_flow_log,
  case when window_valid and has_book then u15_up_expansion_log + u16_up_flow_log end
  as u17_up_total_log,
  case when window_valid and has_book then f8_ask_bbo_dist_ticks end
  as u18_ask_bbo_dist_ticks,
  case when window_valid and has_book then f9_bid_bbo_dist_ticks end
  as u19_bid_bbo_dist_ticks
  from sums
),
earlier as (
  select
  *,
  lag(window_start_ts, 1) over windows
  = window_start_ts - interval 5 second as is_known_1,
  lag(f1_ask_com_disp_log, 1) over windows
  as f1_ask_com_disp_log_1,
  lag(f1_ask_slope_convex_log, 1) over windows
  as f1_ask_slope_convex_log_1,
  lag(f1_ask_slope_inner_log, 1) over windows
  as f1_ask_slope_inner_log_1,
  lag(f1_ask_at_share_delta, 1) over windows
  as f1_ask_at_share_delta_1,
  lag(f1_ask_near_share_delta, 1) over windows
  as f1_ask_near_share_delta_1,
  lag(f1_ask_reprice_away_share_rest, 1) over windows
  as f1_ask_reprice_away_share_rest_1,
  lag(f2_ask_pull_add_log_rest, 1) over windows
  as f2_ask_pull_add_log_rest_1,
  lag(f2_ask_pull_intensity_log_rest, 1) over windows
  as f2_ask_pull_intensity_log_rest_1,
  lag(f2_ask_at_pull_share_rest, 1) over windows
  as f2_ask_at_pull_share_rest_1,
  lag(f2_ask_near_pull_share_rest, 1) over windows
  as f2_ask_near_pull_share_rest_1,
  lag(f3_bid_com_disp_log, 1) over windows
  as f3_bid_com_disp_log_1,
  lag(f3_bid_slope_convex_log, 1) over windows
  as f3_bid_slope_convex_log_1,
  lag(f3_bid_slope_inner_log, 1) over windows
  as f3_bid_slope_inner_log_1,
  lag(f3_bid_at_share_delta, 1) over windows
  as f3_bid_at_share_delta_1,
  lag(f3_bid_near_share_delta, 1) over windows
  as f3_bid_near_share_delta_1,
  lag(f3_bid_reprice_away_share_rest, 1) over windows
  as f3_bid_reprice_away_share_rest_1,
  lag(f4_bid_pull_add_log_rest, 1) over windows
  as f4_bid_pull_add_log_rest_1,
  lag(f4_bid_pull_intensity_log_rest, 1) over windows
  as f4_bid_pull_intensity_log_rest_1,
  lag(f4_bid_at_pull_share_rest, 1) over windows
  as f4_bid_at_pull_share_rest_1,
  lag(f4_bid_near_pull_share_rest, 1) over windows
  as f4_bid_near_pull_share_rest_1,
  lag(f5_vacuum_expansion_log, 1) over windows
  as f5_vacuum_expansion_log_1,
  lag(f6_vacuum_decay_log, 1) over windows
  as f6_vacuum_decay_log_1,
  lag(f7_vacuum_total_log, 1) over windows
  as f7_vacuum_total_log_1,
  lag(f8_ask_bbo_dist_ticks, 1) over windows
  as f8_ask_bbo_dist_ticks_1,
  lag(f9_bid_bbo_dist_ticks, 1) over windows
  as f9_bid_bbo_dist_ticks_1,
  lag(u1_ask_com_disp_log, 1) over windows
  as u1_ask_com_disp_log_1,
  lag(u2_ask_slope_convex_log, 1) over windows
  as u2_ask_slope_convex_log_1,
  lag(u2_ask_slope_inner_log, 1) over windows
  as u2_ask_slope_inner_log_1,
  lag(u3_ask_at_share_decay, 1) over windows
  as u3_ask_at_share_decay_1,
  lag(u3_ask_near_share_decay, 1) over windows
  as u3_ask_near_share_decay_1,
  lag(u4_ask_reprice_away_share_rest, 1) over windows
  as u4_ask_reprice_away_share_rest_1,
  lag(u5_ask_pull_add_log_rest, 1) over windows
  as u5_ask_pull_add_log_rest_1,
  lag(u6_ask_pull_intensity_log_rest, 1) over windows
  as u6_ask_pull_intensity_log_rest_1,
  lag(u7_ask_at_pull_share_rest, 1) over windows
  as u7_ask_at_pull_share_rest_1,
  lag(u7_ask_near_pull_share_rest, 1) over windows
  as u7_ask_near_pull_share_rest_1,
  lag(u8_bid_com_approach_log, 1) over windows
  as u8_bid_com_approach_log_1,
  lag(u9_bid_slope_support_log, 1) over windows
  as u9_bid_slope_support_log_1,
  lag(u9_bid_slope_inner_log, 1) over windows
  as u9_bid_slope_inner_log_1,
  lag(u10_bid_at_share_rise, 1) over windows
  as u10_bid_at_share_rise_1,
  lag(u10_bid_near_share_rise, 1) over windows
  as u10_bid_near_share_rise_1,
  lag(u11_bid_reprice_toward_share_rest, 1) over windows
  as u11_bid_reprice_toward_share_rest_1,
  lag(u12_bid_add_pull_log_rest, 1) over windows
  as u12_bid_add_pull_log_rest_1,
  lag(u13_bid_add_intensity_log, 1) over windows
  as u13_bid_add_intensity_log_1,
  lag(u14_bid_far_pull_share_rest, 1) over windows
  as u14_bid_far_pull_share_rest_1,
  lag(u15_up_expansion_log, 1) over windows
  as u15_up_expansion_log_1,
  lag(u16_up_flow_log, 1) over windows
  as u16_up_flow_log_1,
  lag(u17_up_total_log, 1) over windows
  as u17_up_total_log_1,
  lag(u18_ask_bbo_dist_ticks, 1) over windows
  as u18_ask_bbo_dist_ticks_1,
  lag(u19_bid_bbo_dist_ticks, 1) over windows
  as u19_bid_bbo_dist_ticks_1,
  lag(window_start_ts, 2) over windows
  = window_start_ts - interval 10 second as is_known_2,
  lag(f1_ask_com_disp_log, 2) over windows
  as f1_ask_com_disp_log_2,
  lag(f1_ask_slope_convex_log, 2) over windows
  as f1_ask_slope_convex_log_2,
  lag(f1_ask_slope_inner_log, 2) over windows
  as f1_ask_slope_inner_log_2,
  lag(f1_ask_at_share_delta, 2) over windows
  as f1_ask_at_share_delta_2,
  lag(f1_ask_near_share_delta, 2) over windows
  as f1_ask_near_share_delta_2,
  lag(f1_ask_reprice_away_share_rest, 2) over windows
  as f1_ask_reprice_away_share_rest_2,
  lag(f2_ask_pull_add_log_rest, 2) over windows
  as f2_ask_pull_add_log_rest_2,
  lag(f2_ask_pull_intensity_log_rest, 2) over windows
  as f2_ask_pull_intensity_log_rest_2,
  lag(f2_ask_at_pull_share_rest, 2) over windows
  as f2_ask_at_pull_share_rest_2,
  lag(f2_ask_near_pull_share_rest, 2) over windows
  as f2_ask_near_pull_share_rest_2,
  lag(f3_bid_com_disp_log, 2) over windows
  as f3_bid_com_disp_log_2,
  lag(f3_bid_slope_convex_log, 2) over windows
  as f3_bid_slope_convex_log_2,
  lag(f3_bid_slope_inner_log, 2) over windows
  as f3_bid_slope_inner_log_2,
  lag(f3_bid_at_share_delta, 2) over windows
  as f3_bid_at_share_delta_2,
  lag(f3_bid_near_share_delta, 2) over windows
  as f3_bid_near_share_delta_2,
  lag(f3_bid_reprice_away_share_rest, 2) over windows
  as f3_bid_reprice_away_share_rest_2,
  lag(f4_bid_pull_add_log_rest, 2) over windows
  as f4_bid_pull_add_log_rest_2,
  lag(f4_bid_pull_intensity_log_rest, 2) over windows
  as f4_bid_pull_intensity_log_rest_2,
  lag(f4_bid_at_pull_share_rest, 2) over windows
  as f4_bid_at_pull_share_rest_2,
  lag(f4_bid_near_pull_share_rest, 2) over windows
  as f4_bid_near_pull_share_rest_2,
  lag(f5_vacuum_expansion_log, 2) over windows
  as f5_vacuum_expansion_log_2,
  lag(f6_vacuum_decay_log, 2) over windows
  as f6_vacuum_decay_log_2,
  lag(f7_vacuum_total_log, 2) over windows
  as f7_vacuum_total_log_2,
  lag(f8_ask_bbo_dist_ticks, 2) over windows
  as f8_ask_bbo_dist_ticks_2,
  lag(f9_bid_bbo_dist_ticks, 2) over windows
  as f9_bid_bbo_dist_ticks_2,
  lag(u1_ask_com_disp_log, 2) over windows
  as u1_ask_com_disp_log_2,
  lag(u2_ask_slope_convex_log, 2) over windows
  as u2_ask_slope_convex_log_2,
  lag(u2_ask_slope_inner_log, 2) over windows
  as u2_ask_slope_inner_log_2,
  lag(u3_ask_at_share_decay, 2) over windows
  as u3_ask_at_share_decay_2,
  lag(u3_ask_near_share_decay, 2) over windows
  as u3_ask_near_share_decay_2,
  lag(u4_ask_reprice_away_share_rest, 2) over windows
  as u4_ask_reprice_away_share_rest_2,
  lag(u5_ask_pull_add_log_rest, 2) over windows
  as u5_ask_pull_add_log_rest_2,
  lag(u6_ask_pull_intensity_log_rest, 2) over windows
  as u6_ask_pull_intensity_log_rest_2,
  lag(u7_ask_at_pull_share_rest, 2) over windows
  as u7_ask_at_pull_share_rest_2,
  lag(u7_ask_near_pull_share_rest, 2) over windows
  as u7_ask_near_pull_share_rest_2,
  lag(u8_bid_com_approach_log, 2) over windows
  as u8_bid_com_approach_log_2,
  lag(u9_bid_slope_support_log, 2) over windows
  as u9_bid_slope_support_log_2,
  lag(u9_bid_slope_inner_log, 2) over windows
  as u9_bid_slope_inner_log_2,
  lag(u10_bid_at_share_rise, 2) over windows
  as u10_bid_at_share_rise_2,
  lag(u10_bid_near_share_rise, 2) over windows
  as u10_bid_near_share_rise_2,
  lag(u11_bid_reprice_toward_share_rest, 2) over windows
  as u11_bid_reprice_toward_share_rest_2,
  lag(u12_bid_add_pull_log_rest, 2) over windows
  as u12_bid_add_pull_log_rest_2,
  lag(u13_bid_add_intensity_log, 2) over windows
  as u13_bid_add_intensity_log_2,
  lag(u14_bid_far_pull_share_rest, 2) over windows
  as u14_bid_far_pull_share_rest_2,
  lag(u15_up_expansion_log, 2) over windows
  as u15_up_expansion_log_2,
  lag(u16_up_flow_log, 2) over windows
  as u16_up_flow_log_2,
  lag(u17_up_total_log, 2) over windows
  as u17_up_total_log_2,
  lag(u18_ask_bbo_dist_ticks, 2) over windows
  as u18_ask_bbo_dist_ticks_2,
  lag(u19_bid_bbo_dist_ticks, 2) over windows
  as u19_bid_bbo_dist_ticks_2,
  lag(window_start_ts, 3) over windows
  = window_start_ts - interval 15 second as is_known_3,
  lag(f1_ask_com_disp_log, 3) over windows
  as f1_ask_com_disp_log_3,
  lag(f1_ask_slope_convex_log, 3) over windows
  as f1_ask_slope_convex_log_3,
  lag(f1_ask_slope_inner_log, 3) over windows
  as f1_ask_slope_inner_log_3,
  lag(f1_ask_at_share_delta, 3) over windows
  as f1_ask_at_share_delta_3,
  lag(f1_ask_near_share_delta, 3) over windows
  as f1_ask_near_share_delta_3,
  lag(f1_ask_reprice_away_share_rest, 3) over windows
  as f1_ask_reprice_away_share_rest_3,
  lag(f2_ask_pull_add_log_rest, 3) over windows
  as f2_ask_pull_add_log_rest_3,
  lag(f2_ask_pull_intensity_log_rest, 3) over windows
  as f2_ask_pull_intensity_log_rest_3,
  lag(f2_ask_at_pull_share_rest, 3) over windows
  as f2_ask_at_pull_share_rest_3,
  lag(f2_ask_near_pull_share_rest, 3) over windows
  as f2_ask_near_pull_share_rest_3,
  lag(f3_bid_com_disp_log, 3) over windows
  as f3_bid_com_disp_log_3,
  lag(f3_bid_slope_convex_log, 3) over windows
  as f3_bid_slope_convex_log_3,
  lag(f3_bid_slope_inner_log, 3) over windows
  as f3_bid_slope_inner_log_3,
  lag(f3_bid_at_share_delta, 3) over windows
  as f3_bid_at_share_delta_3,
  lag(f3_bid_near_share_delta, 3) over windows
  as f3_bid_near_share_delta_3,
  lag(f3_bid_reprice_away_share_rest, 3) over windows
  as f3_bid_reprice_away_share_rest_3,
  lag(f4_bid_pull_add_log_rest, 3) over windows
  as f4_bid_pull_add_log_rest_3,
  lag(f4_bid_pull_intensity_log_rest, 3) over windows
  as f4_bid_pull_intensity_log_rest_3,
  lag(f4_bid_at_pull_share_rest, 3) over windows
  as f4_bid_at_pull_share_rest_3,
  lag(f4_bid_near_pull_share_rest, 3) over windows
  as f4_bid_near_pull_share_rest_3,
  lag(f5_vacuum_expansion_log, 3) over windows
  as f5_vacuum_expansion_log_3,
  lag(f6_vacuum_decay_log, 3) over windows
  as f6_vacuum_decay_log_3,
  lag(f7_vacuum_total_log, 3) over windows
  as f7_vacuum_total_log_3,
  lag(f8_ask_bbo_dist_ticks, 3) over windows
  as f8_ask_bbo_dist_ticks_3,
  lag(f9_bid_bbo_dist_ticks, 3) over windows
  as f9_bid_bbo_dist_ticks_3,
  lag(u1_ask_com_disp_log, 3) over windows
  as u1_ask_com_disp_log_3,
  lag(u2_ask_slope_convex_log, 3) over windows
  as u2_ask_slope_convex_log_3,
  lag(u2_ask_slope_inner_log, 3) over windows
  as u2_ask_slope_inner_log_3,
  lag(u3_ask_at_share_decay, 3) over windows
  as u3_ask_at_share_decay_3,
  lag(u3_ask_near_share_decay, 3) over windows
  as u3_ask_near_share_decay_3,
  lag(u4_ask_reprice_away_share_rest, 3) over windows
  as u4_ask_reprice_away_share_rest_3,
  lag(u5_ask_pull_add_log_rest, 3) over windows
  as u5_ask_pull_add_log_rest_3,
  lag(u6_ask_pull_intensity_log_rest, 3) over windows
  as u6_ask_pull_intensity_log_rest_3,
  lag(u7_ask_at_pull_share_rest, 3) over windows
  as u7_ask_at_pull_share_rest_3,
  lag(u7_ask_near_pull_share_rest, 3) over windows
  as u7_ask_near_pull_share_rest_3,
  lag(u8_bid_com_approach_log, 3) over windows
  as u8_bid_com_approach_log_3,
  lag(u9_bid_slope_support_log, 3) over windows
  as u9_bid_slope_support_log_3,
  lag(u9_bid_slope_inner_log, 3) over windows
  as u9_bid_slope_inner_log_3,
  lag(u10_bid_at_share_rise, 3) over windows
  as u10_bid_at_share_rise_3,
  lag(u10_bid_near_share_rise, 3) over windows
  as u10_bid_near_share_rise_3,
  lag(u11_bid_reprice_toward_share_rest, 3) over windows
  as u11_bid_reprice_toward_share_rest_3,
  lag(u12_bid_add_pull_log_rest, 3) over windows
  as u12_bid_add_pull_log_rest_3,
  lag(u13_bid_add_intensity_log, 3) over windows
  as u13_bid_add_intensity_log_3,
  lag(u14_bid_far_pull_share_rest, 3) over windows
  as u14_bid_far_pull_share_rest_3,
  lag(u15_up_expansion_log, 3) over windows
  as u15_up_expansion_log_3,
  lag(u16_up_flow_log, 3) over windows
  as u16_up_flow_log_3,
  lag(u17_up_total_log, 3) over windows
  as u17_up_total_log_3,
  lag(u18_ask_bbo_dist_ticks, 3) over windows
  as u18_ask_bbo_dist_ticks_3,
  lag(u19_bid_bbo_dist_ticks, 3) over windows
  as u19_bid_bbo_dist_ticks_3
  from features
  window windows as (order by window_start_ts)
)
select
'$symbol' as symbol,
date '$dt' as dt,
window_start_ts,
window_end_ts,
anchor_price_int as spot_ref_price_int,
window_valid,
f1_ask_com_disp_log,
f1_ask_slope_convex_log,
f1_ask_slope_inner_log,
f1_ask_at_share_delta,
f1_ask_near_share_delta,
f1_ask_reprice_away_share_rest,
f2_ask_pull_add_log_rest,
f2_ask_pull_intensity_log_rest,
f2_ask_at_pull_share_rest,
f2_ask_near_pull_share_rest,
f3_bid_com_disp_log,
f3_bid_slope_convex_log,
f3_bid_slope_inner_log,
f3_bid_at_share_delta,
f3_bid_near_share_delta,
f3_bid_reprice_away_share_rest,
f4_bid_pull_add_log_rest,
f4_bid_pull_intensity_log_rest,
f4_bid_at_pull_share_rest,
f4_bid_near_pull_share_rest,
f5_vacuum_expansion_log,
f6_vacuum_decay_log,
f7_vacuum_total_log,
f8_ask_bbo_dist_ticks,
f9_bid_bbo_dist_ticks,
u1_ask_com_disp_log,
u2_ask_slope_convex_log,
u2_ask_slope_inner_log,
u3_ask_at_share_decay,
u3_ask_near_share_decay,
u4_ask_reprice_away_share_rest,
u5_ask_pull_add_log_rest,
u6_ask_pull_intensity_log_rest,
u7_ask_at_pull_share_rest,
u7_ask_near_pull_share_rest,
u8_bid_com_approach_log,
u9_bid_slope_support_log,
u9_bid_slope_inner_log,
u10_bid_at_share_rise,
u10_bid_near_share_rise,
u11_bid_reprice_toward_share_rest,
u12_bid_add_pull_log_rest,
u13_bid_add_intensity_log,
u14_bid_far_pull_share_rest,
u15_up_expansion_log,
u16_up_flow_log,
u17_up_total_log,
u18_ask_bbo_dist_ticks,
u19_bid_bbo_dist_ticks,
case when is_known_1 then f1_ask_com_disp_log - f1_ask_com_disp_log_1 end as d1_f1_ask_com_disp_log,
case when is_known_1 then f1_ask_slope_convex_log - f1_ask_slope_convex_log_1 end as d1_f1_ask_slope_convex_log,
case when is_known_1 then f1_ask_slope_inner_log - f1_ask_slope_inner_log_1 end as d1_f1_ask_slope_inner_log,
case when is_known_1 then f1_ask_at_share_delta - f1_ask_at_share_delta_1 end as d1_f1_ask_at_share_delta,
case when is_known_1 then f1_ask_near_share_delta - f1_ask_near_share_delta_1 end as d1_f1_ask_near_share_delta,
case when is_known_1 then f1_ask_reprice_away_share_rest - f1_ask_reprice_away_share_rest_1 end as d1_f1_ask_reprice_away_share_rest,
case when is_known_1 then f2_ask_pull_add_log_rest - f2_ask_pull_add_log_rest_1 end as d1_f2_ask_pull_add_log_rest,
case when is_known_1 then f2_ask_pull_intensity_log_rest - f2_ask_pull_intensity_log_rest_1 end as d1_f2_ask_pull_intensity_log_rest,
case when is_known_1 then f2_ask_at_pull_share_rest - f2_ask_at_pull_share_rest_1 end as d1_f2_ask_at_pull_share_rest,
case when is_known_1 then f2_ask_near_pull_share_rest - f2_ask_near_pull_share_rest_1 end as d1_f2_ask_near_pull_share_rest,
case when is_known_1 then f3_bid_com_disp_log - f3_bid_com_disp_log_1 end as d1_f3_bid_com_disp_log,
case when is_known_1 then f3_bid_slope_convex_log - f3_bid_slope_convex_log_1 end as d1_f3_bid_slope_convex_log,
case when is_known_1 then f3_bid_slope_inner_log - f3_bid_slope_inner_log_1 end as d1_f3_bid_slope_inner_log,
case when is_known_1 then f3_bid_at_share_delta - f3_bid_at_share_delta_1 end as d1_f3_bid_at_share_delta,
case when is_known_1 then f3_bid_near_share_delta - f3_bid_near_share_delta_1 end as d1_f3_bid_near_share_delta,
case when is_known_1 then f3_bid_reprice_away_share_rest - f3_bid_reprice_away_share_rest_1 end as d1_f3_bid_reprice_away_share_rest,
case when is_known_1 then f4_bid_pull_add_log_rest - f4_bid_pull_add_log_rest_1 end as d1_f4_bid_pull_add_log_rest,
case when is_known_1 then f4_bid_pull_intensity_log_rest - f4_bid_pull_intensity_log_rest_1 end as d1_f4_bid_pull_intensity_log_rest,
case when is_known_1 then f4_bid_at_pull_share_rest - f4_bid_at_pull_share_rest_1 end as d1_f4_bid_at_pull_share_rest,
case when is_known_1 then f4_bid_near_pull_share_rest - f4_bid_near_pull_share_rest_1 end as d1_f4_bid_near_pull_share_rest,
case when is_known_1 then f5_vacuum_expansion_log - f5_vacuum_expansion_log_1 end as d1_f5_vacuum_expansion_log,
case when is_known_1 then f6_vacuum_decay_log - f6_vacuum_decay_log_1 end as d1_f6_vacuum_decay_log,
case when is_known_1 then f7_vacuum_total_log - f7_vacuum_total_log_1 end as d1_f7_vacuum_total_log,
case when is_known_1 then f8_ask_bbo_dist_ticks - f8_ask_bbo_dist_ticks_1 end as d1_f8_ask_bbo_dist_ticks,
case when is_known_1 then f9_bid_bbo_dist_ticks - f9_bid_bbo_dist_ticks_1 end as d1_f9_bid_bbo_dist_ticks,
case when is_known_1 then u1_ask_com_disp_log - u1_ask_com_disp_log_1 end as d1_u1_ask_com_disp_log,
case when is_known_1 then u2_ask_slope_convex_log - u2_ask_slope_convex_log_1 end as d1_u2_ask_slope_convex_log,
case when is_known_1 then u2_ask_slope_inner_log - u2_ask_slope_inner_log_1 end as d1_u2_ask_slope_inner_log,
case when is_known_1 then u3_ask_at_share_decay - u3_ask_at_share_decay_1 end as d1_u3_ask_at_share_decay,
case when is_known_1 then u3_ask_near_share_decay - u3_ask_near_share_decay_1 end as d1_u3_ask_near_share_decay,
case when is_known_1 then u4_ask_reprice_away_share_rest - u4_ask_reprice_away_share_rest_1 end as d1_u4_ask_reprice_away_share_rest,
case when is_known_1 then u5_ask_pull_add_log_rest - u5_ask_pull_add_log_rest_1 end as d1_u5_ask_pull_add_log_rest,
case when is_known_1 then u6_ask_pull_intensity_log_rest - u6_ask_pull_intensity_log_rest_1 end as d1_u6_ask_pull_intensity_log_rest,
case when is_known_1 then u7_ask_at_pull_share_rest - u7_ask_at_pull_share_rest_1 end as d1_u7_ask_at_pull_share_rest,
case when is_known_1 then u7_ask_near_pull_share_rest - u7_ask_near_pull_share_rest_1 end as d1_u7_ask_near_pull_share_rest,
case when is_known_1 then u8_bid_com_approach_log - u8_bid_com_approach_log_1 end as d1_u8_bid_com_approach_log,
case when is_known_1 then u9_bid_slope_support_log - u9_bid_slope_support_log_1 end as d1_u9_bid_slope_support_log,
case when is_known_1 then u9_bid_slope_inner_log - u9_bid_slope_inner_log_1 end as d1_u9_bid_slope_inner_log,
case when is_known_1 then u10_bid_at_share_rise - u10_bid_at_share_rise_1 end as d1_u10_bid_at_share_rise,
case when is_known_1 then u10_bid_near_share_rise - u10_bid_near_share_rise_1 end as d1_u10_bid_near_share_rise,
case when is_known_1 then u11_bid_reprice_toward_share_rest - u11_bid_reprice_toward_share_rest_1 end as d1_u11_bid_reprice_toward_share_rest,
case when is_known_1 then u12_bid_add_pull_log_rest - u12_bid_add_pull_log_rest_1 end as d1_u12_bid_add_pull_log_rest,
case when is_known_1 then u13_bid_add_intensity_log - u13_bid_add_intensity_log_1 end as d1_u13_bid_add_intensity_log,
case when is_known_1 then u14_bid_far_pull_share_rest - u14_bid_far_pull_share_rest_1 end as d1_u14_bid_far_pull_share_rest,
case when is_known_1 then u15_up_expansion_log - u15_up_expansion_log_1 end as d1_u15_up_expansion_log,
case when is_known_1 then u16_up_flow_log - u16_up_flow_log_1 end as d1_u16_up_flow_log,
case when is_known_1 then u17_up_total_log - u17_up_total_log_1 end as d1_u17_up_total_log,
case when is_known_1 then u18_ask_bbo_dist_ticks - u18_ask_bbo_dist_ticks_1 end as d1_u18_ask_bbo_dist_ticks,
case when is_known_1 then u19_bid_bbo_dist_ticks - u19_bid_bbo_dist_ticks_1 end as d1_u19_bid_bbo_dist_ticks,
case
when is_known_2 then f1_ask_com_disp_log - f1_ask_com_disp_log_1 - (f1_ask_com_disp_log_1 - f1_ask_com_disp_log_2)
end as d2_f1_ask_com_disp_log,
case
when is_known_2 then f1_ask_slope_convex_log - f1_ask_slope_convex_log_1 - (f1_ask_slope_convex_log_1 - f1_ask_slope_convex_log_2)
end as d2_f1_ask_slope_convex_log,
case
when is_known_2 then f1_ask_slope_inner_log - f1_ask_slope_inner_log_1 - (f1_ask_slope_inner_log_1 - f1_ask_slope_inner_log_2)
end as d2_f1_ask_slope_inner_log,
case
when is_known_2 then f1_ask_at_share_delta - f1_ask_at_share_delta_1 - (f1_ask_at_share_delta_1 - f1_ask_at_share_delta_2)
end as d2_f1_ask_at_share_delta,
case
when is_known_2 then f1_ask_near_share_delta - f1_ask_near_share_delta_1 - (f1_ask_near_share_delta_1 - f1_ask_near_share_delta_2)
end as d2_f1_ask_near_share_delta,
case
when is_known_2 then f1_ask_reprice_away_share_rest - f1_ask_reprice_away_share_rest_1 - (f1_ask_reprice_away_share_rest_1 - f1_ask_reprice_away_share_rest_2)
end as d2_f1_ask_reprice_away_share_rest,
case
when is_known_2 then f2_ask_pull_add_log_rest - f2_ask_pull_add_log_rest_1 - (f2_ask_pull_add_log_rest_1 - f2_ask_pull_add_log_rest_2)
end as d2_f2_ask_pull_add_log_rest,
case
when is_known_2 then f2_ask_pull_intensity_log_rest - f2_ask_pull_intensity_log_rest_1 - (f2_ask_pull_intensity_log_rest_1 - f2_ask_pull_intensity_log_rest_2)
end as d2_f2_ask_pull_intensity_log_rest,
case
when is_known_2 then f2_ask_at_pull_share_rest - f2_ask_at_pull_share_rest_1 - (f2_ask_at_pull_share_rest_1 - f2_ask_at_pull_share_rest_2)
end as d2_f2_ask_at_pull_share_rest,
case
when is_known_2 then f2_ask_near_pull_share_rest - f2_ask_near_pull_share_rest_1 - (f2_ask_near_pull_share_rest_1 - f2_ask_near_pull_share_rest_2)
end as d2_f2_ask_near_pull_share_rest,
case
when is_known_2 then f3_bid_com_disp_log - f3_bid_com_disp_log_1 - (f3_bid_com_disp_log_1 - f3_bid_com_disp_log_2)
end as d2_f3_bid_com_disp_log,
case
when is_known_2 then f3_bid_slope_convex_log - f3_bid_slope_convex_log_1 - (f3_bid_slope_convex_log_1 - f3_bid_slope_convex_log_2)
end as d2_f3_bid_slope_convex_log,
case
when is_known_2 then f3_bid_slope_inner_log - f3_bid_slope_inner_log_1 - (f3_bid_slope_inner_log_1 - f3_bid_slope_inner_log_2)
end as d2_f3_bid_slope_inner_log,
case
when is_known_2 then f3_bid_at_share_delta - f3_bid_at_share_delta_1 - (f3_bid_at_share_delta_1 - f3_bid_at_share_delta_2)
end as d2_f3_bid_at_share_delta,
case
when is_known_2 then f3_bid_near_share_delta - f3_bid_near_share_delta_1 - (f3_bid_near_share_delta_1 - f3_bid_near_share_delta_2)
end as d2_f3_bid_near_share_delta,
case
when is_known_2 then f3_bid_reprice_away_share_rest - f3_bid_reprice_away_share_rest_1 - (f3_bid_reprice_away_share_rest_1 - f3_bid_reprice_away_share_rest_2)
end as d2_f3_bid_reprice_away_share_rest,
case
when is_known_2 then f4_bid_pull_add_log_rest - f4_bid_pull_add_log_rest_1 - (f4_bid_pull_add_log_rest_1 - f4_bid_pull_add_log_rest_2)
end as d2_f4_bid_pull_add_log_rest,
case
when is_known_2 then f4_bid_pull_intensity_log_rest - f4_bid_pull_intensity_log_rest_1 - (f4_bid_pull_intensity_log_rest_1 - f4_bid_pull_intensity_log_rest_2)
end as d2_f4_bid_pull_intensity_log_rest,
case
when is_known_2 then f4_bid_at_pull_share_rest - f4_bid_at_pull_share_rest_1 - (f4_bid_at_pull_share_rest_1 - f4_bid_at_pull_share_rest_2)
end as d2_f4_bid_at_pull_share_rest,
case
when is_known_2 then f4_bid_near_pull_share_rest - f4_bid_near_pull_share_rest_1 - (f4_bid_near_pull_share_rest_1 - f4_bid_near_pull_share_rest_2)
end as d2_f4_bid_near_pull_share_rest,
case
when is_known_2 then f5_vacuum_expansion_log - f5_vacuum_expansion_log_1 - (f5_vacuum_expansion_log_1 - f5_vacuum_expansion_log_2)
end as d2_f5_vacuum_expansion_log,
case
when is_known_2 then f6_vacuum_decay_log - f6_vacuum_decay_log_1 - (f6_vacuum_decay_log_1 - f6_vacuum_decay_log_2)
end as d2_f6_vacuum_decay_log,
case
when is_known_2 then f7_vacuum_total_log - f7_vacuum_total_log_1 - (f7_vacuum_total_log_1 - f7_vacuum_total_log_2)
end as d2_f7_vacuum_total_log,
case
when is_known_2 then f8_ask_bbo_dist_ticks - f8_ask_bbo_dist_ticks_1 - (f8_ask_bbo_dist_ticks_1 - f8_ask_bbo_dist_ticks_2)
end as d2_f8_ask_bbo_dist_ticks,
case
when is_known_2 then f9_bid_bbo_dist_ticks - f9_bid_bbo_dist_ticks_1 - (f9_bid_bbo_dist_ticks_1 - f9_bid_bbo_dist_ticks_2)
end as d2_f9_bid_bbo_dist_ticks,
case
when is_known_2 then u1_ask_com_disp_log - u1_ask_com_disp_log_1 - (u1_ask_com_disp_log_1 - u1_ask_com_disp_log_2)
end as d2_u1_ask_com_disp_log,
case
when is_known_2 then u2_ask_slope_convex_log - u2_ask_slope_convex_log_1 - (u2_ask_slope_convex_log_1 - u2_ask_slope_convex_log_2)
end as d2_u2_ask_slope_convex_log,
case
when is_known_2 then u2_ask_slope_inner_log - u2_ask_slope_inner_log_1 - (u2_ask_slope_inner_log_1 - u2_ask_slope_inner_log_2)
end as d2_u2_ask_slope_inner_log,
case
when is_known_2 then u3_ask_at_share_decay - u3_ask_at_share_decay_1 - (u3_ask_at_share_decay_1 - u3_ask_at_share_decay_2)
end as d2_u3_ask_at_share_decay,
case
when is_known_2 then u3_ask_near_share_decay - u3_ask_near_share_decay_1 - (u3_ask_near_share_decay_1 - u3_ask_near_share_decay_2)
end as d2_u3_ask_near_share_decay,
case
when is_known_2 then u4_ask_reprice_away_share_rest - u4_ask_reprice_away_share_rest_1 - (u4_ask_reprice_away_share_rest_1 - u4_ask_reprice_away_share_rest_2)
end as d2_u4_ask_reprice_away_share_rest,
case
when is_known_2 then u5_ask_pull_add_log_rest - u5_ask_pull_add_log_rest_1 - (u5_ask_pull_add_log_rest_1 - u5_ask_pull_add_log_rest_2)
end as d2_u5_ask_pull_add_log_rest,
case
when is_known_2 then u6_ask_pull_intensity_log_rest - u6_ask_pull_intensity_log_rest_1 - (u6_ask_pull_intensity_log_rest_1 - u6_ask_pull_intensity_log_rest_2)
end as d2_u6_ask_pull_intensity_log_rest,
case
when is_known_2 then u7_ask_at_pull_share_rest - u7_ask_at_pull_share_rest_1 - (u7_ask_at_pull_share_rest_1 - u7_ask_at_pull_share_rest_2)
end as d2_u7_ask_at_pull_share_rest,
case
when is_known_2 then u7_ask_near_pull_share_rest - u7_ask_near_pull_share_rest_1 - (u7_ask_near_pull_share_rest_1 - u7_ask_near_pull_share_rest_2)
end as d2_u7_ask_near_pull_share_rest,
case
when is_known_2 then u8_bid_com_approach_log - u8_bid_com_approach_log_1 - (u8_bid_com_approach_log_1 - u8_bid_com_approach_log_2)
end as d2_u8_bid_com_approach_log,
case
when is_known_2 then u9_bid_slope_support_log - u9_bid_slope_support_log_1 - (u9_bid_slope_support_log_1 - u9_bid_slope_support_log_2)
end as d2_u9_bid_slope_support_log,
case
when is_known_2 then u9_bid_slope_inner_log - u9_bid_slope_inner_log_1 - (u9_bid_slope_inner_log_1 - u9_bid_slope_inner_log_2)
end as d2_u9_bid_slope_inner_log,
case
when is_known_2 then u10_bid_at_share_rise - u10_bid_at_share_rise_1 - (u10_bid_at_share_rise_1 - u10_bid_at_share_rise_2)
end as d2_u10_bid_at_share_rise,
case
when is_known_2 then u10_bid_near_share_rise - u10_bid_near_share_rise_1 - (u10_bid_near_share_rise_1 - u10_bid_near_share_rise_2)
end as d2_u10_bid_near_share_rise,
case
when is_known_2 then u11_bid_reprice_toward_share_rest - u11_bid_reprice_toward_share_rest_1 - (u11_bid_reprice_toward_share_rest_1 - u11_bid_reprice_toward_share_rest_2)
end as d2_u11_bid_reprice_toward_share_rest,
case
when is_known_2 then u12_bid_add_pull_log_rest - u12_bid_add_pull_log_rest_1 - (u12_bid_add_pull_log_rest_1 - u12_bid_add_pull_log_rest_2)
end as d2_u12_bid_add_pull_log_rest,
case
when is_known_2 then u13_bid_add_intensity_log - u13_bid_add_intensity_log_1 - (u13_bid_add_intensity_log_1 - u13_bid_add_intensity_log_2)
end as d2_u13_bid_add_intensity_log,
case
when is_known_2 then u14_bid_far_pull_share_rest - u14_bid_far_pull_share_rest_1 - (u14_bid_far_pull_share_rest_1 - u14_bid_far_pull_share_rest_2)
end as d2_u14_bid_far_pull_share_rest,
case
when is_known_2 then u15_up_expansion_log - u15_up_expansion_log_1 - (u15_up_expansion_log_1 - u15_up_expansion_log_2)
end as d2_u15_up_expansion_log,
case
when is_known_2 then u16_up_flow_log - u16_up_flow_log_1 - (u16_up_flow_log_1 - u16_up_flow_log_2)
end as d2_u16_up_flow_log,
case
when is_known_2 then u17_up_total_log - u17_up_total_log_1 - (u17_up_total_log_1 - u17_up_total_log_2)
end as d2_u17_up_total_log,
case
when is_known_2 then u18_ask_bbo_dist_ticks - u18_ask_bbo_dist_ticks_1 - (u18_ask_bbo_dist_ticks_1 - u18_ask_bbo_dist_ticks_2)
end as d2_u18_ask_bbo_dist_ticks,
case
when is_known_2 then u19_bid_bbo_dist_ticks - u19_bid_bbo_dist_ticks_1 - (u19_bid_bbo_dist_ticks_1 - u19_bid_bbo_dist_ticks_2)
end as d2_u19_bid_bbo_dist_ticks,
case
when is_known_3
then
f1_ask_com_disp_log - f1_ask_com_disp_log_1 - (f1_ask_com_disp_log_1 - f1_ask_com_disp_log_2)
- (f1_ask_com_disp_log_1 - f1_ask_com_disp_log_2 - (f1_ask_com_disp_log_2 - f1_ask_com_disp_log_3))
end as d3_f1_ask_com_disp_log,
case
when is_known_3
then
f1_ask_slope_convex_log - f1_ask_slope_convex_log_1 - (f1_ask_slope_convex_log_1 - f1_ask_slope_convex_log_2)
- (f1_ask_slope_convex_log_1 - f1_ask_slope_convex_log_2 - (f1_ask_slope_convex_log_2 - f1_ask_slope_convex_log_3))
end as d3_f1_ask_slope_convex_log,
case
when is_known_3
then
f1_ask_slope_inner_log - f1_ask_slope_inner_log_1 - (f1_ask_slope_inner_log_1 - f1_ask_slope_inner_log_2)
- (f1_ask_slope_inner_log_1 - f1_ask_slope_inner_log_2 - (f1_ask_slope_inner_log_2 - f1_ask_slope_inner_log_3))
end as d3_f1_ask_slope_inner_log,
case
when is_known_3
then
f1_ask_at_share_delta - f1_ask_at_share_delta_1 - (f1_ask_at_share_delta_1 - f1_ask_at_share_delta_2)
- (f1_ask_at_share_delta_1 - f1_ask_at_share_delta_2 - (f1_ask_at_share_delta_2 - f1_ask_at_share_delta_3))
end as d3_f1_ask_at_share_delta,
case
when is_known_3
then
f1_ask_near_share_delta - f1_ask_near_share_delta_1 - (f1_ask_near_share_delta_1 - f1_ask_near_share_delta_2)
- (f1_ask_near_share_delta_1 - f1_ask_near_share_delta_2 - (f1_ask_near_share_delta_2 - f1_ask_near_share_delta_3))
end as d3_f1_ask_near_share_delta,
case
when is_known_3
then
f1_ask_reprice_away_share_rest - f1_ask_reprice_away_share_rest_1 - (f1_ask_reprice_away_share_rest_1 - f1_ask_reprice_away_share_rest_2)
- (f1_ask_reprice_away_share_rest_1 - f1_ask_reprice_away_share_rest_2 - (f1_ask_reprice_away_share_rest_2 - f1_ask_reprice_away_share_rest_3))
end as d3_f1_ask_reprice_away_share_rest,
case
when is_known_3
then
f2_ask_pull_add_log_rest - f2_ask_pull_add_log_rest_1 - (f2_ask_pull_add_log_rest_1 - f2_ask_pull_add_log_rest_2)
- (f2_ask_pull_add_log_rest_1 - f2_ask_pull_add_log_rest_2 - (f2_ask_pull_add_log_rest_2 - f2_ask_pull_add_log_rest_3))
end as d3_f2_ask_pull_add_log_rest,
case
when is_known_3
then
f2_ask_pull_intensity_log_rest - f2_ask_pull_intensity_log_rest_1 - (f2_ask_pull_intensity_log_rest_1 - f2_ask_pull_intensity_log_rest_2)
- (f2_ask_pull_intensity_log_rest_1 - f2_ask_pull_intensity_log_rest_2 - (f2_ask_pull_intensity_log_rest_2 - f2_ask_pull_intensity_log_rest_3))
end as d3_f2_ask_pull_intensity_log_rest,
case
when is_known_3
then
f2_ask_at_pull_share_rest - f2_ask_at_pull_share_rest_1 - (f2_ask_at_pull_share_rest_1 - f2_ask_at_pull_share_rest_2)
- (f2_ask_at_pull_share_rest_1 - f2_ask_at_pull_share_rest_2 - (f2_ask_at_pull_share_rest_2 - f2_ask_at_pull_share_rest_3))
end as d3_f2_ask_at_pull_share_rest,
case
when is_known_3
then
f2_ask_near_pull_share_rest - f2_ask_near_pull_share_rest_1 - (f2_ask_near_pull_share_rest_1 - f2_ask_near_pull_share_rest_2)
- (f2_ask_near_pull_share_rest_1 - f2_ask_near_pull_share_rest_2 - (f2_ask_near_pull_share_rest_2 - f2_ask_near_pull_share_rest_3))
end as d3_f2_ask_near_pull_share_rest,
case
when is_known_3
then
f3_bid_com_disp_log - f3_bid_com_disp_log_1 - (f3_bid_com_disp_log_1 - f3_bid_com_disp_log_2)
- (f3_bid_com_disp_log_1 - f3_bid_com_disp_log_2 - (f3_bid_com_disp_log_2 - f3_bid_com_disp_log_3))
end as d3_f3_bid_com_disp_log,
case
when is_known_3
then
f3_bid_slope_convex_log - f3_bid_slope_convex_log_1 - (f3_bid_slope_convex_log_1 - f3_bid_slope_convex_log_2)
- (f3_bid_slope_convex_log_1 - f3_bid_slope_convex_log_2 - (f3_bid_slope_convex_log_2 - f3_bid_slope_convex_log_3))
end as d3_f3_bid_slope_convex_log,
case
when is_known_3
then
f3_bid_slope_inner_log - f3_bid_slope_inner_log_1 - (f3_bid_slope_inner_log_1 - f3_bid_slope_inner_log_2)
- (f3_bid_slope_inner_log_1 - f3_bid_slope_inner_log_2 - (f3_bid_slope_inner_log_2 - f3_bid_slope_inner_log_3))
end as d3_f3_bid_slope_inner_log,
case
when is_known_3
then
f3_bid_at_share_delta - f3_bid_at_share_delta_1 - (f3_bid_at_share_delta_1 - f3_bid_at_share_delta_2)
- (f3_bid_at_share_delta_1 - f3_bid_at_share_delta_2 - (f3_bid_at_share_delta_2 - f3_bid_at_share_delta_3))
end as d3_f3_bid_at_share_delta,
case
when is_known_3
then
f3_bid_near_share_delta - f3_bid_near_share_delta_1 - (f3_bid_near_share_delta_1 - f3_bid_near_share_delta_2)
- (f3_bid_near_share_delta_1 - f3_bid_near_share_delta_2 - (f3_bid_near_share_delta_2 - f3_bid_near_share_delta_3))
end as d3_f3_bid_near_share_delta,
case
when is_known_3
then
f3_bid_reprice_away_share_rest - f3_bid_reprice_away_share_rest_1 - (f3_bid_reprice_away_share_rest_1 - f3_bid_reprice_away_share_rest_2)
- (f3_bid_reprice_away_share_rest_1 - f3_bid_reprice_away_share_rest_2 - (f3_bid_reprice_away_share_rest_2 - f3_bid_reprice_away_share_rest_3))
end as d3_f3_bid_reprice_away_share_rest,
case
when is_known_3
then
f4_bid_pull_add_log_rest - f4_bid_pull_add_log_rest_1 - (f4_bid_pull_add_log_rest_1 - f4_bid_pull_add_log_rest_2)
- (f4_bid_pull_add_log_rest_1 - f4_bid_pull_add_log_rest_2 - (f4_bid_pull_add_log_rest_2 - f4_bid_pull_add_log_rest_3))
end as d3_f4_bid_pull_add_log_rest,
case
when is_known_3
then
f4_bid_pull_intensity_log_rest - f4_bid_pull_intensity_log_rest_1 - (f4_bid_pull_intensity_log_rest_1 - f4_bid_pull_intensity_log_rest_2)
- (f4_bid_pull_intensity_log_rest_1 - f4_bid_pull_intensity_log_rest_2 - (f4_bid_pull_intensity_log_rest_2 - f4_bid_pull_intensity_log_rest_3))
end as d3_f4_bid_pull_intensity_log_rest,
case
when is_known_3
then
f4_bid_at_pull_share_rest - f4_bid_at_pull_share_rest_1 - (f4_bid_at_pull_share_rest_1 - f4_bid_at_pull_share_rest_2)
- (f4_bid_at_pull_share_rest_1 - f4_bid_at_pull_share_rest_2 - (f4_bid_at_pull_share_rest_2 - f4_bid_at_pull_share_rest_3))
end as d3_f4_bid_at_pull_share_rest,
case
when is_known_3
then
f4_bid_near_pull_share_rest - f4_bid_near_pull_share_rest_1 - (f4_bid_near_pull_share_rest_1 - f4_bid_near_pull_share_rest_2)
- (f4_bid_near_pull_share_rest_1 - f4_bid_near_pull_share_rest_2 - (f4_bid_near_pull_share_rest_2 - f4_bid_near_pull_share_rest_3))
end as d3_f4_bid_near_pull_share_rest,
case
when is_known_3
then
f5_vacuum_expansion_log - f5_vacuum_expansion_log_1 - (f5_vacuum_expansion_log_1 - f5_vacuum_expansion_log_2)
- (f5_vacuum_expansion_log_1 - f5_vacuum_expansion_log_2 - (f5_vacuum_expansion_log_2 - f5_vacuum_expansion_log_3))
end as d3_f5_vacuum_expansion_log,
case
when is_known_3
then
f6_vacuum_decay_log - f6_vacuum_decay_log_1 - (f6_vacuum_decay_log_1 - f6_vacuum_decay_log_2)
- (f6_vacuum_decay_log_1 - f6_vacuum_decay_log_2 - (f6_vacuum_decay_log_2 - f6_vacuum_decay_log_3))
end as d3_f6_vacuum_decay_log,
case
when is_known_3
then
f7_vacuum_total_log - f7_vacuum_total_log_1 - (f7_vacuum_total_log_1 - f7_vacuum_total_log_2)
- (f7_vacuum_total_log_1 - f7_vacuum_total_log_2 - (f7_vacuum_total_log_2 - f7_vacuum_total_log_3))
end as d3_f7_vacuum_total_log,
case
when is_known_3
then
f8_ask_bbo_dist_ticks - f8_ask_bbo_dist_ticks_1 - (f8_ask_bbo_dist_ticks_1 - f8_ask_bbo_dist_ticks_2)
- (f8_ask_bbo_dist_ticks_1 - f8_ask_bbo_dist_ticks_2 - (f8_ask_bbo_dist_ticks_2 - f8_ask_bbo_dist_ticks_3))
end as d3_f8_ask_bbo_dist_ticks,
case
when is_known_3
then
f9_bid_bbo_dist_ticks - f9_bid_bbo_dist_ticks_1 - (f9_bid_bbo_dist_ticks_1 - f9_bid_bbo_dist_ticks_2)
- (f9_bid_bbo_dist_ticks_1 - f9_bid_bbo_dist_ticks_2 - (f9_bid_bbo_dist_ticks_2 - f9_bid_bbo_dist_ticks_3))
end as d3_f9_bid_bbo_dist_ticks,
case
when is_known_3
then
u1_ask_com_disp_log - u1_ask_com_disp_log_1 - (u1_ask_com_disp_log_1 - u1_ask_com_disp_log_2)
- (u1_ask_com_disp_log_1 - u1_ask_com_disp_log_2 - (u1_ask_com_disp_log_2 - u1_ask_com_disp_log_3))
end as d3_u1_ask_com_disp_log,
case
when is_known_3
then
u2_ask_slope_convex_log - u2_ask_slope_convex_log_1 - (u2_ask_slope_convex_log_1 - u2_ask_slope_convex_log_2)
- (u2_ask_slope_convex_log_1 - u2_ask_slope_convex_log_2 - (u2_ask_slope_convex_log_2 - u2_ask_slope_convex_log_3))
end as d3_u2_ask_slope_convex_log,
case
when is_known_3
then
u2_ask_slope_inner_log - u2_ask_slope_inner_log_1 - (u2_ask_slope_inner_log_1 - u2_ask_slope_inner_log_2)
- (u2_ask_slope_inner_log_1 - u2_ask_slope_inner_log_2 - (u2_ask_slope_inner_log_2 - u2_ask_slope_inner_log_3))
end as d3_u2_ask_slope_inner_log,
case
when is_known_3
then
u3_ask_at_share_decay - u3_ask_at_share_decay_1 - (u3_ask_at_share_decay_1 - u3_ask_at_share_decay_2)
- (u3_ask_at_share_decay_1 - u3_ask_at_share_decay_2 - (u3_ask_at_share_decay_2 - u3_ask_at_share_decay_3))
end as d3_u3_ask_at_share_decay,
case
when is_known_3
then
u3_ask_near_share_decay - u3_ask_near_share_decay_1 - (u3_ask_near_share_decay_1 - u3_ask_near_share_decay_2)
- (u3_ask_near_share_decay_1 - u3_ask_near_share_decay_2 - (u3_ask_near_share_decay_2 - u3_ask_near_share_decay_3))
end as d3_u3_ask_near_share_decay,
case
when is_known_3
then
u4_ask_reprice_away_share_rest - u4_ask_reprice_away_share_rest_1 - (u4_ask_reprice_away_share_rest_1 - u4_ask_reprice_away_share_rest_2)
- (u4_ask_reprice_away_share_rest_1 - u4_ask_reprice_away_share_rest_2 - (u4_ask_reprice_away_share_rest_2 - u4_ask_reprice_away_share_rest_3))
end as d3_u4_ask_reprice_away_share_rest,
case
when is_known_3
then
u5_ask_pull_add_log_rest - u5_ask_pull_add_log_rest_1 - (u5_ask_pull_add_log_rest_1 - u5_ask_pull_add_log_rest_2)
- (u5_ask_pull_add_log_rest_1 - u5_ask_pull_add_log_rest_2 - (u5_ask_pull_add_log_rest_2 - u5_ask_pull_add_log_rest_3))
end as d3_u5_ask_pull_add_log_rest,
case
when is_known_3
then
u6_ask_pull_intensity_log_rest - u6_ask_pull_intensity_log_rest_1 - (u6_ask_pull_intensity_log_rest_1 - u6_ask_pull_intensity_log_rest_2)
- (u6_ask_pull_intensity_log_rest_1 - u6_ask_pull_intensity_log_rest_2 - (u6_ask_pull_intensity_log_rest_2 - u6_ask_pull_intensity_log_rest_3))
end as d3_u6_ask_pull_intensity_log_rest,
case
when is_known_3
then
u7_ask_at_pull_share_rest - u7_ask_at_pull_share_rest_1 - (u7_ask_at_pull_share_rest_1 - u7_ask_at_pull_share_rest_2)
- (u7_ask_at_pull_share_rest_1 - u7_ask_at_pull_share_rest_2 - (u7_ask_at_pull_share_rest_2 - u7_ask_at_pull_share_rest_3))
end as d3_u7_ask_at_pull_share_rest,
case
when is_known_3
then
u7_ask_near_pull_share_rest - u7_ask_near_pull_share_rest_1 - (u7_ask_near_pull_share_rest_1 - u7_ask_near_pull_share_rest_2)
- (u7_ask_near_pull_share_rest_1 - u7_ask_near_pull_share_rest_2 - (u7_ask_near_pull_share_rest_2 - u7_ask_near_pull_share_rest_3))
end as d3_u7_ask_near_pull_share_rest,
case
when is_known_3
then
u8_bid_com_approach_log - u8_bid_com_approach_log_1 - (u8_bid_com_approach_log_1 - u8_bid_com_approach_log_2)
- (u8_bid_com_approach_log_1 - u8_bid_com_approach_log_2 - (u8_bid_com_approach_log_2 - u8_bid_com_approach_log_3))
end as d3_u8_bid_com_approach_log,
case
when is_known_3
then
u9_bid_slope_support_log - u9_bid_slope_support_log_1 - (u9_bid_slope_support_log_1 - u9_bid_slope_support_log_2)
- (u9_bid_slope_support_log_1 - u9_bid_slope_support_log_2 - (u9_bid_slope_support_log_2 - u9_bid_slope_support_log_3))
end as d3_u9_bid_slope_support_log,
case
when is_known_3
then
u9_bid_slope_inner_log - u9_bid_slope_inner_log_1 - (u9_bid_slope_inner_log_1 - u9_bid_slope_inner_log_2)
- (u9_bid_slope_inner_log_1 - u9_bid_slope_inner_log_2 - (u9_bid_slope_inner_log_2 - u9_bid_slope_inner_log_3))
end as d3_u9_bid_slope_inner_log,
case
when is_known_3
then
u10_bid_at_share_rise - u10_bid_at_share_rise_1 - (u10_bid_at_share_rise_1 - u10_bid_at_share_rise_2)
- (u10_bid_at_share_rise_1 - u10_bid_at_share_rise_2 - (u10_bid_at_share_rise_2 - u10_bid_at_share_rise_3))
end as d3_u10_bid_at_share_rise,
case
when is_known_3
then
u10_bid_near_share_rise - u10_bid_near_share_rise_1 - (u10_bid_near_share_rise_1 - u10_bid_near_share_rise_2)
- (u10_bid_near_share_rise_1 - u10_bid_near_share_rise_2 - (u10_bid_near_share_rise_2 - u10_bid_near_share_rise_3))
end as d3_u10_bid_near_share_rise,
case
when is_known_3
then
u11_bid_reprice_toward_share_rest - u11_bid_reprice_toward_share_rest_1 - (u11_bid_reprice_toward_share_rest_1 - u11_bid_reprice_toward_share_rest_2)
- (u11_bid_reprice_toward_share_rest_1 - u11_bid_reprice_toward_share_rest_2 - (u11_bid_reprice_toward_share_rest_2 - u11_bid_reprice_toward_share_rest_3))
end as d3_u11_bid_reprice_toward_share_rest,
case
when is_known_3
then
u12_bid_add_pull_log_rest - u12_bid_add_pull_log_rest_1 - (u12_bid_add_pull_log_rest_1 - u12_bid_add_pull_log_rest_2)
- (u12_bid_add_pull_log_rest_1 - u12_bid_add_pull_log_rest_2 - (u12_bid_add_pull_log_rest_2 - u12_bid_add_pull_log_rest_3))
end as d3_u12_bid_add_pull_log_rest,
case
when is_known_3
then
u13_bid_add_intensity_log - u13_bid_add_intensity_log_1 - (u13_bid_add_intensity_log_1 - u13_bid_add_intensity_log_2)
- (u13_bid_add_intensity_log_1 - u13_bid_add_intensity_log_2 - (u13_bid_add_intensity_log_2 - u13_bid_add_intensity_log_3))
end as d3_u13_bid_add_intensity_log,
case
when is_known_3
then
u14_bid_far_pull_share_rest - u14_bid_far_pull_share_rest_1 - (u14_bid_far_pull_share_rest_1 - u14_bid_far_pull_share_rest_2)
- (u14_bid_far_pull_share_rest_1 - u14_bid_far_pull_share_rest_2 - (u14_bid_far_pull_share_rest_2 - u14_bid_far_pull_share_rest_3))
end as d3_u14_bid_far_pull_share_rest,
case
when is_known_3
then
u15_up_expansion_log - u15_up_expansion_log_1 - (u15_up_expansion_log_1 - u15_up_expansion_log_2)
- (u15_up_expansion_log_1 - u15_up_expansion_log_2 - (u15_up_expansion_log_2 - u15_up_expansion_log_3))
end as d3_u15_up_expansion_log,
case
when is_known_3
then
u16_up_flow_log - u16_up_flow_log_1 - (u16_up_flow_log_1 - u16_up_flow_log_2)
- (u16_up_flow_log_1 - u16_up_flow_log_2 - (u16_up_flow_log_2 - u16_up_flow_log_3))
end as d3_u16_up_flow_log,
case
when is_known_3
then
u17_up_total_log - u17_up_total_log_1 - (u17_up_total_log_1 - u17_up_total_log_2)
- (u17_up_total_log_1 - u17_up_total_log_2 - (u17_up_total_log_2 - u17_up_total_log_3))
end as d3_u17_up_total_log,
case
when is_known_3
then
u18_ask_bbo_dist_ticks - u18_ask_bbo_dist_ticks_1 - (u18_ask_bbo_dist_ticks_1 - u18_ask_bbo_dist_ticks_2)
- (u18_ask_bbo_dist_ticks_1 - u18_ask_bbo_dist_ticks_2 - (u18_ask_bbo_dist_ticks_2 - u18_ask_bbo_dist_ticks_3))
end as d3_u18_ask_bbo_dist_ticks,
case
when is_known_3
then
u19_bid_bbo_dist_ticks - u19_bid_bbo_dist_ticks_1 - (u19_bid_bbo_dist_ticks_1 - u19_bid_bbo_dist_ticks_2)
- (u19_bid_bbo_dist_ticks_1 - u19_bid_bbo_dist_ticks_2 - (u19_bid_bbo_dist_ticks_2 - u19_bid_bbo_dist_ticks_3))
end as d3_u19_bid_bbo_dist_ticks
from earlier
order by window_start_ts
