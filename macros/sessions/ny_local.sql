{# New York wall-clock timestamp of a UTC timestamp. #}
{% macro ny_local(ts) -%}
    {{ local_of_utc(ts, "'" ~ var('local_tz') ~ "'") }}
{%- endmacro %}
