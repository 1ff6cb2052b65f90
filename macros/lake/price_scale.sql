{# Units of the vendor's integer prices per point. #}
{% macro price_scale() -%}
    1e9
{%- endmacro %}
