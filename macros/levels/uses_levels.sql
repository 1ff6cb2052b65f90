{# Whether any level in use is made of one of some rows of seed level_weights. #}
{% macro uses_levels(rows) -%}
    {{ return(levels_in_use() | selectattr('row', 'in', rows) | list | length > 0) }}
{%- endmacro %}
