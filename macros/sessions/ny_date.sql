{# New York calendar date of a UTC timestamp. #}
{% macro ny_date(ts) -%}
    cast({{ ny_local(ts) }} as date)
{%- endmacro %}
