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
  where symbol = '$symbol' and dt = date '$dt' and days_to_expiry >= 0
),
quotes as (
  select * from "silver"."option_book_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
interest as (
  select * from "silver"."option_open_interest"
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
windows as (
  select
  mids.window_end_ts,
  mids.forward_int,
  inputs.rate,
  inputs.strike_step_int,
  mids.forward_int / 1e9 as f_price,
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
  epoch_us(mids.window_end_ts) % 5000000 = 0
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
placed_trades as (
  select
  contracts."right",
  trades.size,
  trades.aggressor * (trades.price_int / 1e9)
  * trades.size * contracts.multiplier as signed_premium,
  trades.ts_event,
  time_bucket(
    interval 5 second,
    cast(trades.ts_event as timestamp),
    timestamp '1970-01-01'
  ) + interval 5 second as window_end_ts,
  case
  when abs(contracts.strike_price_int - mids.forward_int) <= inputs.strike_step_int
  then 'atm'
  when (contracts.strike_price_int > mids.forward_int) = (contracts."right" = 'C')
  then 'otm'
  when mids.forward_int is not null then 'itm'
  end as moneyness
  from trades
  inner join contracts on trades.option_symbol = contracts.option_symbol
  inner join mids
  on date_trunc('second', cast(trades.ts_event as timestamp)) = mids.window_start_ts
  cross join inputs
),
flows as (
  select
  window_end_ts,
  count(*) filter (where "right" = 'C') as trade_count_call,
  sum(size) filter (where "right" = 'C') as option_volume_call,
  sum(signed_premium order by ts_event, signed_premium)
  filter (where "right" = 'C') as signed_premium_call,
  sum(size) filter (where "right" = 'C' and moneyness = 'itm')
  as option_volume_call_itm,
  sum(size) filter (where "right" = 'C' and moneyness = 'atm')
  as option_volume_call_atm,
  sum(size) filter (where "right" = 'C' and moneyness = 'otm')
  as option_volume_call_otm,
  count(*) filter (where "right" = 'P') as trade_count_put,
  sum(size) filter (where "right" = 'P') as option_volume_put,
  sum(signed_premium order by ts_event, signed_premium)
  filter (where "right" = 'P') as signed_premium_put,
  sum(size) filter (where "right" = 'P' and moneyness = 'itm')
  as option_volume_put_itm,
  sum(size) filter (where "right" = 'P' and moneyness = 'atm')
  as option_volume_put_atm,
  sum(size) filter (where "right" = 'P' and moneyness = 'otm')
  as option_volume_put_otm,
  count(*) as trade_count
  from placed_trades
  group by window_end_ts
),
listed as (
  select
  contracts.expiration,
  coalesce(
    clock.clock_ns
    + least(epoch_ns(contracts.expiration), epoch_ns(clock.runs_to_ts))
    - epoch_ns(clock.runs_from_ts),
    0
  ) as clock_ns,
  years.year_s
  from (select distinct expiration from contracts) as contracts
  cross join years
  asof left join clock on contracts.expiration >= clock.runs_from_ts
),
expirations as (
  select
  windows.window_end_ts,
  listed.expiration,
  listed.clock_ns as expiration_clock_ns,
  listed.year_s,
  row_number() over (
    partition by windows.window_end_ts
    order by listed.expiration
  ) as expiry_no
  from windows
  inner join listed on windows.window_end_ts <= listed.expiration
),
strikes as (
  select
  expiration,
  strike_price_int,
  min(option_symbol) filter (where "right" = 'C') as call_symbol,
  min(option_symbol) filter (where "right" = 'P') as put_symbol
  from contracts
  group by expiration, strike_price_int
),
priced as (
  select
  windows.*,
  expirations.expiry_no,
  strikes.strike_price_int,
  strikes.strike_price_int / 1e9 as strike,
  if(strikes.strike_price_int >= windows.forward_int, 1, -1) as sign,
  if(
    strikes.strike_price_int >= windows.forward_int, strikes.call_symbol, strikes.put_symbol
  ) as option_symbol,
  greatest(
    (expirations.expiration_clock_ns - windows.clock_ns) / 1e9, 60
  ) / expirations.year_s as t_years
  from windows
  inner join expirations
  on
  windows.window_end_ts = expirations.window_end_ts
  and expirations.expiry_no <= 2
  inner join strikes
  on
  expirations.expiration = strikes.expiration
  and abs(strikes.strike_price_int - windows.forward_int)
  <= 12 * windows.strike_step_int
),
solved as (
  select
  priced.*,
  case
  when quotes.quote_ok then black76_implied_vol(
    priced.sign,
    priced.f_price,
    priced.strike,
    quotes.mid_price,
    priced.t_years,
    priced.rate
  )
  end as solution
  from priced
  asof left join quotes
  on
  priced.option_symbol = quotes.option_symbol
  and priced.window_end_ts >= quotes.window_end_ts
),
volatilities as (
  select
  *,
  struct_extract(solution, 'implied_vol') as implied_vol,
  case
  when struct_extract(solution, 'implied_vol') is not null
  then black76_greeks(
    f_price, strike, struct_extract(solution, 'implied_vol'), t_years, rate
  )
  end as greeks
  from solved
),
with_deltas as (
  select
  *,
  case
  when sign = 1 then struct_extract(greeks, 'delta_call')
  else -struct_extract(greeks, 'delta_put')
  end as delta_size
  from volatilities
),
neighbors as (
  select
  window_end_ts,
  expiry_no,
  any_value(f_price) as f_price,
  max(strike) filter (where strike <= f_price) as strike_below,
  min(strike) filter (where strike > f_price) as strike_above,
  arg_max(struct_pack(v := implied_vol), strike) filter (where strike <= f_price).v
  as vol_below,
  arg_min(struct_pack(v := implied_vol), strike) filter (where strike > f_price).v
  as vol_above,
  max(delta_size) filter (
    where sign = 1 and delta_size <= 0.25
  ) as call_delta_under,
  arg_max(implied_vol, delta_size) filter (
    where sign = 1 and delta_size <= 0.25
  ) as call_vol_under,
  min(delta_size) filter (
    where sign = 1 and delta_size > 0.25
  ) as call_delta_over,
  arg_min(implied_vol, delta_size) filter (
    where sign = 1 and delta_size > 0.25
  ) as call_vol_over,
  max(delta_size) filter (
    where sign = -1 and delta_size <= 0.25
  ) as put_delta_under,
  arg_max(implied_vol, delta_size) filter (
    where sign = -1 and delta_size <= 0.25
  ) as put_vol_under,
  min(delta_size) filter (
    where sign = -1 and delta_size > 0.25
  ) as put_delta_over,
  arg_min(implied_vol, delta_size) filter (
    where sign = -1 and delta_size > 0.25
  ) as put_vol_over
  from with_deltas
  group by window_end_ts, expiry_no
),
curves as (
  select
  window_end_ts,
  expiry_no,
  if(
    strike_below = f_price,
    vol_below,
    vol_below
    + (vol_above - vol_below) * (f_price - strike_below) / (strike_above - strike_below)
  ) as atm_iv,
  if(
    call_delta_under = 0.25,
    call_vol_under,
    call_vol_under + (call_vol_over - call_vol_under)
    * (0.25 - call_delta_under)
    / (call_delta_over - call_delta_under)
  ) as call_vol,
  if(
    put_delta_under = 0.25,
    put_vol_under,
    put_vol_under + (put_vol_over - put_vol_under)
    * (0.25 - put_delta_under)
    / (put_delta_over - put_delta_under)
  ) as put_vol
  from neighbors
),
terms as (
  select
  window_end_ts,
  max(atm_iv) filter (where expiry_no = 1) as atm_iv_1,
  max(atm_iv) filter (where expiry_no = 2) as atm_iv_2,
  max(put_vol - call_vol) filter (where expiry_no = 1) as skew_25d
  from curves
  group by window_end_ts
),
interest_of_strikes as (
  select
  windows.window_end_ts,
  contracts.strike_price_int,
  sum(interest.open_interest) as open_interest,
  bool_and(interest.open_interest is not null) as is_known
  from windows
  inner join contracts
  on
  abs(contracts.strike_price_int - windows.forward_int)
  <= 12 * windows.strike_step_int
  and contracts.days_to_expiry <= 0
  and windows.window_end_ts <= contracts.expiration
  left join interest
  on
  contracts.option_symbol = interest.option_symbol
  and windows.window_end_ts >= interest.known_from_ts
  and windows.window_end_ts < coalesce(interest.known_until_ts, timestamp 'infinity')
  group by windows.window_end_ts, contracts.strike_price_int
),
concentrations as (
  select
  window_end_ts,
  case
  when bool_and(is_known)
  then sum(open_interest * open_interest)
  / nullif(sum(open_interest) * sum(open_interest), 0)
  end as oi_concentration
  from interest_of_strikes
  group by window_end_ts
)
select
'$symbol' as symbol,
date '$dt' as dt,
windows.window_end_ts - interval 5 second as window_start_ts,
windows.window_end_ts,
cast(coalesce(flows.option_volume_call, 0) as bigint) as option_volume_call,
cast(coalesce(flows.option_volume_call_itm, 0) as bigint)
as option_volume_call_itm,
cast(coalesce(flows.option_volume_call_atm, 0) as bigint)
as option_volume_call_atm,
cast(coalesce(flows.option_volume_call_otm, 0) as bigint)
as option_volume_call_otm,
cast(coalesce(flows.option_volume_put, 0) as bigint) as option_volume_put,
cast(coalesce(flows.option_volume_put_itm, 0) as bigint)
as option_volume_put_itm,
cast(coalesce(flows.option_volume_put_atm, 0) as bigint)
as option_volume_put_atm,
cast(coalesce(flows.option_volume_put_otm, 0) as bigint)
as option_volume_put_otm,
coalesce(flows.signed_premium_call, 0) as signed_premium_call,
coalesce(flows.signed_premium_put, 0) as signed_premium_put,
coalesce(flows.option_volume_put, 0) / (coalesce(flows.option_volume_call, 0) + 1)
as put_call_volume_ratio,
cast(coalesce(flows.trade_count_call, 0) as bigint) as option_trade_count_call,
cast(coalesce(flows.trade_count_put, 0) as bigint) as option_trade_count_put,
terms.atm_iv_1 as atm_iv,
terms.skew_25d,
terms.atm_iv_1,
terms.atm_iv_2,
concentrations.oi_concentration
from windows
left join flows on windows.window_end_ts = flows.window_end_ts
left join terms on windows.window_end_ts = terms.window_end_ts
left join concentrations on windows.window_end_ts = concentrations.window_end_ts
order by windows.window_end_ts
