{#
    A value per second, or per window of step_s seconds, minus that of the one before; NULL when
    that one is missing or either value is NULL. Needs a window `seconds` that orders rows by
    window_start_ts.
#}
{% macro consecutive_difference(value, step_s=1) -%}
    case
        when lag(window_start_ts) over seconds = window_start_ts - interval {{ step_s }} second
            then {{ value }} - lag({{ value }}) over seconds
    end
{%- endmacro %}
