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
quotes as (
  select
  nbbo.option_symbol,
  nbbo.rec_ordinal,
  epoch_ns(nbbo.ts_recv) as ts_ns,
  struct_pack(
    bid := nbbo.bid_px_int,
    ask := nbbo.ask_px_int,
    bid_qty := nbbo.bid_sz,
    ask_qty := nbbo.ask_sz
  ) as quoted
  from "bronze"."option_nbbo" as nbbo
  inner join contracts on nbbo.option_symbol = contracts.option_symbol
  where
  nbbo.symbol = '$symbol' and nbbo.dt = date '$dt'
  and (select contract_day.quote_source from contract_day) = 'nbbo'
  and (select inputs.trade_source from inputs) != 'none'
),
landed_trades as (
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
trades as (
  select
  landed_trades.option_symbol,
  landed_trades.price_int,
  landed_trades.size,
  landed_trades.aggressor,
  epoch_ns(landed_trades.ts_recv) as ts_ns,
  ((epoch_ns(landed_trades.ts_recv) - 1) // 1000000000 + 1) * 1000000000 as second_end_ns
  from landed_trades
  inner join contracts on landed_trades.option_symbol = contracts.option_symbol
  where (select contract_day.quote_source from contract_day) = 'nbbo'
),
moments as (
  select
  option_symbol,
  ts_ns,
  arg_max(quoted, rec_ordinal) as quoted,
  bool_or(rec_ordinal is null) as ends_trades
  from (
    select
    option_symbol,
    ts_ns,
    rec_ordinal,
    quoted
    from quotes
    union all
    select distinct
    option_symbol,
    second_end_ns as ts_ns,
    cast(null as bigint) as rec_ordinal,
    null as quoted
    from trades
  ) as quotes_and_seconds
  group by option_symbol, ts_ns
),
standing as (
  select
  option_symbol,
  ts_ns,
  ends_trades,
  last_value(quoted ignore nulls) over (
    partition by option_symbol
    order by ts_ns
  ) as quoted
  from moments
),
with_earlier as (
  select
  *,
  lag(quoted) over (
    partition by option_symbol
    order by ts_ns
  ) as earlier
  from standing
),
changes as (
  select
  option_symbol,
  ts_ns,
  quoted,
  earlier
  from with_earlier
  where quoted is distinct from earlier or ends_trades
),
fills as (
  select
  changes.option_symbol,
  changes.ts_ns,
  sum(trades.size) filter (
    where trades.aggressor = -1
    and trades.price_int = changes.earlier.bid
  ) as bid_earlier,
  sum(trades.size) filter (
    where trades.aggressor = -1
    and trades.price_int = changes.quoted.bid
  ) as bid_quoted,
  sum(trades.size) filter (
    where trades.aggressor = 1
    and trades.price_int = changes.earlier.ask
  ) as ask_earlier,
  sum(trades.size) filter (
    where trades.aggressor = 1
    and trades.price_int = changes.quoted.ask
  ) as ask_quoted
  from trades
  asof inner join changes
  on
  trades.option_symbol = changes.option_symbol
  and trades.ts_ns <= changes.ts_ns
  group by changes.option_symbol, changes.ts_ns
),
net_changes as (
  select
  changes.option_symbol,
  changes.ts_ns,
  case
  when
  changes.quoted.bid > changes.earlier.bid
  or changes.earlier.bid is null and changes.quoted.bid is not null
  then changes.quoted.bid_qty + coalesce(fills.bid_quoted, 0)
  when changes.earlier.bid is not null
  then if(
    changes.quoted.bid is not distinct from changes.earlier.bid,
    changes.quoted.bid_qty,
    0
  )
  + coalesce(fills.bid_earlier, 0)
  - changes.earlier.bid_qty
  else 0
  end as bid_net,
  case
  when
  changes.quoted.ask < changes.earlier.ask
  or changes.earlier.ask is null and changes.quoted.ask is not null
  then changes.quoted.ask_qty + coalesce(fills.ask_quoted, 0)
  when changes.earlier.ask is not null
  then if(
    changes.quoted.ask is not distinct from changes.earlier.ask,
    changes.quoted.ask_qty,
    0
  )
  + coalesce(fills.ask_earlier, 0)
  - changes.earlier.ask_qty
  else 0
  end as ask_net
  from changes
  left join fills
  on
  changes.option_symbol = fills.option_symbol
  and changes.ts_ns = fills.ts_ns
  where changes.earlier is not null
),
flows as (
  select
  option_symbol,
  make_timestamp(((ts_ns - 1) // 1000000000 + 1) * 1000000) as window_end_ts,
  cast(sum(greatest(bid_net, 0)) as bigint) as bid_add_qty,
  cast(sum(greatest(-bid_net, 0)) as bigint) as bid_pull_qty,
  cast(sum(greatest(ask_net, 0)) as bigint) as ask_add_qty,
  cast(sum(greatest(-ask_net, 0)) as bigint) as ask_pull_qty
  from net_changes
  group by option_symbol, window_end_ts
)
select
'$symbol' as symbol,
date '$dt' as dt,
flows.window_end_ts - interval 1 second as window_start_ts,
flows.window_end_ts,
flows.option_symbol,
contracts."right",
contracts.strike_price_int,
contracts.expiration,
flows.bid_add_qty,
flows.bid_pull_qty,
flows.ask_add_qty,
flows.ask_pull_qty
from flows
inner join contracts on flows.option_symbol = contracts.option_symbol
where
flows.bid_add_qty + flows.bid_pull_qty + flows.ask_add_qty + flows.ask_pull_qty > 0
order by flows.option_symbol, flows.window_end_ts
