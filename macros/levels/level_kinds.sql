{# Kinds of the levels in use (var levels_in_use): a level's name begins with its kind. #}
{% macro level_kinds() -%}
    {%- set kinds = [] -%}
    {%- for name in var('levels_in_use') -%}
        {%- do kinds.append(name.split('_')[0]) -%}
    {%- endfor -%}
    {{ return(kinds | unique | list) }}
{%- endmacro %}
