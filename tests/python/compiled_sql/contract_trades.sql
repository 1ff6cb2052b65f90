with
numbered as (
  select
  cast(null as bigint) as trade_no,
  cast(null as bigint) as rec_ordinal,
  cast(null as timestamp) as window_start_ts
  from range(0) as own_rows
),
last_trade as (
  select
  coalesce(max(trade_no), 0) as trade_no,
  coalesce(max(rec_ordinal), -1) as rec_ordinal,
  coalesce(max(window_start_ts), timestamp '-infinity') as window_start_ts
  from numbered
),
records as (
  select * from "steps"."book_records"
  where
  symbol = '$symbol' and dt = date '$dt'
  and action = 'T'
  and size > 0
  and rec_ordinal > (select last_trade.rec_ordinal from last_trade)
),
seconds as (
  select
  window_start_ts,
  trade_count,
  sum(trade_count) over (order by window_start_ts) - trade_count as trades_before
  from "silver"."book_snapshot_1s"
  where
  symbol = '$symbol' and dt = date '$dt'
  and trade_count > 0
  and window_start_ts > (select last_trade.window_start_ts from last_trade)
),
windows as (
  select
  seconds.window_start_ts,
  cast(
    last_trade.trade_no
    + seconds.trades_before
    + unnest(range(1, seconds.trade_count + 1)) as bigint
  ) as trade_no
  from seconds
  cross join last_trade
),
trades as (
  select
  records.*,
  last_trade.trade_no + row_number() over (order by records.rec_ordinal) as trade_no
  from records
  cross join last_trade
)
select
trades.symbol,
trades.dt,
trades.trade_no,
trades.rec_ordinal,
trades.ts_event,
windows.window_start_ts,
trades.price_int,
trades.size,
trades.side
from trades
inner join windows on trades.trade_no = windows.trade_no
order by trades.trade_no
