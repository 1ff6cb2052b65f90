with
levels as (
  select * from "steps"."engine_levels_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
inputs as (
  select * from "steps"."gex_settings"
  where symbol = '$symbol' and dt = date '$dt'
),
contracts as (
  select * from "silver"."option_contracts"
  where symbol = '$symbol' and dt = date '$dt' and days_to_expiry between 0 and 0
),
option_iv as (
  select * from "silver"."option_iv_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
surface as (
  select * from "silver"."gex_surface_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
summary as (
  select * from "silver"."gex_summary_1s"
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
hedged as (
  select
  date_trunc('second', cast(trades.ts_event as timestamp)) as window_start_ts,
  contracts.strike_price_int,
  -trades.aggressor * trades.size * option_iv.gamma * contracts.multiplier as dealer_gamma
  from trades
  inner join contracts on trades.option_symbol = contracts.option_symbol
  left join option_iv
  on
  contracts.expiration = option_iv.expiration
  and contracts.strike_price_int = option_iv.strike_price_int
  and date_trunc('second', cast(trades.ts_event as timestamp)) = option_iv.window_end_ts
  where trades.aggressor != 0
),
strikes as (
  select
  window_start_ts,
  strike_price_int,
  list_sum(list_sort(list(dealer_gamma))) as dealer_gamma,
  count(*) - count(dealer_gamma) as n_unknown
  from hedged
  group by window_start_ts, strike_price_int
),
looked_at as (
  select distinct
  level_price_int,
  window_start_ts - to_seconds(unnest(range(seconds_back))) as window_start_ts
  from (
    select
    *,
    if(
      lag(window_start_ts) over seconds = window_start_ts - interval 1 second,
      1,
      60
    ) as seconds_back
    from (select distinct level_price_int, window_start_ts from levels)
    where level_price_int is not null
    window seconds as (partition by level_price_int order by window_start_ts)
  )
),
zones as (
  select distinct
  looked_at.window_start_ts,
  looked_at.level_price_int,
  looked_at.level_price_int - 3 * inputs.strike_step_int as from_strike_int,
  looked_at.level_price_int + 3 * inputs.strike_step_int as to_strike_int
  from looked_at
  cross join inputs
  where inputs.trade_source != 'none'
),
seconds as (
  select
  zones.window_start_ts,
  zones.level_price_int,
  coalesce(list_sum(list_sort(list(strikes.dealer_gamma))), 0) as dealer_gamma,
  coalesce(sum(strikes.n_unknown), 0) as n_unknown
  from zones
  left join strikes
  on
  zones.window_start_ts = strikes.window_start_ts
  and strikes.strike_price_int between zones.from_strike_int and zones.to_strike_int
  group by zones.window_start_ts, zones.level_price_int
),
sums as (
  select
  window_start_ts,
  level_price_int,
  case
  when
  sum(n_unknown) over lookback = 0
  and window_start_ts - interval 59 second
  >= date '$dt'
  then list_sum(list(dealer_gamma) over lookback)
  end as net_dealer_gamma
  from seconds
  window lookback as (
    partition by level_price_int
    order by window_start_ts
    range between interval 59 second preceding and current row
  )
),
walls as (
  select
  window_start_ts,
  max_by(strike_price_int, [gex, -strike_price_int])
  filter (where strike_price_int > spot_ref_price_int) as call_wall_price_int,
  max_by(strike_price_int, [gex, strike_price_int])
  filter (where strike_price_int < spot_ref_price_int) as put_wall_price_int
  from surface
  where gex >= 50000
  group by window_start_ts
)
select
levels.symbol,
levels.dt,
levels.window_start_ts,
levels.window_end_ts,
levels.level_id,
levels.level_price_int,
levels.k_ticks,
levels.direction,
levels.break_direction,
levels.in_monitor_band,
sums.net_dealer_gamma is not null as fuel_available,
sums.net_dealer_gamma,
case
when sums.net_dealer_gamma < -10000 then 'AMPLIFY'
when sums.net_dealer_gamma > 10000 then 'DAMPEN'
when sums.net_dealer_gamma is not null then 'NEUTRAL'
end as effect,
walls.call_wall_price_int,
walls.put_wall_price_int,
summary.gamma_flip_price
from levels
left join sums
on
levels.window_start_ts = sums.window_start_ts
and levels.level_price_int = sums.level_price_int
left join walls on levels.window_start_ts = walls.window_start_ts
left join summary on levels.window_start_ts = summary.window_start_ts
order by levels.level_id, levels.window_end_ts
