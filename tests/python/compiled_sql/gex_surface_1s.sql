with
inputs as (
  select * from "steps"."gex_settings"
  where symbol = '$symbol' and dt = date '$dt'
),
contract_day as (
  select * from "silver"."contract_days"
  where symbol = '$symbol' and dt = date '$dt'
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
contracts as (
  select * from "silver"."option_contracts"
  where symbol = '$symbol' and dt = date '$dt'
),
exposures as (
  select
  option_iv.window_end_ts,
  option_iv.expiration,
  option_iv.strike_price_int,
  contracts."right",
  contracts.option_symbol,
  contracts.multiplier,
  option_iv.implied_vol,
  option_iv.iv_status,
  option_iv.gamma,
  option_iv.t_years,
  option_iv.rate,
  interest.open_interest,
  interest.open_interest * contracts.multiplier as weight
  from "silver"."option_iv_1s" as option_iv
  inner join "silver"."option_contracts" as contracts
  on
  option_iv.symbol = contracts.symbol
  and option_iv.dt = contracts.dt
  and option_iv.expiration = contracts.expiration
  and option_iv.strike_price_int = contracts.strike_price_int
  left join "silver"."option_open_interest" as interest
  on
  contracts.symbol = interest.symbol
  and contracts.dt = interest.dt
  and contracts.option_symbol = interest.option_symbol
  and option_iv.window_end_ts >= interest.known_from_ts
  and option_iv.window_end_ts
  < coalesce(interest.known_until_ts, timestamp 'infinity')
  where option_iv.symbol = '$symbol' and option_iv.dt = date '$dt'
),
grid as (
  select
  mids.window_start_ts,
  mids.window_end_ts,
  mids.spot_ref_price_int,
  mids.spot_ref_price,
  mids.forward_int / 1e9 as f_price,
  cast(unnest(range(-12, 12 + 1)) as integer)
  as strike_offset,
  (2 * mids.spot_ref_price_int + inputs.strike_step_int)
  // (2 * inputs.strike_step_int) * inputs.strike_step_int as centre_int,
  inputs.strike_step_int
  from mids
  cross join inputs
  cross join contract_day
  where
  mids.spot_ref_price_int is not null
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
first_second as (
  select min(window_end_ts) as window_end_ts
  from "silver"."option_iv_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
net_trades as (
  select
  contracts.expiration,
  contracts.strike_price_int,
  greatest(
    date_trunc('second', cast(trades.ts_event as timestamp)) + interval 1 second,
    first_second.window_end_ts
  ) as window_end_ts,
  sum(trades.aggressor * trades.size * contracts.multiplier) as net_qty
  from trades
  inner join contracts on trades.option_symbol = contracts.option_symbol
  cross join first_second
  where
  trades.ts_event
  >= {
    'start_ts': timezone('UTC', timezone('America/New_York', date '$dt' + time '09:30')),
    'end_ts': timezone('UTC', timezone('America/New_York', date '$dt' + time '12:30'))
  }.start_ts
  group by all
),
positions as (
  select
  expiration,
  strike_price_int,
  window_end_ts,
  sum(net_qty) over (
    partition by expiration, strike_price_int
    order by window_end_ts
  ) as net_qty
  from net_trades
),
flows as (
  select
  option_iv.window_end_ts,
  option_iv.strike_price_int,
  option_iv.expiration,
  -option_iv.gamma * coalesce(positions.net_qty, 0) as flow_gex
  from "silver"."option_iv_1s" as option_iv
  asof left join positions
  on
  option_iv.expiration = positions.expiration
  and option_iv.strike_price_int = positions.strike_price_int
  and option_iv.window_end_ts >= positions.window_end_ts
  where option_iv.symbol = '$symbol' and option_iv.dt = date '$dt'
),
flow_of_strikes as (
  select
  window_end_ts,
  strike_price_int,
  if(count(*) = count(flow_gex), list_sum(list_sort(list(flow_gex))), null) as net_flow_gex
  from flows
  group by window_end_ts, strike_price_int
),
exposure_of_strikes as (
  select
  window_end_ts,
  strike_price_int,
  case
  when
  count(*) filter (where "right" = 'C')
  = count(gamma * weight) filter (where "right" = 'C')
  then coalesce(
    list_sum(
      list_sort(
        list(gamma * weight) filter (where "right" = 'C')
      )
    ),
    0
  )
  end as gex_call_abs,
  case
  when
  count(*) filter (where "right" = 'P')
  = count(gamma * weight) filter (where "right" = 'P')
  then coalesce(
    list_sum(
      list_sort(
        list(gamma * weight) filter (where "right" = 'P')
      )
    ),
    0
  )
  end as gex_put_abs,
  count(*) as n_options,
  bool_and(open_interest is not null) as oi_known,
  max(list_position(['ok', 'carried', 'stale', 'bounds', 'no_root', 'no_mid'], iv_status)) as worst
  from exposures
  group by window_end_ts, strike_price_int
),
strikes as (
  select
  grid.window_start_ts,
  grid.window_end_ts,
  grid.centre_int + grid.strike_offset * grid.strike_step_int as strike_price_int,
  grid.strike_offset,
  grid.f_price,
  grid.spot_ref_price,
  grid.spot_ref_price_int,
  inputs.tick_int,
  inputs.sign_convention,
  inputs.sign_call,
  inputs.sign_put,
  cast(coalesce(exposure_of_strikes.n_options, 0) as integer) as n_options,
  (['ok', 'carried', 'stale', 'bounds', 'no_root', 'no_mid'])[exposure_of_strikes.worst] as iv_status_worst,
  exposure_of_strikes.oi_known,
  if(exposure_of_strikes.n_options is null, 0, exposure_of_strikes.gex_call_abs)
  as gex_call_abs,
  if(exposure_of_strikes.n_options is null, 0, exposure_of_strikes.gex_put_abs)
  as gex_put_abs,
  if(exposure_of_strikes.n_options is null, 0, flow_of_strikes.net_flow_gex)
  as net_flow_gex
  from grid
  cross join inputs
  left join exposure_of_strikes
  on
  grid.window_end_ts = exposure_of_strikes.window_end_ts
  and grid.centre_int + grid.strike_offset * grid.strike_step_int
  = exposure_of_strikes.strike_price_int
  left join flow_of_strikes
  on
  exposure_of_strikes.window_end_ts = flow_of_strikes.window_end_ts
  and exposure_of_strikes.strike_price_int = flow_of_strikes.strike_price_int
),
sums as (
  select
  *,
  gex_call_abs + gex_put_abs as gex_abs,
  sign_call * gex_call_abs + sign_put * gex_put_abs as gex
  from strikes
),
measured as (
  select
  *,
  gex / (gex_abs + 1e-6) as gex_imbalance_ratio
  from sums
),
with_earlier as (
  select
  *,
  lag(window_start_ts, 1) over windows
  = window_start_ts - interval 1 second as is_known_1,
  lag(gex_abs, 1) over windows
  as gex_abs_1,
  lag(gex, 1) over windows
  as gex_1,
  lag(gex_imbalance_ratio, 1) over windows
  as gex_imbalance_ratio_1,
  lag(window_start_ts, 2) over windows
  = window_start_ts - interval 2 second as is_known_2,
  lag(gex_abs, 2) over windows
  as gex_abs_2,
  lag(gex, 2) over windows
  as gex_2,
  lag(gex_imbalance_ratio, 2) over windows
  as gex_imbalance_ratio_2,
  lag(window_start_ts, 3) over windows
  = window_start_ts - interval 3 second as is_known_3,
  lag(gex_abs, 3) over windows
  as gex_abs_3,
  lag(gex, 3) over windows
  as gex_3,
  lag(gex_imbalance_ratio, 3) over windows
  as gex_imbalance_ratio_3
  from measured
  window windows as (partition by strike_price_int order by window_start_ts)
)
select
'$symbol' as symbol,
date '$dt' as dt,
window_start_ts,
window_end_ts,
'$symbol' as underlying,
strike_price_int,
strike_price_int / 1e9 as strike_points,
strike_offset,
spot_ref_price as underlying_spot_ref,
spot_ref_price_int,
cast((strike_price_int - spot_ref_price_int) // tick_int as integer) as rel_ticks,
gex_call_abs,
gex_put_abs,
gex_call_abs as gex_call,
gex_put_abs as gex_put,
gex_abs,
gex,
gex as gex_net,
gex_imbalance_ratio,
if(gex = 0, 0, gex * f_price * f_price * 0.01) as gex_usd_per_1pct,
net_flow_gex,
case when is_known_1 then gex_abs - gex_abs_1 end as d1_gex_abs,
case when is_known_1 then gex - gex_1 end as d1_gex,
case when is_known_1 then gex_imbalance_ratio - gex_imbalance_ratio_1 end as d1_gex_imbalance_ratio,
case
when is_known_2 then gex_abs - gex_abs_1 - (gex_abs_1 - gex_abs_2)
end as d2_gex_abs,
case
when is_known_2 then gex - gex_1 - (gex_1 - gex_2)
end as d2_gex,
case
when is_known_2 then gex_imbalance_ratio - gex_imbalance_ratio_1 - (gex_imbalance_ratio_1 - gex_imbalance_ratio_2)
end as d2_gex_imbalance_ratio,
case
when is_known_3
then
gex_abs - gex_abs_1 - (gex_abs_1 - gex_abs_2)
- (gex_abs_1 - gex_abs_2 - (gex_abs_2 - gex_abs_3))
end as d3_gex_abs,
case
when is_known_3
then
gex - gex_1 - (gex_1 - gex_2)
- (gex_1 - gex_2 - (gex_2 - gex_3))
end as d3_gex,
case
when is_known_3
then
gex_imbalance_ratio - gex_imbalance_ratio_1 - (gex_imbalance_ratio_1 - gex_imbalance_ratio_2)
- (gex_imbalance_ratio_1 - gex_imbalance_ratio_2 - (gex_imbalance_ratio_2 - gex_imbalance_ratio_3))
end as d3_gex_imbalance_ratio,
n_options,
iv_status_worst,
oi_known,
sign_convention
from with_earlier
order by window_start_ts, strike_price_int
