{# Names of the levels in use: ranges, then moving averages from the shortest, then all others. #}
{% macro level_ids() -%}
    {%- set seven = seven_levels() -%}
    {%- set chosen = levels_in_use() | map(attribute='level_id') | list -%}
    {%- set ids = [] -%}
    {%- for level_id in seven if level_id in chosen -%}
        {%- do ids.append(level_id) -%}
    {%- endfor -%}
    {%- for level_id in chosen if level_id not in seven -%}
        {%- do ids.append(level_id) -%}
    {%- endfor -%}
    {{ return(ids) }}
{%- endmacro %}
