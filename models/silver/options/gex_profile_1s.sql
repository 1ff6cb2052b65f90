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

exposures as (
    {{ option_exposures() }}
),

-- options of which gamma at another price of the future can be told
known_options as (
    select
        exposures.window_end_ts,
        count(*) as n_options_known,
        list(
            struct_pack(
                strike := exposures.strike_price_int / 1e9,
                implied_vol := exposures.implied_vol,
                t_years := exposures.t_years,
                rate := exposures.rate,
                weight := exposures.weight
                * if(exposures."right" = 'C', inputs.sign_call, inputs.sign_put)
            )
            order by exposures.expiration, exposures.strike_price_int, exposures.option_symbol
        ) as option_terms
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
        list(strike_price_int order by strike_price_int) as price_ints,
        list(strike_points order by strike_price_int) as prices,
        list(strike_offset order by strike_price_int) as strike_offsets
    from surface
    group by window_start_ts, window_end_ts
),

profiles as (
    select
        seconds.window_start_ts,
        seconds.window_end_ts,
        seconds.spot_ref_price_int,
        coalesce(known_options.n_options_known, 0) as n_options_known,
        unnest(seconds.price_ints) as price_int,
        unnest(seconds.prices) as price_points,
        unnest(seconds.strike_offsets) as strike_offset,
        unnest(gamma_profile(known_options.option_terms, seconds.prices)) as gex
    from seconds
    left join known_options on seconds.window_end_ts = known_options.window_end_ts
)

-- the published order of columns
select  -- noqa: ST06
    {{ partition_value('symbol') }} as symbol,
    {{ partition_value('dt') }} as dt,
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
