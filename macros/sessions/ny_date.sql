{# Calendar date of a UTC timestamp in var local_tz. #}
{% macro ny_date(ts) -%}
    cast({{ ny_local(ts) }} as date)
{%- endmacro %}
