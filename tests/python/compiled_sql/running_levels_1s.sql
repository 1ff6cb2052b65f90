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
  union all by name
  select * from (with of_session as (
      select
      trades.window_start_ts,
      trades.trade_tick,
      trades.size
      from trades as trades
      inner join session as session
      on
      trades.window_start_ts >= session.study_start_ts
      and trades.window_start_ts < session.next_start_ts
    ),
    origin as (
      select arg_min(trade_tick, window_start_ts) as origin_tick
      from of_session
    ),
    first_second as (
      select min(seconds.window_start_ts) as window_start_ts
      from seconds as seconds
      inner join session as session
      on
      seconds.window_start_ts >= session.study_start_ts
      and seconds.window_start_ts < session.next_start_ts
    ),
    sums_of_seconds as (
      select
      greatest(of_session.window_start_ts, first_second.window_start_ts)
      as window_start_ts,
      origin.origin_tick,
      sum(cast(of_session.size as hugeint)) as volume,
      sum(cast(of_session.size as hugeint) * (of_session.trade_tick - origin.origin_tick))
      as first_moment,
      sum(
        cast(of_session.size as hugeint)
        * (of_session.trade_tick - origin.origin_tick)
        * (of_session.trade_tick - origin.origin_tick)
      ) as second_moment
      from of_session
      cross join origin
      cross join first_second
      group by all
    ),
    so_far as (
      select
      seconds.window_end_ts,
      session.study_start_ts,
      max(sums_of_seconds.origin_tick) over before as origin_tick,
      sum(sums_of_seconds.volume) over before as volume,
      sum(sums_of_seconds.first_moment) over before as first_moment,
      sum(sums_of_seconds.second_moment) over before as second_moment
      from seconds as seconds
      inner join session as session
      on
      seconds.window_start_ts >= session.study_start_ts
      and seconds.window_start_ts < session.next_start_ts
      left join sums_of_seconds on seconds.window_start_ts = sums_of_seconds.window_start_ts
      window before as (order by seconds.window_end_ts)
    ),
    averages as (
      select
      window_end_ts,
      study_start_ts,
      origin_tick + first_moment / volume as mean_ticks,
      sqrt(volume * second_moment - first_moment * first_moment) / volume as deviation_ticks
      from so_far
      where volume > 0
    )
    select
    window_end_ts,
    unnest(['vwap', 'vwap_1sd_up', 'vwap_1sd_down']) as level_id,
    unnest([mean_ticks, mean_ticks + deviation_ticks, mean_ticks - deviation_ticks])
    as level_ticks,
    false as is_provisional,
    study_start_ts as available_from_ts
    from averages)
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
order by levels.window_end_ts, definitions.priority, levels.level_id
