{# UTC timestamp of a wall-clock timestamp in `zone`, a SQL expression (default: var local_tz). #}
{% macro utc_of_local(local_ts, zone=none) -%}
    timezone('UTC', timezone({{ zone or "'" ~ var('local_tz') ~ "'" }}, {{ local_ts }}))
{%- endmacro %}
