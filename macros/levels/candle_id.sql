{#
    Number of the bar of var sma_bar_s that starts at a UTC timestamp, 0 at rth_start of local
    date dt.
#}
{% macro candle_id(bar_start_ts, dt) -%}
    cast(
        (epoch({{ bar_start_ts }}) - epoch({{ session_bounds_utc(dt, 'rth_study') }}.start_ts))
        // {{ var('sma_bar_s') }} as integer
    )
{%- endmacro %}
