with
contract_day as (
  select * from "silver"."contract_days"
  where symbol = '$symbol' and dt = date '$dt'
),
seconds as (
  select
  *,
  valid_ns = 1000000000 as is_valid
  from "steps"."market_book_1s"
  where
  symbol = '$symbol' and dt = date '$dt'
  and is_in_use
),
trades as (
  select * from "steps"."contract_trades"
  where symbol = '$symbol' and dt = date '$dt'
),
trade_sums as (
  select
  window_start_ts,
  count(*) as trade_count,
  sum(size) as volume,
  coalesce(sum(size) filter (side = 'B'), 0) as buy_volume,
  coalesce(sum(size) filter (side = 'A'), 0) as sell_volume
  from trades
  group by window_start_ts
),
look_backs as (
  select
  *,
  case
  when count(*) filter (is_valid) over look_back_5 = 5
  then sum(ofi_00) over look_back_5
  end as ofi_5s,
  case
  when count(*) filter (is_valid) over look_back_30 = 30
  then sum(ofi_00) over look_back_30
  end as ofi_30s,
  case
  when count(*) filter (is_valid) over look_back_60 = 60
  then sum(ofi_00) over look_back_60
  end as ofi_60s,
  case
  when count(*) filter (is_valid) over look_back_120 = 120
  then sum(ofi_00) over look_back_120
  end as ofi_120s,
  case
  when count(*) filter (is_valid) over look_back_300 = 300
  then sum(ofi_00) over look_back_300
  end as ofi_300s
  from seconds
  window
  look_back_5 as (
    order by window_start_ts
    rows between 4 preceding and current row
  ),
  look_back_30 as (
    order by window_start_ts
    rows between 29 preceding and current row
  ),
  look_back_60 as (
    order by window_start_ts
    rows between 59 preceding and current row
  ),
  look_back_120 as (
    order by window_start_ts
    rows between 119 preceding and current row
  ),
  look_back_300 as (
    order by window_start_ts
    rows between 299 preceding and current row
  )
),
measured as (
  select
  look_backs.*,
  contract_day.tick_int
  from look_backs
  cross join contract_day
  where look_backs.is_valid
),
features as (
  select
  window_start_ts,
  cast((ask_px_00_int - bid_px_00_int) // tick_int as integer) as spread_ticks,
  (bid_px_00_int + ask_px_00_int) / 2e9 as mid_price,
  (
    ask_px_00_int / 1e9 * bid_sz_00 + bid_px_00_int / 1e9 * ask_sz_00
  ) / (bid_sz_00 + ask_sz_00) as microprice,
  (bid_sz_00 - ask_sz_00) / (bid_sz_00 + ask_sz_00) as book_imbalance_l1,
  (
    bid_sz_00 +
    bid_sz_01 +
    bid_sz_02 +
    bid_sz_03 +
    bid_sz_04 +
    bid_sz_05 +
    bid_sz_06 +
    bid_sz_07 +
    bid_sz_08 +
    bid_sz_09
  ) as bid_depth,
  (
    ask_sz_00 +
    ask_sz_01 +
    ask_sz_02 +
    ask_sz_03 +
    ask_sz_04 +
    ask_sz_05 +
    ask_sz_06 +
    ask_sz_07 +
    ask_sz_08 +
    ask_sz_09
  ) as ask_depth,
  (bid_depth - ask_depth) / (bid_depth + ask_depth) as book_imbalance_l10,
  (depth_bid_0_4_qty - depth_ask_0_4_qty) / nullif(depth_bid_0_4_qty + depth_ask_0_4_qty, 0)
  as depth_imbalance_0_4,
  ofi_00 as ofi_l1,
  (
    ofi_00 +
    ofi_01 +
    ofi_02 +
    ofi_03 +
    ofi_04 +
    ofi_05 +
    ofi_06 +
    ofi_07 +
    ofi_08 +
    ofi_09
  ) / 10
  / nullif(depth_l10_ns / valid_ns / 20, 0) as ofi_l10,
  ofi_price_10t,
  cast(ofi_5s as bigint) as ofi_5s,
  cast(ofi_30s as bigint) as ofi_30s,
  cast(ofi_60s as bigint) as ofi_60s,
  cast(ofi_120s as bigint) as ofi_120s,
  cast(ofi_300s as bigint) as ofi_300s
  from measured
)
select
seconds.symbol,
seconds.dt,
seconds.window_start_ts,
seconds.window_end_ts,
seconds.source,
seconds.is_valid,
features.spread_ticks,
features.mid_price,
features.microprice,
features.book_imbalance_l1,
features.book_imbalance_l10,
features.depth_imbalance_0_4,
features.ofi_l1,
features.ofi_l10,
features.ofi_price_10t,
features.ofi_5s,
features.ofi_30s,
features.ofi_60s,
features.ofi_120s,
features.ofi_300s,
cast(coalesce(trade_sums.trade_count, 0) as bigint) as trade_count,
cast(coalesce(trade_sums.volume, 0) as bigint) as trade_volume,
cast(coalesce(trade_sums.buy_volume - trade_sums.sell_volume, 0) as bigint)
as trade_signed_volume,
(trade_sums.buy_volume - trade_sums.sell_volume)
/ nullif(trade_sums.buy_volume + trade_sums.sell_volume, 0) as trade_imbalance
from seconds
left join features on seconds.window_start_ts = features.window_start_ts
left join trade_sums on seconds.window_start_ts = trade_sums.window_start_ts
order by seconds.window_start_ts
