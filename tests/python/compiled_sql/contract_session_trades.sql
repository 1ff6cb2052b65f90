with
contract_day as (
  select * from "silver"."contract_days"
  where symbol = '$symbol' and dt = date '$dt'
),
landed as (
  select * from read_parquet(
    '$lake/' || '$trade_path',
    hive_partitioning = true,
    hive_types = {'symbol': varchar, 'dt': date}
  )
),
minutes as (
  select
  symbol,
  dt,
  date_trunc('minute', ts_event) as minute_ts,
  count(*) as trade_count,
  sum(size) as volume
  from landed
  where action = 'T'
  group by symbol, dt, minute_ts
),
dated as (
  select
  minutes.symbol,
  minutes.dt,
  contract_day.root,
  (
    cast(timezone(contract_day.session_tz, timezone('UTC', minutes.minute_ts)) as date)
    + cast(
      contract_day.session_open_local >= contract_day.session_close_local
      and cast(timezone(contract_day.session_tz, timezone('UTC', minutes.minute_ts)) as time) >= contract_day.session_open_local as integer
    )
  ) as session_date,
  minutes.trade_count,
  minutes.volume,
  (
    cast(timezone('America/New_York', timezone('UTC', minutes.minute_ts)) as time) >= time '09:30'
    and cast(timezone('America/New_York', timezone('UTC', minutes.minute_ts)) as time) < time '12:30'
  ) as is_in_study_window
  from minutes
  inner join contract_day
  on
  minutes.symbol = contract_day.symbol
  and minutes.dt = contract_day.dt
)
select
symbol,
dt,
root,
session_date,
cast(sum(trade_count) as bigint) as trade_count,
cast(sum(volume) as bigint) as volume,
cast(coalesce(sum(trade_count) filter (is_in_study_window), 0) as bigint) as study_trade_count
from dated
group by
symbol,
dt,
root,
session_date
