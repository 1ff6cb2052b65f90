{# A value held between -1 and 1; NULL stays NULL, which greatest() and least() would drop. #}
{% macro clipped(value) -%}
    if({{ value }} is null, null, greatest(-1, least(1, {{ value }})))
{%- endmacro %}
