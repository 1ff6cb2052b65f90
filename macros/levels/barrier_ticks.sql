{#
    Distance of the barriers from the level in ticks: fixed, or a number of standard deviations of
    the price change over the horizon, rounded half up, at least min_ticks and at most the greatest
    of var barrier_ticks_range. NULL without volatility.
#}
{% macro barrier_ticks(barrier_kind, sigma_1s_ticks, horizon_s, min_ticks) -%}
    cast(
        case
            when {{ barrier_kind }} = 'fixed' then {{ var('barrier_ticks') }}
            -- greatest and least would take no volatility for the least
            when {{ sigma_1s_ticks }} is not null
                then greatest({{ min_ticks }}, least({{ var('barrier_ticks_range')[1] }}, floor(
                    {{ var('barrier_sigmas') }} * {{ sigma_1s_ticks }} * sqrt({{ horizon_s }})
                    + 0.5
                )))
        end as integer
    )
{%- endmacro %}
