select option_books(
  '$lake/' || if('$quote_source' = 'mbo', '$quote_path', null),
  struct_pack(
    day_start_s := cast(epoch(date '$dt') as bigint)
  ),
  '$lake/.spymaster-scratch/option_book_1s/$symbol-$dt'
);
with
contract_day as (
  select * from "silver"."contract_days"
  where symbol = '$symbol' and dt = date '$dt'
),
contracts as (
  select * from "silver"."option_contracts"
  where symbol = '$symbol' and dt = date '$dt'
),
order_books as (
  select * from read_parquet('$lake/.spymaster-scratch/option_book_1s/$symbol-$dt/rows.parquet')
),
nbbo as (
  select * from "bronze"."option_nbbo"
  where symbol = '$symbol' and dt = date '$dt' and '$quote_source' = 'nbbo'
),
from_orders as (
  select
  make_timestamp((order_books.window_s + 1) * 1000000) as window_end_ts,
  contracts.option_symbol,
  order_books.bid_price_int,
  order_books.ask_price_int,
  order_books.bid_qty,
  order_books.ask_qty,
  order_books.last_change_ns,
  order_books.book_valid = 1 as book_valid,
  order_books.bid_add_qty,
  order_books.ask_add_qty,
  order_books.bid_pull_qty,
  order_books.ask_pull_qty,
  order_books.fill_qty
  from order_books
  inner join contracts on order_books.instrument_id = contracts.instrument_id
),
updates as (
  select
  option_symbol,
  rec_ordinal,
  bid_px_int as bid_price_int,
  ask_px_int as ask_price_int,
  bid_sz as bid_qty,
  ask_sz as ask_qty,
  epoch_ns(ts_recv) as ts_recv_ns,
  make_timestamp(((epoch_ns(ts_recv) - 1) // 1000000000 + 1) * 1000000) as window_end_ts
  from nbbo
),
changes as (
  select
  *,
  struct_pack(bid_price_int, ask_price_int, bid_qty, ask_qty) as quoted,
  lag(struct_pack(bid_price_int, ask_price_int, bid_qty, ask_qty)) over (
    partition by option_symbol
    order by rec_ordinal
  ) as quoted_before
  from updates
),
from_quotes as (
  select
  window_end_ts,
  option_symbol,
  arg_max(quoted, rec_ordinal).bid_price_int as bid_price_int,
  arg_max(quoted, rec_ordinal).ask_price_int as ask_price_int,
  arg_max(quoted, rec_ordinal).bid_qty as bid_qty,
  arg_max(quoted, rec_ordinal).ask_qty as ask_qty,
  max(ts_recv_ns) as last_change_ns,
  true as book_valid,
  cast(null as bigint) as bid_add_qty,
  cast(null as bigint) as ask_add_qty,
  cast(null as bigint) as bid_pull_qty,
  cast(null as bigint) as ask_pull_qty,
  cast(null as bigint) as fill_qty
  from changes
  where quoted is distinct from quoted_before
  group by window_end_ts, option_symbol
),
told as (
  select * from from_orders
  union all
  select * from from_quotes
),
with_limits as (
  select
  *,
  make_timestamp(
    ((last_change_ns + 30000000000) // 1000000000 + 1)
    * 1000000
  ) as too_old_ts,
  lead(window_end_ts) over (
    partition by option_symbol
    order by window_end_ts
  ) as next_end_ts
  from told
),
with_ages as (
  select * exclude (too_old_ts, next_end_ts)
  from with_limits
  union all
  select
  * exclude (too_old_ts, next_end_ts)
  replace (
    bid_add_qty * 0 as bid_add_qty,
    ask_add_qty * 0 as ask_add_qty,
    bid_pull_qty * 0 as bid_pull_qty,
    ask_pull_qty * 0 as ask_pull_qty,
    fill_qty * 0 as fill_qty,
    too_old_ts as window_end_ts
  )
  from with_limits
  where
  too_old_ts > window_end_ts
  and too_old_ts < coalesce(next_end_ts, date '$dt' + interval 1 day)
),
quotes as (
  select
  *,
  (bid_price_int + ask_price_int) / 2e9 as mid_price,
  (epoch_ns(window_end_ts) - last_change_ns) / 1e9 as quote_age_s
  from with_ages
)
select
'$symbol' as symbol,
date '$dt' as dt,
quotes.window_end_ts - interval 1 second as window_start_ts,
quotes.window_end_ts,
quotes.option_symbol,
contracts."right",
contracts.strike_price_int,
contracts.strike,
contracts.expiration,
quotes.bid_price_int,
quotes.ask_price_int,
quotes.bid_qty,
quotes.ask_qty,
quotes.mid_price,
quotes.quote_age_s,
quotes.book_valid,
coalesce(
  quotes.book_valid
  and quotes.ask_price_int > quotes.bid_price_int
  and quotes.ask_price_int - quotes.bid_price_int <= greatest(
    2 * contract_day.option_tick_int,
    0.25 * quotes.mid_price * 1e9
  )
  and quotes.quote_age_s <= 30,
  false
) as quote_ok,
quotes.bid_add_qty + quotes.ask_add_qty as add_qty,
quotes.bid_pull_qty + quotes.ask_pull_qty as pull_qty_total,
quotes.bid_add_qty,
quotes.ask_add_qty,
quotes.bid_pull_qty,
quotes.ask_pull_qty,
quotes.fill_qty,
contract_day.quote_source
from quotes
inner join contracts on quotes.option_symbol = contracts.option_symbol
cross join contract_day
where contracts.days_to_expiry <= 7
order by quotes.option_symbol, quotes.window_end_ts
