with
contract_day as (
  select * from "silver"."contract_days"
  where symbol = '$symbol' and dt = date '$dt'
),
seconds as (
  select
  *,
  time_bucket(interval 5 second, window_start_ts, timestamp '1970-01-01') as bar_start_ts
  from "steps"."market_book_1s"
  where
  symbol = '$symbol' and dt = date '$dt'
  and is_in_use
),
trades as (
  select
  *,
  time_bucket(interval 5 second, window_start_ts, timestamp '1970-01-01') as bar_start_ts
  from "steps"."contract_trades"
  where symbol = '$symbol' and dt = date '$dt'
),
wall as (
  select * from "silver"."wall_surface_1s"
  where
  symbol = '$symbol' and dt = date '$dt'
  and add_qty + pull_qty_total > 0
),
earlier_bars as (
  select
  cast(null as timestamp) as bar_end_ts,
  cast(null as bigint) as trade_last_price_int
  from range(0) as own_rows
),
earlier as (
  select max_by(trade_last_price_int, bar_end_ts) as trade_last_price_int
  from earlier_bars
),
sums as (
  select
  bar_start_ts,
  any_value(source) as source,
  max(window_start_ts) as last_window_start_ts,
  sum(valid_ns) as valid_ns,
  sum(update_count) as update_count,
  sum(one_sided_count) as one_sided_count,
  sum(depth_l1_ns) as depth_l1_ns,
  sum(depth_l10_ns) as depth_l10_ns,
  sum(ofi_price_10t) as ofi_price_10t,
  sum(ofi_00) as ofi_00,
  sum(ofi_01) as ofi_01,
  sum(ofi_02) as ofi_02,
  sum(ofi_03) as ofi_03,
  sum(ofi_04) as ofi_04,
  sum(ofi_05) as ofi_05,
  sum(ofi_06) as ofi_06,
  sum(ofi_07) as ofi_07,
  sum(ofi_08) as ofi_08,
  sum(ofi_09) as ofi_09,
  cast(sum(cast(spread_ticks_ns as decimal(30, 6))) as double) as spread_ticks_ns,
  cast(sum(cast(book_imbalance_l1_ns as decimal(30, 6))) as double) as book_imbalance_l1_ns,
  cast(sum(cast(book_imbalance_l10_ns as decimal(30, 6))) as double) as book_imbalance_l10_ns,
  cast(sum(cast(depth_imbalance_0_4_ns as decimal(30, 6))) as double) as depth_imbalance_0_4_ns,
  cast(sum(cast(depth_imbalance_4_8_ns as decimal(30, 6))) as double) as depth_imbalance_4_8_ns,
  cast(sum(cast(depth_imbalance_8_12_ns as decimal(30, 6))) as double) as depth_imbalance_8_12_ns,
  cast(sum(cast(depth_imbalance_12_20_ns as decimal(30, 6))) as double) as depth_imbalance_12_20_ns,
  cast(sum(cast(depth_imbalance_20_40_ns as decimal(30, 6))) as double) as depth_imbalance_20_40_ns,
  cast(sum(cast(depth_bid_0_4_frac_ns as decimal(30, 6))) as double) as depth_bid_0_4_frac_ns,
  cast(sum(cast(depth_bid_4_8_frac_ns as decimal(30, 6))) as double) as depth_bid_4_8_frac_ns,
  cast(sum(cast(depth_bid_8_12_frac_ns as decimal(30, 6))) as double) as depth_bid_8_12_frac_ns,
  cast(sum(cast(depth_bid_12_20_frac_ns as decimal(30, 6))) as double) as depth_bid_12_20_frac_ns,
  cast(sum(cast(depth_bid_20_40_frac_ns as decimal(30, 6))) as double) as depth_bid_20_40_frac_ns,
  cast(sum(cast(depth_ask_0_4_frac_ns as decimal(30, 6))) as double) as depth_ask_0_4_frac_ns,
  cast(sum(cast(depth_ask_4_8_frac_ns as decimal(30, 6))) as double) as depth_ask_4_8_frac_ns,
  cast(sum(cast(depth_ask_8_12_frac_ns as decimal(30, 6))) as double) as depth_ask_8_12_frac_ns,
  cast(sum(cast(depth_ask_12_20_frac_ns as decimal(30, 6))) as double) as depth_ask_12_20_frac_ns,
  cast(sum(cast(depth_ask_20_40_frac_ns as decimal(30, 6))) as double) as depth_ask_20_40_frac_ns,
  sum(depth_imbalance_0_4_known_ns) as depth_imbalance_0_4_known_ns,
  sum(depth_bid_0_4_qty_ns)
  as depth_bid_0_4_qty_ns,
  sum(depth_bid_0_4_unknown_ns)
  as depth_bid_0_4_unknown_ns,
  sum(depth_ask_0_4_qty_ns)
  as depth_ask_0_4_qty_ns,
  sum(depth_ask_0_4_unknown_ns)
  as depth_ask_0_4_unknown_ns,
  sum(depth_imbalance_4_8_known_ns) as depth_imbalance_4_8_known_ns,
  sum(depth_bid_4_8_qty_ns)
  as depth_bid_4_8_qty_ns,
  sum(depth_bid_4_8_unknown_ns)
  as depth_bid_4_8_unknown_ns,
  sum(depth_ask_4_8_qty_ns)
  as depth_ask_4_8_qty_ns,
  sum(depth_ask_4_8_unknown_ns)
  as depth_ask_4_8_unknown_ns,
  sum(depth_imbalance_8_12_known_ns) as depth_imbalance_8_12_known_ns,
  sum(depth_bid_8_12_qty_ns)
  as depth_bid_8_12_qty_ns,
  sum(depth_bid_8_12_unknown_ns)
  as depth_bid_8_12_unknown_ns,
  sum(depth_ask_8_12_qty_ns)
  as depth_ask_8_12_qty_ns,
  sum(depth_ask_8_12_unknown_ns)
  as depth_ask_8_12_unknown_ns,
  sum(depth_imbalance_12_20_known_ns) as depth_imbalance_12_20_known_ns,
  sum(depth_bid_12_20_qty_ns)
  as depth_bid_12_20_qty_ns,
  sum(depth_bid_12_20_unknown_ns)
  as depth_bid_12_20_unknown_ns,
  sum(depth_ask_12_20_qty_ns)
  as depth_ask_12_20_qty_ns,
  sum(depth_ask_12_20_unknown_ns)
  as depth_ask_12_20_unknown_ns,
  sum(depth_imbalance_20_40_known_ns) as depth_imbalance_20_40_known_ns,
  sum(depth_bid_20_40_qty_ns)
  as depth_bid_20_40_qty_ns,
  sum(depth_bid_20_40_unknown_ns)
  as depth_bid_20_40_unknown_ns,
  sum(depth_ask_20_40_qty_ns)
  as depth_ask_20_40_qty_ns,
  sum(depth_ask_20_40_unknown_ns)
  as depth_ask_20_40_unknown_ns,
  sum(valid_ns) = 5000000000 as is_valid
  from seconds
  group by bar_start_ts
),
trade_sums as (
  select
  bar_start_ts,
  count(*) as trade_count,
  sum(size) as volume,
  coalesce(sum(size) filter (side = 'B'), 0) as buy_volume,
  coalesce(sum(size) filter (side = 'A'), 0) as sell_volume,
  arg_max(price_int, trade_no) filter (price_int is not null) as last_price_int
  from trades
  group by bar_start_ts
),
flows_of_prices as (
  select
  seconds.bar_start_ts,
  wall.side,
  wall.add_qty - wall.pull_qty_total as net_qty,
  seconds.bid_sz_00 + seconds.ask_sz_00 as parts,
  if(
    wall.side = 'B',
    (seconds.ask_px_00_int - seconds.bid_px_00_int) * seconds.bid_sz_00
    + (seconds.bid_px_00_int - wall.price_int) * parts,
    (seconds.ask_px_00_int - seconds.bid_px_00_int) * seconds.ask_sz_00
    + (wall.price_int - seconds.ask_px_00_int) * parts
  ) // contract_day.tick_int as distance
  from wall
  inner join seconds on wall.window_start_ts = seconds.window_start_ts
  cross join contract_day
  where seconds.is_valid_end
),
flows as (
  select
  bar_start_ts,
  coalesce(sum(net_qty) filter (
      side = 'B'
      and distance <= 4 * parts
    ), 0) as flow_bid_0_4,
  coalesce(sum(net_qty) filter (
      side = 'A'
      and distance <= 4 * parts
    ), 0) as flow_ask_0_4,
  coalesce(sum(net_qty) filter (
      side = 'B'
      and distance > 4 * parts
      and distance <= 8 * parts
    ), 0) as flow_bid_4_8,
  coalesce(sum(net_qty) filter (
      side = 'A'
      and distance > 4 * parts
      and distance <= 8 * parts
    ), 0) as flow_ask_4_8,
  coalesce(sum(net_qty) filter (
      side = 'B'
      and distance > 8 * parts
      and distance <= 12 * parts
    ), 0) as flow_bid_8_12,
  coalesce(sum(net_qty) filter (
      side = 'A'
      and distance > 8 * parts
      and distance <= 12 * parts
    ), 0) as flow_ask_8_12,
  coalesce(sum(net_qty) filter (
      side = 'B'
      and distance > 12 * parts
      and distance <= 20 * parts
    ), 0) as flow_bid_12_20,
  coalesce(sum(net_qty) filter (
      side = 'A'
      and distance > 12 * parts
      and distance <= 20 * parts
    ), 0) as flow_ask_12_20,
  coalesce(sum(net_qty) filter (
      side = 'B'
      and distance > 20 * parts
      and distance <= 40 * parts
    ), 0) as flow_bid_20_40,
  coalesce(sum(net_qty) filter (
      side = 'A'
      and distance > 20 * parts
      and distance <= 40 * parts
    ), 0) as flow_ask_20_40
  from flows_of_prices
  group by bar_start_ts
),
last_seconds as (
  select
  seconds.*,
  contract_day.tick_int
  from seconds
  inner join sums on seconds.window_start_ts = sums.last_window_start_ts
  cross join contract_day
),
ends as (
  select
  *,
  bid_sz_00 + ask_sz_00 as best_qty,
  list_filter(
    [
      bid_px_00_int // tick_int,
      bid_px_01_int // tick_int,
      bid_px_02_int // tick_int,
      bid_px_03_int // tick_int,
      bid_px_04_int // tick_int,
      bid_px_05_int // tick_int,
      bid_px_06_int // tick_int,
      bid_px_07_int // tick_int,
      bid_px_08_int // tick_int,
      bid_px_09_int // tick_int
    ], tick -> tick is not null
  ) as bid_ticks,
  list_filter(
    [
      bid_sz_00,
      bid_sz_01,
      bid_sz_02,
      bid_sz_03,
      bid_sz_04,
      bid_sz_05,
      bid_sz_06,
      bid_sz_07,
      bid_sz_08,
      bid_sz_09
    ], qty -> qty > 0
  ) as bid_sizes,
  bid_sz_00 +
  bid_sz_01 +
  bid_sz_02 +
  bid_sz_03 +
  bid_sz_04 +
  bid_sz_05 +
  bid_sz_06 +
  bid_sz_07 +
  bid_sz_08 +
  bid_sz_09 as bid_sz_total,
  bid_ct_00 +
  bid_ct_01 +
  bid_ct_02 +
  bid_ct_03 +
  bid_ct_04 +
  bid_ct_05 +
  bid_ct_06 +
  bid_ct_07 +
  bid_ct_08 +
  bid_ct_09 as bid_ct_total,
  list_filter(
    [
      ask_px_00_int // tick_int,
      ask_px_01_int // tick_int,
      ask_px_02_int // tick_int,
      ask_px_03_int // tick_int,
      ask_px_04_int // tick_int,
      ask_px_05_int // tick_int,
      ask_px_06_int // tick_int,
      ask_px_07_int // tick_int,
      ask_px_08_int // tick_int,
      ask_px_09_int // tick_int
    ], tick -> tick is not null
  ) as ask_ticks,
  list_filter(
    [
      ask_sz_00,
      ask_sz_01,
      ask_sz_02,
      ask_sz_03,
      ask_sz_04,
      ask_sz_05,
      ask_sz_06,
      ask_sz_07,
      ask_sz_08,
      ask_sz_09
    ], qty -> qty > 0
  ) as ask_sizes,
  ask_sz_00 +
  ask_sz_01 +
  ask_sz_02 +
  ask_sz_03 +
  ask_sz_04 +
  ask_sz_05 +
  ask_sz_06 +
  ask_sz_07 +
  ask_sz_08 +
  ask_sz_09 as ask_sz_total,
  ask_ct_00 +
  ask_ct_01 +
  ask_ct_02 +
  ask_ct_03 +
  ask_ct_04 +
  ask_ct_05 +
  ask_ct_06 +
  ask_ct_07 +
  ask_ct_08 +
  ask_ct_09 as ask_ct_total,
  (ask_px_00_int - bid_px_00_int) // tick_int as spread_ticks,
  (bid_px_00_int + ask_px_00_int) // tick_int as mid_half_ticks
  from last_seconds
),
standardised as (
  select
  window_start_ts,
  list_transform(bid_sizes, qty -> ln(1 + qty)) as bid_logs,
  case
  when list_max(bid_sizes) > list_min(bid_sizes)
  then list_transform(
    bid_logs,
    size_log -> (size_log - list_avg(bid_logs))
    / list_stddev_pop(bid_logs)
  )
  end as bid_z,
  list_transform(
    bid_ticks,
    tick -> abs(tick - bid_ticks[1]) + spread_ticks * bid_sz_00 / best_qty
  ) as bid_distances,
  list_transform(
    list_zip(bid_ticks[:-2], bid_ticks[2:]),
    pair -> abs(pair[1] - pair[2])
  ) as bid_gaps,
  list_transform(ask_sizes, qty -> ln(1 + qty)) as ask_logs,
  case
  when list_max(ask_sizes) > list_min(ask_sizes)
  then list_transform(
    ask_logs,
    size_log -> (size_log - list_avg(ask_logs))
    / list_stddev_pop(ask_logs)
  )
  end as ask_z,
  list_transform(
    ask_ticks,
    tick -> abs(tick - ask_ticks[1]) + spread_ticks * ask_sz_00 / best_qty
  ) as ask_distances,
  list_transform(
    list_zip(ask_ticks[:-2], ask_ticks[2:]),
    pair -> abs(pair[1] - pair[2])
  ) as ask_gaps
  from ends
),
bars as (
  select
  sums.*,
  coalesce(trade_sums.trade_count, 0) as trade_count,
  coalesce(trade_sums.volume, 0) as trade_volume,
  coalesce(trade_sums.buy_volume, 0) as buy_volume,
  coalesce(trade_sums.sell_volume, 0) as sell_volume,
  coalesce(
    last_value(trade_sums.last_price_int ignore nulls) over so_far,
    earlier.trade_last_price_int
  ) as trade_last_price_int,
  ends.mid_half_ticks,
  (
    contract_day.surface_windows is null
    or len(
      list_filter(
        contract_day.surface_windows,
        part -> sums.bar_start_ts >= part.start_ts
        and sums.bar_start_ts < part.end_ts
      )
    ) > 0
  )
  and (
    contract_day.surface_windows is null
    or len(
      list_filter(
        contract_day.surface_windows,
        part -> sums.last_window_start_ts >= part.start_ts
        and sums.last_window_start_ts < part.end_ts
      )
    ) > 0
  )
  and sums.source = 'mbo' as has_flows,
  case
  when sums.is_valid
  then ends.mid_half_ticks - lag(ends.mid_half_ticks) over so_far
  end as mid_change_half_ticks
  from sums
  inner join ends on sums.last_window_start_ts = ends.window_start_ts
  cross join contract_day
  cross join earlier
  left join trade_sums on sums.bar_start_ts = trade_sums.bar_start_ts
  window so_far as (order by sums.bar_start_ts)
),
look_backs as (
  select
  *,
  case
  when count(*) filter (is_valid) over look_back_60 = 13
  then sqrt(
    sum(mid_change_half_ticks * mid_change_half_ticks) over (
      order by bar_start_ts
      rows between 11 preceding and current row
    ) / 4
  )
  end as rv_60s_ticks,
  case
  when count(*) filter (is_valid) over look_back_300 = 61
  then sqrt(
    sum(mid_change_half_ticks * mid_change_half_ticks) over (
      order by bar_start_ts
      rows between 59 preceding and current row
    ) / 4
  )
  end as rv_300s_ticks
  from bars
  window
  look_back_60 as (
    order by bar_start_ts
    rows between 12 preceding and current row
  ),
  look_back_300 as (
    order by bar_start_ts
    rows between 60 preceding and current row
  )
),
features as (
  select
  bars.bar_start_ts,
  (ends.bid_px_00_int + ends.ask_px_00_int) / 2e9 as mid_price_eob,
  (
    ends.ask_px_00_int / 1e9 * ends.bid_sz_00
    + ends.bid_px_00_int / 1e9 * ends.ask_sz_00
  ) / ends.best_qty as microprice_eob,
  bars.spread_ticks_ns / bars.valid_ns as spread_ticks_twa,
  cast((ends.ask_px_00_int - ends.bid_px_00_int) // contract_day.tick_int as integer)
  as spread_ticks_eob,
  bars.book_imbalance_l1_ns / bars.valid_ns as book_imbalance_l1_twa,
  (ends.bid_sz_00 - ends.ask_sz_00) / ends.best_qty as book_imbalance_l1_eob,
  bars.book_imbalance_l10_ns / bars.valid_ns as book_imbalance_l10_twa,
  (ends.bid_sz_total - ends.ask_sz_total) / (ends.bid_sz_total + ends.ask_sz_total)
  as book_imbalance_l10_eob,
  case
  when bars.depth_bid_0_4_unknown_ns + bars.depth_ask_0_4_unknown_ns = 0
  then bars.depth_imbalance_0_4_ns
  / nullif(bars.depth_imbalance_0_4_known_ns, 0)
  end as depth_imbalance_0_4_twa,
  (ends.depth_bid_0_4_qty - ends.depth_ask_0_4_qty)
  / nullif(ends.depth_bid_0_4_qty + ends.depth_ask_0_4_qty, 0)
  as depth_imbalance_0_4_eob,
  case
  when bars.depth_bid_4_8_unknown_ns + bars.depth_ask_4_8_unknown_ns = 0
  then bars.depth_imbalance_4_8_ns
  / nullif(bars.depth_imbalance_4_8_known_ns, 0)
  end as depth_imbalance_4_8_twa,
  (ends.depth_bid_4_8_qty - ends.depth_ask_4_8_qty)
  / nullif(ends.depth_bid_4_8_qty + ends.depth_ask_4_8_qty, 0)
  as depth_imbalance_4_8_eob,
  case
  when bars.depth_bid_8_12_unknown_ns + bars.depth_ask_8_12_unknown_ns = 0
  then bars.depth_imbalance_8_12_ns
  / nullif(bars.depth_imbalance_8_12_known_ns, 0)
  end as depth_imbalance_8_12_twa,
  (ends.depth_bid_8_12_qty - ends.depth_ask_8_12_qty)
  / nullif(ends.depth_bid_8_12_qty + ends.depth_ask_8_12_qty, 0)
  as depth_imbalance_8_12_eob,
  case
  when bars.depth_bid_12_20_unknown_ns + bars.depth_ask_12_20_unknown_ns = 0
  then bars.depth_imbalance_12_20_ns
  / nullif(bars.depth_imbalance_12_20_known_ns, 0)
  end as depth_imbalance_12_20_twa,
  (ends.depth_bid_12_20_qty - ends.depth_ask_12_20_qty)
  / nullif(ends.depth_bid_12_20_qty + ends.depth_ask_12_20_qty, 0)
  as depth_imbalance_12_20_eob,
  case
  when bars.depth_bid_20_40_unknown_ns + bars.depth_ask_20_40_unknown_ns = 0
  then bars.depth_imbalance_20_40_ns
  / nullif(bars.depth_imbalance_20_40_known_ns, 0)
  end as depth_imbalance_20_40_twa,
  (ends.depth_bid_20_40_qty - ends.depth_ask_20_40_qty)
  / nullif(ends.depth_bid_20_40_qty + ends.depth_ask_20_40_qty, 0)
  as depth_imbalance_20_40_eob,
  case
  when bars.depth_bid_0_4_unknown_ns = 0
  then bars.depth_bid_0_4_frac_ns / bars.valid_ns
  end as depth_bid_0_4_frac_twa,
  ends.depth_bid_0_4_qty / ends.bid_sz_total
  as depth_bid_0_4_frac_eob,
  case
  when bars.depth_bid_4_8_unknown_ns = 0
  then bars.depth_bid_4_8_frac_ns / bars.valid_ns
  end as depth_bid_4_8_frac_twa,
  ends.depth_bid_4_8_qty / ends.bid_sz_total
  as depth_bid_4_8_frac_eob,
  case
  when bars.depth_bid_8_12_unknown_ns = 0
  then bars.depth_bid_8_12_frac_ns / bars.valid_ns
  end as depth_bid_8_12_frac_twa,
  ends.depth_bid_8_12_qty / ends.bid_sz_total
  as depth_bid_8_12_frac_eob,
  case
  when bars.depth_bid_12_20_unknown_ns = 0
  then bars.depth_bid_12_20_frac_ns / bars.valid_ns
  end as depth_bid_12_20_frac_twa,
  ends.depth_bid_12_20_qty / ends.bid_sz_total
  as depth_bid_12_20_frac_eob,
  case
  when bars.depth_bid_20_40_unknown_ns = 0
  then bars.depth_bid_20_40_frac_ns / bars.valid_ns
  end as depth_bid_20_40_frac_twa,
  ends.depth_bid_20_40_qty / ends.bid_sz_total
  as depth_bid_20_40_frac_eob,
  case
  when bars.depth_ask_0_4_unknown_ns = 0
  then bars.depth_ask_0_4_frac_ns / bars.valid_ns
  end as depth_ask_0_4_frac_twa,
  ends.depth_ask_0_4_qty / ends.ask_sz_total
  as depth_ask_0_4_frac_eob,
  case
  when bars.depth_ask_4_8_unknown_ns = 0
  then bars.depth_ask_4_8_frac_ns / bars.valid_ns
  end as depth_ask_4_8_frac_twa,
  ends.depth_ask_4_8_qty / ends.ask_sz_total
  as depth_ask_4_8_frac_eob,
  case
  when bars.depth_ask_8_12_unknown_ns = 0
  then bars.depth_ask_8_12_frac_ns / bars.valid_ns
  end as depth_ask_8_12_frac_twa,
  ends.depth_ask_8_12_qty / ends.ask_sz_total
  as depth_ask_8_12_frac_eob,
  case
  when bars.depth_ask_12_20_unknown_ns = 0
  then bars.depth_ask_12_20_frac_ns / bars.valid_ns
  end as depth_ask_12_20_frac_twa,
  ends.depth_ask_12_20_qty / ends.ask_sz_total
  as depth_ask_12_20_frac_eob,
  case
  when bars.depth_ask_20_40_unknown_ns = 0
  then bars.depth_ask_20_40_frac_ns / bars.valid_ns
  end as depth_ask_20_40_frac_twa,
  ends.depth_ask_20_40_qty / ends.ask_sz_total
  as depth_ask_20_40_frac_eob,
  cast(ends.bid_sz_total as bigint) as depth_bid10_qty_eob,
  cast(ends.ask_sz_total as bigint) as depth_ask10_qty_eob,
  bars.depth_l1_ns / bars.valid_ns / 2 as depth_l1_qty_twa,
  bars.depth_l10_ns / bars.valid_ns / 20 as depth_l10_qty_twa,
  cast(list_max(standardised.bid_gaps) as integer)
  as ladder_bid_gap_max_ticks_eob,
  list_avg(standardised.bid_gaps) as ladder_bid_gap_mean_ticks_eob,
  cast(list_max(standardised.ask_gaps) as integer)
  as ladder_ask_gap_max_ticks_eob,
  list_avg(standardised.ask_gaps) as ladder_ask_gap_mean_ticks_eob,
  ends.bid_sz_00 / ends.bid_sz_total
  as shape_bid_sz_frac_l00_eob,
  ends.bid_sz_01 / ends.bid_sz_total
  as shape_bid_sz_frac_l01_eob,
  ends.bid_sz_02 / ends.bid_sz_total
  as shape_bid_sz_frac_l02_eob,
  ends.bid_sz_03 / ends.bid_sz_total
  as shape_bid_sz_frac_l03_eob,
  ends.bid_sz_04 / ends.bid_sz_total
  as shape_bid_sz_frac_l04_eob,
  ends.bid_sz_05 / ends.bid_sz_total
  as shape_bid_sz_frac_l05_eob,
  ends.bid_sz_06 / ends.bid_sz_total
  as shape_bid_sz_frac_l06_eob,
  ends.bid_sz_07 / ends.bid_sz_total
  as shape_bid_sz_frac_l07_eob,
  ends.bid_sz_08 / ends.bid_sz_total
  as shape_bid_sz_frac_l08_eob,
  ends.bid_sz_09 / ends.bid_sz_total
  as shape_bid_sz_frac_l09_eob,
  ends.bid_ct_00 / ends.bid_ct_total
  as shape_bid_ct_frac_l00_eob,
  ends.bid_ct_01 / ends.bid_ct_total
  as shape_bid_ct_frac_l01_eob,
  ends.bid_ct_02 / ends.bid_ct_total
  as shape_bid_ct_frac_l02_eob,
  ends.bid_ct_03 / ends.bid_ct_total
  as shape_bid_ct_frac_l03_eob,
  ends.bid_ct_04 / ends.bid_ct_total
  as shape_bid_ct_frac_l04_eob,
  ends.bid_ct_05 / ends.bid_ct_total
  as shape_bid_ct_frac_l05_eob,
  ends.bid_ct_06 / ends.bid_ct_total
  as shape_bid_ct_frac_l06_eob,
  ends.bid_ct_07 / ends.bid_ct_total
  as shape_bid_ct_frac_l07_eob,
  ends.bid_ct_08 / ends.bid_ct_total
  as shape_bid_ct_frac_l08_eob,
  ends.bid_ct_09 / ends.bid_ct_total
  as shape_bid_ct_frac_l09_eob,
  ends.ask_sz_00 / ends.ask_sz_total
  as shape_ask_sz_frac_l00_eob,
  ends.ask_sz_01 / ends.ask_sz_total
  as shape_ask_sz_frac_l01_eob,
  ends.ask_sz_02 / ends.ask_sz_total
  as shape_ask_sz_frac_l02_eob,
  ends.ask_sz_03 / ends.ask_sz_total
  as shape_ask_sz_frac_l03_eob,
  ends.ask_sz_04 / ends.ask_sz_total
  as shape_ask_sz_frac_l04_eob,
  ends.ask_sz_05 / ends.ask_sz_total
  as shape_ask_sz_frac_l05_eob,
  ends.ask_sz_06 / ends.ask_sz_total
  as shape_ask_sz_frac_l06_eob,
  ends.ask_sz_07 / ends.ask_sz_total
  as shape_ask_sz_frac_l07_eob,
  ends.ask_sz_08 / ends.ask_sz_total
  as shape_ask_sz_frac_l08_eob,
  ends.ask_sz_09 / ends.ask_sz_total
  as shape_ask_sz_frac_l09_eob,
  ends.ask_ct_00 / ends.ask_ct_total
  as shape_ask_ct_frac_l00_eob,
  ends.ask_ct_01 / ends.ask_ct_total
  as shape_ask_ct_frac_l01_eob,
  ends.ask_ct_02 / ends.ask_ct_total
  as shape_ask_ct_frac_l02_eob,
  ends.ask_ct_03 / ends.ask_ct_total
  as shape_ask_ct_frac_l03_eob,
  ends.ask_ct_04 / ends.ask_ct_total
  as shape_ask_ct_frac_l04_eob,
  ends.ask_ct_05 / ends.ask_ct_total
  as shape_ask_ct_frac_l05_eob,
  ends.ask_ct_06 / ends.ask_ct_total
  as shape_ask_ct_frac_l06_eob,
  ends.ask_ct_07 / ends.ask_ct_total
  as shape_ask_ct_frac_l07_eob,
  ends.ask_ct_08 / ends.ask_ct_total
  as shape_ask_ct_frac_l08_eob,
  ends.ask_ct_09 / ends.ask_ct_total
  as shape_ask_ct_frac_l09_eob,
  cast(bars.ofi_00 as bigint) as ofi_l1_sum,
  (
    bars.ofi_00 +
    bars.ofi_01 +
    bars.ofi_02 +
    bars.ofi_03 +
    bars.ofi_04 +
    bars.ofi_05 +
    bars.ofi_06 +
    bars.ofi_07 +
    bars.ofi_08 +
    bars.ofi_09
  ) / 10
  / nullif(bars.depth_l10_ns / bars.valid_ns / 20, 0) as ofi_l10_sum,
  cast(bars.ofi_price_10t as bigint) as ofi_price_10t_sum,
  case
  when bars.has_flows
  then coalesce(flows.flow_bid_0_4, 0)
  / greatest(
    bars.depth_bid_0_4_qty_ns / bars.valid_ns, 1
  )
  end as flow_net_bid_0_4_sum,
  case
  when bars.has_flows
  then coalesce(flows.flow_bid_4_8, 0)
  / greatest(
    bars.depth_bid_4_8_qty_ns / bars.valid_ns, 1
  )
  end as flow_net_bid_4_8_sum,
  case
  when bars.has_flows
  then coalesce(flows.flow_bid_8_12, 0)
  / greatest(
    bars.depth_bid_8_12_qty_ns / bars.valid_ns, 1
  )
  end as flow_net_bid_8_12_sum,
  case
  when bars.has_flows
  then coalesce(flows.flow_bid_12_20, 0)
  / greatest(
    bars.depth_bid_12_20_qty_ns / bars.valid_ns, 1
  )
  end as flow_net_bid_12_20_sum,
  case
  when bars.has_flows
  then coalesce(flows.flow_bid_20_40, 0)
  / greatest(
    bars.depth_bid_20_40_qty_ns / bars.valid_ns, 1
  )
  end as flow_net_bid_20_40_sum,
  case
  when bars.has_flows
  then coalesce(flows.flow_ask_0_4, 0)
  / greatest(
    bars.depth_ask_0_4_qty_ns / bars.valid_ns, 1
  )
  end as flow_net_ask_0_4_sum,
  case
  when bars.has_flows
  then coalesce(flows.flow_ask_4_8, 0)
  / greatest(
    bars.depth_ask_4_8_qty_ns / bars.valid_ns, 1
  )
  end as flow_net_ask_4_8_sum,
  case
  when bars.has_flows
  then coalesce(flows.flow_ask_8_12, 0)
  / greatest(
    bars.depth_ask_8_12_qty_ns / bars.valid_ns, 1
  )
  end as flow_net_ask_8_12_sum,
  case
  when bars.has_flows
  then coalesce(flows.flow_ask_12_20, 0)
  / greatest(
    bars.depth_ask_12_20_qty_ns / bars.valid_ns, 1
  )
  end as flow_net_ask_12_20_sum,
  case
  when bars.has_flows
  then coalesce(flows.flow_ask_20_40, 0)
  / greatest(
    bars.depth_ask_20_40_qty_ns / bars.valid_ns, 1
  )
  end as flow_net_ask_20_40_sum,
  list_max(standardised.bid_z) as wall_bid_max_z,
  cast(
    list_position(standardised.bid_z, list_max(standardised.bid_z)) - 1
    as integer
  ) as wall_bid_max_level,
  standardised.bid_distances[
    list_position(
      list_transform(
        standardised.bid_z, z -> round(z, 9) >= 2
      ),
      true
    )
  ] as wall_bid_nearest_dist_ticks,
  list_max(standardised.ask_z) as wall_ask_max_z,
  cast(
    list_position(standardised.ask_z, list_max(standardised.ask_z)) - 1
    as integer
  ) as wall_ask_max_level,
  standardised.ask_distances[
    list_position(
      list_transform(
        standardised.ask_z, z -> round(z, 9) >= 2
      ),
      true
    )
  ] as wall_ask_nearest_dist_ticks,
  bars.rv_60s_ticks,
  bars.rv_300s_ticks
  from look_backs as bars
  inner join ends on bars.last_window_start_ts = ends.window_start_ts
  inner join standardised on bars.last_window_start_ts = standardised.window_start_ts
  cross join contract_day
  left join flows on bars.bar_start_ts = flows.bar_start_ts
  where bars.is_valid
)
select
'$symbol' as symbol,
date '$dt' as dt,
bars.bar_start_ts,
bars.bar_start_ts + interval 5 second as bar_end_ts,
bars.source,
bars.is_valid,
bars.update_count + bars.trade_count = 0 as is_carried,
cast(bars.update_count as bigint) as update_count,
cast(bars.one_sided_count as bigint) as one_sided_count,
cast(bars.trade_count as bigint) as trade_count_sum,
cast(bars.trade_volume as bigint) as trade_volume_sum,
cast(bars.buy_volume - bars.sell_volume as bigint) as trade_signed_volume_sum,
(bars.buy_volume - bars.sell_volume) / nullif(bars.buy_volume + bars.sell_volume, 0)
as trade_imbalance_sum,
bars.trade_last_price_int,
features.* exclude (bar_start_ts)
from bars
left join features on bars.bar_start_ts = features.bar_start_ts
order by bars.bar_start_ts
