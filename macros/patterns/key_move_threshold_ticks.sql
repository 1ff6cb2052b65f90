{# Least move of a key movement in ticks, from the volatility of the second; NULL without it. #}
{% macro key_move_threshold_ticks(sigma_1s_ticks) -%}
    case
        when {{ sigma_1s_ticks }} is not null
            then greatest(
                {{ var('key_move_min_ticks') }},
                {{ var('key_move_sigmas') }} * {{ sigma_1s_ticks }}
                * sqrt({{ var('key_move_within_s') }})
            )
    end
{%- endmacro %}
