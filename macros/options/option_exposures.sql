{#
    Query of the exposure of every listed option on the grid of gamma exposure, of the partition
    being built: per second, expiration, strike and right the weight (open interest times
    multiplier, NULL when not known), gamma and the inputs of gamma.
#}
{% macro option_exposures() -%}
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
    from {{ ref('option_iv_1s') }} as option_iv
    inner join {{ ref('option_contracts') }} as contracts
        on
            option_iv.symbol = contracts.symbol
            and option_iv.dt = contracts.dt
            and option_iv.expiration = contracts.expiration
            and option_iv.strike_price_int = contracts.strike_price_int
    left join {{ ref('option_open_interest') }} as interest
        on
            contracts.symbol = interest.symbol
            and contracts.dt = interest.dt
            and contracts.option_symbol = interest.option_symbol
            and option_iv.window_end_ts >= interest.known_from_ts
            and option_iv.window_end_ts
            < coalesce(interest.known_until_ts, timestamp 'infinity')
    where {{ in_partition('option_iv.symbol', 'option_iv.dt') }}
{%- endmacro %}
