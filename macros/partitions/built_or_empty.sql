{#
    A relation, or one of its columns (names and types) without rows where it was never built: a
    lake built without options has all that lies before them.
#}
{% macro built_or_empty(relation, columns) -%}
    {%- if execute and load_relation(relation) is none -%}
        (
            select
                {%- for name, type in columns.items() %}
                cast(null as {{ type }}) as {{ name }}{{ "," if not loop.last }}
                {%- endfor %}
            where false
        )
    {%- else -%}
        {{ relation }}
    {%- endif -%}
{%- endmacro %}
