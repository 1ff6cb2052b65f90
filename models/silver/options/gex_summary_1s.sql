-- noqa: disable=LT02
{{ config(
    materialized='partitioned',
    storage='parquet',
    meta={'partition_source': 'gex_input'},
) }}

with

inputs as (
    select * from {{ ref('gex_input') }}
    where {{ in_partition() }}
),

surface as (
    select * from {{ ref('gex_surface_1s') }}
    where {{ in_partition() }}
),

profile as (
    select
        window_end_ts,
        list(price_points order by price_points) as prices,
        list(gex order by price_points) filter (where gex is not null) as totals
    from {{ ref('gex_profile_1s') }}
    where {{ in_partition() }}
    group by window_end_ts
),

cumulated as (
    select
        *,
        sum(gex) over (
            partition by window_end_ts
            order by strike_price_int
        ) as gex_cumulative
    from surface
),

seconds as (
    select  -- noqa: ST06
        window_start_ts,
        window_end_ts,
        any_value(underlying_spot_ref) as spot,
        any_value(spot_ref_price_int) as spot_ref_price_int,
        sum(gex order by strike_price_int) as gex,
        sum(gex_abs order by strike_price_int) as gex_abs,
        sum(net_flow_gex order by strike_price_int) as net_flow_gex,
        cast(count(gex) as integer) as n_strikes_known,
        list(strike_points order by strike_price_int) as strikes,
        list(gex_cumulative order by strike_price_int) as totals,
        max_by(strike_price_int, gex_call_abs)
            filter (where strike_price_int > spot_ref_price_int and gex_call_abs > 0)
            as call_wall_price_int,
        max_by(strike_price_int, gex_put_abs)
            filter (where strike_price_int < spot_ref_price_int and gex_put_abs > 0)
            as put_wall_price_int
    from cumulated
    group by window_start_ts, window_end_ts
),

flips as (
    select
        seconds.*,
        {{ zero_crossing('profile.totals', 'profile.prices', 'seconds.spot') }}
            as gamma_flip_price,
        {{ zero_crossing('seconds.totals', 'seconds.strikes', 'seconds.spot') }}
            as gamma_flip_cum_price
    from seconds
    inner join profile on seconds.window_end_ts = profile.window_end_ts
)

-- the published order of columns
select  -- noqa: ST06
    {{ partition_value('symbol') }} as symbol,
    {{ partition_value('dt') }} as dt,
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
