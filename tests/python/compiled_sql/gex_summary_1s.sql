with
inputs as (
  select * from "steps"."gex_settings"
  where symbol = '$symbol' and dt = date '$dt'
),
surface as (
  select * from "silver"."gex_surface_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
profile as (
  select
  window_end_ts,
  list_sort(list(struct_pack(price := price_points, gex := gex))) as points
  from "silver"."gex_profile_1s"
  where symbol = '$symbol' and dt = date '$dt'
  group by window_end_ts
),
grids as (
  select
  window_start_ts,
  window_end_ts,
  any_value(underlying_spot_ref) as spot,
  any_value(spot_ref_price_int) as spot_ref_price_int,
  cast(count(gex) as integer) as n_strikes_known,
  list_sort(list(struct_pack(
        strike := strike_points,
        gex := gex,
        gex_abs := gex_abs,
        net_flow_gex := net_flow_gex
  ))) as cells,
  max_by(strike_price_int, gex_call_abs)
  filter (where strike_price_int > spot_ref_price_int and gex_call_abs > 0)
  as call_wall_price_int,
  max_by(strike_price_int, gex_put_abs)
  filter (where strike_price_int < spot_ref_price_int and gex_put_abs > 0)
  as put_wall_price_int
  from surface
  group by window_start_ts, window_end_ts
),
seconds as (
  select
  grids.*,
  list_sum(list_transform(grids.cells, cell -> cell.gex)) as gex,
  list_sum(list_transform(grids.cells, cell -> cell.gex_abs)) as gex_abs,
  list_sum(list_transform(grids.cells, cell -> cell.net_flow_gex)) as net_flow_gex,
  list_transform(grids.cells, cell -> cell.strike) as strikes,
  list_transform(
    range(1, len(grids.cells) + 1),
    i -> list_sum(list_transform(grids.cells[:i], cell -> cell.gex))
  ) as totals,
  list_transform(profile.points, point -> point.price) as prices,
  list_filter(list_transform(profile.points, point -> point.gex), gex -> gex is not null)
  as profile
  from grids
  inner join profile on grids.window_end_ts = profile.window_end_ts
),
flips as (
  select
  *,
  list_sort(
    list_transform(
      list_filter(
        range(1, len(profile)),
        i -> profile[i] * profile[i + 1] < 0
        or (profile[i] = 0 and profile[i + 1] != 0 and i > 1
          and profile[i - 1] * profile[i + 1] < 0)
      ),
      i -> struct_pack(
        distance := abs(
          prices[i] + (prices[i + 1] - prices[i])
          * profile[i] / (profile[i] - profile[i + 1]) - spot
        ),
        price := prices[i] + (prices[i + 1] - prices[i])
        * profile[i] / (profile[i] - profile[i + 1])
      )
    )
  )[1].price as gamma_flip_price,
  list_sort(
    list_transform(
      list_filter(
        range(1, len(totals)),
        i -> totals[i] * totals[i + 1] < 0
        or (totals[i] = 0 and totals[i + 1] != 0 and i > 1
          and totals[i - 1] * totals[i + 1] < 0)
      ),
      i -> struct_pack(
        distance := abs(
          strikes[i] + (strikes[i + 1] - strikes[i])
          * totals[i] / (totals[i] - totals[i + 1]) - spot
        ),
        price := strikes[i] + (strikes[i + 1] - strikes[i])
        * totals[i] / (totals[i] - totals[i + 1])
      )
    )
  )[1].price as gamma_flip_cum_price
  from seconds
)
select
'$symbol' as symbol,
date '$dt' as dt,
flips.window_start_ts,
flips.window_end_ts,
flips.spot_ref_price_int,
flips.gex,
flips.gex_abs,
flips.net_flow_gex,
flips.n_strikes_known,
flips.gamma_flip_price,
flips.gamma_flip_cum_price,
flips.call_wall_price_int,
flips.put_wall_price_int,
(flips.gamma_flip_price * 1e9 - flips.spot_ref_price_int) / inputs.tick_int
as gamma_flip_ticks,
cast((flips.call_wall_price_int - flips.spot_ref_price_int) // inputs.tick_int as integer)
as call_wall_ticks,
cast((flips.put_wall_price_int - flips.spot_ref_price_int) // inputs.tick_int as integer)
as put_wall_ticks,
inputs.sign_convention
from flips
cross join inputs
order by flips.window_start_ts
