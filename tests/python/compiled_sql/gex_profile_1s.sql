with
inputs as (
  select * from "steps"."gex_settings"
  where symbol = '$symbol' and dt = date '$dt'
),
surface as (
  select * from "silver"."gex_surface_1s"
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
known_options as (
  select
  exposures.window_end_ts,
  count(*) as n_options_known,
  list_sort(list(struct_pack(
        expiration := exposures.expiration,
        strike_price_int := exposures.strike_price_int,
        option_symbol := exposures.option_symbol,
        terms := struct_pack(
          strike := exposures.strike_price_int / 1e9,
          implied_vol := exposures.implied_vol,
          t_years := exposures.t_years,
          rate := exposures.rate,
          weight := exposures.weight
          * if(exposures."right" = 'C', inputs.sign_call, inputs.sign_put)
        )
  ))) as sorted_options
  from exposures
  cross join inputs
  where exposures.implied_vol is not null and exposures.weight is not null
  group by exposures.window_end_ts
),
seconds as (
  select
  window_start_ts,
  window_end_ts,
  any_value(spot_ref_price_int) as spot_ref_price_int,
  list_sort(list(struct_pack(
        price_int := strike_price_int,
        price := strike_points,
        strike_offset := strike_offset
  ))) as cells
  from surface
  group by window_start_ts, window_end_ts
),
profiles as (
  select
  seconds.window_start_ts,
  seconds.window_end_ts,
  seconds.spot_ref_price_int,
  coalesce(known_options.n_options_known, 0) as n_options_known,
  unnest(list_transform(seconds.cells, cell -> cell.price_int)) as price_int,
  unnest(list_transform(seconds.cells, cell -> cell.price)) as price_points,
  unnest(list_transform(seconds.cells, cell -> cell.strike_offset)) as strike_offset,
  unnest(
    gamma_profile(
      list_transform(known_options.sorted_options, one -> one.terms),
      list_transform(seconds.cells, cell -> cell.price)
    )
  ) as gex
  from seconds
  left join known_options on seconds.window_end_ts = known_options.window_end_ts
)
select
'$symbol' as symbol,
date '$dt' as dt,
profiles.window_start_ts,
profiles.window_end_ts,
profiles.price_int,
profiles.price_points,
profiles.strike_offset,
profiles.spot_ref_price_int,
cast((profiles.price_int - profiles.spot_ref_price_int) // inputs.tick_int as integer)
as rel_ticks,
profiles.gex,
cast(profiles.n_options_known as integer) as n_options_known,
inputs.sign_convention
from profiles
cross join inputs
order by profiles.window_start_ts, profiles.price_int
