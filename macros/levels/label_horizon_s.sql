{#
    Seconds from a decision to the end of a horizon of label_horizons(). A decision at the end of a
    bar belongs to the bar that begins there.
#}
{% macro label_horizon_s(window_end_ts) -%}
    cast(
        coalesce(
            elapsed_s,
            {{ var('sma_bar_s') }} * (bars + 1)
            - cast(epoch({{ window_end_ts }}) as bigint) % {{ var('sma_bar_s') }}
        ) as integer
    )
{%- endmacro %}
