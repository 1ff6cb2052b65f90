{# Wall-clock timestamp in `zone`, a SQL expression, of a UTC timestamp. #}
{% macro local_of_utc(ts, zone) -%}
    timezone({{ zone }}, timezone('UTC', {{ ts }}))
{%- endmacro %}
