{# The vendor's prices are integers of so many to a point. #}
{% macro price_scale() -%}
    1e9
{%- endmacro %}
