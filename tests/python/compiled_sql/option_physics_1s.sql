with
inputs as (
  select * from "steps"."gex_settings"
  where symbol = '$symbol' and dt = date '$dt'
),
contract_day as (
  select * from "silver"."contract_days"
  where symbol = '$symbol' and dt = date '$dt'
),
contracts as (
  select * from "silver"."option_contracts"
  where symbol = '$symbol' and dt = date '$dt' and days_to_expiry between 0 and 0
),
strikes as (
  select
  window_start_ts,
  window_end_ts,
  strike_price_int
  from "silver"."gex_surface_1s"
  where symbol = '$symbol' and dt = date '$dt' and n_options > 0
),
books as (
  select * from "silver"."option_book_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
quote_flows as (
  select * from "steps"."option_quote_flow_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
trades as (
  select
  option_symbol,
  ts_event,
  ts_recv,
  price_int,
  size,
  aggressor
  from "bronze"."option_trades"
  where symbol = '$symbol' and dt = date '$dt'
  union all
  select
  option_symbol,
  ts_event,
  ts_recv,
  price_int,
  size,
  cast(case side when 'B' then 1 when 'A' then -1 else 0 end as tinyint) as aggressor
  from "bronze"."option_mbo"
  where
  symbol = '$symbol' and dt = date '$dt'
  and action = 'T'
  and (select inputs.trade_source from inputs) = 'mbo'
  union all
  select
  option_symbol,
  ts_event,
  ts_recv,
  price_int,
  size,
  aggressor
  from "steps"."option_quote_trades"
  where
  symbol = '$symbol' and dt = date '$dt'
  and (select inputs.trade_source from inputs) = 'mbp-1'
),
book_records as (
  select date_trunc('second', cast(ts_event as timestamp)) + interval 1 second as window_end_ts
  from "bronze"."option_mbo"
  where
  symbol = '$symbol' and dt = date '$dt'
  and not is_snapshot
  and (select contract_day.quote_source from contract_day) = 'mbo'
  union
  select make_timestamp(((epoch_ns(ts_recv) - 1) // 1000000000 + 1) * 1000000) as window_end_ts
  from "bronze"."option_nbbo"
  where
  symbol = '$symbol' and dt = date '$dt'
  and (select contract_day.quote_source from contract_day) = 'nbbo'
),
any_records as (
  select window_end_ts from book_records
  union
  select date_trunc('second', cast(ts_event as timestamp)) + interval 1 second as window_end_ts
  from trades
),
heard as (
  select
  seconds.window_end_ts,
  coalesce(
    seconds.window_end_ts - interval 60 second < book_records.window_end_ts, false
  ) as is_book_heard,
  coalesce(
    seconds.window_end_ts - interval 60 second < any_records.window_end_ts, false
  ) as is_any_heard
  from (select distinct window_end_ts from strikes) as seconds
  asof left join book_records on seconds.window_end_ts >= book_records.window_end_ts
  asof left join any_records on seconds.window_end_ts >= any_records.window_end_ts
),
flows as (
  select
  contracts.strike_price_int,
  contracts."right",
  books.window_end_ts,
  books.bid_add_qty as bid_add,
  books.bid_pull_qty as bid_pull,
  books.ask_add_qty as ask_add,
  books.ask_pull_qty as ask_pull,
  0 as buy,
  0 as sell
  from books
  inner join contracts on books.option_symbol = contracts.option_symbol
  union all
  select
  strike_price_int,
  "right",
  window_end_ts,
  bid_add_qty as bid_add,
  bid_pull_qty as bid_pull,
  ask_add_qty as ask_add,
  ask_pull_qty as ask_pull,
  0 as buy,
  0 as sell
  from quote_flows
  union all
  select
  contracts.strike_price_int,
  contracts."right",
  date_trunc('second', cast(trades.ts_event as timestamp)) + interval 1 second
  as window_end_ts,
  0 as bid_add,
  0 as bid_pull,
  0 as ask_add,
  0 as ask_pull,
  if(trades.aggressor = 1, trades.size, 0) as buy,
  if(trades.aggressor = -1, trades.size, 0) as sell
  from trades
  inner join contracts on trades.option_symbol = contracts.option_symbol
),
flows_of_strikes as (
  select
  strike_price_int,
  window_end_ts,
  cast(coalesce(sum(bid_add) filter (where "right" = 'C'), 0) as bigint)
  as call_bid_add,
  cast(coalesce(sum(bid_pull) filter (where "right" = 'C'), 0) as bigint)
  as call_bid_pull,
  cast(coalesce(sum(ask_add) filter (where "right" = 'C'), 0) as bigint)
  as call_ask_add,
  cast(coalesce(sum(ask_pull) filter (where "right" = 'C'), 0) as bigint)
  as call_ask_pull,
  cast(coalesce(sum(buy) filter (where "right" = 'C'), 0) as bigint)
  as call_buy,
  cast(coalesce(sum(sell) filter (where "right" = 'C'), 0) as bigint)
  as call_sell,
  cast(coalesce(sum(bid_add) filter (where "right" = 'P'), 0) as bigint)
  as put_bid_add,
  cast(coalesce(sum(bid_pull) filter (where "right" = 'P'), 0) as bigint)
  as put_bid_pull,
  cast(coalesce(sum(ask_add) filter (where "right" = 'P'), 0) as bigint)
  as put_ask_add,
  cast(coalesce(sum(ask_pull) filter (where "right" = 'P'), 0) as bigint)
  as put_ask_pull,
  cast(coalesce(sum(buy) filter (where "right" = 'P'), 0) as bigint)
  as put_buy,
  cast(coalesce(sum(sell) filter (where "right" = 'P'), 0) as bigint)
  as put_sell
  from flows
  group by strike_price_int, window_end_ts
),
totals as (
  select
  strike_price_int,
  window_end_ts,
  cast(sum(call_bid_add) over earlier as bigint)
  as call_bid_add,
  cast(sum(call_bid_pull) over earlier as bigint)
  as call_bid_pull,
  cast(sum(call_ask_add) over earlier as bigint)
  as call_ask_add,
  cast(sum(call_ask_pull) over earlier as bigint)
  as call_ask_pull,
  cast(sum(call_buy) over earlier as bigint)
  as call_buy,
  cast(sum(call_sell) over earlier as bigint)
  as call_sell,
  cast(sum(put_bid_add) over earlier as bigint)
  as put_bid_add,
  cast(sum(put_bid_pull) over earlier as bigint)
  as put_bid_pull,
  cast(sum(put_ask_add) over earlier as bigint)
  as put_ask_add,
  cast(sum(put_ask_pull) over earlier as bigint)
  as put_ask_pull,
  cast(sum(put_buy) over earlier as bigint)
  as put_buy,
  cast(sum(put_sell) over earlier as bigint)
  as put_sell
  from flows_of_strikes
  window earlier as (
    partition by strike_price_int
    order by window_end_ts
  )
),
told_books as (
  select
  option_symbol,
  window_end_ts as from_ts,
  book_valid,
  lead(window_end_ts) over (
    partition by option_symbol
    order by window_end_ts
  ) as until_ts
  from books
),
first_quotes as (
  select
  contracts.option_symbol,
  cast(date '$dt' as timestamp) as from_ts,
  false as book_valid,
  min(books.window_end_ts) as until_ts
  from contracts
  cross join contract_day
  left join books on contracts.option_symbol = books.option_symbol
  where contract_day.quote_source = 'nbbo'
  group by contracts.option_symbol
),
untrusted as (
  select
  contracts.strike_price_int,
  contracts."right",
  told.from_ts,
  coalesce(told.until_ts, cast('infinity' as timestamp)) as until_ts
  from (
    select * from told_books
    union all
    select * from first_quotes
  ) as told
  inner join contracts on told.option_symbol = contracts.option_symbol
  where not told.book_valid
),
untrusted_strikes as (
  select
  strikes.window_end_ts,
  strikes.strike_price_int,
  bool_or(untrusted."right" = 'C')
  as is_call_untrusted,
  bool_or(untrusted."right" = 'P')
  as is_put_untrusted
  from strikes
  inner join untrusted
  on
  strikes.strike_price_int = untrusted.strike_price_int
  and strikes.window_end_ts >= untrusted.from_ts
  and strikes.window_end_ts - interval 60 second < untrusted.until_ts
  group by strikes.window_end_ts, strikes.strike_price_int
),
sums as (
  select
  strikes.window_start_ts,
  strikes.window_end_ts,
  strikes.strike_price_int,
  coalesce(until_now.call_bid_add, 0)
  - coalesce(before_it.call_bid_add, 0) as call_bid_add,
  coalesce(until_now.call_bid_pull, 0)
  - coalesce(before_it.call_bid_pull, 0) as call_bid_pull,
  coalesce(until_now.call_ask_add, 0)
  - coalesce(before_it.call_ask_add, 0) as call_ask_add,
  coalesce(until_now.call_ask_pull, 0)
  - coalesce(before_it.call_ask_pull, 0) as call_ask_pull,
  coalesce(until_now.call_buy, 0)
  - coalesce(before_it.call_buy, 0) as call_buy,
  coalesce(until_now.call_sell, 0)
  - coalesce(before_it.call_sell, 0) as call_sell,
  (contract_day.quote_source = 'mbo' or inputs.trade_source != 'none')
  and strikes.window_end_ts - interval 60 second >= date '$dt'
  and not coalesce(untrusted_strikes.is_call_untrusted, false)
  and heard.is_book_heard
  as is_call_book_known,
  coalesce(until_now.put_bid_add, 0)
  - coalesce(before_it.put_bid_add, 0) as put_bid_add,
  coalesce(until_now.put_bid_pull, 0)
  - coalesce(before_it.put_bid_pull, 0) as put_bid_pull,
  coalesce(until_now.put_ask_add, 0)
  - coalesce(before_it.put_ask_add, 0) as put_ask_add,
  coalesce(until_now.put_ask_pull, 0)
  - coalesce(before_it.put_ask_pull, 0) as put_ask_pull,
  coalesce(until_now.put_buy, 0)
  - coalesce(before_it.put_buy, 0) as put_buy,
  coalesce(until_now.put_sell, 0)
  - coalesce(before_it.put_sell, 0) as put_sell,
  (contract_day.quote_source = 'mbo' or inputs.trade_source != 'none')
  and strikes.window_end_ts - interval 60 second >= date '$dt'
  and not coalesce(untrusted_strikes.is_put_untrusted, false)
  and heard.is_book_heard
  as is_put_book_known,
  inputs.trade_source != 'none'
  and strikes.window_end_ts - interval 60 second >= date '$dt'
  and heard.is_any_heard
  as is_trade_known,
  if(contract_day.quote_source = 'mbo', 'mbo', 'quotes') as flow_source
  from strikes
  cross join inputs
  cross join contract_day
  inner join heard on strikes.window_end_ts = heard.window_end_ts
  asof left join totals as until_now
  on
  strikes.strike_price_int = until_now.strike_price_int
  and strikes.window_end_ts >= until_now.window_end_ts
  asof left join totals as before_it
  on
  strikes.strike_price_int = before_it.strike_price_int
  and strikes.window_end_ts - interval 60 second >= before_it.window_end_ts
  left join untrusted_strikes
  on
  strikes.strike_price_int = untrusted_strikes.strike_price_int
  and strikes.window_end_ts = untrusted_strikes.window_end_ts
),
known as (
  select
  window_start_ts,
  window_end_ts,
  strike_price_int,
  case when is_trade_known then call_buy end
  as call_buy_qty,
  case when is_trade_known then call_sell end
  as call_sell_qty,
  case when is_call_book_known then call_bid_add end
  as call_bid_add_qty,
  case when is_call_book_known then call_bid_pull end
  as call_bid_pull_qty,
  case when is_call_book_known then call_ask_add end
  as call_ask_add_qty,
  case when is_call_book_known then call_ask_pull end
  as call_ask_pull_qty,
  case when is_trade_known then put_buy end
  as put_buy_qty,
  case when is_trade_known then put_sell end
  as put_sell_qty,
  case when is_put_book_known then put_bid_add end
  as put_bid_add_qty,
  case when is_put_book_known then put_bid_pull end
  as put_bid_pull_qty,
  case when is_put_book_known then put_ask_add end
  as put_ask_add_qty,
  case when is_put_book_known then put_ask_pull end
  as put_ask_pull_qty
  ,
  flow_source
  from sums
),
balances as (
  select
  *,
  call_buy_qty - call_sell_qty as call_net_aggressive_qty,
  call_bid_add_qty - call_bid_pull_qty
  - call_ask_add_qty + call_ask_pull_qty
  as call_net_resting_qty,
  put_buy_qty - put_sell_qty as put_net_aggressive_qty,
  put_bid_add_qty - put_bid_pull_qty
  - put_ask_add_qty + put_ask_pull_qty
  as put_net_resting_qty
  from known
)
select
'$symbol' as symbol,
date '$dt' as dt,
window_start_ts,
window_end_ts,
strike_price_int,
strike_price_int / 1e9 as strike_points,
call_buy_qty,
call_sell_qty,
call_bid_add_qty,
call_bid_pull_qty,
call_ask_add_qty,
call_ask_pull_qty,
call_net_aggressive_qty,
call_net_resting_qty,
(call_net_aggressive_qty + call_net_resting_qty) / (
  1 + call_buy_qty + call_sell_qty
  + call_bid_add_qty + call_bid_pull_qty
  + call_ask_add_qty + call_ask_pull_qty
) as call_physics,
put_buy_qty,
put_sell_qty,
put_bid_add_qty,
put_bid_pull_qty,
put_ask_add_qty,
put_ask_pull_qty,
put_net_aggressive_qty,
put_net_resting_qty,
(put_net_aggressive_qty + put_net_resting_qty) / (
  1 + put_buy_qty + put_sell_qty
  + put_bid_add_qty + put_bid_pull_qty
  + put_ask_add_qty + put_ask_pull_qty
) as put_physics,
flow_source
from balances
order by window_start_ts, strike_price_int
