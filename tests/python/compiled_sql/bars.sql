with
trades as (
  select * from "steps"."contract_trades"
  where
  symbol = '$symbol' and dt = date '$dt'
  and price_int is not null
),
bar_lengths as (
  select unnest([5, 60, 120]) as bar_s
),
seconds as (
  select
  symbol,
  dt,
  window_start_ts,
  min(trade_no) as first_trade_no,
  max(trade_no) as last_trade_no,
  arg_min(price_int, trade_no) as open_price_int,
  max(price_int) as high_price_int,
  min(price_int) as low_price_int,
  arg_max(price_int, trade_no) as close_price_int,
  sum(size) as volume,
  sum(case when side = 'B' then size else 0 end) as buy_volume,
  sum(case when side = 'A' then size else 0 end) as sell_volume,
  count(*) as trade_count,
  sum(cast(price_int as hugeint) * size) as turnover_int
  from trades
  group by symbol, dt, window_start_ts
),
seconds_of_bars as (
  select
  seconds.*,
  bar_lengths.bar_s,
  time_bucket(
    to_seconds(bar_lengths.bar_s), seconds.window_start_ts, timestamp '1970-01-01'
  ) as bar_start_ts
  from seconds
  cross join bar_lengths
),
counted as (
  select
  symbol,
  dt,
  bar_s,
  bar_start_ts,
  arg_min(open_price_int, first_trade_no) as open_price_int,
  max(high_price_int) as high_price_int,
  min(low_price_int) as low_price_int,
  arg_max(close_price_int, last_trade_no) as close_price_int,
  sum(volume) as volume,
  sum(buy_volume) as buy_volume,
  sum(sell_volume) as sell_volume,
  sum(trade_count) as trade_count,
  sum(turnover_int) as turnover_int
  from seconds_of_bars
  group by symbol, dt, bar_s, bar_start_ts
)
select
symbol,
dt,
cast(bar_s as integer) as bar_s,
bar_start_ts,
bar_start_ts + to_seconds(bar_s) as bar_end_ts,
open_price_int,
high_price_int,
low_price_int,
close_price_int,
open_price_int / 1e9 as open_price,
high_price_int / 1e9 as high_price,
low_price_int / 1e9 as low_price,
close_price_int / 1e9 as close_price,
cast(volume as bigint) as volume,
cast(buy_volume as bigint) as buy_volume,
cast(sell_volume as bigint) as sell_volume,
cast(trade_count as bigint) as trade_count,
turnover_int / (volume * 1e9) as vwap,
cast(timezone('America/New_York', timezone('UTC', bar_start_ts)) as date) as session_date
from counted
order by bar_s, bar_start_ts
