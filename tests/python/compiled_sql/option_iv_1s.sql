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
  select * from "silver"."option_book_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
clock as (
  select * from "steps"."option_clock"
  where symbol = '$symbol' and dt = date '$dt'
),
years as (
  select any_value(year_s) as year_s
  from clock
),
mids as (
  select
  window_start_ts,
  window_end_ts,
  spot_ref_price_int,
  spot_ref_price,
  last_value(case when book_valid then mid_price_int end ignore nulls) over (
    order by window_end_ts
    range between interval 5 second preceding
    and current row
  ) as forward_int
  from "silver"."book_snapshot_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
known as (
  select
  cast(null as timestamp) as window_end_ts,
  cast(null as timestamp_ns) as expiration,
  cast(null as bigint) as strike_price_int,
  cast(null as double) as implied_vol,
  cast(null as varchar) as iv_status
  from range(0) as own_rows
),
seconds as (
  select
  mids.window_start_ts,
  mids.window_end_ts,
  mids.forward_int,
  inputs.rate,
  inputs.strike_step_int,
  (2 * mids.spot_ref_price_int + inputs.strike_step_int)
  // (2 * inputs.strike_step_int) * inputs.strike_step_int as centre_int,
  coalesce(
    clock.clock_ns
    + least(epoch_ns(mids.window_end_ts), epoch_ns(clock.runs_to_ts))
    - epoch_ns(clock.runs_from_ts),
    0
  ) as clock_ns
  from mids
  cross join inputs
  cross join contract_day
  asof left join clock on mids.window_end_ts >= clock.runs_from_ts
  where
  mids.spot_ref_price_int is not null
  and mids.window_end_ts not in (select known.window_end_ts from known)
  and (
    contract_day.option_windows is null
    or len(
      list_filter(
        contract_day.option_windows,
        part -> mids.window_start_ts >= part.start_ts
        and mids.window_start_ts < part.end_ts
      )
    ) > 0
  )
),
expirations as (
  select
  listed.expiration,
  coalesce(
    clock.clock_ns
    + least(epoch_ns(listed.expiration), epoch_ns(clock.runs_to_ts))
    - epoch_ns(clock.runs_from_ts),
    0
  ) as clock_ns,
  years.year_s
  from (select distinct expiration from contracts) as listed
  cross join years
  asof left join clock on listed.expiration >= clock.runs_from_ts
),
strikes as (
  select
  expiration,
  strike_price_int,
  min(option_symbol) filter (where "right" = 'C') as call_symbol,
  min(option_symbol) filter (where "right" = 'P') as put_symbol,
  bool_or(is_american) as is_american
  from contracts
  group by expiration, strike_price_int
),
priced as (
  select
  seconds.window_start_ts,
  seconds.window_end_ts,
  seconds.rate,
  seconds.forward_int / 1e9 as f_price,
  strikes.expiration,
  strikes.strike_price_int,
  strikes.strike_price_int / 1e9 as strike,
  strikes.is_american,
  if(strikes.strike_price_int >= seconds.forward_int, 1, -1) as sign,
  if(
    strikes.strike_price_int >= seconds.forward_int,
    strikes.call_symbol,
    strikes.put_symbol
  ) as option_symbol,
  greatest(
    (expirations.clock_ns - seconds.clock_ns) / 1e9, 60
  ) / expirations.year_s
  as t_years
  from seconds
  inner join strikes
  on
  strikes.strike_price_int
  between seconds.centre_int - 12 * seconds.strike_step_int
  and seconds.centre_int + 12 * seconds.strike_step_int
  and strikes.strike_price_int % seconds.strike_step_int = 0
  and seconds.window_end_ts <= strikes.expiration
  inner join expirations on strikes.expiration = expirations.expiration
),
quoted as (
  select
  priced.*,
  quotes.mid_price,
  coalesce(quotes.quote_ok, false) as quote_ok
  from priced
  asof left join quotes
  on
  priced.option_symbol = quotes.option_symbol
  and priced.window_end_ts >= quotes.window_end_ts
),
solved as (
  select
  *,
  case
  when quote_ok and f_price is not null
  then black76_implied_vol(sign, f_price, strike, mid_price, t_years, rate)
  end as solution
  from quoted
),
with_status as (
  select
  *,
  struct_extract(solution, 'implied_vol') as solved_vol,
  case
  when f_price is null then 'no_mid'
  when not quote_ok then 'stale'
  else struct_extract(solution, 'iv_status')
  end as solved_status
  from solved
),
of_seconds as (
  select * from with_status
  union all by name
  select
  window_end_ts,
  expiration,
  strike_price_int,
  implied_vol as solved_vol
  from known
  where iv_status = 'ok'
),
carried as (
  select
  *,
  last_value(solved_vol ignore nulls) over recently as recent_vol,
  max(case when solved_vol is not null then window_end_ts end) over recently as recent_ts
  from of_seconds
  window recently as (
    partition by expiration, strike_price_int
    order by window_end_ts
    range between interval 60 second preceding and current row
  )
),
with_vols as (
  select
  *,
  case
  when solved_status = 'ok' then solved_vol
  when solved_status = 'stale' then recent_vol
  end as implied_vol,
  if(solved_status = 'stale' and recent_vol is not null, 'carried', solved_status)
  as iv_status
  from carried
  where solved_status is not null
),
with_greeks as (
  select
  *,
  case
  when implied_vol is not null
  then black76_greeks(f_price, strike, implied_vol, t_years, rate)
  end as greeks
  from with_vols
)
select
'$symbol' as symbol,
date '$dt' as dt,
window_start_ts,
window_end_ts,
expiration,
strike_price_int,
strike,
option_symbol,
f_price,
t_years,
rate,
mid_price,
implied_vol,
iv_status,
case when implied_vol is not null then epoch(window_end_ts - recent_ts) end as iv_age_s,
struct_extract(greeks, 'gamma') as gamma,
struct_extract(greeks, 'delta_call') as delta_call,
struct_extract(greeks, 'delta_put') as delta_put,
struct_extract(greeks, 'vega') as vega,
is_american
from with_greeks
order by expiration, strike_price_int, window_end_ts
