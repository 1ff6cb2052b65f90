{# Wall-clock timestamp of a UTC timestamp in var local_tz. #}
{% macro ny_local(ts) -%}
    {{ local_of_utc(ts, "'" ~ var('local_tz') ~ "'") }}
{%- endmacro %}
