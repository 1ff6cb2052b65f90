{# A price in points, DOUBLE, from the vendor's units of 1e-9 points. #}
{% macro points(price_int) -%}
    {{ price_int }} / {{ price_scale() }}
{%- endmacro %}
