{# A relation of columns (names and types) without rows. #}
{% macro empty_relation(columns) -%}
    (
        select
            {%- for name, type in columns.items() %}
            cast(null as {{ type }}) as {{ adapter.quote(name) }}{{ "," if not loop.last }}
            {%- endfor %}
        where false
    )
{%- endmacro %}
