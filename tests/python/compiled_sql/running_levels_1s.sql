with
contract_day as (
  select * from "silver"."contract_days"
  where symbol = '$symbol' and dt = date '$dt'
),
instruments as (
  select * from "reference"."instruments"
),
definitions as (
  select * from "silver"."level_definitions"
),
seconds as (
  select
  window_start_ts,
  window_end_ts,
  spot_ref_price_int
  from "silver"."book_snapshot_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
trades as (
  select
  contract_trades.window_start_ts,
  contract_trades.price_int // contract_day.tick_int as trade_tick,
  contract_trades.size
  from "steps"."contract_trades" as contract_trades
  cross join contract_day
  where
  contract_trades.symbol = '$symbol' and contract_trades.dt = date '$dt'
  and contract_trades.price_int is not null
),
session as (
  select
  timezone('UTC',
    timezone(instruments.session_tz,
      date '$dt' - cast(instruments.session_open_local >= instruments.session_close_local as integer) + instruments.session_open_local)) as session_start_ts,
  {
    'start_ts': timezone('UTC', timezone('America/New_York', date '$dt' + time '09:30')),
    'end_ts': timezone('UTC', timezone('America/New_York', date '$dt' + time '12:30'))
  }.start_ts as study_start_ts,
  timezone('UTC', timezone(instruments.session_tz, (date '$dt' + 1) - cast(instruments.session_open_local >= instruments.session_close_local as integer) + instruments.session_open_local))
  as next_start_ts
  from contract_day
  inner join instruments on contract_day.root = instruments.root
),
levels as (
  select
  cast(null as timestamp) as window_end_ts,
  cast(null as varchar) as level_id,
  cast(null as double) as level_ticks,
  cast(null as boolean) as is_provisional,
  cast(null as timestamp) as available_from_ts
  where false
)
select
'$symbol' as symbol,
date '$dt' as dt,
levels.window_end_ts,
levels.level_id,
levels.level_ticks,
levels.is_provisional,
levels.available_from_ts
from levels
inner join definitions on levels.level_id = definitions.level_id
where levels.level_ticks is not null
order by levels.window_end_ts, definitions.priority
