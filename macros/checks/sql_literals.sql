{# Strings and numbers as SQL literals, separated by commas. #}
{% macro sql_literals(values) -%}
    {%- for value in values -%}
        {{ "'" ~ value ~ "'" if value is string else value }}{{ ", " if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
