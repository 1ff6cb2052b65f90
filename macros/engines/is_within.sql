{# True for the last seconds up to that of the event: rows with window_start_ts, event_start_ts. #}
{% macro is_within(window_s) -%}
    window_start_ts > event_start_ts - interval {{ window_s }} second
{%- endmacro %}
