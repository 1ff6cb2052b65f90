{# A DuckDB list literal of strings. #}
{% macro sql_list(values) -%}
    [
    {%- for value in values -%}
        '{{ value | replace("'", "''") }}'{{ ", " if not loop.last }}
    {%- endfor -%}
    ]
{%- endmacro %}
