{#
    A per-second value minus the value of the second before; NULL when that second is missing or
    either value is NULL. Needs a window `seconds` that orders a contract-day's rows by
    window_start_ts.
#}
{% macro consecutive_difference(value) -%}
    case
        when lag(window_start_ts) over seconds = window_start_ts - interval 1 second
            then {{ value }} - lag({{ value }}) over seconds
    end
{%- endmacro %}
