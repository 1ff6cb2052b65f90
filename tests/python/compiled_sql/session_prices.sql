with
contract_day as (
  select * from "silver"."contract_days"
  where symbol = '$symbol' and dt = date '$dt'
),
instruments as (
  select * from "reference"."instruments"
),
sessions as (
  select
  dates.session_date,
  timezone('UTC',
    timezone(instruments.session_tz,
      dates.session_date - cast(instruments.session_open_local >= instruments.session_close_local as integer) + instruments.session_open_local)) as session_start_ts,
  timezone('UTC', timezone(instruments.session_tz, dates.session_date + instruments.session_close_local)) as session_end_ts,
  {
    'start_ts': timezone('UTC', timezone('America/New_York', dates.session_date + time '09:30')),
    'end_ts': timezone('UTC', timezone('America/New_York', dates.session_date + time '12:30'))
  }.start_ts as study_start_ts
  from contract_day
  inner join instruments on contract_day.root = instruments.root
  cross join (
    select date '$dt' + unnest([-1, 0, 1]) as session_date
  ) as dates
),
trades as (
  select
  sessions.*,
  contract_trades.window_start_ts,
  contract_trades.trade_no,
  contract_trades.price_int,
  contract_trades.size
  from "steps"."contract_trades" as contract_trades
  inner join sessions
  on
  contract_trades.window_start_ts >= sessions.session_start_ts
  and contract_trades.window_start_ts
  < sessions.session_end_ts + to_seconds(60)
  where
  contract_trades.symbol = '$symbol' and contract_trades.dt = date '$dt'
  and contract_trades.price_int is not null
  qualify
  row_number() over (
    partition by contract_trades.trade_no
    order by sessions.session_date desc
  ) = 1
),
volumes as (
  select
  session_date,
  price_int,
  cast(sum(size) as bigint) as volume
  from trades
  group by session_date, price_int
),
profiles as (
  select
  session_date,
  list(
    struct_pack(price_int := price_int, volume := volume)
    order by price_int
  ) as profile
  from volumes
  where false
  group by session_date
),
prices as (
  select
  session_date,
  min(session_start_ts) as session_start_ts,
  min(study_start_ts) as study_start_ts,
  min(window_start_ts) + interval 1 second as opened_ts,
  arg_min(price_int, trade_no) as open_price_int,
  max(price_int) as high_price_int,
  min(price_int) as low_price_int,
  arg_max(price_int, trade_no) as close_price_int,
  max(price_int) filter (where window_start_ts < study_start_ts) as overnight_high_price_int,
  min(price_int) filter (where window_start_ts < study_start_ts) as overnight_low_price_int
  from trades
  group by session_date
)
select
'$symbol' as symbol,
date '$dt' as dt,
prices.session_date,
prices.session_start_ts,
prices.study_start_ts,
prices.opened_ts,
prices.open_price_int,
prices.high_price_int,
prices.low_price_int,
prices.close_price_int,
prices.overnight_high_price_int,
prices.overnight_low_price_int,
profiles.profile
from prices
left join profiles on prices.session_date = profiles.session_date
order by prices.session_date
